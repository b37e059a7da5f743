"""What is confirmed as true before it is charted: unusual values and slips of tens and units."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.charting import DosingEvent, Plan
from protocol.rules.errors import ConfirmationMissing
from protocol.rules.measures import BUILT_IN, Observation
from protocol.rules.plausibility import (
    Doubt,
    doubts_about_dosing,
    doubts_about_reading,
    require_confirmed,
)
from tests.rules.examples import a_policy, dosing, observed, quantity


def about(observation: Observation, previous: Observation | None = None) -> list[Doubt]:
    before = {} if previous is None else {previous.measure: previous}
    return doubts_about_reading([observation], a_policy(), BUILT_IN, before)


def about_rate(
    rate: str, *earlier: DosingEvent, planned: str | None = None, dose: str | None = None
) -> list[Doubt]:
    plan = None
    if planned or dose:
        plan = Plan(
            drug_line="line-1",
            rate=quantity(planned) if planned else None,
            dose=quantity(dose) if dose else None,
        )
    return doubts_about_dosing(dosing("rate-change", rate=rate), earlier, plan)


def sentences(doubts: Sequence[Doubt]) -> str:
    return " ".join(doubt.sentence for doubt in doubts)


@pytest.mark.parametrize(
    ("value", "doubted"), [("30", True), ("31", False), ("213", False), ("214", True)]
)
def test_a_value_outside_the_clinic_s_range_is_confirmed(value: str, doubted: bool) -> None:
    doubts = about(observed("heart-rate", f"{value} /min"))
    assert bool(doubts) == doubted
    if doubted:
        assert sentences(doubts) == (
            f"Heart rate {value} /min is outside the clinic's plausible range of 31 to 213 /min."
        )


def test_a_range_in_one_unit_judges_a_value_in_the_other() -> None:
    span = {"measure": "temperature", "low": "30", "high": "44", "unit": "Cel"}
    policy = a_policy(plausible=[span])
    warm, hot = observed("temperature", "98.6 [degF]"), observed("temperature", "98.6 Cel")
    assert doubts_about_reading([warm], policy, BUILT_IN, {}) == []
    assert len(doubts_about_reading([hot], policy, BUILT_IN, {})) == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [("12", "about 10 times"), ("120", None), ("1.5", "about a tenth of"), ("15", None)],
)
def test_a_tenfold_step_from_the_last_value_is_confirmed(value: str, said: str | None) -> None:
    before = "1.2" if value.startswith("12") else "15"
    found = sentences(
        about(observed("etco2", f"{value} mm[Hg]"), observed("etco2", f"{before} mm[Hg]"))
    )
    assert (said in found) if said else not found


def test_a_measure_without_tenfold_is_not_held_against_the_last_value() -> None:
    assert about(observed("oxygen-flow", "20 L/min"), observed("oxygen-flow", "2 L/min")) == []
    assert about(observed("temperature", "3.7 Cel"), observed("temperature", "37 Cel")) == []
    assert about(observed("pain-rest", "10 {score}"), observed("pain-rest", "1 {score}")) == []


def test_a_step_from_or_to_zero_is_no_tenfold() -> None:
    assert about(observed("etco2", "0 mm[Hg]"), observed("etco2", "30 mm[Hg]")) == []
    assert about(observed("etco2", "30 mm[Hg]"), observed("etco2", "0 mm[Hg]")) == []


@pytest.mark.parametrize(
    ("rate", "doubted"),
    [
        ("41.7 mL/h", True), ("0.417 mL/h", True), ("4.17 mL/h", False), ("8.34 mL/h", False),
        ("33.36 mL/h", True), ("33.35 mL/h", False), ("50.04 mL/h", True), ("50.05 mL/h", False),
    ],
)  # fmt: skip
def test_a_tenfold_rate_is_confirmed_in_both_directions(rate: str, doubted: bool) -> None:
    assert bool(about_rate(rate, planned="4.17 mL/h")) == doubted
    assert bool(about_rate(rate, dosing("start", rate="4.17 mL/h"))) == doubted


def test_a_tenfold_is_seen_across_units_of_one_family() -> None:
    assert "10 times" in sentences(about_rate("1 mg/min", planned="6 mg/h"))


def test_the_sentence_names_what_was_planned_and_what_was_before() -> None:
    doubts = about_rate("41.7 mL/h", dosing("start", rate="4.2 mL/h"), planned="4.17 mL/h")
    assert sentences(doubts) == (
        "41.7 mL/h is about 10 times the planned rate of 4.17 mL/h."
        " 41.7 mL/h is about 10 times the previous rate of 4.2 mL/h."
    )
    assert [doubt.field for doubt in doubts] == ["rate"]


@pytest.mark.parametrize(
    ("rate", "planned"),
    [("4.17 mg/h", "4.17 mL/h"), ("4.17 ug/kg/min", "4.17 mg/h"), ("4.17 mg/min", "4.17 mg/h")],
)
def test_a_known_number_under_another_unit_is_confirmed(rate: str, planned: str) -> None:
    assert "under another unit" in sentences(about_rate(rate, planned=planned))


def test_zero_under_another_unit_is_zero() -> None:
    assert about_rate("0 mL/h", planned="0 mg/h") == []
    assert about_rate("0 ug/h", planned="0 mg/h") == []


def test_a_rate_is_not_held_against_a_planned_dose() -> None:
    assert about_rate("4.17 mL/h", dose="4.17 mg") == []


def test_only_the_last_quantity_of_its_kind_counts() -> None:
    earlier = [dosing("start", rate="41.7 mL/h"), dosing("rate-change", rate="4.2 mL/h")]
    assert about_rate("4.17 mL/h", *earlier, dosing("pause")) == []


def test_a_bolus_is_held_against_the_last_bolus() -> None:
    bolus, rate = dosing("bolus", dose="20 mg"), dosing("start", rate="200 mg/h")
    doubts = doubts_about_dosing(dosing("bolus", dose="200 mg"), [bolus, rate], None)
    assert sentences(doubts) == "200 mg is about 10 times the previous dose of 20 mg."
    assert [doubt.field for doubt in doubts] == ["dose"]


def test_another_drug_line_is_another_number() -> None:
    other = Plan(drug_line="line-2", rate=quantity("4.17 mL/h"))
    entered = dosing("start", rate="41.7 mL/h")
    assert (
        doubts_about_dosing(entered, [dosing("start", rate="4 mL/h", line="line-2")], other) == []
    )


def test_an_event_without_a_quantity_raises_no_doubt() -> None:
    assert doubts_about_dosing(dosing("stop"), [dosing("start", rate="4 mL/h")], None) == []


@given(st.integers(1, 10**6), st.integers(1, 10**6))
@settings(max_examples=30)
def test_a_rate_is_doubted_if_and_only_if_it_is_eight_to_twelvefold(one: int, other: int) -> None:
    larger, smaller = max(one, other), min(one, other)
    expected = 8 * smaller <= larger <= 12 * smaller
    assert bool(about_rate(f"{one} mL/h", planned=f"{other} mL/h")) == expected


DOUBTS = [Doubt("rate", "First fact."), Doubt("heart-rate", "Second fact.")]


def test_what_is_confirmed_goes_through() -> None:
    require_confirmed(DOUBTS, ["heart-rate", "rate", "spo2"])
    require_confirmed([], [])


@pytest.mark.parametrize("confirmed", [[], ["rate"], ["heart-rate"]], ids=str)
def test_what_is_not_confirmed_is_named(confirmed: list[str]) -> None:
    with pytest.raises(ConfirmationMissing) as caught:
        require_confirmed(DOUBTS, confirmed)
    still = [doubt for doubt in DOUBTS if doubt.field not in confirmed]
    assert caught.value.sentence == sentences(still)
    assert caught.value.facts == {"fields": ", ".join(doubt.field for doubt in still)}
