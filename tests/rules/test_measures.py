"""What is impossible by definition, and that nothing else is."""

from decimal import Decimal

import pytest

from protocol.rules.errors import Impossible, Refusal, UnitMismatch, UnknownTerm
from protocol.rules.measures import (
    BUILT_IN,
    Measure,
    MeasureKind,
    Observation,
    Scale,
    measure_named,
    require_possible,
)
from protocol.rules.quantity import UNITS
from tests.rules.examples import observed

SCALES = {
    "pain-rest": Scale(low=Decimal(0), high=Decimal(10)),
    "sedation": Scale(low=Decimal(1), high=Decimal(10)),
    "function": Scale(low=Decimal(0), high=Decimal(10), step=Decimal("0.5")),
}


def charted(*observations: Observation) -> None:
    require_possible(observations, BUILT_IN, SCALES)


def refused(refusal: type[Refusal], *observations: Observation) -> Refusal:
    with pytest.raises(refusal) as caught:
        charted(*observations)
    return caught.value


@pytest.mark.parametrize("code", sorted(BUILT_IN))
def test_zero_is_a_value_of_every_measure_that_has_one(code: str) -> None:
    measure = BUILT_IN[code]
    scales = {code: Scale(low=Decimal(0), high=Decimal(10))}
    require_possible([observed(code, f"0 {measure.units[0]}")], BUILT_IN, scales)


def test_a_saturation_ends_at_a_hundred_per_cent() -> None:
    charted(observed("spo2", "100 %"))
    error = refused(Impossible, observed("spo2", "101 %"))
    assert error.facts == {"measure": "spo2", "field": "spo2", "value": "101", "unit": "%"}
    assert "101 %" in error.sentence
    assert "to 100" in error.sentence


def test_a_value_below_zero_is_impossible_where_zero_is_the_end() -> None:
    refused(Impossible, observed("heart-rate", "-1 /min"))


def test_a_sentinel_of_a_monitor_is_not_a_value() -> None:
    refused(Impossible, observed("systolic", "-100 mm[Hg]"))
    refused(Impossible, observed("etco2", "-999 mm[Hg]"))


def test_nothing_is_colder_than_absolute_zero_in_either_unit() -> None:
    charted(observed("temperature", "-273.15 Cel"))
    charted(observed("temperature", "-459.67 [degF]"))
    refused(Impossible, observed("temperature", "-273.16 Cel"))
    refused(Impossible, observed("temperature", "-459.68 [degF]"))


def test_an_unusual_value_is_possible() -> None:
    charted(observed("heart-rate", "999 /min"), observed("systolic", "301 mm[Hg]"))


@pytest.mark.parametrize(("diastolic", "systolic"), [("80", "80"), ("0", "1"), ("79.9", "80")])
def test_diastolic_may_be_as_high_as_systolic(diastolic: str, systolic: str) -> None:
    charted(
        observed("diastolic", f"{diastolic} mm[Hg]"), observed("systolic", f"{systolic} mm[Hg]")
    )


@pytest.mark.parametrize("site", [None, "left arm"])
def test_diastolic_above_systolic_is_impossible_at_every_site(site: str | None) -> None:
    pressures = [
        observed("systolic", "80 mm[Hg]", site),
        observed("diastolic", "81 mm[Hg]", site),
    ]
    assert refused(Impossible, *pressures).facts["systolic"] == "80"
    assert refused(Impossible, *reversed(pressures)).facts["field"] == "diastolic"


def test_pressures_of_two_sites_are_not_held_against_each_other() -> None:
    charted(observed("diastolic", "90 mm[Hg]", "leg"), observed("systolic", "80 mm[Hg]", "arm"))


@pytest.mark.parametrize("value", ["-1", "11", "10.5", "0.5", "-0.1"])
def test_a_score_outside_zero_to_ten_or_between_its_steps_is_impossible(value: str) -> None:
    refused(Impossible, observed("pain-rest", f"{value} {{score}}"))


@pytest.mark.parametrize("value", ["0", "10", "5", "10.0"])
def test_a_score_on_its_scale_is_possible(value: str) -> None:
    charted(observed("pain-rest", f"{value} {{score}}"))


def test_a_scale_from_one_has_no_zero() -> None:
    charted(observed("sedation", "1 {score}"), observed("pain-rest", "0 {score}"))
    error = refused(Impossible, observed("sedation", "0 {score}"))
    assert "from 1 to 10 in steps of 1" in error.sentence


def test_a_scale_may_have_half_steps() -> None:
    charted(observed("function", "3.5 {score}"))
    refused(Impossible, observed("function", "3.4 {score}"))


def test_a_score_without_a_scale_of_the_clinic_is_refused() -> None:
    refused(UnknownTerm, observed("nausea", "1 {score}"))


def test_a_measure_is_there_once_per_site() -> None:
    pain = observed("pain-rest", "3 {score}", "back")
    charted(pain, observed("pain-rest", "4 {score}", "leg"))
    assert "twice" in refused(Impossible, pain, pain).sentence


@pytest.mark.parametrize("unit", ["mg", "beats/min", "/MIN", "%"])
def test_a_unit_of_another_measure_is_refused(unit: str) -> None:
    assert refused(UnitMismatch, observed("heart-rate", f"71 {unit}")).facts["unit"] == unit


def test_an_unknown_measure_is_refused() -> None:
    refused(UnknownTerm, observed("aura", "1 {score}"))
    with pytest.raises(UnknownTerm, match="There is no measure aura"):
        measure_named("aura", BUILT_IN)


def test_a_measure_of_whole_numbers_says_so() -> None:
    steps = Measure(code="steps", label="Steps", units=("1",), whole=True, low=Decimal(0))
    require_possible([observed("steps", "2 1")], {"steps": steps}, {})
    with pytest.raises(Impossible, match="whole numbers"):
        require_possible([observed("steps", "2.5 1")], {"steps": steps}, {})


@pytest.mark.parametrize("measure", BUILT_IN.values(), ids=lambda measure: measure.code)
def test_the_codes_of_a_built_in_measure_hold_together(measure: Measure) -> None:
    assert all(unit in UNITS for unit in measure.units)
    assert (measure.kind is MeasureKind.SCORE) == (measure.units == ("{score}",))
    if measure.loinc is not None:
        assert loinc_check_digit(measure.loinc[:-2]) == int(measure.loinc[-1])


def loinc_check_digit(body: str) -> int:
    """Mod 10 by Luhn, as LOINC's own appendix has it."""
    doubled = "".join(
        str(int(digit) * (2 if place % 2 == 0 else 1)) for place, digit in enumerate(body[::-1])
    )
    return -sum(map(int, doubled)) % 10


def test_the_partial_pressure_of_carbon_dioxide_has_its_own_code() -> None:
    assert BUILT_IN["etco2"].loinc == "19891-1"
    assert BUILT_IN["oxygen-concentration"].loinc == "3150-0"
