"""What is done with a container: received, opened, drawn from, wasted, moved, gone, put right.

One function an act. Each loads what it needs, asks the rules, and writes the ledger. What cannot be
is refused; what is awkward but true is recorded, marked, and has its reason.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from protocol.commands.ledger import NOTHING, TO, Entered, Ledger, Line
from protocol.commands.proving import today_at
from protocol.commands.witnessing import require_witnesses
from protocol.records import custody, lookups, versions
from protocol.records.clinics import Clinic
from protocol.records.custody import Kept as KeptContainer
from protocol.records.session_custody import ended_at
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import (
    BreakIn,
    Container,
    CustodyEntry,
    DestroyIn,
    DrawIn,
    EntryKind,
    FindIn,
    GiveBackIn,
    LoseIn,
    Mark,
    OpenIn,
    OutIn,
    TransferIn,
    WasteIn,
)
from protocol.rules.custody_amounts import effect_of, ledger_amount
from protocol.rules.custody_states import (
    is_late_waste,
    marks_of_draw,
    require_after,
    require_draw_stands,
    require_in_container,
    require_in_draw,
    require_openable,
    require_reason,
    same_drug,
)
from protocol.rules.errors import NotAllowedNow


def open_container(
    clinic: Clinic, actor: Actor, wanted: OpenIn, *, now: datetime, witnesses: Sequence[Actor] = ()
) -> Entered:
    """A container was opened. Raises NotFound, NotAllowedNow, ContainerEmpty, Impossible."""
    with work(clinic, actor, Action.CUSTODY_OPEN, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before():
            require_witnesses(act, EntryKind.OPEN, witnesses, ledger.terms)
            kept = ledger.container(wanted.container_id)
            require_openable(kept.container)
            _require_received(kept, wanted.observed_at)
            ledger.enter(Line(wanted.id, EntryKind.OPEN, kept.container, NOTHING, 0))
    return ledger.entered()


def draw(
    clinic: Clinic, actor: Actor, wanted: DrawIn, *, now: datetime, witnesses: Sequence[Actor] = ()
) -> Entered:
    """An amount was drawn for a session. A container that has expired, of another lot than was read
    or of another drug than the session's is a fact: marked, with its reason.

    Raises NotFound, ContainerEmpty, MoreThanThere, ReasonMissing, Impossible, UnitMismatch.
    """
    with work(clinic, actor, Action.CUSTODY_DRAW, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before():
            require_witnesses(act, EntryKind.DRAW, witnesses, ledger.terms)
            ledger.about_session(wanted.session_id)
            kept = ledger.container(wanted.container_id)
            container = kept.container
            amount = ledger_amount(wanted.amount, container.product.strength)
            require_in_container(container, EntryKind.DRAW, amount)
            _require_received(kept, wanted.observed_at)
            marks = _marks(act, container, wanted)
            require_reason(EntryKind.DRAW, marks, wanted.reason)
            ledger.enter(
                Line(
                    wanted.id, EntryKind.DRAW, container, amount, -1, marks=marks,
                    session_id=wanted.session_id, entered=wanted.amount,
                )
            )  # fmt: skip
    return ledger.entered()


def _marks(act: Act, container: Container, wanted: DrawIn) -> tuple[Mark, ...]:
    state = lookups.session_state(act.connection, act.clinic, wanted.session_id)
    lines = versions.protocol_of(act.connection, act.clinic, state).drug_lines
    day = today_at(act.clinic, wanted.observed_at)
    drugs = frozenset(same_drug(one.drug) for one in lines)
    return marks_of_draw(container, day, wanted.label_lot, drugs)


def waste(
    clinic: Clinic, actor: Actor, wanted: WasteIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """What was left of a draw, or of stock, was wasted before a witness (R75, R76).

    Raises SecondPersonMissing, NotPermitted and those of `leave`.
    """
    return _leave(clinic, actor, Action.CUSTODY_WASTE, EntryKind.WASTE, wanted, now, witnesses)


def give_back(
    clinic: Clinic, actor: Actor, wanted: GiveBackIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """A draw's rest went back into its container, or stock to a recipient. Raises as `leave`."""
    kind = EntryKind.GIVE_BACK
    return _leave(clinic, actor, Action.CUSTODY_GIVE_BACK, kind, wanted, now, witnesses)


