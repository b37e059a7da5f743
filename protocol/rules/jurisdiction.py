"""The jurisdiction profile: what the law of the place asks of controlled drugs, as the clinic's own
versioned data (R83).

No profile ships and no number stands in for an absent one: what a profile leaves out has no clock,
no interval and no tolerance. The one exception is the witness of a waste, which is on without any
profile (R76).
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from protocol.rules.errors import DocumentInvalid
from protocol.rules.quantity import Quantity, comparable, converted
from protocol.rules.values import Code, Day, Line, Prose, Shape

MONTHS_MAX = 1_200
DAYS_MAX = 3_650
MINUTES_MAX = 7 * 24 * 60
WITNESSES_MAX = 2
Months = Annotated[int, Field(ge=1, le=MONTHS_MAX, strict=True)]
Days = Annotated[int, Field(ge=0, le=DAYS_MAX, strict=True)]
HowMany = Annotated[int, Field(ge=0, le=WITNESSES_MAX, strict=True)]


class Opened(StrEnum):
    """How what is left in an opened container is taken at an inventory (R79)."""

    EXACT = "exact"
    ESTIMATED = "estimated"


class Weekday(StrEnum):
    """A day of the week, as the clinic names those on which nothing is open."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKDAYS = tuple(Weekday)


class DrugClass(Shape):
    """A class or schedule of the law, and how its opened containers are counted."""

    code: Code
    label: Line = Field(description="As the law names it, such as a schedule.")
    opened: Opened = Opened.EXACT
    exact_above: Quantity | None = Field(
        default=None, description="Containers larger than this are counted exactly."
    )


class ControlledDrug(Shape):
    """A drug by its full name, the class it is in, and what may remain unexplained of it."""

    drug: Line
    drug_class: Code
    remainder_tolerance: Quantity | None = Field(
        default=None, description="Absent: any remainder opens a discrepancy."
    )


class InventoryRule(Shape):
    """When everything is counted: at the start, and then every so often or on a fixed day."""

    initial: bool = Field(strict=True, description="When the keeping of the drug begins.")
    every_months: Months | None = None
    yearly_on: str | None = Field(
        default=None, pattern=r"^[0-9]{2}-[0-9]{2}$", description="Month and day, such as 05-01."
    )
    counted_by: int = Field(ge=1, le=2, strict=True, description="How many people count.")

    @model_validator(mode="after")
    def _coherent(self) -> "InventoryRule":
        if self.every_months is not None and self.yearly_on is not None:
            raise ValueError("an inventory is due every so often or on a fixed day, not both")
        if self.yearly_on is not None:
            _day_of(self.yearly_on, 2001)
        return self

    def due_on(self, last: date) -> date | None:
        """The day by which the next inventory is due, after one on this day."""
        if self.yearly_on is not None:
            this_year = _day_of(self.yearly_on, last.year)
            return this_year if this_year > last else _day_of(self.yearly_on, last.year + 1)
        return None if self.every_months is None else _months_after(last, self.every_months)


class Clock(Shape):
    """A period that runs from the discovery of a loss, and what asks for it."""

    days: Days
    business: bool = Field(strict=True, description="Business days, or every day.")
    form: Line = Field(description="What is to be handed in, and to whom.")
    source: Line


class LossRule(Shape):
    """The clocks of a theft or loss (R81). The software files nothing."""

    written_notice: Clock | None = None
    electronic_report: Clock | None = None
    rest_weekdays: tuple[Weekday, ...] | None = Field(
        default=None, max_length=6, description="The weekdays that are no business days."
    )
    closed_on: tuple[Day, ...] = Field(
        default=(), max_length=2_000, description="Further days that are no business days."
    )

    @model_validator(mode="after")
    def _coherent(self) -> "LossRule":
        asks = any(one is not None and one.business for one in self.clocks.values())
        if asks and self.rest_weekdays is None:
            raise ValueError("business days are counted by rest_weekdays, which may be empty")
        return self

    @property
    def clocks(self) -> "dict[Filing, Clock | None]":
        """Each filing with its clock, if it has one."""
        return {
            Filing.WRITTEN_NOTICE: self.written_notice,
            Filing.ELECTRONIC_REPORT: self.electronic_report,
        }

    def due_on(self, clock: Clock, discovered_on: date) -> date:
        """The last day of a clock; the day of discovery itself is not counted."""
        if not clock.business:
            return discovered_on + timedelta(days=clock.days)
        found, left = discovered_on, clock.days
        while left:
            found += timedelta(days=1)
            left -= self.is_business_day(found)
        return found

    def is_business_day(self, day: date) -> bool:
        """Whether the clinic names the day as one."""
        rests = _WEEKDAYS[day.weekday()] in (self.rest_weekdays or ())
        return not rests and day not in self.closed_on


