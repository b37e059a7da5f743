"""Logs, inventories, counts, losses and scans, as the API takes and gives them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Out
from api.schemas_charting import SecondPersonIn
from protocol.commands.custody_log import CustodyLog, Inventory, ScanView
from protocol.commands.loss_reporting import LossView
from protocol.records.custody_log import LogWanted
from protocol.rules.counts import Count, CountRecordIn, ToCount
from protocol.rules.custody import Location, Product
from protocol.rules.custody_log import LogLine, Stock
from protocol.rules.gs1 import ScannedContainer
from protocol.rules.inventories import InventoryDue
from protocol.rules.jurisdiction import Filing
from protocol.rules.losses import ClockState, LossReport
from protocol.rules.values import Instant, Shape


class LogWindowIn(Shape):
    """A window of the time of recording, so that the running balance has no gap."""

    since: Instant | None = None
    until: Instant | None = Field(default=None, description="Not included.")
    product_id: UUID | None = None

    def wanted(self, location_id: UUID, after: int | None = None, limit: int | None = None
               ) -> LogWanted:  # fmt: skip
        """As the records are asked."""
        return LogWanted(location_id, self.since, self.until, self.product_id, after, limit)


class LogPageIn(LogWindowIn):
    """A page of the log, from the entry after a number on."""

    after: int = Field(default=0, ge=0, description="Number of the last entry of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class LogOut(Out):
    """A page of a location's log; `next` is what takes the page that follows."""

    location: Location
    lines: list[LogLine]
    next: int | None

    @classmethod
    def of(cls, found: CustodyLog, limit: int) -> Self:
        """From what the command gave, which is one more than the page holds if there is more."""
        lines = found.lines[:limit]
        more = len(found.lines) > limit
        return cls.model_construct(
            location=found.location, lines=lines, next=lines[-1].entry.number if more else None
        )


class InventoryOut(Out):
    """What a location holds by the ledger, and its newest recorded count."""

    stock: Stock
    counted: Count | None

    @classmethod
    def of(cls, found: Inventory) -> Self:
        """From what the command gave."""
        return cls.model_construct(stock=found.stock, counted=found.counted)


class DueOut(Out):
    """When the next inventory of each location is due."""

    due: list[InventoryDue]


class CountsOut(Out):
    """Counts, in the order begun."""

    counts: list[Count]


class ToCountOut(Out):
    """The containers to be counted; in a blind count without the book."""

    containers: list[ToCount]


class CountRecordWithSecondIn(CountRecordIn):
    """What was counted, and the second person who counted, who authenticates for it."""

    second_person: SecondPersonIn | None = None

    def wanted(self) -> CountRecordIn:
        """The count alone: nothing of the second person's secret goes on."""
        return CountRecordIn.model_construct(
            **{name: getattr(self, name) for name in CountRecordIn.model_fields}
        )


class LossOut(LossReport):
    """A report with where each of its clocks stands today."""

    states: dict[Filing, ClockState]

    @classmethod
    def of(cls, found: LossView) -> Self:
        """From what the command gave."""
        return cls.model_construct(**dict(found.report), states=found.states)


class LossesOut(Out):
    """Reports of thefts and losses, in the order made."""

    losses: list[LossOut]

    @classmethod
    def of_all(cls, found: Sequence[LossView]) -> Self:
        """From what the command gave."""
        return cls.model_construct(losses=[LossOut.of(one) for one in found])


class ScanOut(Out):
    """What a symbol says, and the clinic's own products of that number."""

    scanned: ScannedContainer
    products: list[Product]
    expired: bool = Field(description="Its expiry lies before today at the clinic.")
    as_of: datetime

    @classmethod
    def of(cls, found: ScanView, now: datetime) -> Self:
        """From what the command gave."""
        return cls.model_construct(**found._asdict(), as_of=now)
