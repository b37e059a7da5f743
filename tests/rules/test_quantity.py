"""Units and exact arithmetic: the closed table against an oracle by hand, and rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.rules.errors import UnitMismatch, UnitUnknown
from protocol.rules.quantity import (
    UNITS,
    Quantity,
    comparable,
    converted,
    from_family,
    in_family,
    require_comparable,
    rounded,
    total,
    unit_named,
)
from protocol.rules.values import plain
from tests.rules.examples import quantity

DECIMALS = st.decimals(
    min_value=-(10**9), max_value=10**9, places=9, allow_nan=False, allow_infinity=False
)
FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6)
STEP = Fraction(1, 10**12)
ORACLE = [
    # 3 ug/kg/min: 3/1000 mg, 60 times an hour.
    ("3", "ug/kg/min", Fraction(18, 100)),
    ("3", "mg/h", Fraction(3)),
    ("3", "mg/min", Fraction(180)),
    ("3", "ug/h", Fraction(3, 1000)),
    ("3", "ng/kg/min", Fraction(18, 100_000)),
    ("3", "g", Fraction(3000)),
    ("3", "[iU]/h", Fraction(3)),
    ("3", "m[iU]/min", Fraction(18, 100)),
    ("3", "mL/h", Fraction(3)),
    ("3", "mL/min", Fraction(180)),
    ("3", "L/min", Fraction(180_000)),
    ("3", "uL/h", Fraction(3, 1000)),
    ("3", "umol/mL", Fraction(3, 1000)),
    ("212", "[degF]", Fraction(100)),
    ("32", "[degF]", Fraction(0)),
    ("-40", "[degF]", Fraction(-40)),
    ("98.6", "[degF]", Fraction(37)),
    ("3", "[lb_av]", Fraction(136_077_711, 100_000_000)),
    ("90", "s", Fraction(1, 40)),
    ("90", "min", Fraction(3, 2)),
]


@pytest.mark.parametrize(("text", "unit", "expected"), ORACLE)
def test_a_unit_converts_as_reckoned_by_hand(text: str, unit: str, expected: Fraction) -> None:
    assert in_family(Decimal(text), unit) == expected


@pytest.mark.parametrize(
    ("text", "unit", "to", "expected"),
    [
        ("3", "ug/kg/min", "mg/kg/h", "0.18"),
        ("0.18", "mg/kg/h", "ug/kg/min", "3"),
        ("1", "mg/h", "mg/min", "0.016666666667"),
        ("1", "ug/mL", "mg/mL", "0.001"),
        ("37", "Cel", "[degF]", "98.6"),
        ("1", "L", "mL", "1000"),
    ],
)
def test_a_value_in_another_unit_is_rounded_once(
    text: str, unit: str, to: str, expected: str
) -> None:
    assert plain(converted(Decimal(text), unit, to)) == expected


@given(st.sampled_from(sorted(UNITS)), DECIMALS)
@settings(max_examples=60)
def test_every_unit_converts_to_its_family_and_back_exactly(code: str, value: Decimal) -> None:
    assert from_family(in_family(value, code), code) == Fraction(value)


def test_every_unit_is_comparable_with_itself_and_known_by_its_code() -> None:
    for code in UNITS:
        assert comparable(code, code)
        assert unit_named(code).code == code
        assert unit_named(code).factor > 0


def test_every_rate_has_the_hour_in_it_and_every_per_kg_rate_the_kilogram() -> None:
    for code, unit in UNITS.items():
        amount, *per = code.split("/")
        if not amount:
            continue  # /min counts events
        assert ("kg" in unit.per) == ("kg" in per), code
        assert ("mL" in unit.per) == ("mL" in per), code
        assert ("h" in unit.per) == bool({"h", "min"} & set(per)), code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mg", "mL"), ("mg", "[iU]"), ("mg", "mg/h"), ("mg/h", "mg/kg/h"), ("mg/mL", "mg"),
        ("kg", "g"), ("%", "1"), ("Cel", "h"), ("/min", "min"), ("mmol", "meq"), ("d", "h"),
    ],
)  # fmt: skip
def test_units_of_different_things_are_not_converted(one: str, other: str) -> None:
    assert not comparable(one, other)
    with pytest.raises(UnitMismatch):
        require_comparable(one, other)
    with pytest.raises(UnitMismatch):
        converted(Decimal(1), one, other)


@pytest.mark.parametrize("code", ["MG", "Mg", "mcg", "µg", "cc", "IU", "ml", "", "mg/hr", "mg /h"])
def test_an_unknown_unit_is_refused_and_case_counts(code: str) -> None:
    with pytest.raises(UnitUnknown):
        unit_named(code)
    with pytest.raises(ValidationError, match="not a unit that this record knows"):
        Quantity(value=Decimal(1), unit=code)


def test_the_same_unit_keeps_every_digit_as_entered() -> None:
    assert plain(converted(Decimal("1.10"), "mg", "mg")) == "1.10"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (STEP / 2, "0"),
        (STEP * 3 / 2, "0.000000000002"),
        (STEP * 5 / 2, "0.000000000002"),
        (-STEP * 3 / 2, "-0.000000000002"),
        (STEP / 2 + Fraction(1, 10**200), "0.000000000001"),
        (Fraction(-1, 10**30), "0"),
        (Fraction(100), "100"),
        (Fraction(2, 3), "0.666666666667"),
        (Fraction(10**40) + STEP, "1" + "0" * 40 + ".000000000001"),
    ],
)
def test_a_result_is_rounded_half_to_even_at_its_twelfth_place(
    value: Fraction, expected: str
) -> None:
    assert plain(rounded(value)) == expected


@given(FRACTIONS)
@settings(max_examples=30)
def test_a_rounded_value_is_within_half_a_step_and_has_no_exponent(value: Fraction) -> None:
    result = rounded(value)
    assert abs(Fraction(result) - value) <= STEP / 2
    assert "E" not in f"{result} {plain(result)} {Quantity(value=result, unit='mg')}".upper()


def test_a_rounded_value_has_no_exponent_even_as_python_writes_it() -> None:
    assert str(rounded(Fraction(100))) == "100"


@given(st.lists(DECIMALS, max_size=40))
@settings(max_examples=30)
def test_a_total_is_the_exact_sum(values: list[Decimal]) -> None:
    assert Fraction(total(values)) == sum((Fraction(value) for value in values), Fraction())


def test_a_total_loses_no_digit_between_the_largest_and_the_smallest() -> None:
    assert plain(total([Decimal(10**15), Decimal("0.000000000001")])) == (
        "1000000000000000.000000000001"
    )


def test_a_quantity_is_written_as_entered_with_its_unit() -> None:
    assert str(quantity("1.10 ug/kg/min")) == "1.10 ug/kg/min"
    assert quantity("1.10 ug/kg/min").kind is UNITS["ug/kg/min"]
