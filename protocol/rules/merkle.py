"""The Merkle tree over a chain's entries: root, inclusion and consistency proofs (R181).

RFC 6962 section 2.1 and RFC 9162 section 2.1. The leaves are the entries' hashes, which carry the
0x00 prefix already (`rules/audit.py`); here is only the 0x01 of the nodes. A tree of any size is a
row of complete subtrees, each named by its height and its position among those of that height, so
whoever can look up complete subtrees answers every question here at a cost of log(n).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

NODE = b"\x01"  # RFC 6962 section 2.1: domain separation of nodes from leaves
EMPTY_ROOT = sha256(b"").digest()
HASH_BYTES = 32
# The hash of the complete subtree of a height at a position; height 0 is a leaf.
Nodes = Callable[[int, int], bytes]


class Subtree(NamedTuple):
    """A complete subtree: over 2**height leaves, the position-th of its height from the left."""

    height: int
    position: int


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(NODE + left + right).digest()


def complete_subtrees(start: int, end: int) -> Iterator[Subtree]:
    """The largest complete subtrees, left to right, that make up the leaves from start to end."""
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        yield Subtree(height, start >> height)
        start += 1 << height


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root over a row of complete subtrees, the larger ones to the left."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(size: int, nodes: Nodes) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _root_between(0, size, nodes)


def _root_between(start: int, end: int, nodes: Nodes) -> bytes:
    """The root over a range that a proof names: it begins where a subtree of its size may."""
    return joined([nodes(*one) for one in complete_subtrees(start, end)])


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The audit path of the leaf at `index` (from 0) in the tree of `size`, the lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_root_between(middle, end, nodes))
            end = middle
        else:
            path.append(_root_between(start, middle, nodes))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """That the tree of `new` leaves begins with the tree of `old` (RFC 6962 section 2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not begin with one of {old}")
    if old in (0, new):
        return []
    path, start, end, whole = [], 0, new, True
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_root_between(middle, end, nodes))
            end = middle
        else:
            path.append(_root_between(start, middle, nodes))
            start, whole = middle, False
    if not whole:
        path.append(_root_between(start, end, nodes))
    return path[::-1]


def _split(width: int) -> int:
    """The largest power of two smaller than the width."""
    return 1 << (width - 1).bit_length() - 1


def is_included(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:  # fmt: skip
    """Whether the path leads from the leaf to the root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the newer tree begins with the older one (RFC 9162 section 2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if old > new or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        place, last = place >> 1, last >> 1
    return last == 0 and (older, newer) == (old_root, new_root)


def levels(leaves: bytes) -> list[bytes]:
    """The complete subtrees over some leaves, level by level, each level's hashes in one piece.

    A level is half as long as the one below it; what is left over on the right has no parent here.
    """
    found = [leaves]
    step = 2 * HASH_BYTES
    while len(found[-1]) >= step:
        below = found[-1]
        places = range(0, len(below) - step + 1, step)
        found.append(b"".join([sha256(NODE + below[i : i + step]).digest() for i in places]))
    return found


def nodes_in(found: Sequence[bytes]) -> Nodes:
    """The subtrees of `levels()` by height and position."""

    def node(height: int, position: int) -> bytes:
        start = position * HASH_BYTES
        return found[height][start : start + HASH_BYTES]

    return node


class Frontier:
    """The right edge of a growing tree: log(n) hashes, whatever its size (R188)."""

    def __init__(self) -> None:
        self.size = 0
        self._row: list[tuple[int, bytes]] = []

    def add(self, subtree: bytes, height: int = 0) -> list[tuple[Subtree, bytes]]:
        """Put a complete subtree to the right; answers it and all those that it completes.

        Raises ValueError where a subtree of this height cannot begin.
        """
        if self.size % (1 << height):
            raise ValueError(f"no subtree of height {height} begins at {self.size}")
        start, made = self.size, []
        self.size += 1 << height
        made.append((Subtree(height, start >> height), subtree))
        while self._row and self._row[-1][0] == height:
            subtree, height = node_hash(self._row.pop()[1], subtree), height + 1
            made.append((Subtree(height, start >> height), subtree))
        self._row.append((height, subtree))
        return made

    def root(self, more: Iterable[bytes] = ()) -> bytes:
        """The root, with smaller complete subtrees yet to the right if there are any."""
        return joined([*(subtree for _, subtree in self._row), *more])
