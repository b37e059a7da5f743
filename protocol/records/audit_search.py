"""Finding audit entries: by time, by whom, about whom, which act, what came of it (R15).

Every page is read along one index range, whatever is sought. By time it goes on where the page
before ended, and looks through a bounded stretch of the range for what no index says; by any other
field the range itself is bounded, and sorted. Nothing is found by counting rows off (OFFSET).
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    TextClause,
    func,
    select,
    tuple_,
)

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.tables.audit import NOT_DONE
from protocol.rules.actions import Action
from protocol.rules.audit import AuditEntry, Outcome, canonical_instant
from protocol.rules.errors import NotFound, TooWide

# What a page looks through for what its index does not say, and what is sorted at once.
SCANNED_MAX = 20_000
SORTED_MAX = 50_000
_CHUNK = 1_000
_Columns = Table | Subquery
_PERSON = table(tables.PersonRow)
# In the order in which they narrow a search: each has an index of its own, then by time.
_INDEXED = ("session_id", "patient_id", "outcome", "action", "person_id")


class Sought(NamedTuple):
    """What an entry is sought by; whatever is None is not asked."""

    person_id: UUID | None = None
    patient_id: UUID | None = None
    session_id: UUID | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None

    def said(self) -> dict[str, str]:
        """What is asked, in words for an entry's detail or a sheet."""
        return {
            name: canonical_instant(value) if isinstance(value, datetime) else str(value)
            for name, value in self._asdict().items()
            if value is not None
        }


class Order(NamedTuple):
    """The field that a list is sorted by, one of SORTABLE, and which end comes first."""

    by: str = "at"
    descending: bool = True


NEWEST_FIRST = Order()


class AuditLine(NamedTuple):
    """An entry in a list, its hash, the person's name; `detail` is None once it was purged."""

    entry: AuditEntry
    hash: str
    person_name: str
    detail: dict[str, Any] | None


class Page(NamedTuple):
    """Lines, and the number of the entry that the page after this one begins behind."""

    lines: list[AuditLine]
    next: int | None


def find(
    connection: Connection, clinic: Clinic, sought: Sought, order: Order = NEWEST_FIRST, *,
    after: int | None = None, limit: int = 50, up_to: int | None = None,
) -> Page:  # fmt: skip
    """A page of entries behind the entry `after`; `up_to` keeps out what came later.

    A page by time that was looked for through SCANNED_MAX entries may hold fewer than `limit` and
    still have a next one. Raises NotFound (no entry `after`) and TooWide (more than SORTED_MAX
    entries to be sorted by another field than time).
    """
    searching = _Searching(connection, clinic, sought, order, up_to)
    numbers, following = searching.page(after, limit)
    return Page(_lines(connection, clinic, numbers), following)


def every(clinic: Clinic, sought: Sought, order: Order, *, up_to: int) -> Iterator[AuditLine]:
    """Every entry up to a number, in chunks of their own: a list of any length in bounded memory.

    The trail is append-only, so the bound makes one state of it without a long transaction.
    """
    after = None
    while True:
        with clinic.database.looking() as connection:
            page = find(connection, clinic, sought, order, after=after, limit=_CHUNK, up_to=up_to)
        yield from page.lines
        if page.next is None:
            return
        after = page.next


def require_sortable(
    connection: Connection, clinic: Clinic, sought: Sought, order: Order, up_to: int
) -> None:
    """Refuse with TooWide a list that is not sorted by time and too long to be sorted."""
    searching = _Searching(connection, clinic, sought, order, up_to)
    if not searching.streams:
        searching.require_bounded()


def counted(
    connection: Connection, clinic: Clinic, sought: Sought, *, up_to: int, most: int
) -> int:
    """How many entries there are, counted no further than one more than `most`."""
    found, after = 0, None
    while found <= most:
        searching = _Searching(connection, clinic, sought, NEWEST_FIRST, up_to)
        numbers, after = searching.page(after, most + 1 - found)
        found += len(numbers)
        if after is None:
            break
    return found


