"""What the clinic's policy says of keeping the record: reviews, retention, patients' rights (R20,
R49 to R51, R64). Every number is the law's or the clinic's, entered by the clinic; none ships."""

from calendar import monthrange
from datetime import datetime

from pydantic import Field, model_validator

from protocol.rules.actions import Action
from protocol.rules.values import Code, Line, Shape

MONTHS_MAX = 1_200
DAYS_MAX = 36_500


class RetentionRule(Shape):
    """How long the audit detail of a class of acts is kept at least, and on what ground (R51)."""

    record_class: Code
    acts: tuple[Action, ...] = Field(min_length=1, max_length=200)
    keep_months: int = Field(ge=0, le=MONTHS_MAX, strict=True)
    legal_basis: Line


class RegularCharting(Shape):
    """When charting is listed for its regularity; without a threshold nothing is listed (R64)."""

    identical_sets: int | None = Field(
        default=None, ge=2, le=1_000, strict=True,
        description="So many successive readings of a session that say the same.",
    )  # fmt: skip
    entries: int | None = Field(
        default=None, ge=2, le=1_000, strict=True,
        description="So many entries of one person in a session, recorded within `within_s`.",
    )  # fmt: skip
    within_s: int | None = Field(default=None, ge=1, le=86_400, strict=True)

    @model_validator(mode="after")
    def _coherent(self) -> "RegularCharting":
        if (self.entries is None) != (self.within_s is None):
            raise ValueError("a number of entries and the seconds they lie within come together")
        if self.entries is None and self.identical_sets is None:
            raise ValueError("it has one threshold at least")
        return self


class RecordKeeping(Shape):
    """The clinic's periods and thresholds; what is absent has no clock."""

    audit_review_every_days: int | None = Field(default=None, ge=1, le=DAYS_MAX, strict=True)
    amendment_answer_days: int | None = Field(default=None, ge=1, le=DAYS_MAX, strict=True)
    disclosures_accounted_months: int | None = Field(default=None, ge=1, le=MONTHS_MAX, strict=True)
    retention: tuple[RetentionRule, ...] = Field(default=(), max_length=100)
    regular_charting: RegularCharting | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "RecordKeeping":
        classes = [one.record_class for one in self.retention]
        if len(set(classes)) != len(classes):
            raise ValueError("a record class has one retention rule")
        return self

    def rule(self, record_class: str) -> RetentionRule | None:
        """The retention rule of a class, if the policy has one."""
        return next((one for one in self.retention if one.record_class == record_class), None)

    def covering(self, acts: tuple[Action, ...]) -> tuple[RetentionRule, ...]:
        """Every rule that covers one of these acts: an act may be in several classes."""
        return tuple(one for one in self.retention if set(one.acts) & set(acts))


def months_after(moment: datetime, months: int) -> datetime:
    """The same day so many calendar months later; a day that the month lacks is its successor's
    first, so that nothing ends too early."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    if moment.day <= monthrange(year, month)[1]:
        return moment.replace(year=year, month=month)
    years, month = divmod(month, 12)
    return moment.replace(year=year + years, month=month + 1, day=1)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many calendar months earlier, or the month's last day where it is shorter."""
    years, month = divmod(moment.month - 1 - months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
