"""Writing the ledger: each entry with its number and the running totals that hold after it.

Whatever the act, entries are made here alone: nothing leaves that is not there, and the totals of a
container and of its location's product go on from the entry before.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from protocol.commands.keeping import repeats
from protocol.records import custody, custody_totals, lookups
from protocol.records.columns import offset_min
from protocol.records.keeping import Kept
from protocol.records.rows import New, new
from protocol.records.tables import CustodyEntryRow
from protocol.records.work import Act, person_ref
from protocol.rules.actions import Actor
from protocol.rules.audit import Outcome, canonical_json
from protocol.rules.charting import PersonRef
from protocol.rules.custody import Container, CustodyEntry, CustodyIn, EntryKind, Mark, Supplier
from protocol.rules.custody_amounts import plus
from protocol.rules.custody_states import require_not_below
from protocol.rules.custody_terms import CustodyTerms
from protocol.rules.errors import Impossible
from protocol.rules.quantity import Quantity
from protocol.rules.signature import digest_of

NOTHING = Decimal(0)
TO = "to"  # the name under which the second half of a transfer has its id


class Entered(NamedTuple):
    """What an act wrote to the ledger, and whether it was there before."""

    entries: tuple[CustodyEntry, ...]
    repeated: bool

    @property
    def entry(self) -> CustodyEntry:
        """The first, and mostly the only one."""
        return self.entries[0]


class Line(NamedTuple):
    """What an entry says beside the act's own: `sign` is what it does to its container."""

    id: UUID
    kind: EntryKind
    container: Container
    amount: Decimal
    sign: int
    session_id: UUID | None = None
    draw_id: UUID | None = None
    reverses_id: UUID | None = None
    moved_with_id: UUID | None = None
    entered: Quantity | None = None
    manner: str | None = None
    recipient: Supplier | None = None
    marks: tuple[Mark, ...] = ()


def digest_with(wanted: CustodyIn, witnesses: Sequence[Actor]) -> str:
    """What makes two sendings of one id the same: the content and who witnessed it."""
    return digest_of([wanted.model_dump(mode="json"), [str(one.person_id) for one in witnesses]])


class Ledger:
    """The clinic's ledger for one act."""

    def __init__(self, act: Act, wanted: CustodyIn, witnesses: Sequence[Actor] = ()) -> None:
        self.act, self.wanted = act, wanted
        self.digest = digest_with(wanted, witnesses)
        self.witnesses: tuple[PersonRef, ...] = tuple(person_ref(one) for one in witnesses)
        self.entries: list[CustodyEntry] = []
        self._number: int | None = None
        self._left: dict[UUID, Decimal] = {}
        self._stock: dict[tuple[UUID, UUID], Decimal] = {}
        act.about(subject=wanted.id)

    @property
    def terms(self) -> CustodyTerms:
        """What the clinic's jurisdiction says of custody."""
        return custody_totals.terms_in_force(self.act.connection, self.act.clinic, self.act.now)

    def sent_before(self, kept: Kept = Kept.CUSTODY) -> bool:
        """Whether this act is there already; the first answer is then `entries`.

        Raises IdConflict; and Impossible for a time in the future, where it is new (R59).
        """
        act, wanted = self.act, self.wanted
        if repeats(act, kept, wanted.id, self.digest):
            self.entries = custody.act_entries(act.connection, act.clinic, kept, wanted.id)
            return True
        if wanted.observed_at > act.now:
            at = wanted.observed_at.isoformat(timespec="seconds")
            raise Impossible(f"{at} lies in the future.", field="observed_at", value=at)
        return False

    def container(self, container_id: UUID) -> custody.Kept:
        """A container with its entries, and the act said to be about it. Raises NotFound."""
        self.act.about(container=str(container_id))
        return custody.kept(self.act.connection, self.act.clinic, container_id)

    def about_session(self, session_id: UUID | None) -> None:
        """The act is about a session and its patient. Raises NotFound."""
        if session_id is not None:
            self.act.about(session=session_id)
            state = lookups.session_state(self.act.connection, self.act.clinic, session_id)
            self.act.about(patient=state.patient_id)

    def enter(self, line: Line) -> CustodyEntry:
        """Write an entry. Raises MoreThanThere where a total would fall below nothing."""
        act, wanted, container = self.act, self.wanted, line.container
        change = (line.amount.copy_negate(), NOTHING, line.amount)[line.sign + 1]
        at = (container.location_id, container.product.id)
        left = plus(self._left.get(container.id, container.left), change)
        stock = plus(self._stock_of(*at), change)
        require_not_below(left, stock, container.product.unit)
        entry = CustodyEntry(
            id=line.id, number=self._next(), kind=line.kind, container_id=container.id,
            product_id=container.product.id, location_id=container.location_id,
            session_id=line.session_id, draw_id=line.draw_id, reverses_id=line.reverses_id,
            moved_with_id=line.moved_with_id, entered=line.entered, amount=line.amount,
            unit=container.product.unit, change=change, container_after=left,
            location_after=stock, observed_at=wanted.observed_at, recorded_at=act.now,
            recorded_by=act.author, witnesses=self.witnesses, reason=wanted.reason,
            manner=line.manner, recipient=line.recipient, marks=line.marks, source=wanted.source,
            audit_number=act.number,
        )  # fmt: skip
        self._left[container.id], self._stock[at] = left, stock
        self.entries.append(entry)
        act.add(_row(act, entry, self.digest))
        return entry

    def entered(self) -> Entered:
        """What the act wrote, or wrote when it was first sent."""
        return Entered(tuple(self.entries), self.act.outcome is Outcome.REPEATED)

    def _next(self) -> int:
        if self._number is None:
            self._number = custody_totals.last_number(self.act.connection, self.act.clinic)
        self._number += 1
        return self._number

    def _stock_of(self, location_id: UUID, product_id: UUID) -> Decimal:
        known = self._stock.get((location_id, product_id))
        if known is not None:
            return known
        found = custody_totals.stock(self.act.connection, self.act.clinic, location_id, product_id)
        return NOTHING if found is None else found.amount


def _row(act: Act, entry: CustodyEntry, digest: str) -> New:
    entered, recipient = entry.entered, entry.recipient
    people = [one.model_dump(mode="json") for one in entry.witnesses]
    return new(CustodyEntryRow,
        clinic_id=act.clinic.id, id=entry.id, number=entry.number, kind=entry.kind.value,
        container_id=entry.container_id, product_id=entry.product_id,
        location_id=entry.location_id, session_id=entry.session_id, draw_id=entry.draw_id,
        reverses_id=entry.reverses_id, moved_with_id=entry.moved_with_id,
        entered_value=None if entered is None else entered.value,
        entered_unit=None if entered is None else entered.unit, amount=entry.amount,
        unit=entry.unit, change=entry.change, container_after=entry.container_after,
        location_after=entry.location_after, observed_at=entry.observed_at,
        observed_offset_min=offset_min(entry.observed_at), recorded_at=entry.recorded_at,
        author_id=act.actor.person_id, author=act.author.model_dump_json(),
        witnesses=canonical_json(people).decode(), reason=entry.reason, manner=entry.manner,
        recipient=None if recipient is None else recipient.model_dump_json(),
        marks=canonical_json([one.value for one in entry.marks]).decode(),
        source=entry.source.value, content_digest=digest,
    )  # fmt: skip
