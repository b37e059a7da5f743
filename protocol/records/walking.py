"""Walking a chain chunk by chunk: every hash made anew from the columns, and every link looked at.

The engine writes the canonical bytes out of the columns, so that what is hashed is what the columns
say, and Python hashes and compares whole lists. Only a chunk in which something differs is walked
entry by entry, to name the first that does not hold. A chunk is a complete subtree of the Merkle
tree, so its hashes grow the tree as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records.raw import Page, Raw
from protocol.records.sealed_rows import SealedRows
from protocol.records.sealing import ENTRIES
from protocol.records.trees import KEPT_EVERY
from protocol.rules.audit import (
    LEAF,
    NO_ROWS,
    VERSION,
    AuditEntry,
    detail_digest,
    rows_digest,
)
from protocol.rules.merkle import HASH_BYTES, complete_subtrees, levels, nodes_in
from protocol.rules.tampering import Break, Sealed, Tampering, chain_break

CHUNK_HEIGHT = 12
CHUNK = 1 << CHUNK_HEIGHT
Rows = dict[int, list[bytes]]


class Part(NamedTuple):
    """A stretch of one clinic's chain: its first and last number, the hash that it goes on from,
    the sizes of trees whose roots are asked for, and every clinic's id."""

    clinic_id: str
    first: int
    last: int
    previous: str
    sizes: frozenset[int] = frozenset()
    clinics: tuple[str, ...] = ()


class Walked(NamedTuple):
    """A chunk that was walked. `broken` is where it does not hold, `bent` where a stored subtree is
    not what the entries make; `subtree` is its root when it is whole; `edges` are the subtrees,
    left to right, that the chunk adds to a tree of each size that was asked for."""

    last: int
    head: str
    broken: Break | None
    bent: Break | None
    subtree: bytes | None
    edges: Mapping[int, Sequence[bytes]]


# SQLite's printf ends a text at a NUL byte and takes a blob for a text, so the length of the parts
# is asked for too, and is null where a part is anything but text: every blob sorts after all text.
_CANONICAL = [name for name in AuditEntry._fields if name != "number"]
_ALONE = ("previous", "hash", "rows_digest", "detail_digest")
# These are compared whole in Python, or by the statement's own condition.
_WHOLE = ("previous", "rows_digest", "clinic_id")
_COMPARED = [name for name in _CANONICAL if name not in _WHOLE]
_FIXED_BYTES = len(f"{VERSION}\n") + 36 + 2 * 64 + len(AuditEntry._fields)
_SQLITE = (
    "printf('" + VERSION + "\n"
    + "\n".join("%d" if name == "number" else "%s" for name in AuditEntry._fields) + "\n', "
    + ", ".join(AuditEntry._fields) + "), number, " + ", ".join(_ALONE)
    + f", CASE WHEN max({', '.join(_COMPARED)}) < x'' THEN "
    + " + ".join(f"length(CAST({name} AS BLOB))" for name in _COMPARED) + " END"
)  # fmt: skip
_POSTGRESQL = (
    f"'{VERSION}' || E'\\n' || "
    + " || E'\\n' || ".join(AuditEntry._fields) + " || E'\\n', number, " + ", ".join(_ALONE)
    + ", NULL"
)  # fmt: skip
_ENTRIES = (
    " FROM audit_entry WHERE clinic_id = ? AND number BETWEEN ? AND ? ORDER BY clinic_id, number"
)
_DETAILS = (
    "SELECT number, salt, detail FROM audit_detail"
    " WHERE clinic_id = ? AND number BETWEEN ? AND ? ORDER BY clinic_id, number"
)
_TOMBSTONES = (
    "SELECT number, detail_digest FROM tombstone WHERE clinic_id = ? AND number BETWEEN ? AND ?"
)
_SUBTREES = (
    "SELECT position, hash FROM audit_subtree"
    " WHERE clinic_id = ? AND height = ? AND position BETWEEN ? AND ?"
)


def walked(connection: Connection, part: Part) -> Iterator[Walked]:
    """Walk a part of a chain; ends after the first chunk that does not hold."""
    walk = _Walk(connection, part)
    try:
        for first in range(part.first, part.last + 1, CHUNK):
            found = walk.chunk(first, min(first + CHUNK - 1, part.last))
            yield found
            if found.broken is not None:
                return
    finally:
        walk.rows.close()


