"""The Merkle tree against the very definitions of RFC 6962, and proofs that cannot be bent."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    Frontier,
    Nodes,
    Subtree,
    complete_subtrees,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    levels,
    nodes_in,
    root_of,
)

# The eight leaves that every implementation of RFC 6962 is tested with, and the roots over them.
DATA = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(1, 300)


def leaf(number: int) -> bytes:
    return sha256(b"\x00" + str(number).encode()).digest()


def leaves(size: int) -> list[bytes]:
    return [leaf(number) for number in range(size)]


def nodes(hashes: Sequence[bytes]) -> Nodes:
    return nodes_in(levels(b"".join(hashes)))


# RFC 6962 section 2.1, word for word: k is the largest power of two smaller than n.
def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(d: Sequence[bytes]) -> bytes:
    if not d:
        return sha256(b"").digest()
    if len(d) == 1:
        return d[0]
    k = split(len(d))
    return sha256(b"\x01" + mth(d[:k]) + mth(d[k:])).digest()


def path(m: int, d: Sequence[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: Sequence[bytes], b: bool) -> list[bytes]:
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], b), mth(d[k:])]
    return [*subproof(m - k, d[k:], False), mth(d[:k])]


def test_the_roots_of_the_published_eight_leaves() -> None:
    hashes = [sha256(b"\x00" + bytes.fromhex(one)).digest() for one in DATA]
    node = nodes(hashes)
    assert [root_of(size, node).hex() for size in range(1, 9)] == ROOTS
    assert root_of(0, node) == EMPTY_ROOT == sha256(b"").digest()


@given(SIZES)
def test_the_root_is_the_one_of_the_definition(size: int) -> None:
    hashes = leaves(size)
    assert root_of(size, nodes(hashes)) == mth(hashes)


@given(SIZES, st.data())
def test_an_inclusion_proof_is_the_path_of_the_definition_and_holds(
    size: int, data: st.DataObject
) -> None:
    hashes, index = leaves(size), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, nodes(hashes))
    assert proof == path(index, hashes)
    assert len(proof) <= (size - 1).bit_length()
    assert is_included(hashes[index], index, size, proof, mth(hashes))


@given(SIZES, st.data())
def test_a_consistency_proof_is_the_one_of_the_definition_and_holds(
    new: int, data: st.DataObject
) -> None:
    hashes, old = leaves(new), data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, nodes(hashes))
    assert proof == subproof(old, hashes, True)
    assert len(proof) <= new.bit_length() + 1
    assert is_consistent(old, new, mth(hashes[:old]), mth(hashes), proof)


def bent(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with a step changed, left out, doubled, or two exchanged."""
    place = data.draw(st.integers(0, len(proof) - 1))
    other = bytes([proof[place][0] ^ 1]) + proof[place][1:]
    ways = [
        [*proof[:place], other, *proof[place + 1 :]],
        [*proof[:place], *proof[place + 1 :]],
        [*proof[:place], proof[place], *proof[place:]],
        [*proof, proof[place]],
        proof[1:] + proof[:1] if len(proof) > 1 else [],
    ]
    return data.draw(st.sampled_from(ways))


@given(st.integers(2, 300), st.data())
def test_a_bent_inclusion_proof_does_not_hold(size: int, data: st.DataObject) -> None:
    hashes, index = leaves(size), data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, nodes(hashes)), mth(hashes)
    assert not is_included(hashes[index], index, size, bent(proof, data), root)
    assert not is_included(leaf(-1), index, size, proof, root)
    assert not is_included(hashes[index], index, size, proof, leaf(-1))
    for elsewhere in (index - 1, index + 1):
        assert not is_included(hashes[index], elsewhere, size, proof, root)


@given(st.integers(3, 300), st.data())
def test_a_bent_consistency_proof_does_not_hold(new: int, data: st.DataObject) -> None:
    hashes, old = leaves(new), data.draw(st.integers(1, new - 1))
    proof, before, after = (
        consistency_proof(old, new, nodes(hashes)),
        mth(hashes[:old]),
        mth(hashes),
    )
    assert not is_consistent(old, new, before, after, bent(proof, data))
    assert not is_consistent(old, new, leaf(-1), after, proof)
    assert not is_consistent(old, new, before, leaf(-1), proof)
    assert not is_consistent(new, old, after, before, proof)


@given(st.integers(2, 120), st.data())
def test_no_proof_makes_an_altered_history_consistent(new: int, data: st.DataObject) -> None:
    hashes, old = leaves(new), data.draw(st.integers(1, new - 1))
    altered = list(hashes)
    altered[data.draw(st.integers(0, old - 1))] = leaf(-2)
    for over in (hashes, altered):
        proof = consistency_proof(old, new, nodes(over))
        assert not is_consistent(old, new, mth(hashes[:old]), mth(altered), proof)


def test_nothing_is_included_in_a_tree_that_it_is_not_of() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_proof(3, 3, nodes(leaves(3)))
    with pytest.raises(ValueError, match="does not begin"):
        consistency_proof(4, 3, nodes(leaves(3)))
    assert not is_included(leaf(0), 0, 0, [], EMPTY_ROOT)
    assert is_consistent(0, 5, EMPTY_ROOT, leaf(1), [])
    assert not is_consistent(0, 5, leaf(1), leaf(2), [])
    assert not is_consistent(2, 5, leaf(1), leaf(2), [])


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_complete_subtrees_cover_a_range_once_and_in_order(one: int, other: int) -> None:
    start, end = sorted((one, other))
    covered: list[int] = []
    for height, position in complete_subtrees(start, end):
        covered += range(position << height, (position + 1) << height)
    assert covered == list(range(start, end))


@given(SIZES, st.integers(0, 4))
def test_a_frontier_grows_to_the_same_roots(size: int, height: int) -> None:
    hashes, width = leaves(size << height), 1 << height
    frontier = Frontier()
    every: dict[Subtree, bytes] = {}
    for start in range(0, len(hashes), width):
        below = levels(b"".join(hashes[start : start + width]))
        every.update(frontier.add(below[height], height))
    assert frontier.size == size << height
    assert frontier.root() == mth(hashes)
    node = nodes(hashes)
    assert all(node(*subtree) == found for subtree, found in every.items())
    assert frontier.root([leaf(-3)]) == mth([*hashes, leaf(-3)])


def test_a_subtree_begins_only_where_its_height_lets_it() -> None:
    frontier = Frontier()
    frontier.add(leaf(1))
    with pytest.raises(ValueError, match="no subtree of height 1"):
        frontier.add(leaf(2), 1)


def test_a_level_keeps_no_half_pair() -> None:
    assert [len(one) // HASH_BYTES for one in levels(b"".join(leaves(7)))] == [7, 3, 1]
