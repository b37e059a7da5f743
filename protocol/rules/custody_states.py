"""What may follow what in the ledger: of a container, and of a draw from it.

What cannot be is refused: more than there is, a second opening, a second reversal. What is merely
awkward (an expired container, another lot) is recorded and marked (R112).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from protocol.rules.custody import Container, CustodyEntry, EntryKind, Mark
from protocol.rules.custody_amounts import LEAVING_A_DRAW, plus, summed, words_of
from protocol.rules.errors import (
    AlreadyReplaced,
    ContainerEmpty,
    Impossible,
    MoreThanThere,
    NotAllowedNow,
    ReasonMissing,
)
from protocol.rules.values import plain


class ContainerState(StrEnum):
    """What a container is, by its entries."""

    UNOPENED = "unopened"
    OPENED = "opened"
    EMPTY = "empty"


_OPENS = frozenset({EntryKind.OPEN, EntryKind.DRAW})
_TAKES = frozenset(
    {
        EntryKind.DRAW, EntryKind.WASTE, EntryKind.GIVE_BACK, EntryKind.BREAK, EntryKind.LOSE,
        EntryKind.DESTROY, EntryKind.TRANSFER_OUT,
    }
)  # fmt: skip
# A reason says what nobody saw: why something is gone, there, or no longer true (R74, R84).
_WITH_REASON = frozenset({EntryKind.BREAK, EntryKind.LOSE, EntryKind.FIND, EntryKind.REVERSE})


def state_of(container: Container) -> ContainerState:
    """Empty when nothing is left in it; else opened from its opening or first draw on."""
    if not container.left:
        return ContainerState.EMPTY
    return ContainerState.UNOPENED if container.opened_at is None else ContainerState.OPENED


def standing(entries: Sequence[CustodyEntry]) -> list[CustodyEntry]:
    """The entries that hold: neither reversed nor reversals."""
    reversed_ids = {one.reverses_id for one in entries}
    return [
        one for one in entries if one.id not in reversed_ids and one.kind is not EntryKind.REVERSE
    ]


def opened_at(entries: Sequence[CustodyEntry]) -> datetime | None:
    """When a container was opened, by its opening or first draw that stands."""
    moments = [one.observed_at for one in standing(entries) if one.kind in _OPENS]
    return min(moments, default=None)


def require_openable(container: Container) -> None:
    """Refuse what is open or empty already. Raises ContainerEmpty, NotAllowedNow."""
    state = state_of(container)
    if state is ContainerState.EMPTY:
        raise _empty(container)
    if container.opened_at is not None:
        at = container.opened_at.isoformat(timespec="seconds")
        raise NotAllowedNow(
            f"The container was opened at {at}.", container=str(container.id), state=state.value
        )


def require_in_container(container: Container, kind: EntryKind, amount: Decimal) -> None:
    """Nothing leaves a container that is not in it. Raises ContainerEmpty, MoreThanThere."""
    if kind not in _TAKES:
        return
    if not container.left:
        raise _empty(container)
    _require_there(amount, container.left, container.product.unit, "the container",
                   container=str(container.id))  # fmt: skip


def require_in_draw(draw: CustodyEntry, leavings: Sequence[CustodyEntry], amount: Decimal) -> None:
    """Nothing leaves a draw that is not left of it. Raises MoreThanThere."""
    left = rest_of(draw, leavings)
    _require_there(amount, left, draw.unit, "the draw", draw=str(draw.id))


def rest_of(draw: CustodyEntry, leavings: Sequence[CustodyEntry]) -> Decimal:
    """What of a draw was neither wasted, given back, broken nor lost; some of it may be given."""
    gone = [
        one.amount
        for one in standing(leavings)
        if one.draw_id == draw.id and one.kind in LEAVING_A_DRAW
    ]
    return plus(draw.amount, summed(gone).copy_negate())


def require_draw_stands(draw: CustodyEntry, entries: Sequence[CustodyEntry]) -> None:
    """Refuse what is no draw or a reversed one. Raises NotAllowedNow."""
    if draw.kind is not EntryKind.DRAW:
        raise NotAllowedNow(f"A {draw.kind} is no draw.", entry=str(draw.id), kind=draw.kind.value)
    if any(one.reverses_id == draw.id for one in entries):
        raise NotAllowedNow("The draw was reversed.", entry=str(draw.id))


def require_after(observed_at: datetime, earlier: datetime, what: str) -> None:
    """Refuse a time before what it follows with Impossible."""
    if observed_at < earlier:
        raise Impossible(
            f"{observed_at.isoformat(timespec='seconds')} lies before {what} at"
            f" {earlier.isoformat(timespec='seconds')}.",
            field="observed_at", value=observed_at.isoformat(),
        )  # fmt: skip


def require_reversible(entry: CustodyEntry, entries: Sequence[CustodyEntry]) -> None:
    """An entry is reversed once, a reversal never, a draw only after what left it (R84).

    `entries` are those of its container. Raises AlreadyReplaced, NotAllowedNow.
    """
    if entry.kind is EntryKind.REVERSE:
        raise NotAllowedNow("A reversal is not reversed.", entry=str(entry.id))
    by = next((one for one in entries if one.reverses_id == entry.id), None)
    if by is not None:
        raise AlreadyReplaced("The entry was reversed before.", entry=str(entry.id), by=str(by.id))
    follow = [one for one in standing(entries) if one.draw_id == entry.id]
    if follow:
        raise NotAllowedNow(
            f"A {follow[0].kind} of the draw stands.", entry=str(entry.id), by=str(follow[0].id)
        )


def require_not_below(container_after: Decimal, location_after: Decimal, unit: str) -> None:
    """No entry leaves less than nothing, a reversal neither. Raises MoreThanThere."""
    least = min(container_after, location_after)
    if least < 0:
        raise MoreThanThere(
            f"{plain(least.copy_abs())} {unit} more would be gone than there is.", unit=unit,
            beyond=plain(least.copy_abs()),
        )  # fmt: skip


def marks_of_draw(
    container: Container, day: date, label_lot: str | None, drugs: frozenset[str]
) -> tuple[Mark, ...]:
    """What is out of the ordinary about a draw on a day at the clinic, for a session's drugs."""
    found = []
    if day > container.expires_on:
        found.append(Mark.EXPIRED)
    if label_lot is not None and label_lot != container.lot:
        found.append(Mark.WRONG_LOT)
    if same_drug(container.product.drug) not in drugs:
        found.append(Mark.WRONG_DRUG)
    return tuple(found)