class _Walk:
    """The streams of one part, and the hash that the next chunk goes on from."""

    def __init__(self, connection: Connection, part: Part) -> None:
        self.connection, self.part = connection, part
        self.raw = Raw(connection)
        self.previous = part.previous
        self.rows = SealedRows(self.raw, UUID(part.clinic_id), part.first, part.last)
        fields = _SQLITE if self.raw.is_sqlite else _POSTGRESQL
        values = (part.clinic_id, part.first, part.last)
        self.entries = _Pages(self.raw, f"SELECT {fields}{_ENTRIES}", values, 1)
        self.details = _Pages(self.raw, _DETAILS, values, 0)

    def chunk(self, first: int, last: int) -> Walked:
        """Walk the entries from the first number to the last."""
        entries, details = self.entries.up_to(last), self.details.up_to(last)
        rows = self.rows.up_to(last)
        head = entries[-1][3] if entries else self.previous
        if not self._holds(entries, first, last, details, rows):
            broken = _Slowly(self, first, last, details, rows).first_break()
            return Walked(last, self.previous, broken, None, None, {})
        self.previous = head
        found = levels(bytes.fromhex("".join([entry[3] for entry in entries])))
        bent = self._wrong_subtree(first, found)
        node, start = nodes_in(found), first - 1
        edges = {
            size: [node(*one) for one in complete_subtrees(0, size - start)]
            for size in range(first, last + 1)
            if size in self.part.sizes
        } if self.part.sizes else {}  # fmt: skip
        whole = found[CHUNK_HEIGHT] if len(entries) == CHUNK else None
        if whole is None and last not in edges:
            edges[last] = [node(*one) for one in complete_subtrees(0, last - start)]
        return Walked(last, head, None, bent, whole, edges)

    def _holds(self, entries: Page, first: int, last: int, details: Page, rows: Rows) -> bool:
        """Whether everything in a chunk is as it was sealed; nothing is said of what is not."""
        if len(entries) != last - first + 1:
            return False
        texts, numbers, previous, hashes, row_digests, digests, sizes = zip(*entries, strict=True)
        if list(numbers) != list(range(first, last + 1)) or None in texts:
            return False
        bodies = [text.encode() for text in texts]
        return (
            previous[0] == self.previous
            and previous[1:] == hashes[:-1]
            and [sha256(LEAF + body).hexdigest() for body in bodies] == list(hashes)
            and (not self.raw.is_sqlite or _all_of(bodies, numbers, sizes))
            and self._details_hold(details, dict(zip(numbers, digests, strict=True)))
            and _rows_hold(rows, dict(zip(numbers, row_digests, strict=True)))
        )

    def _details_hold(self, details: Page, sealed: Mapping[int, str]) -> bool:
        """Whether every detail is the one that its entry sealed, or left a tombstone (R189)."""
        made = {
            number: sha256(f"{salt}\n{detail}".encode()).hexdigest()
            for number, salt, detail in details
        }
        if len(made) != len(details):
            return False
        if len(made) < len(sealed):
            made = self.tombstones(min(sealed), max(sealed)) | made
        return made == sealed

    def tombstones(self, first: int, last: int) -> dict[int, str]:
        """The digests of the details of these entries that were purged."""
        own = UUID(self.part.clinic_id)
        kept: object = own.hex if self.raw.is_sqlite else own
        rows = self.raw.rows(_TOMBSTONES, kept, first, last)
        return {number: digest for number, digest in rows if isinstance(number, int)}

    def _wrong_subtree(self, first: int, found: Sequence[bytes]) -> Break | None:
        for height in range(KEPT_EVERY, CHUNK_HEIGHT + 1, KEPT_EVERY):
            start = (first - 1) >> height
            end = start + (CHUNK >> height) - 1
            of_height = found[height] if height < len(found) else b""
            for position, hashed in self.raw.rows(
                _SUBTREES, self.part.clinic_id, height, start, end
            ):
                place = (position - start) * HASH_BYTES
                made = of_height[place : place + HASH_BYTES].hex()
                if hashed != made:
                    return wrong_subtree(height, position)
        return None


