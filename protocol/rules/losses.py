"""A theft or loss of a controlled drug: what is known, and the clocks that run from its discovery.

The software files nothing. It holds the facts and the factors that say whether a loss is
significant, shows until when the clinic's profile has something handed in, and notes what the
clinic says it has handed in (R81).
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from protocol.rules.charting import PersonRef
from protocol.rules.errors import Impossible, ReasonMissing
from protocol.rules.jurisdiction import Filing, JurisdictionDocument
from protocol.rules.quantity import Quantity
from protocol.rules.values import Day, Instant, Line, Prose, Shape


class LossKind(StrEnum):
    """What it is held to be, by who reports it."""

    THEFT = "theft"
    LOSS = "loss"
    UNEXPLAINED = "unexplained"


class ClockState(StrEnum):
    """Where a clock stands: it runs, has run out, or the clinic says that it has filed."""

    RUNNING = "running"
    OVERDUE = "overdue"
    FILED = "filed"


class LossFactors(Shape):
    """What bears on whether a loss is significant, in words (R81)."""

    quantity: Prose | None = None
    pattern: Prose | None = None
    access: Prose | None = None
    diversion: Prose | None = Field(default=None, description="How likely a diversion is.")


class LossIn(Shape):
    """A theft or loss as reported; with `replaces` it corrects an earlier report."""

    id: UUID
    location_id: UUID
    kind: LossKind
    discovered_at: Instant
    drug: Line
    amount: Quantity | None = None
    container_id: UUID | None = None
    discrepancy_id: UUID | None = None
    facts: Prose
    factors: LossFactors = LossFactors()
    replaces: UUID | None = None
    reason: Prose | None = Field(default=None, description="Why an earlier report is corrected.")


class FilingIn(Shape):
    """That the clinic has handed something in, as the clinic says."""

    id: UUID
    filing: Filing
    filed_at: Instant
    reference: Line | None = None
    note: Prose | None = None


class Filed(FilingIn):
    """A filing as noted."""

    recorded_at: Instant
    recorded_by: PersonRef


class LossClock(Shape):
    """One clock: what is due by the end of which day, and what it stands on."""

    filing: Filing
    due_on: Day
    days: int
    business: bool
    form: Line
    source: Line
    profile: Line


class LossReport(LossIn):
    """A report as kept, with its clocks by the profile of that time, and what was filed."""

    recorded_at: Instant
    recorded_by: PersonRef
    clocks: tuple[LossClock, ...] = ()
    filed: tuple[Filed, ...] = ()
    replaced_by: UUID | None = None

    def state_of(self, clock: LossClock, today: date) -> ClockState:
        """Where a clock stands on a day at the clinic."""
        if any(one.filing is clock.filing for one in self.filed):
            return ClockState.FILED
        return ClockState.OVERDUE if today > clock.due_on else ClockState.RUNNING


def clocks_from(
    discovered_on: date, profile: tuple[JurisdictionDocument, str] | None
) -> tuple[LossClock, ...]:
    """The clocks that a profile, which comes with its name, has for a day of discovery."""
    if profile is None or profile[0].loss is None:
        return ()
    rule, name = profile[0].loss, profile[1]
    return tuple(
        LossClock(
            filing=filing, due_on=rule.due_on(clock, discovered_on), days=clock.days,
            business=clock.business, form=clock.form, source=clock.source, profile=name,
        )
        for filing, clock in rule.clocks.items()
        if clock is not None
    )  # fmt: skip


def require_reportable(wanted: LossIn, now: datetime) -> None:
    """Refuse a discovery in the future with Impossible, a bare correction with ReasonMissing."""
    _require_past("discovered_at", wanted.discovered_at, now)
    if wanted.replaces is not None and wanted.reason is None:
        raise ReasonMissing("A correction has a reason.", field="reason")


def require_filed(report: LossReport, wanted: FilingIn, now: datetime) -> None:
    """Refuse a filing in the future or before the discovery with Impossible."""
    _require_past("filed_at", wanted.filed_at, now)
    if wanted.filed_at < report.discovered_at:
        raise Impossible("It was filed before the discovery.", field="filed_at")


def standing_reports(reports: Iterable[LossReport]) -> list[LossReport]:
    """The reports that no later one corrects."""
    return [one for one in reports if one.replaced_by is None]


def _require_past(field: str, moment: datetime, now: datetime) -> None:
    if moment > now:
        raise Impossible(f"{moment.isoformat(timespec='seconds')} lies in the future.", field=field)
