"""Limits of an invented clinic: what crosses them, what they say, and what they ask for."""

import re
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.rules.limits import (
    AppliesTo,
    Breach,
    Judged,
    LimitInForce,
    LimitOn,
    Severity,
    breaches,
)
from tests.rules.examples import a_limit, an_id

UNIT_OF = {
    LimitOn.MEASURE: "/min",
    LimitOn.SINGLE_DOSE: "mg",
    LimitOn.SINGLE_DOSE_PER_KG: "mg/kg",
    LimitOn.RATE: "mg/h",
    LimitOn.CONCENTRATION: "mg/mL",
    LimitOn.CUMULATIVE_DOSE: "mg",
    LimitOn.CUMULATIVE_DOSE_PER_KG: "mg/kg",
    LimitOn.DURATION: "min",
    LimitOn.BOLUS_INTERVAL: "min",
    LimitOn.DAYS_SINCE_LAST_SESSION: "d",
}
# R3: what a breach may never say.
ADVICE = re.compile(
    r"\b(give|giving|increase|reduce|lower|raise|hold|stop|start|consider|should|must|recommend\w*"
    r"|adjust|avoid|call|wait|slow|titrate)\b",
    re.IGNORECASE,
)


def a_limit_on(on: LimitOn, **changes: Any) -> LimitInForce:
    measure = "heart-rate" if on is LimitOn.MEASURE else None
    values: dict[str, Any] = {"on": on, "unit": UNIT_OF[on], "measure": measure}
    return a_limit(**(values | changes))


def judged(value: str = "98", on: LimitOn = LimitOn.MEASURE, **changes: Any) -> Judged:
    values: dict[str, Any] = {
        "on": on,
        "value": Decimal(value),
        "unit": UNIT_OF[on],
        "measure": "heart-rate" if on is LimitOn.MEASURE else None,
        "label": "Heart rate" if on is LimitOn.MEASURE else "Examplamine",
    }
    return Judged(**(values | changes))


def found(
    *limits: LimitInForce,
    numbers: tuple[Judged, ...] = (),
    phase: str | None = "infusion",
    plan: bool = False,
) -> tuple[Breach, ...]:
    return breaches(limits, numbers or (judged(),), entry_id=an_id("entry"), phase=phase, plan=plan)


def judges(limit: LimitInForce, number: Judged, **how: Any) -> bool:
    return bool(found(limit, numbers=(number,), **how))


@pytest.mark.parametrize("on", LimitOn)
def test_every_kind_of_limit_judges_its_own_kind_of_number_and_no_other(on: LimitOn) -> None:
    limit = a_limit_on(on, low="13", high="97")
    for other in LimitOn:
        assert judges(limit, judged("98", other)) == (on is other)
        assert judges(limit, judged("12", other)) == (on is other)


@pytest.mark.parametrize(
    ("value", "direction"),
    [("12.9", "below"), ("13", None), ("50", None), ("97", None), ("97.000001", "above")],
)
def test_the_bounds_themselves_are_inside(value: str, direction: str | None) -> None:
    result = found(a_limit(low="13", high="97"), numbers=(judged(value),))
    assert [one.direction for one in result] == ([direction] if direction else [])


@pytest.mark.parametrize(("low", "high"), [("13", None), (None, "97")])
def test_a_limit_may_have_one_bound(low: str | None, high: str | None) -> None:
    limit = a_limit(low=low, high=high)
    assert judges(limit, judged("1")) == (low is not None)
    assert judges(limit, judged("1000")) == (high is not None)


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3))
@settings(max_examples=25)
def test_a_value_is_above_a_bound_or_it_is_no_breach(value: Decimal, bound: Decimal) -> None:
    limit = a_limit(high=str(bound))
    assert judges(limit, judged(format(value, "f"))) == (Fraction(value) > Fraction(bound))


@pytest.mark.parametrize(
    ("applies_to", "plan", "judged_"),
    [
        (AppliesTo.PLAN, True, True),
        (AppliesTo.PLAN, False, False),
        (AppliesTo.FACT, True, False),
        (AppliesTo.FACT, False, True),
        (AppliesTo.BOTH, True, True),
        (AppliesTo.BOTH, False, True),
    ],
)
def test_a_limit_judges_plans_or_facts_or_both(
    applies_to: AppliesTo, plan: bool, judged_: bool
) -> None:
    assert judges(a_limit(applies_to=applies_to), judged(), plan=plan) == judged_


def test_a_plan_is_held_to_the_limits_of_every_phase() -> None:
    assert judges(a_limit(phase="infusion"), judged(), phase="before", plan=True)


@pytest.mark.parametrize(
    ("limit_phase", "phase", "judged_"),
    [
        (None, None, True),
        (None, "after", True),
        ("after", "after", True),
        ("after", "infusion", False),
        ("after", None, False),
    ],
)
def test_a_limit_of_a_phase_judges_in_that_phase_only(
    limit_phase: str | None, phase: str | None, judged_: bool
) -> None:
    assert judges(a_limit(phase=limit_phase), judged(), phase=phase) == judged_


@pytest.mark.parametrize(
    ("limit_line", "line", "judged_"),
    [(None, "line-1", True), ("line-1", "line-1", True), ("line-1", "line-2", False)],
)
def test_a_limit_of_a_drug_line_judges_that_line_only(
    limit_line: str | None, line: str, judged_: bool
) -> None:
    limit = a_limit_on(LimitOn.RATE, drug_line=limit_line)
    assert judges(limit, judged("98", LimitOn.RATE, drug_line=line)) == judged_


