"""The rows that entries seal, as the very bytes that were sealed, straight from the driver.

What a row's bytes are is said by `audit.row_bytes`; here the same bytes are made from what
each engine stores, without the conversions between. A stored value that no program of ours writes
gives other bytes, or none, and so does not pass for one that does.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table
from sqlalchemy.types import TypeDecorator

from protocol.records.lookups import table
from protocol.records.raw import Raw
from protocol.records.tables import SEALED

TABLES = tuple(table(row) for row in SEALED)
_REMEMBERED_MAX = 50_000
Convert = Callable[[Any], str]


class _Remembered(dict[Any, str]):
    """A conversion whose answers are kept: ids and times come again and again."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, value: object) -> str:
        if len(self) > _REMEMBERED_MAX:
            self.clear()
        found = self[value] = self._convert(value)
        return found


def _stored_id(value: str) -> str:
    """SQLite keeps an id as 32 hexadecimal digits."""
    if len(value) != 32 or "-" in value:
        return _strange(value)
    return encode_basestring(
        f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    )


def _stored_instant(value: str) -> str:
    """SQLite keeps a UTC instant with a space between day and time, and no zone."""
    if len(value) != 26 or value[10] != " ":
        return _strange(value)
    return encode_basestring(f"{value[:10]}T{value[11:]}Z")


def _whole(value: object) -> str:
    return str(value) if type(value) is int else _strange(value)


def _truth(value: object) -> str:
    return {0: "false", 1: "true"}.get(value, "") if isinstance(value, int) else _strange(value)


def _strange(value: object) -> str:
    """No JSON begins like this, so what was sealed never does."""
    return f"?{value!r}"


_SQLITE: dict[type, Callable[[], Convert]] = {
    UUID: lambda: _Remembered(_stored_id).__getitem__,
    datetime: lambda: _Remembered(_stored_instant).__getitem__,
    bool: lambda: _truth,
    int: lambda: _whole,
}
_POSTGRESQL: dict[type, Callable[[], Convert]] = {bool: lambda: _truth, int: lambda: _whole}
# How PostgreSQL is to write what it does not store as text.
_WRITTEN = {
    UUID: "{}::text",
    datetime: "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    date: "to_char({}, 'YYYY-MM-DD')",
}


def stored_type(column: Column[Any]) -> type:
    """What the database keeps for a column; an exact decimal is kept as text."""
    kind = column.type
    found: type = (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type
    return found


class RowBytes:
    """One table's rows as sealed bytes: the statement that reads them, and what is made of each."""

    def __init__(self, one: Table, is_sqlite: bool) -> None:
        columns = sorted(one.c, key=lambda column: column.name)
        self._names = [column.name for column in columns]
        self._number = self._names.index("audit_number")
        known = _SQLITE if is_sqlite else _POSTGRESQL
        self._converts = [
            known.get(stored_type(each), lambda: encode_basestring)() for each in columns
        ]
        self._table = one.name
        self._whole = self._form([False] * len(columns))
        self._form_of = cache(self._form)
        written = {} if is_sqlite else _WRITTEN
        listed = ", ".join(
            written.get(stored_type(each), "{}").format(f'"{each.name}"') for each in columns
        )
        self.statement = (
            f'SELECT {listed} FROM "{one.name}" WHERE clinic_id = ?'  # noqa: S608 - our own names
            " AND audit_number BETWEEN ? AND ? ORDER BY audit_number"
        )

    def _form(self, absent: Sequence[bool]) -> str:
        """The row's JSON with a place for each value; null columns are left out."""
        fields = ",".join(
            f'"{name}":%s' for name, none in zip(self._names, absent, strict=True) if not none
        )
        return f'["{self._table}",{{{fields}}}]'

    def of(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[int, bytes]]:
        """The number of the sealing entry and the sealed bytes of each row."""
        converts, number, whole = self._converts, self._number, self._whole
        found = []
        for row in rows:
            if None in row:
                form = self._form_of(tuple(value is None for value in row))
                values = [
                    convert(value)
                    for convert, value in zip(converts, row, strict=True)
                    if value is not None
                ]
            else:
                form = whole
                values = [convert(value) for convert, value in zip(converts, row, strict=True)]
            found.append((row[number], (form % tuple(values)).encode()))
        return found


class SealedRows:
    """The sealed rows of a clinic between two entries, from all tables, by their entry's number."""

    def __init__(self, raw: Raw, clinic_id: UUID, first: int, last: int) -> None:
        kept = clinic_id.hex if raw.is_sqlite else clinic_id
        self._streams = [
            _Stream(raw, RowBytes(one, raw.is_sqlite), (kept, first, last)) for one in TABLES
        ]

    def up_to(self, number: int) -> dict[int, list[bytes]]:
        """The rows at entries up to this one that were not given before."""
        found: dict[int, list[bytes]] = defaultdict(list)
        for stream in self._streams:
            stream.take(number, found)
        return found

    def close(self) -> None:
        """Leave what was not read."""
        for stream in self._streams:
            stream.close()


class _Stream:
    """The rows of one table, page by page."""

    def __init__(self, raw: Raw, form: RowBytes, values: tuple[object, ...]) -> None:
        self._form = form
        self._pages = raw.pages(form.statement, *values)
        self._page: list[tuple[int, bytes]] = []
        self._place = 0

    def take(self, number: int, into: dict[int, list[bytes]]) -> None:
        while True:
            for place in range(self._place, len(self._page)):
                at, content = self._page[place]
                if at > number:
                    self._place = place
                    return
                into[at].append(content)
            page = next(self._pages, None)
            self._page, self._place = self._form.of(page) if page else [], 0
            if page is None:
                return

    def close(self) -> None:
        self._pages.close()
