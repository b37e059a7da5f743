"""Exact decimals with UCUM units: the closed table, conversion, and rounding for print.

Every unit is an amount (mass, volume, international units, ...) per kilogram, per millilitre or
per hour, with an exact factor to its family's first unit. The table is tested against an oracle.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from protocol.rules.errors import UnitMismatch, UnitUnknown
from protocol.rules.values import Exact, Shape, plain

# Computed amounts are rounded once, at the end, to this step of their own unit (decision 8).
RESULT_STEP = Decimal("1E-12")
# Enough for the largest entered rate over the smallest entered concentration: no digit is lost.
_DIGITS = 120


class Unit(NamedTuple):
    """A UCUM code as amount per kg, mL or h: `factor` turns it into its family's first unit."""

    code: str
    amount: str
    per: frozenset[str]
    factor: Fraction
    offset: Fraction = Fraction(0)


_AMOUNTS: dict[str, tuple[str, Fraction]] = {
    "ng": ("mg", Fraction(1, 1_000_000)),
    "ug": ("mg", Fraction(1, 1_000)),
    "mg": ("mg", Fraction(1)),
    "g": ("mg", Fraction(1_000)),
    "uL": ("mL", Fraction(1, 1_000)),
    "mL": ("mL", Fraction(1)),
    "L": ("mL", Fraction(1_000)),
    "[iU]": ("[iU]", Fraction(1)),
    "m[iU]": ("[iU]", Fraction(1, 1_000)),
    "meq": ("meq", Fraction(1)),
    "umol": ("mmol", Fraction(1, 1_000)),
    "mmol": ("mmol", Fraction(1)),
}
_TIMES = {"min": Fraction(60), "h": Fraction(1)}


def _table() -> dict[str, Unit]:
    units: dict[str, Unit] = {}

    def put(code: str, amount: str, per: set[str], factor: Fraction) -> None:
        units[code] = Unit(code, amount, frozenset(per), factor)

    for code, (amount, factor) in _AMOUNTS.items():
        put(code, amount, set(), factor)
        put(f"{code}/kg", amount, {"kg"}, factor)
        for time, hourly in _TIMES.items():
            put(f"{code}/{time}", amount, {"h"}, factor * hourly)
            put(f"{code}/kg/{time}", amount, {"kg", "h"}, factor * hourly)
        if amount != "mL":
            put(f"{code}/mL", amount, {"mL"}, factor)
    for code, family, factor in (
        ("s", "h", Fraction(1, 3600)), ("min", "h", Fraction(1, 60)), ("h", "h", Fraction(1)),
        ("d", "d", Fraction(1)), ("kg", "kg", Fraction(1)),
        ("[lb_av]", "kg", Fraction(45_359_237, 100_000_000)), ("mm[Hg]", "mm[Hg]", Fraction(1)),
        ("/min", "/min", Fraction(1)), ("%", "%", Fraction(1)), ("{score}", "{score}", Fraction(1)),
        ("1", "1", Fraction(1)), ("cm", "cm", Fraction(1)), ("deg", "deg", Fraction(1)),
    ):  # fmt: skip
        put(code, family, set(), factor)
    units["Cel"] = Unit("Cel", "Cel", frozenset(), Fraction(1))
    units["[degF]"] = Unit("[degF]", "Cel", frozenset(), Fraction(5, 9), Fraction(-160, 9))
    return units


UNITS: dict[str, Unit] = _table()


def unit_named(code: str) -> Unit:
    """The unit by its case-sensitive UCUM code, or UnitUnknown (R123)."""
    unit = UNITS.get(code)
    if unit is None:
        raise UnitUnknown(f"{code} is not a unit that this record knows.", unit=code)
    return unit


def rounded(value: Fraction) -> Decimal:
    """A fraction as a decimal, rounded once, half to even at RESULT_STEP (decision 8)."""
    with localcontext() as context:
        context.prec = _DIGITS
        exact = round(value / Fraction(RESULT_STEP)) * RESULT_STEP
        return exact.normalize() + 0 if exact else Decimal(0)


def total(values: list[Decimal]) -> Decimal:
    """The exact sum: no digit is rounded away however many values there are."""
    with localcontext() as context:
        context.prec = _DIGITS
        return sum(values, Decimal(0))


def in_family(value: Decimal, code: str) -> Fraction:
    """The value in its unit family's first unit, exactly."""
    unit = unit_named(code)
    return Fraction(value) * unit.factor + unit.offset


def from_family(value: Fraction, code: str) -> Fraction:
    """The inverse of `in_family`."""
    unit = unit_named(code)
    return (value - unit.offset) / unit.factor


def comparable(first: str, second: str) -> bool:
    """Whether two units measure the same thing."""
    one, other = unit_named(first), unit_named(second)
    return one.amount == other.amount and one.per == other.per


def require_comparable(first: str, second: str) -> None:
    """Refuse with UnitMismatch unless both units measure the same thing."""
    if not comparable(first, second):
        raise UnitMismatch(
            f"{first} and {second} do not measure the same thing.", unit=first, due=second
        )


def converted(value: Decimal, code: str, to: str) -> Decimal:
    """The value in another unit of its family; the same unit keeps every digit as entered."""
    if code == to:
        return value
    require_comparable(code, to)
    return rounded(from_family(in_family(value, code), to))


UnitCode = Annotated[str, Field(max_length=20, json_schema_extra={"enum": sorted(UNITS)})]
"""A unit as it comes in; what takes it says which units are due."""


class Quantity(Shape):
    """A value with its unit, as entered: the digits and the UCUM code stay together (R121)."""

    value: Exact
    unit: UnitCode

    @model_validator(mode="after")
    def _known(self) -> "Quantity":
        if self.unit not in UNITS:
            raise PydanticCustomError(
                "unit_unknown", "{unit} is not a unit that this record knows.", {"unit": self.unit}
            )
        return self

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}"

    @property
    def kind(self) -> Unit:
        """The unit's row in the closed table."""
        return unit_named(self.unit)
