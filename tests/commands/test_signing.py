"""Signing: full proof of who signs, over the digest that was shown, once for each meaning (R25)."""

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import people, signing
from protocol.rules.actions import Action, Role
from protocol.rules.contradictions import ContradictionKind
from protocol.rules.errors import (
    AlreadySigned,
    Contradicted,
    NotPermitted,
    RecordChanged,
    SignInFailed,
)
from protocol.rules.signature import AWAITED, Meaning
from tests.commands.world import SECRET, World, a_dosing, a_reading, at, settled

NOTE = {"kind": "note", "text": "Said afterwards."}


@pytest.fixture
def ended(world: World) -> World:
    """A session that took place and can be signed."""
    world.chart(1, a_reading("heart-rate 71 /min"))
    world.completed()
    return world


def test_a_signature_names_who_when_why_and_over_what(ended: World) -> None:
    digest = ended.record().digest()
    given = ended.sign()
    assert (given.signer.name, given.signer.id) == ("Nurse", ended.nurse.person_id)
    assert (given.meaning, given.signed_at, given.record_digest) == (
        Meaning.AUTHORSHIP, at(60), digest,
    )  # fmt: skip
    assert (given.protocol_version_id, given.policy_version_id) == (ended.protocol, ended.policy)
    record = ended.record()
    assert record.signatures == (given,)
    assert record.digest() == digest
    assert ended.fault() is None


def test_nurse_and_physician_sign_each_with_their_own_meaning(ended: World) -> None:
    for actor, meaning in (
        (ended.nurse, Meaning.APPROVAL), (ended.physician, Meaning.AUTHORSHIP),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            ended.sign(actor, meaning)
    ended.sign()
    ended.sign(ended.physician, Meaning.APPROVAL)
    assert {one.meaning for one in ended.record().signatures} == set(AWAITED)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_does_not_treat_does_not_sign(ended: World, role: str) -> None:
    with pytest.raises(NotPermitted):
        ended.sign(getattr(ended, role))


def test_a_wrong_secret_signs_nothing_and_is_in_the_trail(ended: World) -> None:
    with pytest.raises(SignInFailed, match="Nothing was signed"):
        ended.sign(secret="another secret")
    assert ended.record().signatures == ()


def test_a_closed_account_does_not_sign(ended: World) -> None:
    people.change_person(
        ended.clinic, ended.administrator, ended.nurse.person_id, people.StandingIn(active=False),
        now=at(55),
    )  # fmt: skip
    with pytest.raises(SignInFailed):
        ended.sign()


def test_the_digest_that_was_shown_is_the_digest_of_the_record_now(ended: World) -> None:
    shown = ended.record().digest()
    ended.chart(55, NOTE)
    with pytest.raises(RecordChanged) as refused:
        ended.sign(digest=shown)
    assert refused.value.facts["shown"] == shown
    assert ended.record().signatures == ()


def test_one_meaning_is_signed_once(ended: World) -> None:
    ended.sign()
    with pytest.raises(AlreadySigned, match="Nurse signed the authorship"):
        ended.sign(ended.second_nurse)


def test_a_signature_sent_twice_is_harmless(ended: World) -> None:
    signature = uuid7()
    first = ended.sign(signature=signature)
    assert ended.sign(signature=signature, minute=61) == first
    assert ended.record().signatures == (first,)


def _doctor_nurse(world: World) -> Any:
    person = people.PersonIn(
        id=uuid7(), username="both", name="Both Roles", secret=SECRET,
        roles=(Role.NURSE, Role.PHYSICIAN),
    )  # fmt: skip
    return settled(world.clinic, world.administrator, person)


def test_one_person_does_not_sign_both_meanings(ended: World) -> None:
    both = _doctor_nurse(ended)
    ended.sign(both)
    with pytest.raises(NotPermitted, match="two people"):
        ended.sign(both, Meaning.APPROVAL)


def test_one_person_signs_both_meanings_where_the_policy_lets_them(world: World) -> None:
    world.policy_with(distinct_signers=False)
    session, both = world.session_on(), _doctor_nurse(world)
    world.act(Action.SESSION_CANCEL, 1, session=session, reason="It rained.")
    for meaning in Meaning:
        world.sign(both, meaning, session=session)
    assert len(world.record(session).signatures) == len(Meaning)


CONTRADICTIONS = [
    (ContradictionKind.INFUSION_OPEN, [(1, a_dosing("start", rate="7 mg/h"))]),
    (ContradictionKind.BREACH_OPEN, [(1, a_reading("heart-rate 99 /min"))]),
    (ContradictionKind.ROUND_UNEXPLAINED, [(1, {"kind": "phase", "phase": "infusion"})]),
]


@pytest.mark.parametrize(
    ("kind", "charted"), CONTRADICTIONS, ids=[kind.value for kind, _ in CONTRADICTIONS]
)
def test_a_record_that_contradicts_itself_is_not_signed(
    world: World, kind: ContradictionKind, charted: list[tuple[float, dict[str, Any]]]
) -> None:
    for minute, content in charted:
        world.chart(minute, content)
    if world.record().status.value == "preparation":
        world.act(Action.SESSION_BEGIN, 1)
    world.act(Action.SESSION_COMPLETE, 50)
    with pytest.raises(Contradicted) as refused:
        world.sign()
    assert refused.value.facts["kinds"] == kind.value
    assert world.record().signatures == ()


def test_a_secret_is_in_no_trail(ended: World) -> None:
    from tests.records.test_trail import trail

    with pytest.raises(SignInFailed):
        ended.sign(secret="mistyped secret")
    ended.sign()
    words = str(trail(ended))
    assert "mistyped" not in words
    assert SECRET not in words
    wanted = signing.SignatureIn(
        id=uuid7(), meaning=Meaning.AUTHORSHIP, record_digest="0" * 64, secret=SECRET
    )
    assert SECRET not in repr(wanted)
