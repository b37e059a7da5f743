"""Every kind of limit speaks with its source; plans over a hard one are refused (R111-R113)."""

from typing import Any

import pytest

from protocol.rules.actions import Actor
from protocol.rules.errors import PlanOverLimit, UnknownTerm
from protocol.rules.limits import Breach, LimitOn
from tests.commands.world import POLICY, PROTOCOL, World, a_dosing, a_reading, at

START = a_dosing("start", rate="7 mg/h")
BOLUS = a_dosing("bolus", dose="7 mg")
# Limit -> its bounds, what is charted before, and what then crosses it. The patient has 61.7 kg.
CROSSED: dict[LimitOn, tuple[dict[str, Any], list[tuple[float, dict[str, Any]]]]] = {
    LimitOn.MEASURE: (
        {"measure": "respiratory-rate", "low": "8", "unit": "/min"},
        [(1, a_reading("respiratory-rate 7 /min"))],
    ),
    LimitOn.SINGLE_DOSE: ({"high": "6999", "unit": "ug"}, [(1, BOLUS)]),
    LimitOn.SINGLE_DOSE_PER_KG: ({"high": "0.113", "unit": "mg/kg"}, [(1, BOLUS)]),
    LimitOn.RATE: ({"high": "0.05", "unit": "mL/min"}, [(1, a_dosing("start", rate="7.1 mg/h"))]),
    LimitOn.CONCENTRATION: ({"high": "2.333", "unit": "mg/mL"}, [(1, START)]),
    LimitOn.CUMULATIVE_DOSE: (
        {"high": "6.9", "unit": "mg"}, [(1, START), (61, a_dosing("stop"))],
    ),
    LimitOn.CUMULATIVE_DOSE_PER_KG: (
        {"high": "0.22", "unit": "mg/kg"}, [(1, BOLUS), (20, BOLUS)],
    ),
    LimitOn.DURATION: ({"high": "59.9", "unit": "min"}, [(1, START), (61, a_dosing("stop"))]),
    LimitOn.BOLUS_INTERVAL: ({"low": "20", "unit": "min"}, [(1, BOLUS), (20.9, BOLUS)]),
}  # fmt: skip


def a_limit(on: LimitOn, severity: str = "soft", **more: Any) -> dict[str, Any]:
    return {"code": "own", "on": on.value, "severity": severity} | more


def chart_all(
    world: World, charted: list[tuple[float, dict[str, Any]]], session: Any
) -> tuple[Breach, ...]:
    """What the last of them breaches; the earlier ones breach nothing."""
    *earlier, last = [world.chart(*one, session=session).breaches for one in charted]
    assert not any(earlier)
    return last


@pytest.mark.parametrize("on", CROSSED)
def test_a_limit_of_every_kind_is_told_with_its_bound_and_source(world: World, on: LimitOn) -> None:
    bounds, charted = CROSSED[on]
    session = world.session_on(world.protocol_with(limits=[a_limit(on, **bounds)]))
    [breach] = chart_all(world, charted, session)
    bound = bounds.get("low") or bounds["high"]
    assert (breach.on, breach.limit_code, str(breach.bound)) == (on, "own", bound)
    assert breach.source == "Examplamine, invented, protocol version 2"
    assert breach.sentence.endswith(
        f"is {'below' if 'low' in bounds else 'above'} the soft limit of {bound} {bounds['unit']}"
        " (Examplamine, invented, protocol version 2)."
    )
    assert world.record(session).breaches == (breach,)


@pytest.mark.parametrize("on", CROSSED)
def test_a_number_at_the_bound_breaches_nothing(sqlite_world: World, on: LimitOn) -> None:
    at_bound = {
        LimitOn.MEASURE: {"low": "7"}, LimitOn.SINGLE_DOSE: {"high": "7000"},
        LimitOn.SINGLE_DOSE_PER_KG: {"high": "0.114"},
        LimitOn.RATE: {"high": "0.0508"}, LimitOn.CONCENTRATION: {"high": "2.334"},
        LimitOn.CUMULATIVE_DOSE: {"high": "7"}, LimitOn.CUMULATIVE_DOSE_PER_KG: {"high": "0.227"},
        LimitOn.DURATION: {"high": "60"}, LimitOn.BOLUS_INTERVAL: {"low": "19.9"},
    }[on]  # fmt: skip
    bounds, charted = CROSSED[on]
    limit = a_limit(on, **(bounds | at_bound))
    session = sqlite_world.session_on(sqlite_world.protocol_with(limits=[limit]))
    assert chart_all(sqlite_world, charted, session) == ()


def test_days_since_the_last_session_are_counted_from_the_last_dose(world: World) -> None:
    limit = a_limit(LimitOn.DAYS_SINCE_LAST_SESSION, low="7", unit="d")
    protocol = world.protocol_with(limits=[limit])
    earlier, later = world.session_on(protocol), world.session_on(protocol)
    world.chart(0, START, session=earlier)
    [breach] = world.chart(6 * 24 * 60, START, session=later).breaches
    assert (breach.on, str(breach.value)) == (LimitOn.DAYS_SINCE_LAST_SESSION, "6.00")
    other = world.session_on(protocol, patient=world.enrolled(2))
    assert world.chart(6 * 24 * 60, START, session=other).breaches == ()


