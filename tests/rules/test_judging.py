"""Which numbers a reading, a dosing event or a plan puts to the limits."""

from decimal import Decimal
from typing import Any

import pytest

from protocol.rules.charting import Plan
from protocol.rules.dosing import Dosed
from protocol.rules.errors import UnitMismatch
from protocol.rules.judging import judged_dosing, judged_gap, judged_plan, judged_reading
from protocol.rules.limits import Judged, LimitOn
from protocol.rules.measures import BUILT_IN
from protocol.rules.values import plain
from tests.rules.examples import a_protocol, at, dosed, observed, quantity

LINE = a_protocol().drug_lines[0]
FIFTY = Decimal(50)


def of(found: list[Judged], on: LimitOn) -> dict[str, str]:
    """By unit, in digits."""
    return {one.unit: plain(one.value) for one in found if one.on is on}


def dosing_numbers(added: Dosed, *events: Dosed) -> list[Judged]:
    return judged_dosing(LINE, list(events), added)


def planned(weight: Decimal | None = FIFTY, **intended: str) -> list[Judged]:
    minutes = intended.pop("minutes", None)
    quantities: dict[str, Any] = {name: quantity(text) for name, text in intended.items()}
    duration = None if minutes is None else Decimal(minutes)
    plan = Plan(drug_line="line-1", duration_min=duration, **quantities)
    return judged_plan(LINE, plan, weight)


def test_an_observation_is_judged_as_it_was_charted() -> None:
    (one,) = judged_reading([observed("heart-rate", "71.0 /min")], BUILT_IN)
    assert (one.on, plain(one.value), one.unit) == (LimitOn.MEASURE, "71.0", "/min")
    assert (one.measure, one.label) == ("heart-rate", "Heart rate")


@pytest.mark.parametrize("rate", ["3 mL/h", "7 mg/h", "0.14 mg/kg/h"])
def test_a_rate_is_judged_in_every_unit_that_a_limit_may_have(rate: str) -> None:
    found = of(dosing_numbers(dosed(1, "start", 0, rate=rate, weight="50")), LimitOn.RATE)
    assert found == {"mL/h": "3", "mg/h": "7", "mg/kg/h": "0.14"}


def test_a_rate_without_a_weight_is_judged_without_one() -> None:
    found = of(dosing_numbers(dosed(1, "start", 0, rate="3 mL/h", weight=None)), LimitOn.RATE)
    assert found == {"mL/h": "3", "mg/h": "7"}
    with pytest.raises(UnitMismatch):
        dosing_numbers(dosed(1, "start", 0, rate="3 mg/kg/h", weight=None))


def test_a_bolus_is_judged_by_itself_and_with_all_before_it() -> None:
    first = dosed(1, "bolus", 0, dose="7 mg", weight="50")
    found = dosing_numbers(dosed(2, "bolus", 12.5, dose="3 mL", weight="50"), first)
    assert of(found, LimitOn.SINGLE_DOSE) == {"mg": "7", "mL": "3"}
    assert of(found, LimitOn.SINGLE_DOSE_PER_KG) == {"mg/kg": "0.14"}
    assert of(found, LimitOn.CUMULATIVE_DOSE) == {"mg": "14", "mL": "6"}
    assert of(found, LimitOn.CUMULATIVE_DOSE_PER_KG) == {"mg/kg": "0.28"}
    assert of(found, LimitOn.BOLUS_INTERVAL) == {"min": "12.5"}
    assert of(found, LimitOn.DURATION) == {}


def test_a_first_bolus_has_no_interval_and_a_late_one_has_it_on_both_sides() -> None:
    assert of(dosing_numbers(dosed(1, "bolus", 0)), LimitOn.BOLUS_INTERVAL) == {}
    around = [dosed(1, "bolus", 0), dosed(2, "bolus", 30)]
    late = dosing_numbers(dosed(3, "bolus", 25), *around)
    assert of(late, LimitOn.BOLUS_INTERVAL) == {"min": "5"}


def test_a_stop_is_judged_by_what_went_in_and_how_long() -> None:
    start = dosed(1, "start", 0, rate="60 mg/h", weight=None)
    found = dosing_numbers(dosed(2, "stop", 30, weight=None), start)
    assert of(found, LimitOn.CUMULATIVE_DOSE)["mg"] == "30"
    assert of(found, LimitOn.DURATION) == {"min": "30"}
    assert of(found, LimitOn.RATE) == {}


def test_an_event_that_is_charted_already_is_not_counted_twice() -> None:
    bolus = dosed(1, "bolus", 0, dose="7 mg")
    assert of(dosing_numbers(bolus, bolus), LimitOn.CUMULATIVE_DOSE)["mg"] == "7"


@pytest.mark.parametrize("kind", ["start", "bolus"])
def test_the_concentration_is_judged_where_the_drug_begins(kind: str) -> None:
    found = of(dosing_numbers(dosed(1, kind, 0)), LimitOn.CONCENTRATION)
    assert found == {"mg/mL": "2.333333333333"}


def test_a_plan_of_a_dose_is_judged_as_one_dose_and_as_the_total() -> None:
    found = planned(dose="7 mg")
    assert of(found, LimitOn.SINGLE_DOSE) == of(found, LimitOn.CUMULATIVE_DOSE)
    assert of(found, LimitOn.CUMULATIVE_DOSE) == {"mg": "7", "mL": "3"}
    assert of(found, LimitOn.CUMULATIVE_DOSE_PER_KG) == {"mg/kg": "0.14"}


def test_a_plan_of_a_rate_and_a_duration_is_judged_by_their_product() -> None:
    found = planned(rate="7 mg/h", minutes="90")
    assert of(found, LimitOn.RATE) == {"mg/h": "7", "mL/h": "3", "mg/kg/h": "0.14"}
    assert of(found, LimitOn.DURATION) == {"min": "90"}
    assert of(found, LimitOn.CUMULATIVE_DOSE) == {"mg": "10.5", "mL": "4.5"}
    assert of(found, LimitOn.SINGLE_DOSE) == {}


def test_a_plan_of_a_rate_alone_has_no_total() -> None:
    found = planned(rate="7 mg/h")
    assert of(found, LimitOn.CUMULATIVE_DOSE) == of(found, LimitOn.DURATION) == {}


def test_a_plan_of_the_largest_numbers_that_can_be_entered_still_adds_up() -> None:
    found = planned(rate=f"{'9' * 15} g/min", minutes="9" * 15)
    assert len(of(found, LimitOn.CUMULATIVE_DOSE)["mg"]) > 30


def test_the_days_since_the_last_session_are_judged_where_there_was_one() -> None:
    assert judged_gap(LINE, None, at(0)) == []
    (one,) = judged_gap(LINE, at(-36 * 60), at(0))
    assert (plain(one.value), one.unit) == ("1.50", "d")


def test_every_number_names_the_drug_it_is_of() -> None:
    for one in [*dosing_numbers(dosed(1, "bolus", 0)), *planned(dose="7 mg")]:
        assert one.drug_line == "line-1"
        assert one.label.endswith("of examplamine")
