"""Verifying the audit trail: a streaming walk over the chain and over every row that it seals.

The chain, the details and the sealed rows are read in the order of their entry numbers and merged,
so memory stays bounded. The first fault is named by its entry (R14, R188).
"""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, String, Table, select, type_coerce
from sqlalchemy.exc import DatabaseError

from protocol.records.database import Database, integrity_fault
from protocol.records.guards import missing_guards
from protocol.records.lookups import table
from protocol.records.purging import TOMBSTONE, Tombstones
from protocol.records.sealing import DETAILS, ENTRIES, sealed_bytes
from protocol.records.tables import SEALED
from protocol.rules.audit import (
    GENESIS,
    NO_ROWS,
    AuditEntry,
    Fault,
    chain_fault,
    detail_digest,
    rows_digest,
)

_PAGE = 2_000
NOBODY = UUID(int=0)
# SQLite keeps whatever it is given, and a damaged file gives it back.
_UNREADABLE = (ValueError, ArithmeticError, TypeError, DatabaseError)
_NOWHERE = 2**63  # beyond every entry, for a row whose number is no number
_ENTRY_COLUMNS = [column for column in ENTRIES.c if column.name != "hash"]


class Verified(NamedTuple):
    """What a verification found: how many entries, the head, and the first fault if any."""

    clinic_id: UUID
    entries: int
    head: str
    fault: Fault | None


def verify(database: Database) -> list[Verified]:
    """Walk every clinic's chain. A clinic whose chain begins with nothing is a fault too."""
    try:
        with database.looking() as connection:
            ids = _sealed_clinics(connection)
            for one in (ENTRIES, DETAILS):
                ids |= set(connection.execute(select(one.c.clinic_id).distinct()).scalars())
            return [_verified(connection, str(clinic_id)) for clinic_id in sorted(ids, key=str)]
    except _UNREADABLE as error:
        fault = Fault(str(NOBODY), 0, f"the database cannot be read: {_line(error)}")
        return [Verified(NOBODY, 0, GENESIS, fault)]


def _line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def database_faults(database: Database) -> list[str]:
    """What is wrong with the file or the guards, apart from any entry."""
    broken = integrity_fault(database)
    if broken:
        return [f"The database file is damaged: {broken}."]
    return [f"The guard {name} is missing." for name in missing_guards(database)]


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


def _verified(connection: Connection, clinic_id: str) -> Verified:
    known = _uuid(clinic_id)
    if known is None or str(known) != clinic_id:
        fault = Fault(clinic_id, 1, "no clinic has this id")
        return Verified(known or NOBODY, 0, GENESIS, fault)
    try:
        return _verify_clinic(connection, clinic_id)
    except _UNREADABLE as error:
        number = _first_unreadable(connection, known)
        fault = Fault(clinic_id, number, f"the rows that it sealed cannot be read: {_line(error)}")
        return Verified(known, 0, GENESIS, fault)


def _first_unreadable(connection: Connection, clinic_id: UUID) -> int:
    found = []
    for one in map(table, SEALED):
        own = one.c.clinic_id == clinic_id
        numbers = select(one.c.audit_number).where(own).order_by(one.c.audit_number)
        for number in connection.execute(numbers).scalars().all():
            try:
                connection.execute(select(one).where(own, one.c.audit_number == number)).all()
            except _UNREADABLE:
                found.append(number)
                break
    return min(found, default=0)


