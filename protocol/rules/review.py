"""Reviews of the audit trail: what a reviewer looked at and signed, and what nobody has yet (R20).

A review covers a window of time as the trail stood then, named by a digest over its entries; the
policy says how often. Stretches without a review are gaps, each due when its period ends.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from protocol.rules.charting import PersonRef
from protocol.rules.errors import Impossible
from protocol.rules.values import Instant, Prose, Shape


class ReviewState(StrEnum):
    """A stretch without a review: its period runs, or has ended."""

    DUE = "due"
    OVERDUE = "overdue"


class AuditReviewIn(Shape):
    """A review to be signed: the window that was looked at, a remark, and the own secret."""

    id: UUID
    since: Instant
    until: Instant = Field(description="Not included.")
    remark: Prose
    secret: str = Field(max_length=400, repr=False)
    one_time_code: str | None = Field(default=None, max_length=40, repr=False)

    @model_validator(mode="after")
    def _coherent(self) -> "AuditReviewIn":
        if self.since >= self.until:
            raise ValueError("a window begins before it ends")
        return self


class Counted(Shape):
    """How many entries of one act with one outcome."""

    action: str
    outcome: str
    entries: int


class WindowSeen(Shape):
    """What a window of the trail holds: entries, counts, and the digest of their hashes in order.

    `by_reviewer` says how many of them are the reviewer's own acts.
    """

    entries: int
    by_reviewer: int
    counts: tuple[Counted, ...]
    digest: str


class AuditReview(Shape):
    """A review as kept: who signed it, when, over what."""

    id: UUID
    since: Instant
    until: Instant
    seen: WindowSeen
    remark: Prose
    reviewer: PersonRef
    reviewed_at: Instant


class Gap(Shape):
    """A stretch that no review covers, and when its review is due by the policy."""

    since: Instant
    until: Instant
    due_at: Instant
    state: ReviewState


def require_past(wanted: AuditReviewIn, now: datetime) -> None:
    """Refuse a window that reaches into the future with Impossible."""
    if wanted.until > now:
        raise Impossible("The window reaches into the future.", field="until")


def gaps(
    reviewed: Iterable[tuple[datetime, datetime]], *, since: datetime, now: datetime,
    every_days: int,
) -> list[Gap]:  # fmt: skip
    """The stretches between `since` and `now` that no review covers, oldest first."""
    found, reached = [], since
    for begin, end in sorted(reviewed):
        if begin > reached:
            found.append((reached, min(begin, now)))
        reached = max(reached, end)
    if reached < now:
        found.append((reached, now))
    period = timedelta(days=every_days)
    return [
        Gap(
            since=begin, until=end, due_at=begin + period,
            state=ReviewState.OVERDUE if begin + period < now else ReviewState.DUE,
        )
        for begin, end in found
    ]  # fmt: skip
