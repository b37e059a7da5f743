"""Limits that a clinic wrote, the breaches of them, and what each breach asks for.

Facts over a limit are charted and marked; only plans over a hard limit are refused (R111, R112).
No limit ships with the product (R1).
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid5

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from protocol.rules.quantity import UnitCode, comparable, in_family, unit_named
from protocol.rules.values import Code, Computed, Exact, Line, Prose, Shape, plain


class Severity(StrEnum):
    """Soft asks for a reason; hard asks for a reason and a second person."""

    SOFT = "soft"
    HARD = "hard"


class AppliesTo(StrEnum):
    """Whether a limit judges what is intended, what happened, or both."""

    PLAN = "plan"
    FACT = "fact"
    BOTH = "both"


class LimitOn(StrEnum):
    """What a limit bounds."""

    MEASURE = "measure"
    SINGLE_DOSE = "single-dose"
    SINGLE_DOSE_PER_KG = "single-dose-per-kg"
    RATE = "rate"
    CONCENTRATION = "concentration"
    CUMULATIVE_DOSE = "cumulative-dose"
    CUMULATIVE_DOSE_PER_KG = "cumulative-dose-per-kg"
    DURATION = "duration"
    BOLUS_INTERVAL = "bolus-interval"
    DAYS_SINCE_LAST_SESSION = "days-since-last-session"


class Limit(Shape):
    """One bound in the clinic's words: on what, low and high with one unit, soft or hard."""

    code: Code
    on: LimitOn
    measure: Code | None = Field(default=None, description="Only for `on: measure`.")
    drug_line: Code | None = Field(default=None, description="Absent: every drug line.")
    phase: Code | None = Field(default=None, description="Absent: every phase.")
    low: Exact | None = None
    high: Exact | None = None
    unit: UnitCode
    severity: Severity
    applies_to: AppliesTo = AppliesTo.BOTH
    note: Prose | None = Field(default=None, description="The clinic's own words (R116).")

    @model_validator(mode="after")
    def _coherent(self) -> "Limit":
        if (self.measure is not None) != (self.on is LimitOn.MEASURE):
            raise ValueError("a measure is named if and only if the limit is on a measure")
        if self.low is None and self.high is None:
            raise ValueError("a limit has a low or a high bound")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise PydanticCustomError(
                "low_above_high", "low {low} is above high {high}",
                {"low": plain(self.low), "high": plain(self.high)},
            )  # fmt: skip
        wrong = _wrong_unit(self)
        if wrong:
            raise PydanticCustomError("unit_unfit", "{wrong}", {"wrong": wrong})
        return self


_DUE: dict[LimitOn, tuple[frozenset[str], str]] = {
    LimitOn.SINGLE_DOSE: (frozenset(), "an amount such as mg or mL"),
    LimitOn.SINGLE_DOSE_PER_KG: (frozenset({"kg"}), "an amount per kg"),
    LimitOn.CONCENTRATION: (frozenset({"mL"}), "an amount per mL"),
    LimitOn.CUMULATIVE_DOSE: (frozenset(), "an amount such as mg or mL"),
    LimitOn.CUMULATIVE_DOSE_PER_KG: (frozenset({"kg"}), "an amount per kg"),
}
_AMOUNTS = frozenset({"mg", "mL", "[iU]", "meq", "mmol"})


def _wrong_unit(limit: Limit) -> str | None:
    if limit.on is LimitOn.MEASURE:
        return None  # the document checks the measure's own units, which it alone knows
    try:
        unit = unit_named(limit.unit)
    except Exception:
        return f"{limit.unit} is not a unit that this record knows"
    if limit.on is LimitOn.RATE:
        good, due = unit.amount in _AMOUNTS and "h" in unit.per, "an amount per time"
    elif limit.on in (LimitOn.DURATION, LimitOn.BOLUS_INTERVAL):
        good, due = unit.amount == "h" and not unit.per, "min or h"
    elif limit.on is LimitOn.DAYS_SINCE_LAST_SESSION:
        good, due = unit.code == "d", "d"
    else:
        per, due = _DUE[limit.on]
        good = unit.amount in _AMOUNTS and unit.per == per
    return None if good else f"{limit.unit} does not fit {limit.on}: {due} is due"


class LimitInForce(Shape):
    """A limit with where it stands: which document, which version (R113)."""

    limit: Limit
    source: Line
    version_id: UUID


class Judged(NamedTuple):
    """One number to hold against the limits: what it is, and of which measure or drug line."""

    on: LimitOn
    value: Decimal
    unit: str
    label: str
    measure: str | None = None
    drug_line: str | None = None


class Breach(Shape):
    """A number beyond a bound, kept with the bound and its source as they were at that moment."""

    id: UUID
    entry_id: UUID
    limit_code: Code
    on: LimitOn
    severity: Severity
    label: Line
    value: Computed
    unit: str
    direction: str
    bound: Exact
    bound_unit: str
    source: Line
    version_id: UUID
    note: Prose | None = None

    @property
    def sentence(self) -> str:
        """Fact and source, never advice (R3)."""
        return (
            f"{self.label} {plain(self.value)} {self.unit} is {self.direction} the"
            f" {self.severity} limit of {plain(self.bound)} {self.bound_unit} ({self.source})."
        )

    @property
    def asks_for(self) -> tuple[str, ...]:
        """What closes it: a reason, and for a hard limit a second person too."""
        return ("reason",) if self.severity is Severity.SOFT else ("reason", "second-person")


def breaches(
    limits: Iterable[LimitInForce],
    judged: Iterable[Judged],
    *,
    entry_id: UUID,
    phase: str | None,
    plan: bool,
) -> tuple[Breach, ...]:
    """Every limit that applies speaks for itself (decision 7); order follows the documents."""
    numbers = list(judged)
    found: dict[UUID, Breach] = {}
    for in_force in limits:
        if not _applies(in_force.limit, phase, plan):
            continue
        for number in numbers:
            breach = _breach(in_force, number, entry_id)
            if breach is not None:
                found.setdefault(breach.id, breach)
    return tuple(found.values())


def _applies(limit: Limit, phase: str | None, plan: bool) -> bool:
    # A plan is for the whole session, so a limit on any phase holds it (R112).
    if not plan and limit.phase is not None and limit.phase != phase:
        return False
    return limit.applies_to is not (AppliesTo.FACT if plan else AppliesTo.PLAN)


def _breach(in_force: LimitInForce, number: Judged, entry_id: UUID) -> Breach | None:
    limit = in_force.limit
    same = limit.on is number.on and limit.measure == number.measure
    if not same or limit.drug_line not in (None, number.drug_line):
        return None
    if not comparable(limit.unit, number.unit):
        return None
    crossed = _crossed(limit, number)
    if crossed is None:
        return None
    direction, bound = crossed
    return Breach(
        id=uuid5(
            entry_id,
            f"{in_force.version_id} {limit.code} {number.on} {number.measure}"
            f" {number.drug_line} {number.label} {plain(number.value)} {number.unit}",
        ),
        entry_id=entry_id, limit_code=limit.code, on=limit.on, severity=limit.severity,
        label=number.label, value=number.value, unit=number.unit, direction=direction,
        bound=bound, bound_unit=limit.unit, source=in_force.source,
        version_id=in_force.version_id, note=limit.note,
    )  # fmt: skip


def _crossed(limit: Limit, number: Judged) -> tuple[str, Decimal] | None:
    value = in_family(number.value, number.unit)
    if limit.high is not None and value > in_family(limit.high, limit.unit):
        return "above", limit.high
    if limit.low is not None and value < in_family(limit.low, limit.unit):
        return "below", limit.low
    return None
