"""A draft opens with the token and at the place that it was kept for, and not otherwise (R42)."""

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.rules.drafts import (
    DRAFT_BYTES_MAX,
    DRAFT_DEPTH_MAX,
    NONCE_BYTES,
    DraftIn,
    DraftPlace,
    decrypted,
    encrypted,
)
from protocol.rules.errors import DraftUnreadable

TOKEN = "an invented token of thirty-two bytes or more"
PLACE = DraftPlace(UUID(int=1), UUID(int=2), UUID(int=3))
NONCE = bytes(range(NONCE_BYTES))
DRAFT = DraftIn(content={"note": "She murmured", "value": "1.10"})
TYPED = st.dictionaries(
    st.text(max_size=9),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=9,
    ),
    max_size=5,
)


def rule(content: object) -> str:
    with pytest.raises(ValidationError) as refused:
        DraftIn.model_validate({"content": content})
    return refused.value.errors()[0]["type"]


@given(TYPED, st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES))
def test_what_was_typed_comes_back_as_it_was_typed(content: dict[str, object], nonce: bytes):
    kept = encrypted(DraftIn(content=content), TOKEN, PLACE, nonce)
    assert json.dumps(decrypted(kept, TOKEN, PLACE)) == json.dumps(content)


def test_another_token_opens_nothing():
    kept = encrypted(DRAFT, TOKEN, PLACE, NONCE)
    for other in (TOKEN + " ", TOKEN[:-1], "", "x" * 43):
        with pytest.raises(DraftUnreadable):
            decrypted(kept, other, PLACE)


@pytest.mark.parametrize("field", DraftPlace._fields)
def test_a_draft_that_was_put_elsewhere_does_not_open(field: str):
    kept = encrypted(DRAFT, TOKEN, PLACE, NONCE)
    with pytest.raises(DraftUnreadable):
        decrypted(kept, TOKEN, PLACE._replace(**{field: UUID(int=9)}))


def test_every_flipped_bit_and_every_cut_is_refused():
    kept = encrypted(DRAFT, TOKEN, PLACE, NONCE)
    assert b"murmured" not in kept
    for bit in range(len(kept) * 8):
        changed = bytearray(kept)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DraftUnreadable):
            decrypted(bytes(changed), TOKEN, PLACE)
    for length in range(len(kept)):
        with pytest.raises(DraftUnreadable) as refused:
            decrypted(kept[:length], TOKEN, PLACE)
    assert refused.value.code == "draft-unreadable"


def test_a_draft_is_an_object_of_text_and_whole_numbers():
    others: tuple[object, ...] = (None, [], "text", 1, True)
    for other in others:
        assert rule(other) == "dict_type"
    for content in ({"a": 1.1}, {"a": [{"b": 1e2}]}):
        assert rule(content) == "number_not_text"
    assert DraftIn(content={"a": [1, True, None, "", {"b": 10**40}]})


def test_a_draft_has_a_bound_in_bytes_and_in_depth():
    empty = len('{"a":""}')
    assert DraftIn(content={"a": "é" * ((DRAFT_BYTES_MAX - empty) // 2)})
    assert rule({"a": "é" * ((DRAFT_BYTES_MAX - empty) // 2 + 1)}) == "too_large"
    nested: dict[str, object] = {}
    for _ in range(DRAFT_DEPTH_MAX - 1):
        nested = {"a": nested}
    assert DraftIn(content=nested)
    assert rule({"a": nested}) == "too_deep"
    for _ in range(100_000):
        nested = {"a": nested}
    assert rule(nested) == "too_deep"