def break_some(
    clinic: Clinic, actor: Actor, wanted: BreakIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """Something broke or was spilt. Raises as `leave`."""
    return _leave(clinic, actor, Action.CUSTODY_BREAK, EntryKind.BREAK, wanted, now, witnesses)


def lose(
    clinic: Clinic, actor: Actor, wanted: LoseIn, *, now: datetime, witnesses: Sequence[Actor] = ()
) -> Entered:
    """Something is not where it should be (R81). Raises as `leave`."""
    return _leave(clinic, actor, Action.CUSTODY_LOSE, EntryKind.LOSE, wanted, now, witnesses)


def destroy(
    clinic: Clinic, actor: Actor, wanted: DestroyIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """Stock was destroyed before as many witnesses as the clinic's terms ask for (R75)."""
    kind = EntryKind.DESTROY
    return _leave(clinic, actor, Action.CUSTODY_DESTROY, kind, wanted, now, witnesses)


def _leave(
    clinic: Clinic, actor: Actor, action: Action, kind: EntryKind, wanted: OutIn | DestroyIn,
    now: datetime, witnesses: Sequence[Actor],
) -> Entered:  # fmt: skip
    """What leaves a draw or a container.

    Raises NotFound, NotPermitted, SecondPersonMissing, ContainerEmpty, MoreThanThere,
    NotAllowedNow (of a draw that does not stand), ReasonMissing, Impossible, AmountNotExact.
    """
    with work(clinic, actor, action, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before():
            if isinstance(wanted, OutIn) and wanted.draw_id is not None:
                line = _of_draw(ledger, kind, wanted, wanted.draw_id)
            else:
                assert wanted.container_id is not None
                line = _of_container(ledger, kind, wanted, wanted.container_id)
            require_witnesses(act, kind, witnesses, ledger.terms)
            require_reason(kind, line.marks, wanted.reason)
            ledger.enter(line)
    return ledger.entered()


def _of_draw(ledger: Ledger, kind: EntryKind, wanted: OutIn, draw_id: UUID) -> Line:
    act = ledger.act
    drawn = custody.entry(act.connection, act.clinic, draw_id)
    ledger.about_session(drawn.session_id)
    kept = ledger.container(drawn.container_id)
    require_draw_stands(drawn, kept.entries)
    amount = ledger_amount(wanted.amount, kept.container.product.strength)
    require_in_draw(drawn, kept.entries, amount)
    require_after(wanted.observed_at, drawn.observed_at, "the draw")
    return Line(
        wanted.id, kind, kept.container, amount, effect_of(kind, of_draw=True),
        session_id=drawn.session_id, draw_id=drawn.id, entered=wanted.amount,
        manner=getattr(wanted, "manner", None), marks=_late(ledger, kind, drawn),
    )  # fmt: skip


def _late(ledger: Ledger, kind: EntryKind, drawn: CustodyEntry) -> tuple[Mark, ...]:
    within = ledger.terms.waste_within_min
    if kind is not EntryKind.WASTE or within is None or drawn.session_id is None:
        return ()
    ended = ended_at(ledger.act.connection, ledger.act.clinic, drawn.session_id)
    late = is_late_waste(ledger.wanted.observed_at, ended, within)
    return (Mark.LATE_WASTE,) if late else ()


def _of_container(
    ledger: Ledger, kind: EntryKind, wanted: OutIn | DestroyIn, container_id: UUID
) -> Line:
    kept = ledger.container(container_id)
    amount = ledger_amount(wanted.amount, kept.container.product.strength)
    require_in_container(kept.container, kind, amount)
    _require_received(kept, wanted.observed_at)
    return Line(
        wanted.id, kind, kept.container, amount, effect_of(kind, of_draw=False),
        entered=wanted.amount, manner=getattr(wanted, "manner", None),
        recipient=getattr(wanted, "recipient", None),
    )  # fmt: skip


def find(
    clinic: Clinic, actor: Actor, wanted: FindIn, *, now: datetime, witnesses: Sequence[Actor] = ()
) -> Entered:
    """More is in a container than the ledger says. Raises NotFound, ReasonMissing, Impossible."""
    with work(clinic, actor, Action.CUSTODY_FIND, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before():
            require_witnesses(act, EntryKind.FIND, witnesses, ledger.terms)
            kept = ledger.container(wanted.container_id)
            amount = ledger_amount(wanted.amount, kept.container.product.strength)
            _require_received(kept, wanted.observed_at)
            require_reason(EntryKind.FIND, (), wanted.reason)
            ledger.enter(
                Line(wanted.id, EntryKind.FIND, kept.container, amount, 1, entered=wanted.amount)
            )
    return ledger.entered()


def transfer(
    clinic: Clinic, actor: Actor, wanted: TransferIn, *, now: datetime,
    witnesses: Sequence[Actor] = (),
) -> Entered:  # fmt: skip
    """A container moved to another location of the clinic: out of the one ledger, into the other.

    Raises NotFound, ContainerEmpty, NotAllowedNow (it is there already), Impossible.
    """
    with work(clinic, actor, Action.CUSTODY_TRANSFER, now, attempt=wanted) as act:
        ledger = Ledger(act, wanted, witnesses)
        if not ledger.sent_before():
            require_witnesses(act, EntryKind.TRANSFER_OUT, witnesses, ledger.terms)
            kept = ledger.container(wanted.container_id)
            to = custody.location(act.connection, clinic, wanted.to_location_id)
            container, amount = kept.container, kept.container.left
            require_in_container(container, EntryKind.TRANSFER_OUT, amount)
            if to.id == container.location_id:
                raise NotAllowedNow(f"The container is at {to.name}.", location=str(to.id))
            _require_received(kept, wanted.observed_at)
            there = container.model_copy(update={"location_id": to.id})
            other = uuid5(wanted.id, TO)
            ledger.enter(
                Line(wanted.id, EntryKind.TRANSFER_OUT, container, amount, -1, moved_with_id=other)
            )
            ledger.enter(
                Line(other, EntryKind.TRANSFER_IN, there, amount, 1, moved_with_id=wanted.id)
            )
    return ledger.entered()


def _require_received(kept: KeptContainer, observed_at: datetime) -> None:
    require_after(observed_at, kept.container.received_at, "the receipt")