def test_every_kind_of_limit_is_tried() -> None:
    assert {*CROSSED, LimitOn.DAYS_SINCE_LAST_SESSION} == set(LimitOn)
    assert PROTOCOL["drug_lines"][0]["concentration"]["amount"]["value"] == "7"


def test_every_limit_that_applies_speaks_for_itself(world: World) -> None:
    found = world.chart(1, a_reading("heart-rate 152 /min")).breaches
    assert [(one.limit_code, one.severity.value) for one in found] == [
        ("heart-rate-hard", "hard"),
        ("heart-rate-soft", "soft"),
    ]  # fmt: skip
    assert world.record().breaches == found
    assert {one.source for one in found} == {"Invented policy, policy version 1"}


def test_a_limit_of_a_phase_speaks_in_that_phase_alone(world: World) -> None:
    limit = a_limit(LimitOn.MEASURE, measure="heart-rate", high="80", unit="/min",
                    phase="infusion")  # fmt: skip
    session = world.session_on(world.protocol_with(limits=[limit]))
    fast = a_reading("heart-rate 90 /min")
    assert world.chart(1, fast, session=session).breaches == ()
    world.chart(2, {"kind": "phase", "phase": "infusion"}, session=session)
    assert len(world.chart(3, fast, session=session).breaches) == 1
    world.chart(4, {"kind": "phase", "phase": "before"}, session=session)
    assert world.chart(5, fast, session=session).breaches == ()
    assert len(world.chart(3.5, fast, session=session, now=at(6)).breaches) == 1


def test_a_session_is_held_to_the_policy_it_was_prepared_on(world: World) -> None:
    stricter = POLICY["limits"][0] | {"high": "60"}
    world.policy_with(limits=[stricter])
    assert world.chart(1, a_reading("heart-rate 70 /min")).breaches == ()
    session = world.session_on()
    [breach] = world.chart(1, a_reading("heart-rate 70 /min"), session=session).breaches
    assert breach.source == "Invented policy, policy version 2"


PLAN = {"kind": "plan", "drug_line": "line-1", "rate": {"value": "7.1", "unit": "mg/h"}}


def _limited(world: World, severity: str, applies_to: str) -> Any:
    limit = a_limit(LimitOn.RATE, severity, high="7", unit="mg/h", applies_to=applies_to)
    return world.session_on(world.protocol_with(limits=[limit]))


@pytest.mark.parametrize("applies_to", ["plan", "both"])
def test_a_plan_over_a_hard_limit_is_refused(world: World, applies_to: str) -> None:
    session = _limited(world, "hard", applies_to)
    with pytest.raises(PlanOverLimit, match=r"hard limit of 7 mg/h \(Examplamine") as refused:
        world.chart(1, PLAN, by=world.physician, session=session)
    assert refused.value.facts["limits"] == "own"
    assert world.record(session).entries == ()


def test_a_plan_over_a_soft_limit_is_charted_with_its_breach(world: World) -> None:
    session = _limited(world, "soft", "plan")
    [breach] = world.chart(1, PLAN, by=world.physician, session=session).breaches
    assert breach.severity.value == "soft"


def test_a_fact_over_a_hard_limit_is_charted_and_a_limit_on_plans_is_not_its(
    world: World,
) -> None:
    dose = a_dosing("start", rate="7.1 mg/h")
    [breach] = world.chart(1, dose, session=_limited(world, "hard", "both")).breaches
    assert breach.severity.value == "hard"


def _resolved(world: World) -> list[bool]:
    record = world.record()
    return [record.is_resolved(one) for one in record.breaches]


def override(breach: Breach, reason: str = "It was a cough.") -> dict[str, Any]:
    return {"kind": "override", "breach_id": breach.id, "reason": reason}


def test_a_soft_breach_is_resolved_by_a_reason(world: World) -> None:
    [breach] = world.chart(1, a_reading("heart-rate 99 /min")).breaches
    assert _resolved(world) == [False]
    world.chart(2, override(breach))
    assert _resolved(world) == [True]


def test_a_hard_breach_is_resolved_by_a_reason_and_a_second_person(world: World) -> None:
    hard, soft = world.chart(1, a_reading("heart-rate 152 /min")).breaches
    world.chart(2, override(soft))
    world.chart(3, override(hard))
    assert _resolved(world) == [False, True]
    world.chart(4, override(hard), second=world.nurse)  # the same person twice is no second one
    assert _resolved(world) == [False, True]
    world.chart(5, override(hard), second=world.second_nurse)
    assert _resolved(world) == [True, True]


@pytest.mark.parametrize("second", [None, "physician"])
def test_a_reason_given_with_the_entry_resolves_what_it_breaches(
    world: World, second: str | None
) -> None:
    person: Actor | None = getattr(world, second) if second else None
    world.chart(1, a_reading("heart-rate 152 /min"), reason="It was a cough.", second=person)
    assert _resolved(world) == [person is not None, True]


def test_an_override_is_of_a_breach_of_this_session(world: World) -> None:
    other = world.session_on()
    [breach] = world.chart(1, a_reading("heart-rate 99 /min"), session=other).breaches
    with pytest.raises(UnknownTerm, match="no such breach"):
        world.chart(2, override(breach))