class Filing(StrEnum):
    """What the clinic hands in about a theft or loss."""

    WRITTEN_NOTICE = "written-notice"
    ELECTRONIC_REPORT = "electronic-report"


class Retention(Shape):
    """How long the records of custody are kept at least, and on what ground (R82)."""

    keep_months: Months
    legal_basis: Line


class Source(Shape):
    """Where a part of the profile is from, and what was looked up."""

    about: Line
    citation: Line
    remark: Prose | None = None


class JurisdictionDocument(Shape):
    """What a clinic's law asks of its controlled drugs. Every number in it is the clinic's."""

    kind: Literal["jurisdiction"] = "jurisdiction"
    name: Line
    effective_on: Day = Field(description="From this day on, once it is active.")
    about: Prose | None = None
    classes: tuple[DrugClass, ...] = Field(default=(), max_length=50)
    drugs: tuple[ControlledDrug, ...] = Field(default=(), max_length=500)
    inventory: InventoryRule | None = None
    retention: Retention | None = None
    waste_witnesses: HowMany | None = Field(
        default=None, description="Absent: one. Witnesses authenticate (R76)."
    )
    destruction_witnesses: HowMany | None = Field(
        default=None, description="Of stock destroyed; absent: one (R75)."
    )
    waste_within_min: int | None = Field(
        default=None, ge=1, le=MINUTES_MAX, strict=True,
        description="A waste recorded later than this after the session's end is marked (R77).",
    )  # fmt: skip
    loss: LossRule | None = None
    sources: tuple[Source, ...] = Field(default=(), max_length=200)

    @model_validator(mode="after")
    def _coherent(self) -> "JurisdictionDocument":
        codes = [one.code for one in self.classes]
        _require_once("classes", codes)
        _require_once("drugs", [drug_name(one.drug) for one in self.drugs])
        for place, one in enumerate(self.drugs):
            if one.drug_class not in codes:
                raise _fault(f"drugs.{place}.drug_class", f"{one.drug_class} is no class of it")
        return self

    def drug(self, name: str) -> ControlledDrug | None:
        """The drug by its full name, as the ledger compares names."""
        wanted = drug_name(name)
        return next((one for one in self.drugs if drug_name(one.drug) == wanted), None)

    def class_of(self, name: str) -> DrugClass | None:
        """The class that a drug is in, if the profile names the drug."""
        known = self.drug(name)
        if known is None:
            return None
        return next(one for one in self.classes if one.code == known.drug_class)


def may_be_estimated(profile: JurisdictionDocument | None, drug: str, size: Quantity) -> bool:
    """Whether what is left in an opened container of this size may be estimated (R79)."""
    found = None if profile is None else profile.class_of(drug)
    if found is None or found.opened is Opened.EXACT:
        return False
    bound = found.exact_above
    if bound is None or not comparable(bound.unit, size.unit):
        return True
    return converted(size.value, size.unit, bound.unit) <= bound.value


def drug_name(name: str) -> str:
    """A drug's name as it is compared: case and spaces make no other drug."""
    return " ".join(name.split()).casefold()


def _fault(path: str, sentence: str) -> DocumentInvalid:
    return DocumentInvalid(f"{path}: {sentence}", path=path, rule=sentence)


def _require_once(path: str, names: list[str]) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise _fault(f"{path}.{place}", f"{name} is there twice")


def _day_of(month_and_day: str, year: int) -> date:
    try:
        return date.fromisoformat(f"{year:04d}-{month_and_day}")
    except ValueError:
        raise ValueError(f"{month_and_day} is no day of every year") from None


def _months_after(day: date, months: int) -> date:
    """The same day so many months later, or the month's last day: nothing is due too late."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