def _verify_clinic(connection: Connection, clinic_id: str) -> Verified:
    number, previous, fault = 0, GENESIS, None
    with ExitStack() as stack:
        rows = _Sealed(connection, clinic_id, stack)
        details = _stream(connection, stack, select(DETAILS.c.number, DETAILS.c.salt,
                          DETAILS.c.detail).where(DETAILS.c.clinic_id == clinic_id)
                          .order_by(DETAILS.c.number))  # fmt: skip
        detail = next(details, None)
        tombstones = _tombstones(connection, stack, clinic_id)
        for *fields, hashed in _entries(connection, stack, clinic_id):
            entry = AuditEntry._make(fields)
            number += 1
            broken = chain_fault(entry, hashed, number, previous)
            what = broken.what if broken else _fault_of_detail(entry, detail, tombstones)
            if what is None:
                what = rows.fault(number, entry.rows_digest)
            if what is None and detail is not None and detail.number == number:
                detail = next(details, None)
            if what is not None:
                fault = Fault(clinic_id, number, what)
                break
            previous = hashed
        left = rows.left()
        if fault is None and left is not None:
            fault = Fault(clinic_id, left, "rows stand at an entry that is not there")
        if fault is None and detail is not None:
            fault = Fault(clinic_id, detail[0], "a detail stands at an entry that is not there")
    return Verified(UUID(clinic_id), number, previous, fault)


def _entries(connection: Connection, stack: ExitStack, clinic_id: str) -> Iterator[Any]:
    statement = (
        select(*_ENTRY_COLUMNS, ENTRIES.c.hash)
        .where(ENTRIES.c.clinic_id == clinic_id)
        .order_by(ENTRIES.c.number)
    )
    return _stream(connection, stack, statement)


def _stream(connection: Connection, stack: ExitStack, statement: Select[Any]) -> Iterator[Any]:
    result = connection.execution_options(yield_per=_PAGE).execute(statement)
    stack.callback(result.close)
    return iter(result)


def _tombstones(connection: Connection, stack: ExitStack, clinic_id: str) -> Tombstones:
    statement = (
        select(TOMBSTONE.c.number, TOMBSTONE.c.detail_digest)
        .where(TOMBSTONE.c.clinic_id == UUID(clinic_id))
        .order_by(TOMBSTONE.c.number)
    )
    return Tombstones(_stream(connection, stack, statement))


def _fault_of_detail(
    entry: AuditEntry, detail: Any, tombstones: Tombstones  # noqa: ANN401 - a row
) -> str | None:  # fmt: skip
    """A detail is the one that its entry sealed; one that was purged left a tombstone."""
    if detail is None or detail.number > entry.number:
        return tombstones.fault(entry)
    if detail.number < entry.number:
        return f"a detail stands at {detail.number} without its entry"
    sealed = detail_digest(detail.salt, detail.detail)
    return None if sealed == entry.detail_digest else "its detail is not what was sealed"


class _Sealed:
    """The sealed rows of a clinic from all tables, merged by the number of their entry."""

    def __init__(self, connection: Connection, clinic_id: str, stack: ExitStack) -> None:
        streams = [self._of_table(connection, stack, table(row), UUID(clinic_id)) for row in SEALED]
        merged = heapq.merge(*streams, key=itemgetter(0))
        self._groups = groupby(merged, key=itemgetter(0))
        self._next = self._advance()

    @staticmethod
    def _of_table(
        connection: Connection, stack: ExitStack, one: Table, clinic_id: UUID
    ) -> Iterator[tuple[int, bytes]]:
        names = one.c.keys()
        place = names.index("audit_number")
        statement = select(one).where(one.c.clinic_id == clinic_id).order_by(one.c.audit_number)
        for row in _stream(connection, stack, statement):
            number = row[place] if isinstance(row[place], int) else _NOWHERE
            yield number, sealed_bytes(one.name, dict(zip(names, row, strict=True)))

    def _advance(self) -> tuple[int, list[bytes]] | None:
        group = next(self._groups, None)
        return None if group is None else (group[0], [blob for _, blob in group[1]])

    def fault(self, number: int, digest: str) -> str | None:
        """What is wrong with the rows that the entry of this number sealed."""
        if self._next is not None and self._next[0] < number:
            return f"rows stand at {self._next[0]}, which sealed none"
        if self._next is None or self._next[0] != number:
            return None if digest == NO_ROWS else "the rows that it sealed are gone"
        sealed = rows_digest(self._next[1])
        self._next = self._advance()
        return None if sealed == digest else "the rows that it sealed are not what was sealed"

    def left(self) -> int | None:
        """The number of the first rows that no entry has claimed."""
        return None if self._next is None else self._next[0]
