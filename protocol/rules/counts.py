"""Counts of controlled drugs: blind or open, and the inventories that the law dates (R79).

A count begins and then ends, recorded or abandoned. While it is blind its counter sees no book
value of the location; what was counted is held against the ledger only when it is recorded. Nothing
is adjusted by a count: each difference opens a discrepancy (R78).
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from protocol.rules.charting import PersonRef
from protocol.rules.custody import CONTAINERS_MAX, Container, Product
from protocol.rules.custody_amounts import ledger_amount, plus
from protocol.rules.custody_errors import CountIncomplete, ExactCountDue
from protocol.rules.errors import Impossible
from protocol.rules.jurisdiction import JurisdictionDocument, Opened, may_be_estimated
from protocol.rules.quantity import Quantity
from protocol.rules.values import Computed, Day, Instant, Line, Prose, Shape, plain


class CountKind(StrEnum):
    """Which inventory a count is; a spot check counts some containers and dates nothing."""

    INITIAL = "initial"
    PERIODIC = "periodic"
    SPOT = "spot"


class BusinessMoment(StrEnum):
    """At which end of the business day an inventory was taken (R79)."""

    OPENING = "opening"
    CLOSE = "close"


class CountEnding(StrEnum):
    """What became of a count."""

    RECORDED = "recorded"
    ABANDONED = "abandoned"


class CountIn(Shape):
    """A count that begins: where, which, when of the business day, and whether it is blind."""

    id: UUID
    location_id: UUID
    kind: CountKind
    blind: bool = Field(strict=True)
    business: BusinessMoment
    counted_on: Day


class CountedIn(Shape):
    """What was seen of one container: an amount, or that it is whole and unopened."""

    container_id: UUID
    amount: Quantity | None = Field(
        default=None,
        description="What is in it, 0 where it is empty or not there; absent: it is whole.",
    )
    method: Opened = Opened.EXACT


class FoundIn(Shape):
    """Something that stands there and that the ledger does not know."""

    drug: Line
    amount: Quantity
    lot: Line | None = None
    words: Prose | None = None


class CountRecordIn(Shape):
    """What was counted, when, and by whom beside the counter."""

    id: UUID
    observed_at: Instant
    counted: tuple[CountedIn, ...] = Field(max_length=CONTAINERS_MAX)
    found: tuple[FoundIn, ...] = Field(default=(), max_length=CONTAINERS_MAX)
    note: Prose | None = None

    @model_validator(mode="after")
    def _apart(self) -> "CountRecordIn":
        if len({one.container_id for one in self.counted}) < len(self.counted):
            raise ValueError("a container is counted twice")
        return self


class CountAbandonIn(Shape):
    """A count that comes to nothing, and why."""

    id: UUID
    reason: Prose


class CountLine(Shape):
    """One container as counted, against the book as it was when the count was recorded.

    `moved` says that the ledger has an entry about it since the count began or was taken.
    """

    container_id: UUID
    product_id: UUID
    drug: Line
    lot: Line
    counted: Computed
    book: Computed
    unit: str
    method: Opened
    moved: bool = False

    @property
    def difference(self) -> Decimal:
        """Counted less book: below nought something is missing."""
        return plus(self.counted, -self.book)


class Count(Shape):
    """A count as kept; before its end it has no lines, and afterwards it is never changed."""

    id: UUID
    location_id: UUID
    kind: CountKind
    blind: bool
    business: BusinessMoment
    counted_on: Day
    began_at: Instant
    begun_by: PersonRef
    ending: CountEnding | None = None
    observed_at: Instant | None = None
    recorded_at: Instant | None = None
    counted_by: tuple[PersonRef, ...] = ()
    lines: tuple[CountLine, ...] = ()
    found: tuple[FoundIn, ...] = ()
    note: Prose | None = None
    reason: Prose | None = None
    number: int


class ToCount(Shape):
    """A container as the counter looks for it; in a blind count without what is in it."""

    container_id: UUID
    product: Product
    lot: Line
    expires_on: Day
    label: Line | None = None
    serial: Line | None = None
    opened: bool
    book: Computed | None = Field(default=None, exclude_if=lambda value: value is None)


def require_counted_day(wanted: CountIn, today: date) -> None:
    """Refuse a day in the future with Impossible."""
    if wanted.counted_on > today:
        raise Impossible(
            f"{wanted.counted_on} lies in the future.", field="counted_on",
            value=str(wanted.counted_on),
        )  # fmt: skip


def counted_amount(
    one: CountedIn, container: Container, full: Decimal, profile: JurisdictionDocument | None
) -> Decimal:
    """What was counted in the ledger's unit; `full` is what a whole container holds.

    Raises Impossible, UnitMismatch, AmountNotExact, ExactCountDue.
    """
    product = container.product
    if one.method is Opened.ESTIMATED:
        _require_estimable(container, profile)
    if one.amount is None:
        if container.opened_at is not None:
            raise Impossible(
                f"The container of lot {container.lot} was opened, so it is not whole.",
                field="amount", container=str(container.id),
            )  # fmt: skip
        return full
    if not one.amount.value:
        # Nothing of it is nothing in every unit, but only a unit of this drug says so.
        ledger_amount(one.amount.model_copy(update={"value": Decimal(1)}), product.strength)
        return Decimal(0)
    return ledger_amount(one.amount, product.strength)


def _require_estimable(container: Container, profile: JurisdictionDocument | None) -> None:
    product = container.product
    known = None if profile is None else profile.class_of(product.drug)
    if container.opened_at is None:
        why = "it is unopened"
    elif known is None:
        why = "no profile in force names a class for it"
    elif may_be_estimated(profile, product.drug, product.size):
        return
    else:
        bound = "" if known.exact_above is None else f" above {known.exact_above}"
        why = f"{known.label} is counted exactly{bound}"
    raise ExactCountDue(
        f"{product.drug}, lot {container.lot}, is not estimated: {why}.",
        container=str(container.id), field="method",
    )  # fmt: skip


def require_complete(kind: CountKind, there: Iterable[Container], counted: Iterable[UUID]) -> None:
    """An inventory names every container that the ledger has there. Raises CountIncomplete."""
    if kind is CountKind.SPOT:
        return
    known = set(counted)
    lacking = [one for one in there if one.id not in known]
    if lacking:
        named = "; ".join(f"{one.product.drug}, lot {one.lot}, {one.id}" for one in lacking[:20])
        raise CountIncomplete(
            f"{len(lacking)} containers of the location are not counted: {named}.",
            lacking=len(lacking), containers=" ".join(str(one.id) for one in lacking[:200]),
        )  # fmt: skip


def said(amount: Decimal, unit: str) -> str:
    """An amount of the ledger in words."""
    return f"{plain(amount)} {unit}"
