"""Verifying the audit trail: every chain, every row that it seals, its tree, and what was signed.

A streaming walk in bounded memory (R188); what does not hold is named by its entry and by how it
was bent (R14). What a consistent rewrite hides is shown only by a tree head from outside: a
checkpoint, a witness's, or the anchor on a printed signature (R183).
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, String, func, select, type_coerce
from sqlalchemy.exc import DatabaseError

from protocol.records.claims import Claim, Held, claims_inside, judged
from protocol.records.database import Database, integrity_fault
from protocol.records.guards import missing_guards
from protocol.records.kept_summaries import summary_faults
from protocol.records.ledger_faults import ledger_fault
from protocol.records.lookups import table
from protocol.records.raw import Raw
from protocol.records.sealed_rows import TABLES
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.segments import Walks
from protocol.records.signed_records import signature_faults
from protocol.records.tables import SEALED
from protocol.records.trees import KEPT_EVERY
from protocol.records.walking import CHUNK_HEIGHT, Part, wrong_subtree
from protocol.rules.audit import GENESIS, Fault
from protocol.rules.checkpoints import Verifier
from protocol.rules.merkle import Frontier
from protocol.rules.tampering import Break, Tampering

NOBODY = UUID(int=0)
_STRAY_SUBTREES = (  # our own number alone is filled in
    "SELECT height, position FROM audit_subtree WHERE clinic_id = ?"  # noqa: S608
    f" AND (height / {KEPT_EVERY} * {KEPT_EVERY} <> height OR height NOT BETWEEN 1 AND 40"
    " OR position < 0 OR CAST(position + 1 AS BIGINT) << height > ?) LIMIT 1"
)
Progress = Callable[[int], None]


class Verified(NamedTuple):
    """What a verification found: how many entries, the head, the tree's root, the faults, and the
    largest tree that a checkpoint from outside bore out."""

    clinic_id: UUID
    entries: int
    head: str
    fault: Fault | None
    root: str = ""
    faults: tuple[Fault, ...] = ()
    borne_out: int = 0


class Terms(NamedTuple):
    """How a verification goes: the keys that checkpoints may be signed with, what is held against
    the chains from outside, how many processes walk, and who is told how far it is."""

    verifiers: Sequence[Verifier] = ()
    held: Sequence[Held] = ()
    processes: int = 1
    progress: Progress = lambda _entries: None


_PLAIN = Terms()


def verify(database: Database, terms: Terms = _PLAIN) -> list[Verified]:
    """Walk every clinic's chain. A clinic whose chain begins with nothing is a fault too."""
    unreadable = _unreadable(database)
    try:
        with database.looking() as connection:
            ids = _sealed_clinics(connection)
            for one in (ENTRIES, DETAILS):
                ids |= set(connection.execute(select(one.c.clinic_id).distinct()).scalars())
            ids |= {str(one.clinic_id) for one in terms.held}
            clinics = tuple(sorted(ids, key=str))
            return [_verified(database, connection, one, clinics, terms) for one in clinics]
    except unreadable as error:
        what = f"the database cannot be read: {_line(error)}"
        fault = Fault(str(NOBODY), 0, what, Tampering.UNREADABLE)
        return [Verified(NOBODY, 0, GENESIS, fault, faults=(fault,))]


def how_many(database: Database) -> int:
    """How many entries there are to walk, for a bar; none where that cannot be read."""
    try:
        with database.looking() as connection:
            counted = select(func.count()).select_from(ENTRIES)
            return int(connection.execute(counted).scalar_one())
    except _unreadable(database):
        return 0


def database_faults(database: Database) -> list[str]:
    """What is wrong with the file or the guards, apart from any entry."""
    broken = integrity_fault(database)
    if broken:
        return [f"The database file is damaged: {broken}."]
    return [f"The guard {name} is missing." for name in missing_guards(database)]


def _unreadable(database: Database) -> tuple[type[Exception], ...]:
    """What a damaged database raises: SQLite keeps whatever it is given, and gives it back."""
    driver: type[Exception] = database.engine.dialect.loaded_dbapi.Error
    return (ValueError, ArithmeticError, TypeError, LookupError, DatabaseError, driver)


def _line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _sealed_clinics(connection: Connection) -> set[str]:
    """Clinics that any sealed row names, so that rows without a chain do not go unseen."""
    found = {
        str(clinic_id)
        for row in SEALED
        for clinic_id in connection.execute(
            select(type_coerce(table(row).c.clinic_id, String)).distinct()
        ).scalars()
    }
    return {str(_uuid(words) or words) for words in found}


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def _verified(
    database: Database, connection: Connection, clinic_id: str, clinics: Sequence[str], terms: Terms
) -> Verified:
    known = _uuid(clinic_id)
    if known is None or str(known) != clinic_id:
        fault = Fault(clinic_id, 1, "no clinic has this id", Tampering.SWAPPED_CLINIC)
        return Verified(known or NOBODY, 0, GENESIS, fault, faults=(fault,))
    unreadable = _unreadable(database)
    try:
        return _Verification(database, connection, known, clinics, terms).run()
    except unreadable as error:
        number = _first_unreadable(connection, known, unreadable)
        what = f"the rows that it sealed cannot be read: {_line(error)}"
        fault = Fault(clinic_id, number, what, Tampering.UNREADABLE)
        return Verified(known, 0, GENESIS, fault, faults=(fault,))


