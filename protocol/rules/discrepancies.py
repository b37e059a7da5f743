"""Discrepancies: what reconciling found unaccounted for, explained and closed in words.

It is never adjusted away, and whoever opened or explained it does not close it alone (R78). That
one person received, handled and reconciled the same container is shown (R85).
"""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from protocol.rules.charting import PersonRef, Source
from protocol.rules.custody import CustodyEntry, EntryKind, Mark
from protocol.rules.errors import NotAllowedNow, NotPermitted
from protocol.rules.quantity import Quantity
from protocol.rules.values import Computed, Instant, Line, Prose, Shape


class FoundBy(StrEnum):
    """Which act found a discrepancy."""

    SESSION = "session"
    CONTAINER = "container"
    COUNT = "count"


class DiscrepancyState(StrEnum):
    """Where a discrepancy stands."""

    UNEXPLAINED = "unexplained"
    EXPLAINED = "explained"
    CLOSED = "closed"


class ReconcileIn(Shape):
    """Reconcile a session, or a container against what is seen to be in it."""

    id: UUID
    observed_at: Instant
    session_id: UUID | None = None
    container_id: UUID | None = None
    seen: Quantity | None = Field(default=None, description="What is in the container, as seen.")
    note: Prose | None = None
    source: Source = Source.CHARTED

    @model_validator(mode="after")
    def _of_one(self) -> "ReconcileIn":
        if (self.session_id is None) == (self.container_id is None):
            raise ValueError("either a session or a container is named")
        if (self.seen is None) != (self.container_id is None):
            raise ValueError("of a container, and of nothing else, it is said what is in it")
        return self


class Figure(Shape):
    """What reconciling came to for one drug: by the ledger, as found, and the remainder."""

    drug: Line
    unit: str
    expected: Computed
    found: Computed
    remainder: Computed
    tolerated: bool


class Reconciliation(Shape):
    """An act of reconciling, with its figures as they were then."""

    id: UUID
    session_id: UUID | None = None
    container_id: UUID | None = None
    seen: Quantity | None = None
    figures: tuple[Figure, ...]
    marks: tuple[Mark, ...] = ()
    note: Prose | None = None
    observed_at: Instant
    recorded_at: Instant
    recorded_by: PersonRef
    source: Source = Source.CHARTED
    audit_number: int


class ExplanationIn(Shape):
    """What someone says of a discrepancy."""

    id: UUID
    text: Prose


class Explanation(ExplanationIn):
    """An explanation as kept."""

    recorded_at: Instant
    recorded_by: PersonRef


class ClosingIn(Shape):
    """A discrepancy is closed, with what was concluded."""

    id: UUID
    conclusion: Prose


class Closing(ClosingIn):
    """A closing as kept."""

    marks: tuple[Mark, ...] = ()
    recorded_at: Instant
    recorded_by: PersonRef


class Discrepancy(Shape):
    """A remainder that was found, with all that came of it. `found_id` names the act."""

    id: UUID
    found_by: FoundBy
    found_id: UUID
    session_id: UUID | None = None
    container_id: UUID | None = None
    location_id: UUID | None = None
    drug: Line
    unit: str
    remainder: Computed
    opened_at: Instant
    opened_by: PersonRef
    explanations: tuple[Explanation, ...] = ()
    closing: Closing | None = None
    audit_number: int

    @property
    def state(self) -> DiscrepancyState:
        """Where it stands."""
        if self.closing is not None:
            return DiscrepancyState.CLOSED
        explained = bool(self.explanations)
        return DiscrepancyState.EXPLAINED if explained else DiscrepancyState.UNEXPLAINED


def require_open(discrepancy: Discrepancy) -> None:
    """Refuse what follows a closing with NotAllowedNow."""
    if discrepancy.closing is not None:
        raise NotAllowedNow(
            f"The discrepancy was closed by {discrepancy.closing.recorded_by.name}.",
            discrepancy=str(discrepancy.id),
        )


def require_closable(discrepancy: Discrepancy, closer: UUID) -> None:
    """Explained first, and closed by another than opened or explained it (R78).

    Raises NotAllowedNow, NotPermitted.
    """
    require_open(discrepancy)
    if not discrepancy.explanations:
        raise NotAllowedNow("The discrepancy has no explanation.", discrepancy=str(discrepancy.id))
    authors = [discrepancy.opened_by, *(one.recorded_by for one in discrepancy.explanations)]
    own = next((one for one in authors if one.id == closer), None)
    if own is not None:
        raise NotPermitted(
            f"{own.name} opened or explained the discrepancy, and does not close it.",
            discrepancy=str(discrepancy.id),
        )


def segregation(person: UUID, entries: Iterable[CustodyEntry]) -> tuple[Mark, ...]:
    """NOT_SEGREGATED where who reconciles or closes received or handled it without a witness."""
    alone = any(
        one.recorded_by.id == person and not one.witnesses and one.kind is not EntryKind.OPEN
        for one in entries
    )
    return (Mark.NOT_SEGREGATED,) if alone else ()