def test_a_limit_of_another_measure_does_not_judge() -> None:
    assert not judges(a_limit(measure="etco2"), judged())


def test_a_number_in_another_unit_of_the_family_is_judged_exactly() -> None:
    limit = a_limit_on(LimitOn.RATE, high="6", unit="mg/kg/h")
    assert not judges(limit, judged("100", LimitOn.RATE, unit="ug/kg/min"))
    assert judges(limit, judged("100.000000000000001", LimitOn.RATE, unit="ug/kg/min"))


def test_a_number_of_another_dimension_is_not_judged() -> None:
    limit = a_limit_on(LimitOn.RATE, high="6", unit="mg/kg/h")
    assert not judges(limit, judged("1000", LimitOn.RATE, unit="mL/h"))


def test_every_limit_that_applies_speaks_for_itself() -> None:
    soft, hard = a_limit(), a_limit(code="limit-2", severity="hard", high="95")
    result = found(soft, hard, numbers=(judged("98"), judged("99", label="Heart rate, second")))
    assert [(one.limit_code, str(one.value)) for one in result] == [
        ("limit-1", "98"),
        ("limit-1", "99"),
        ("limit-2", "98"),
        ("limit-2", "99"),
    ]
    assert len({one.id for one in result}) == 4


def test_one_code_in_two_documents_makes_two_breaches() -> None:
    other = a_limit().model_copy(
        update={"version_id": an_id("protocol"), "source": "protocol X version 2"}
    )
    assert len({one.id for one in found(a_limit(), other)}) == 2


def test_two_values_under_one_label_are_two_breaches_and_one_value_is_one() -> None:
    assert len({one.id for one in found(a_limit(), numbers=(judged("98"), judged("99")))}) == 2
    assert len(found(a_limit(), numbers=(judged("98"), judged("98")))) == 1


def test_the_same_entry_has_the_same_breach_ids_again() -> None:
    assert found(a_limit()) == found(a_limit())


def test_a_breach_states_value_bound_and_source() -> None:
    (breach,) = found(a_limit(note="Invented words of the clinic."), numbers=(judged("98.10"),))
    assert breach.sentence == (
        "Heart rate 98.10 /min is above the soft limit of 97 /min (policy version 3)."
    )
    assert breach.note == "Invented words of the clinic."
    assert Breach.model_validate_json(breach.model_dump_json()) == breach


@pytest.mark.parametrize("on", LimitOn)
def test_no_breach_gives_advice(on: LimitOn) -> None:
    for severity, value in product(Severity, ("1", "1000")):
        limit = a_limit_on(on, severity=severity, low="13", high="97")
        (breach,) = found(limit, numbers=(judged(value, on),))
        assert not ADVICE.search(breach.sentence)
        for part in (value, str(breach.bound), "policy version 3", severity, breach.direction):
            assert part in breach.sentence


def test_a_soft_breach_asks_for_a_reason_and_a_hard_one_for_a_second_person_too() -> None:
    (soft,) = found(a_limit(severity="soft"))
    (hard,) = found(a_limit(severity="hard"))
    assert soft.asks_for == ("reason",)
    assert hard.asks_for == ("reason", "second-person")


def test_a_sum_with_more_digits_than_anyone_may_enter_is_judged() -> None:
    limit = a_limit_on(LimitOn.CUMULATIVE_DOSE)
    (breach,) = found(limit, numbers=(judged("9" * 30, LimitOn.CUMULATIVE_DOSE),))
    assert "9" * 30 in breach.sentence


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"low": "98", "high": "97"}, "low 98 is above high 97"),
        ({"high": None}, "a low or a high bound"),
        ({"measure": None}, "a measure is named if and only if"),
        ({"on": "rate", "unit": "mg/h"}, "a measure is named if and only if"),
        ({"high": 97}, "taken as text"),
        ({"severity": "firm"}, "severity"),
    ],
    ids=str,
)
def test_a_limit_that_contradicts_itself_is_refused(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        a_limit(**changes)


def test_low_and_high_may_be_one_value() -> None:
    assert found(a_limit(low="97", high="97"), numbers=(judged("97"),)) == ()


@pytest.mark.parametrize(
    ("on", "wrong"),
    [
        (LimitOn.SINGLE_DOSE, ["mg/h", "mg/kg", "h", "%"]),
        (LimitOn.SINGLE_DOSE_PER_KG, ["mg", "mg/kg/h"]),
        (LimitOn.RATE, ["mg", "mg/mL", "/min", "min"]),
        (LimitOn.CONCENTRATION, ["mg", "mg/h", "%"]),
        (LimitOn.CUMULATIVE_DOSE, ["mg/kg", "kg"]),
        (LimitOn.CUMULATIVE_DOSE_PER_KG, ["mg", "mL"]),
        (LimitOn.DURATION, ["d", "mg", "mL/h"]),
        (LimitOn.BOLUS_INTERVAL, ["d", "/min"]),
        (LimitOn.DAYS_SINCE_LAST_SESSION, ["h", "min"]),
        (LimitOn.RATE, ["mg/hr"]),
    ],
)
def test_a_unit_of_another_dimension_is_refused(on: LimitOn, wrong: list[str]) -> None:
    for unit in wrong:
        with pytest.raises(ValidationError, match=r"does not fit|not a unit"):
            a_limit_on(on, unit=unit)
