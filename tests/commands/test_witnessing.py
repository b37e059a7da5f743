"""Who witnesses proves to be there, is somebody else, and may (R76): each refusal is its own."""

import pytest
from uuid_utils.compat import uuid7

from protocol.commands.proving import NOT_ACCEPTED
from protocol.commands.witnessing import witness
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotPermitted, SignInFailed
from tests.commands.proofs import WRONG, Authenticator, last
from tests.commands.world import SECRET, World, at

ACT = Action.CUSTODY_WASTE


def proves(
    world: World, username: str, secret: str = SECRET, code: str | None = None, minute: float = 0
) -> Actor:
    return witness(
        world.clinic, world.nurse, username, secret, ACT, now=at(minute), code=code,
        session=world.session, subject=uuid7(),
    )  # fmt: skip


def test_another_nurse_or_a_physician_witnesses(world: World) -> None:
    assert proves(world, "second_nurse").person_id == world.second_nurse.person_id
    assert proves(world, "physician").person_id == world.physician.person_id


@pytest.mark.parametrize(
    ("username", "secret", "refusal", "said"),
    [
        ("nurse", SECRET, NotPermitted, "the same person"),
        ("administrator", SECRET, NotPermitted, "no nurse or physician"),
        ("auditor", SECRET, NotPermitted, "no nurse or physician"),
        ("physician", WRONG, SignInFailed, NOT_ACCEPTED),
        ("nobody", SECRET, SignInFailed, NOT_ACCEPTED),
    ],
)
def test_who_does_not_is_refused_and_the_refusal_is_about_the_session(
    world: World, username: str, secret: str, refusal: type[Exception], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        proves(world, username, secret)
    entry = last(world)
    assert (entry["action"], entry["outcome"]) == (ACT.value, "refused")
    assert (entry["session_id"], entry["patient_id"]) == (str(world.session), str(world.patient))


def test_a_witness_with_a_second_factor_gives_its_code(world: World) -> None:
    held = Authenticator(world, world.physician)
    with pytest.raises(SignInFailed):
        proves(world, "physician")
    code = held.code(5)
    assert proves(world, "physician", code=code, minute=5)
    with pytest.raises(SignInFailed):  # a code is taken once
        proves(world, "physician", code=code, minute=5)


def test_wrong_secrets_of_a_witness_count_for_the_lock_out(world: World) -> None:
    world.policy_with(access={"failures_max": 3, "lock_out_min": 5})
    for minute in (0, 1, 2):
        with pytest.raises(SignInFailed):
            proves(world, "physician", WRONG, minute=minute)
    with pytest.raises(SignInFailed):
        proves(world, "physician", minute=3)
    assert proves(world, "physician", minute=8)