def _first_unreadable(
    connection: Connection, clinic_id: UUID, unreadable: tuple[type[Exception], ...]
) -> int:
    found = []
    for one in TABLES:
        own = one.c.clinic_id == clinic_id
        numbers = select(one.c.audit_number).where(own).order_by(one.c.audit_number)
        for number in connection.execute(numbers).scalars().all():
            try:
                connection.execute(select(one).where(own, one.c.audit_number == number)).all()
            except unreadable:
                found.append(number)
                break
    return min(found, default=0)


class _Verification:
    """One clinic's."""

    def __init__(
        self, database: Database, connection: Connection, clinic_id: UUID,
        clinics: Sequence[str], terms: Terms,
    ) -> None:  # fmt: skip
        self.database, self.connection, self.terms = database, connection, terms
        self.clinic_id, self.clinics = clinic_id, tuple(clinics)
        self.raw = Raw(connection)
        self.tree = Frontier()
        self.roots: dict[int, str] = {}
        self.head, self.number = GENESIS, 0
        self.bent: Break | None = None  # the first stored subtree that is not what it should be

    def run(self) -> Verified:
        """Everything there is to find; the walk's own fault first, it is the earliest."""
        size = self._size()
        inside, faults = claims_inside(self.connection, self.clinic_id, self.terms.verifiers)
        outside = [one for one in self.terms.held if one.clinic_id == self.clinic_id]
        claims = [*inside, *(one.claim for one in outside)]
        broken = self._walk(size, claims) or self._stray(size)
        found = [self._fault(broken)] if broken is not None else []
        if broken is None:
            faults += signature_faults(self.database, self.connection, self.clinic_id)
            faults += summary_faults(self.connection, self.clinic_id)
            faults += judged(claims, size, self.roots, str(self.clinic_id))
            wrong = ledger_fault(self.connection, self.clinic_id)
            faults += [] if wrong is None else [wrong]
        bent = self.bent or self._stray_subtree(size)
        faults += [self._fault(bent)] if bent is not None else []
        found += sorted(faults, key=lambda one: one.number)
        borne_out = max((one.claim.size for one in outside), default=0)
        return Verified(
            self.clinic_id, self.number, self.head, found[0] if found else None,
            self.roots.get(size, self.tree.root().hex()), tuple(found),
            0 if found else borne_out,
        )  # fmt: skip

    def _fault(self, broken: Break) -> Fault:
        return Fault(str(self.clinic_id), broken.number, broken.what, broken.kind)

    def _size(self) -> int:
        own = ENTRIES.c.clinic_id == str(self.clinic_id)
        found = self.connection.execute(select(func.max(ENTRIES.c.number)).where(own)).scalar_one()
        return found if isinstance(found, int) else 0

    def _walk(self, size: int, claims: Iterable[Claim]) -> Break | None:
        sizes = frozenset(one.size for one in claims)
        whole = Part(str(self.clinic_id), 1, size, GENESIS, sizes, self.clinics)
        with closing(
            Walks(self.database, self.connection, self.terms.processes).of(whole)
        ) as walks:
            for one in walks:
                for wanted, edge in one.edges.items():
                    self.roots[wanted] = self.tree.root(edge).hex()
                self.terms.progress(one.last - self.number)
                self.head = one.head
                if one.broken is not None:
                    return one.broken
                grown = None if one.subtree is None else self._grow(one.subtree)
                self.bent = self.bent or one.bent or grown
                self.number = one.last
        return None

    def _grow(self, subtree: bytes) -> Break | None:
        """One chunk more; the kept subtrees that it completes are what they are kept as."""
        for (height, position), made in self.tree.add(subtree, CHUNK_HEIGHT):
            if height > CHUNK_HEIGHT and height % KEPT_EVERY == 0:
                for (kept,) in self.raw.rows(
                    "SELECT hash FROM audit_subtree"
                    " WHERE clinic_id = ? AND height = ? AND position = ?",
                    str(self.clinic_id), height, position,
                ):  # fmt: skip
                    if kept != made.hex():
                        return wrong_subtree(height, position)
        return None

    def _stray(self, size: int) -> Break | None:
        """Rows and details at entries that are not there: the end was cut, or they were added."""
        found: list[tuple[Any, str]] = []
        for one, column in ((DETAILS, "number"), *((one, "audit_number") for one in TABLES)):
            kept: object = str(self.clinic_id)
            if one is not DETAILS:
                kept = self.clinic_id.hex if self.raw.is_sqlite else self.clinic_id
            here = f'FROM "{one.name}" WHERE clinic_id = ? AND {column}'
            number = f"SELECT {column} {here}"
            found += [
                (place, "a detail stands" if one is DETAILS else "rows stand")
                for beyond in (f"{number} < 1", f"{number} > {size}")
                for (place,) in self.raw.rows(f"{beyond} ORDER BY {column} LIMIT 1", kept)
            ]
        beyond = [each for each in found if isinstance(each[0], int)]
        if not found:
            return None
        if not beyond:
            return Break(size + 1, Tampering.EDITED, f"{found[0][1]} at what is no number")
        place, what = min(beyond)
        kind = Tampering.CUT if place > size else Tampering.EDITED
        return Break(max(place, 1), kind, f"{what} at an entry that is not there, {place}")

    def _stray_subtree(self, size: int) -> Break | None:
        """A stored subtree that no proof would read, or over entries that are not there."""
        for height, position in self.raw.rows(_STRAY_SUBTREES, str(self.clinic_id), size):
            return wrong_subtree(height, position)
        return None
