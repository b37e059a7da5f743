"""Every refusal of a signature, and what a digest covers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.actions import Actor, Role
from protocol.rules.errors import AlreadySigned, NotPermitted, RecordChanged
from protocol.rules.signature import (
    ASTM_E1762,
    MEANINGS_OF,
    Meaning,
    Signature,
    digest_of,
    require_signable,
)
from tests.rules.examples import a_person, an_actor, an_id, at

NURSE, PHYSICIAN = an_actor(Role.NURSE), an_actor(Role.PHYSICIAN, name="Paul Sample")
BOTH = an_actor(Role.NURSE, Role.PHYSICIAN)
NOW, EARLIER = "d" * 64, "e" * 64


def a_signature(
    meaning: Meaning, name: str = "Nora Sample", digest: str = NOW, number: int = 10
) -> Signature:
    return Signature(
        id=an_id(f"signature {number}"),
        number=number,
        signer=a_person(name=name),
        meaning=meaning,
        signed_at=at(100),
        record_digest=digest,
        protocol_version_id=an_id("protocol"),
        policy_version_id=an_id("policy"),
    )


AUTHORED = a_signature(Meaning.AUTHORSHIP)


def sign(
    actor: Actor, meaning: Meaning, *present: Signature, shown: str = NOW, distinct: bool = True
) -> None:
    require_signable(actor, meaning, shown, NOW, present, distinct_signers=distinct)


def test_a_nurse_signs_as_author_and_a_physician_approves() -> None:
    sign(NURSE, Meaning.AUTHORSHIP)
    sign(PHYSICIAN, Meaning.APPROVAL, AUTHORED)


@pytest.mark.parametrize(
    ("role", "meaning"),
    [
        (role, meaning)
        for role in Role
        for meaning in Meaning
        if meaning not in MEANINGS_OF.get(role, ())
    ],
)
def test_a_meaning_of_another_role_is_refused(role: Role, meaning: Meaning) -> None:
    with pytest.raises(NotPermitted, match=f"{meaning} is not granted to {role}"):
        sign(an_actor(role), meaning)


def test_who_has_no_role_signs_nothing() -> None:
    with pytest.raises(NotPermitted):
        sign(an_actor(), Meaning.AUTHORSHIP)


def test_one_meaning_is_signed_once_per_version() -> None:
    with pytest.raises(AlreadySigned) as caught:
        sign(an_actor(Role.NURSE, name="Another Sample"), Meaning.AUTHORSHIP, AUTHORED)
    assert caught.value.facts == {"meaning": "authorship", "signed_by": "Nora Sample"}


def test_one_person_does_not_author_and_approve() -> None:
    with pytest.raises(NotPermitted, match="asks two people"):
        sign(BOTH, Meaning.APPROVAL, AUTHORED)
    with pytest.raises(NotPermitted, match="asks two people"):
        sign(BOTH, Meaning.AUTHORSHIP, a_signature(Meaning.APPROVAL))


def test_one_person_may_do_both_where_the_policy_allows_it() -> None:
    sign(BOTH, Meaning.APPROVAL, AUTHORED, distinct=False)


def test_a_signature_over_an_earlier_version_does_not_count_for_this_one() -> None:
    sign(NURSE, Meaning.AUTHORSHIP, a_signature(Meaning.AUTHORSHIP, digest=EARLIER))


@pytest.mark.parametrize("shown", ["", EARLIER, NOW.upper(), NOW[:-1]])
def test_what_was_shown_is_what_is_signed(shown: str) -> None:
    with pytest.raises(RecordChanged) as caught:
        sign(NURSE, Meaning.AUTHORSHIP, shown=shown)
    assert caught.value.facts == {"shown": shown, "now": NOW}


def test_a_signature_survives_json_and_has_a_code_for_its_meaning() -> None:
    assert Signature.model_validate_json(AUTHORED.model_dump_json()) == AUTHORED
    assert set(ASTM_E1762) == set(Meaning)
    assert len(set(ASTM_E1762.values())) == len(Meaning)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
@settings(max_examples=25)
def test_a_digest_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    assert digest_of(dict(reversed(list(value.items())))) == digest_of(value)


@given(JSON, JSON)
@settings(max_examples=30)
def test_two_values_have_two_digests(one: object, other: object) -> None:
    same = type(one) is type(other) and repr(one) == repr(other)
    if digest_of(one) == digest_of(other):
        assert same or one == other
    else:
        assert not same
