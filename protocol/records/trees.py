"""The Merkle tree of a clinic's chain, over stored subtrees: a root and a proof cost log(n).

Complete subtrees of every fourth height are kept beside the chain: a node is read, or made from at
most sixteen below it. They are kept when someone asks for a root or a proof, never while a nurse
charts, so appending stays flat (R181). What is kept can be made again from the entries, and
`audit verify` does, so a wrong one is named there.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select

from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.records.sealing import ENTRIES, head
from protocol.records.tables import AuditSubtreeRow
from protocol.rules.checkpoints import TreeHead
from protocol.rules.merkle import (
    HASH_BYTES,
    consistency_proof,
    inclusion_proof,
    levels,
    root_of,
)

KEPT_EVERY = 4  # heights: 4, 8, 12 ..., of 16, 256, 4096 ... entries
SUBTREES = table(AuditSubtreeRow)
# How many entries one turn at the door covers, so that nobody waits long behind it.
_ENTRIES_A_TURN = 1 << 16
_READ = 4_096


class Included(NamedTuple):
    """An entry's hash, and the path from it to the root of a tree."""

    number: int
    leaf: bytes
    head: TreeHead
    path: list[bytes]


class Tree:
    """The tree over the entries that a connection sees."""

    def __init__(self, connection: Connection, clinic_id: str) -> None:
        self._connection, self._clinic_id = connection, clinic_id

    @property
    def size(self) -> int:
        """How many entries there are."""
        own = ENTRIES.c.clinic_id == self._clinic_id
        found = self._connection.execute(select(func.max(ENTRIES.c.number)).where(own))
        return int(found.scalar_one() or 0)

    def head(self, size: int | None = None) -> TreeHead:
        """The tree over the first `size` entries, or over all. Raises ValueError beyond them."""
        wanted = self.size if size is None else size
        return TreeHead(wanted, root_of(wanted, self.node))

    def included(self, number: int, size: int | None = None) -> Included:
        """An entry in the tree of `size` entries. Raises ValueError where it is not in it."""
        found = self.head(size)
        path = inclusion_proof(number - 1, found.size, self.node)
        return Included(number, self.node(0, number - 1), found, path)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """That the tree of `new` entries begins with that of `old`. Raises ValueError."""
        return consistency_proof(old, new, self.node)

    def node(self, height: int, position: int) -> bytes:
        """A complete subtree's hash. Raises ValueError where an entry of it is missing."""
        above = height % KEPT_EVERY
        row = self.row(height - above, position << above, 1 << above)
        return levels(b"".join(row))[above]

    def row(self, height: int, first: int, count: int) -> list[bytes]:
        """Neighbouring subtrees of a height that is kept, from the kept ones or from below."""
        kept = self.kept(height, first, count)
        if height == 0 and len(kept) != count:
            raise ValueError(f"an entry between {first + 1} and {first + count} is missing")
        return [
            kept[place] if place in kept else self._made(height, place)
            for place in range(first, first + count)
        ]

    def _made(self, height: int, position: int) -> bytes:
        width = 1 << KEPT_EVERY
        below = self.row(height - KEPT_EVERY, position * width, width)
        return levels(b"".join(below))[KEPT_EVERY]

    def kept(self, height: int, first: int, count: int) -> dict[int, bytes]:
        """The stored ones among them, by position; a leaf is an entry's hash."""
        if height == 0:
            place, hashed = ENTRIES.c.number - 1, ENTRIES.c.hash
            own = and_(
                ENTRIES.c.clinic_id == self._clinic_id,
                ENTRIES.c.number.between(first + 1, first + count),
            )
        else:
            place, hashed = SUBTREES.c.position, SUBTREES.c.hash
            own = and_(self._of(height), place.between(first, first + count - 1))
        found = self._connection.execute(select(place, hashed).where(own))
        return {position: _bytes(words) for position, words in found}

    def how_many(self, height: int) -> int:
        """How many subtrees of a height are kept: they are kept from the left, without gaps."""
        if height == 0:
            return self.size
        last = select(func.max(SUBTREES.c.position)).where(self._of(height))
        found = self._connection.execute(last).scalar_one()
        return 0 if found is None else int(found) + 1

    def _of(self, height: int) -> ColumnElement[bool]:
        return and_(SUBTREES.c.clinic_id == self._clinic_id, SUBTREES.c.height == height)

    def keep(self, entries: int) -> None:
        """Keep what is complete within the first `entries` and not kept yet."""
        width, height = 1 << KEPT_EVERY, KEPT_EVERY
        while entries >> height:
            start, end = self.how_many(height), entries >> height
            for first in range(start, end, _READ // width):
                count = min(_READ // width, end - first)
                below = self.row(height - KEPT_EVERY, first * width, count * width)
                self._insert(height, first, levels(b"".join(below))[KEPT_EVERY])
            height += KEPT_EVERY

    def _insert(self, height: int, first: int, hashes: bytes) -> None:
        step = HASH_BYTES
        rows: list[dict[str, Any]] = [
            {
                "clinic_id": self._clinic_id, "height": height, "position": first + place,
                "hash": hashes[place * step : (place + 1) * step].hex(),
            }
            for place in range(len(hashes) // step)
        ]  # fmt: skip
        self._connection.execute(insert(SUBTREES), rows)


def _bytes(words: str) -> bytes:
    found = bytes.fromhex(words)
    if len(found) != HASH_BYTES:
        raise ValueError("a hash is not of 32 bytes")
    return found


def keep_subtrees(clinic: Clinic) -> None:
    """Keep the subtrees that the committed chain completes, in short turns at the clinic's door.

    No act and no entry of its own: they say nothing that the entries do not say.
    """
    clinic_id, more = str(clinic.id), True
    with clinic.database.looking() as connection:
        tree = Tree(connection, clinic_id)
        more = tree.size >> KEPT_EVERY > tree.how_many(KEPT_EVERY)
    door = clinic.database.door(clinic_id)
    while more:
        group = door.enter()
        try:
            head(group, clinic.database, clinic_id)  # other processes wait from here on
            tree = Tree(group.connection, clinic_id)
            size, done = tree.size, tree.how_many(KEPT_EVERY) << KEPT_EVERY
            tree.keep(min(size, done + _ENTRIES_A_TURN))
            more = size > done + _ENTRIES_A_TURN
        finally:
            door.leave(group)


def committed_head(clinic: Clinic) -> TreeHead:
    """The tree over everything that is committed now; what an anchor or a checkpoint stands on."""
    keep_subtrees(clinic)
    with clinic.database.looking() as connection:
        return Tree(connection, str(clinic.id)).head()
