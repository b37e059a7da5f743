"""Putting an entry of the ledger right: an entry of the opposite, that names it and why (R84)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from protocol.commands.ledger import TO, Entered, Ledger, Line
from protocol.commands.witnessing import require_witnesses
from protocol.records import custody
from protocol.records.clinics import Clinic
from protocol.records.custody import Kept
from protocol.records.work import work
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import Container, CustodyEntry, EntryKind, ReverseIn
from protocol.rules.custody_states import require_after, require_reason, require_reversible
from protocol.rules.errors import NotAllowedNow


def reverse(
    clinic: Clinic, actor: Actor, wanted: ReverseIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """Reverse an entry, once; of a transfer both halves. What was meant is then entered anew.

    Raises NotFound, AlreadyReplaced, NotAllowedNow, MoreThanThere, ReasonMissing, Impossible.
    """
    with work(clinic, actor, Action.CUSTODY_REVERSE, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before():
            require_witnesses(act, EntryKind.REVERSE, witnesses, ledger.terms)
            entry = custody.entry(act.connection, clinic, wanted.entry_id)
            ledger.about_session(entry.session_id)
            kept = ledger.container(entry.container_id)
            require_reversible(entry, kept.entries)
            require_after(wanted.observed_at, entry.observed_at, "the entry")
            require_reason(EntryKind.REVERSE, (), wanted.reason)
            if entry.moved_with_id is None:
                ledger.enter(_opposite(wanted.id, entry, kept.container, None))
            else:
                _undo_transfer(ledger, entry, kept)
    return ledger.entered()


def _undo_transfer(ledger: Ledger, entry: CustodyEntry, kept: Kept) -> None:
    """Both halves, and first what came in; the container is still where it was moved to."""
    first = ledger.wanted.id
    second = uuid5(first, TO)
    halves = [one for one in kept.entries if one.id in (entry.id, entry.moved_with_id)]
    came, went = sorted(halves, key=lambda one: one.change < 0)
    container = kept.container
    if container.location_id != came.location_id:
        raise NotAllowedNow("The container was moved again since.", entry=str(entry.id))
    back = container.model_copy(update={"location_id": went.location_id})
    ledger.enter(_opposite(first, came, container, second))
    ledger.enter(_opposite(second, went, back, first))


def _opposite(
    id_: UUID, entry: CustodyEntry, container: Container, moved_with_id: UUID | None
) -> Line:
    """The opposite, where the container is now: what an entry took too much is there."""
    sign = 0 if not entry.change else (-1 if entry.change > 0 else 1)
    return Line(
        id_, EntryKind.REVERSE, container, entry.amount, sign, session_id=entry.session_id,
        draw_id=entry.draw_id, reverses_id=entry.id, entered=entry.entered,
        moved_with_id=moved_with_id,
    )  # fmt: skip
