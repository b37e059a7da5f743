"""Facts are charted: what is impossible is refused, what is unusual is confirmed (R110, R112)."""

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.rules.actions import Action
from protocol.rules.errors import (
    ConfirmationMissing,
    Impossible,
    NotFound,
    NotPermitted,
    UnitMismatch,
    UnknownTerm,
)
from tests.commands.world import World, a_charted, a_dosing, a_reading, at

ADVERSE: dict[str, Any] = {
    "kind": "adverse-event", "what": "nausea", "onset_at": at(5).isoformat(), "severity": "mild",
}  # fmt: skip
ADJUNCT: dict[str, Any] = {
    "kind": "adjunct", "medicine": "inventol", "route": "oral",
    "dose": {"value": "4", "unit": "mg"},
}  # fmt: skip
REFUSED = [
    (a_reading("spo2 101 %"), Impossible),
    (a_reading("pain-rest 11 {score}"), Impossible),
    (a_reading("pain-rest 0.5 {score}"), Impossible),
    (a_reading("systolic 80 mm[Hg]", "diastolic 81 mm[Hg]"), Impossible),
    (a_reading("heart-rate 71 /min", "heart-rate 72 /min"), Impossible),
    (a_reading("heart-rate 71 mm[Hg]"), UnitMismatch),
    (a_reading("nausea 1 {score}"), UnknownTerm),  # the policy sets no scale
    (a_reading("glow 1 {score}"), UnknownTerm),
    ({"kind": "phase", "phase": "lunch"}, UnknownTerm),
    (ADVERSE | {"onset_at": at(11).isoformat()}, Impossible),
    (ADVERSE | {"resolved_at": at(11).isoformat()}, Impossible),
    (ADVERSE | {"resolved_at": at(4).isoformat()}, Impossible),
    (ADJUNCT | {"dose": {"value": "-4", "unit": "mg"}}, Impossible),
    (ADJUNCT | {"dose": {"value": "4", "unit": "mL/h"}}, UnitMismatch),
    (a_dosing("start", rate="1 mg"), UnitMismatch),
    (a_dosing("bolus", dose="1 mL/h"), UnitMismatch),
    (a_dosing("start", rate="1 [iU]/h"), UnitMismatch),
    (a_dosing("start", rate="1 mL/h") | {"drug_line": "line-2"}, UnknownTerm),
]