def wrong_subtree(height: int, position: int) -> Break:
    """A stored subtree is not what its entries make."""
    first = (position << height) + 1
    what = f"the stored subtree of entries {first} to {first + (1 << height) - 1} is not theirs"
    return Break(first, Tampering.WRONG_SUBTREE, what)


def _all_of(bodies: Sequence[bytes], numbers: Sequence[int], sizes: Sequence[int | None]) -> bool:
    """Whether the bytes hold every byte of the parts."""
    return all(
        size is not None and len(body) == _FIXED_BYTES + size + len(str(number))
        for body, number, size in zip(bodies, numbers, sizes, strict=True)
    )


def _rows_hold(rows: Rows, sealed: Mapping[int, str]) -> bool:
    """Whether the rows at every entry are those that it sealed."""
    sealing = {number: digest for number, digest in sealed.items() if digest != NO_ROWS}
    return sealing == {number: rows_digest(each) for number, each in rows.items()}


class _Pages:
    """The rows of a statement up to one number after another."""

    def __init__(self, raw: Raw, statement: str, values: tuple[object, ...], number: int) -> None:
        self._pages = raw.pages(statement, *values, size=CHUNK)
        self._number, self._left = number, []  # type: int, Page

    def up_to(self, last: int) -> Page:
        found = self._left
        while not found or found[-1][self._number] <= last:
            page = next(self._pages, None)
            if page is None:
                break
            found = found + page if found else page
        place = len(found)
        while place and found[place - 1][self._number] > last:
            place -= 1
        found, self._left = found[:place], found[place:]
        return found


class _Slowly:
    """A chunk in which something differs, entry by entry."""

    def __init__(self, walk: _Walk, first: int, last: int, details: Page, rows: Rows) -> None:
        self._walk, self._first, self._last = walk, first, last
        self._details = sorted(details, key=lambda one: one[0])
        self._rows = rows
        self._tombstones = walk.tombstones(first, last)

    def first_break(self) -> Break:
        """The first entry that does not hold."""
        standing, previous = self._standing(), self._walk.previous
        for place, (entry, hashed) in enumerate(standing):
            number = self._first + place
            broken = chain_break(standing, place, number, previous, self._walk.part.clinics)
            what = None if broken else self._of_detail(entry) or self._of_rows(entry)
            if broken is not None or what is not None:
                return broken or Break(number, Tampering.EDITED, str(what))
            previous = hashed
        number = self._first + len(standing)
        if number <= self._last:
            return Break(number, Tampering.DELETED, f"entry {number} is missing")
        left = min([*self._rows, *(one[0] for one in self._details)], default=self._last)
        return Break(int(left), Tampering.EDITED, "what stands at it cannot be told apart")

    def _standing(self) -> list[Sealed]:
        own = ENTRIES.c.clinic_id == self._walk.part.clinic_id
        between = ENTRIES.c.number.between(self._first, self._last)
        columns = [ENTRIES.c[name] for name in (*AuditEntry._fields, "hash")]
        found = self._walk.connection.execute(
            select(*columns).where(own, between).order_by(ENTRIES.c.number)
        )
        return [Sealed(AuditEntry._make(row[:-1]), row[-1]) for row in found]

    def _of_detail(self, entry: AuditEntry) -> str | None:
        stands = False
        while self._details and self._details[0][0] <= entry.number:
            number, salt, detail = self._details.pop(0)
            if number < entry.number:
                return f"a detail stands at {number} without its entry"
            if detail_digest(salt, detail) != entry.detail_digest:
                return "its detail is not what was sealed"
            stands = True
        return None if stands else self._of_tombstone(entry)

    def _of_tombstone(self, entry: AuditEntry) -> str | None:
        purged = self._tombstones.get(entry.number)
        if purged is None:
            return "its detail is gone, and no tombstone stands for it"
        if purged != entry.detail_digest:
            return "the tombstone of its detail is not what was sealed"
        return None

    def _of_rows(self, entry: AuditEntry) -> str | None:
        rows: Any = self._rows.pop(entry.number, None)
        if rows is None:
            return None if entry.rows_digest == NO_ROWS else "the rows that it sealed are gone"
        if rows_digest(rows) != entry.rows_digest:
            return "the rows that it sealed are not what was sealed"
        return None