class _Searching:
    """One search: its range along an index, what remains to be looked for in it, its order."""

    def __init__(
        self, connection: Connection, clinic: Clinic, sought: Sought, order: Order,
        up_to: int | None,
    ) -> None:  # fmt: skip
        self.connection, self.order = connection, order
        self.clinic_id = str(clinic.id)
        asked = {name: getattr(sought, name) for name in _INDEXED}
        asked = {name: str(value) for name, value in asked.items() if value is not None}
        first = next((name for name in asked if asked[name] != Outcome.DONE), None)
        self.rest = {name: value for name, value in asked.items() if name != first}
        self.range: list[ColumnElement[bool] | TextClause] = [ENTRIES.c.clinic_id == self.clinic_id]
        if first is not None:
            self.range.append(ENTRIES.c[first] == asked[first])
        if first == "outcome":
            self.range.append(NOT_DONE)  # in the index's own words, or SQLite does not take it
        if sought.since is not None:
            self.range.append(ENTRIES.c.at >= canonical_instant(sought.since))
        if sought.until is not None:
            self.range.append(ENTRIES.c.at < canonical_instant(sought.until))
        whole = len(self.range) == 1 and not self.rest
        self.keys = ("number",) if whole and order.by == "number" else ("at", "number")
        self.streams = order.by == self.keys[0]
        if up_to is not None:
            self.range.append(ENTRIES.c.number <= up_to)

    def page(self, after: int | None, limit: int) -> tuple[list[int], int | None]:
        """The numbers of a page, and where the next one begins."""
        if not self.streams:
            self.require_bounded()
            return self._sorted(after, limit)
        range_ = self._range(after)
        if not self.rest:
            return _cut(self._numbers(range_.limit(limit + 1)), limit)
        scanned = range_.limit(SCANNED_MAX).subquery()
        found = select(scanned.c.number).where(*self._remaining(scanned))
        found = found.order_by(*self._by(scanned, self.keys)).limit(limit + 1)
        numbers, following = _cut(self._numbers(found), limit)
        return numbers, following or self._scanned_to(scanned)

    def require_bounded(self) -> None:
        """Refuse with TooWide more entries than are sorted at once."""
        most = select(ENTRIES.c.number).where(*self.range).limit(SORTED_MAX + 1)
        count = select(func.count()).select_from(most.subquery())
        if self.connection.execute(count).scalar_one() > SORTED_MAX:
            raise TooWide(
                f"A list is sorted by {self.order.by} up to {SORTED_MAX:,} entries;"
                " what is sought has more.", sort=self.order.by, most=SORTED_MAX,
            )  # fmt: skip

    def _range(self, after: int | None) -> Select[Any]:
        columns = [ENTRIES.c[name] for name in (*self.keys, *self.rest)]
        range_ = select(*columns).where(*self.range)
        if after is not None:
            range_ = range_.where(self._behind(ENTRIES, self.keys, after))
        return range_.order_by(*self._by(ENTRIES, self.keys))

    def _sorted(self, after: int | None, limit: int) -> tuple[list[int], int | None]:
        keys = (self.order.by, "number")
        columns = [ENTRIES.c[name] for name in dict.fromkeys((*keys, *self.rest))]
        # A LIMIT keeps the range apart, so that it is read along its own index.
        bounded = select(*columns).where(*self.range).limit(SORTED_MAX).subquery()
        found = select(bounded.c.number).where(*self._remaining(bounded))
        if after is not None:
            found = found.where(self._behind(bounded, keys, after))
        found = found.order_by(*self._by(bounded, keys)).limit(limit + 1)
        return _cut(self._numbers(found), limit)

    def _behind(self, one: _Columns, keys: Sequence[str], after: int) -> ColumnElement[bool]:
        row = self.connection.execute(
            select(*(ENTRIES.c[name] for name in keys)).where(
                ENTRIES.c.clinic_id == self.clinic_id, ENTRIES.c.number == after
            )
        ).first()
        if row is None:
            raise NotFound("There is no such audit entry at this clinic.", number=after)
        columns, place = tuple_(*(one.c[name] for name in keys)), tuple_(*row)
        return columns < place if self.order.descending else columns > place

    def _by(self, one: _Columns, keys: Sequence[str]) -> list[ColumnElement[Any]]:
        columns = [one.c[name] for name in dict.fromkeys(keys)]
        return [each.desc() if self.order.descending else each.asc() for each in columns]

    def _remaining(self, one: Subquery) -> list[ColumnElement[bool]]:
        return [one.c[name] == value for name, value in self.rest.items()]

    def _numbers(self, statement: Select[Any]) -> list[int]:
        return [row.number for row in self.connection.execute(statement)]

    def _scanned_to(self, scanned: Subquery) -> int | None:
        """The last entry that was looked at, where there are more behind it."""
        count = self.connection.execute(select(func.count()).select_from(scanned)).scalar_one()
        if count < SCANNED_MAX:
            return None
        ends = [each.asc() if self.order.descending else each.desc()
                for each in (scanned.c[name] for name in self.keys)]  # fmt: skip
        last: int | None = self.connection.execute(
            select(scanned.c.number).order_by(*ends).limit(1)
        ).scalar()
        return last


def _cut(numbers: list[int], limit: int) -> tuple[list[int], int | None]:
    more = len(numbers) > limit
    return numbers[:limit], numbers[limit - 1] if more else None


def _lines(connection: Connection, clinic: Clinic, numbers: Sequence[int]) -> list[AuditLine]:
    same = (DETAILS.c.clinic_id == ENTRIES.c.clinic_id) & (DETAILS.c.number == ENTRIES.c.number)
    rows = connection.execute(
        select(*(ENTRIES.c[name] for name in AuditEntry._fields), ENTRIES.c.hash, DETAILS.c.detail)
        .select_from(ENTRIES.outerjoin(DETAILS, same))
        .where(ENTRIES.c.clinic_id == str(clinic.id), ENTRIES.c.number.in_(numbers))
    ).all()
    names = _names(connection, clinic, {row.person_id for row in rows})
    found = {}
    for *fields, hashed, words in rows:
        entry = AuditEntry._make(fields)
        detail = None if words is None else json.loads(words)
        found[entry.number] = AuditLine(entry, hashed, names.get(entry.person_id, ""), detail)
    return [found[number] for number in numbers]


def _names(connection: Connection, clinic: Clinic, people: set[str]) -> dict[str, str]:
    ids = [UUID(one) for one in people]
    rows = connection.execute(
        select(_PERSON.c.id, _PERSON.c.name).where(
            _PERSON.c.clinic_id == clinic.id, _PERSON.c.id.in_(ids)
        )
    )
    return {str(row.id): row.name for row in rows}