@pytest.mark.parametrize(
    ("content", "refusal"), REFUSED, ids=[f"{n}-{one[1].__name__}" for n, one in enumerate(REFUSED)]
)
def test_what_cannot_be_is_refused(
    sqlite_world: World, content: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        sqlite_world.chart(10, content)
    assert sqlite_world.record().entries == ()


def test_a_value_outside_the_clinics_range_is_confirmed_as_true(world: World) -> None:
    content = a_reading("heart-rate 220 /min")
    with pytest.raises(ConfirmationMissing) as refused:
        world.chart(1, content)
    assert refused.value.facts["fields"] == "heart-rate"
    assert world.chart(1, content, confirmed=["heart-rate"]).entry.confirmed == ("heart-rate",)


def test_a_tenfold_step_is_confirmed_as_true(world: World) -> None:
    world.chart(1, a_reading("respiratory-rate 9 /min"))
    with pytest.raises(ConfirmationMissing, match="10 times"):
        world.chart(2, a_reading("respiratory-rate 90 /min"))
    world.chart(0, a_reading("respiratory-rate 90 /min"))  # it was before the nine
    world.chart(3, a_dosing("bolus", dose="1 mg"))
    with pytest.raises(ConfirmationMissing, match="10 times"):
        world.chart(4, a_dosing("bolus", dose="10 mg"))


def test_a_late_entry_is_known_by_its_two_times(world: World) -> None:
    late = world.chart(1, a_reading("heart-rate 71 /min"), now=at(10.01)).entry
    prompt = world.chart(1, a_reading("heart-rate 72 /min"), now=at(10)).entry
    record = world.record()
    assert [record.is_late(one) for one in (late, prompt)] == [True, False]
    assert (late.observed_at, late.recorded_at) == (at(1), at(10.01))


def test_facts_are_charted_after_the_end_until_the_session_is_signed(world: World) -> None:
    world.completed()
    assert world.chart(10, a_reading("heart-rate 71 /min"), now=at(55)).entry.observed_at == at(10)


def test_what_replaces_nothing_names_no_other_entry(world: World) -> None:
    first = world.chart(1, {"kind": "note", "text": "One."}).entry
    with pytest.raises(Impossible, match="replaces an entry"):
        world.chart(2, {"kind": "note", "text": "Two."}, replaces=first.id)


def test_each_kinds_own_command_takes_no_other(sqlite_world: World) -> None:
    commands = (
        (charting.record_reading, a_dosing("stop")),
        (charting.record_dosing_event, a_reading("heart-rate 71 /min")),
        (charting.record_plan, a_reading("heart-rate 71 /min")),
    )
    for command, content in commands:
        with pytest.raises(TypeError, match="own command"):
            command(
                sqlite_world.clinic, sqlite_world.nurse, sqlite_world.session,
                a_charted(1, content), now=at(1),
            )  # fmt: skip


def test_each_kinds_own_command_charts_it(world: World) -> None:
    clinic, session = world.clinic, world.session
    reading = a_charted(1, a_reading("heart-rate 71 /min"))
    dose = a_charted(2, a_dosing("start", rate="1 mL/h"))
    plan = {"kind": "plan", "drug_line": "line-1", "rate": {"value": "1", "unit": "mL/h"}}
    planned = a_charted(0, plan)
    charting.record_plan(clinic, world.physician, session, planned, now=at(0))
    charting.record_reading(clinic, world.nurse, session, reading, now=at(1))
    charting.record_dosing_event(clinic, world.nurse, session, dose, now=at(2))
    record = world.record()
    assert [one.id for one in record.entries] == [planned.id, reading.id, dose.id]
    assert record.plan == planned.content


def test_only_a_physician_plans(world: World) -> None:
    plan = {"kind": "plan", "drug_line": "line-1", "rate": {"value": "1", "unit": "mL/h"}}
    with pytest.raises(NotPermitted):
        world.chart(1, plan)


def test_nothing_is_charted_in_a_session_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        world.chart(1, {"kind": "note", "text": "x"}, session=uuid7())


def test_a_dose_carries_the_weight_that_was_in_force(world: World) -> None:
    early = world.chart(1, a_dosing("bolus", dose="1 mg")).entry
    later = world.weighed("58.0", minute=2)
    late = world.chart(3, a_dosing("bolus", dose="1 mg")).entry
    assert early.weight is not None
    assert late.weight is not None
    assert (str(early.weight.value_kg), late.weight.id) == ("61.7", later)
    assert [one.weight for one in world.record().entries] == [early.weight, late.weight]


def test_a_dose_per_kg_without_a_weight_is_refused(world: World) -> None:
    session = world.session_on(patient=world.enrolled(2))
    with pytest.raises(UnitMismatch, match="no weight"):
        world.chart(1, a_dosing("bolus", dose="0.1 mg/kg"), session=session)
    assert world.chart(1, a_dosing("bolus", dose="1 mg"), session=session).entry.weight is None


def test_a_missed_round_takes_a_reason_and_only_where_one_was_missed(world: World) -> None:
    world.chart(0, {"kind": "phase", "phase": "infusion"})
    world.chart(0, a_reading("heart-rate 71 /min"))
    missed = {"kind": "missed-round", "phase": "infusion", "round": "circulation",
              "reason": "asleep"}  # fmt: skip
    for due, round_code in ((0, "circulation"), (19, "circulation"), (60, "circulation"),
                            (20, "leaving")):  # fmt: skip
        wrong = missed | {"due_at": at(due).isoformat(), "round": round_code}
        with pytest.raises(UnknownTerm):
            world.chart(30, wrong)
    kept = world.chart(30, missed | {"due_at": "2031-05-06T11:20:00+02:00"}).entry
    assert kept.content.model_dump()["due_at"].isoformat() == "2031-05-06T11:20:00+02:00"
    assert world.record().entries[-1] == kept


def test_a_round_that_was_missed_and_not_explained_blocks_the_signature(world: World) -> None:
    world.chart(0, {"kind": "phase", "phase": "infusion"})
    world.act(Action.SESSION_BEGIN, 0)
    world.act(Action.SESSION_COMPLETE, 5)
    with pytest.raises(Exception, match="missed"):
        world.sign(minute=30)
    world.chart(
        10, {"kind": "missed-round", "phase": "infusion", "round": "circulation",
             "due_at": at(0).isoformat(), "reason": "asleep"},
    )  # fmt: skip
    world.sign(minute=30)