def is_late_waste(
    observed_at: datetime, ended_at: datetime | None, waste_within_min: int | None
) -> bool:
    """Whether a session's waste came later than the clinic's own time after its end (R77)."""
    if ended_at is None or waste_within_min is None:
        return False
    return observed_at - ended_at > timedelta(minutes=waste_within_min)


def same_drug(name: str) -> str:
    """A drug's name as it is compared: case and spaces make no other drug."""
    return " ".join(name.split()).casefold()


def require_reason(kind: EntryKind, marks: Sequence[Mark], reason: str | None) -> None:
    """A marked draw and what nobody saw has its reason. Raises ReasonMissing, which names marks."""
    if reason is not None:
        return
    asked = [one for one in marks if one is not Mark.LATE_WASTE]
    if asked:
        raise ReasonMissing(
            f"The {kind} is marked {words_of(asked)}: it is recorded with its reason.",
            field="reason", marks=words_of(asked),
        )  # fmt: skip
    if kind in _WITH_REASON:
        raise ReasonMissing(f"A {kind} is recorded with its reason.", field="reason")


def _require_there(amount: Decimal, left: Decimal, unit: str, what: str, **facts: str) -> None:
    if amount > left:
        raise MoreThanThere(
            f"{plain(amount)} {unit} is more than the {plain(left)} {unit} left in {what}.",
            field="amount", amount=plain(amount), left=plain(left), unit=unit, **facts,
        )  # fmt: skip


def _empty(container: Container) -> ContainerEmpty:
    return ContainerEmpty(
        f"Nothing is left in the container (lot {container.lot}).", container=str(container.id)
    )
