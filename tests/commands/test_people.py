"""Accounts: one person's for ever, proved by a secret, and ended with the next request (R28)."""

from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import people, proving, signing_in
from protocol.commands.people import PersonIn, StandingIn
from protocol.commands.proving import NOT_ACCEPTED
from protocol.commands.signing_in import SignedIn
from protocol.records import accounts
from protocol.rules.access import LONGEST
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.errors import (
    IdConflict,
    Impossible,
    NotFound,
    NotPermitted,
    NotSignedIn,
    SignInFailed,
)
from tests.commands.world import SECRET, World, a_person, at
from tests.records.attack import SEALED_TABLES, Attack


def sign_in(world: World, username: str = "nurse", secret: str = SECRET) -> SignedIn:
    return signing_in.sign_in(world.clinic, username, secret, now=at(0), workstation="chair 2")


def holder(world: World, signed_in: SignedIn, minute: float = 1) -> Actor:
    token = signing_in.token_hash(signed_in.token)
    clinic, actor = accounts.actor_by_token(world.database, token, at(minute), "chair 2")
    assert clinic.id == world.clinic.id
    return actor


def close(world: World, person: Actor) -> None:
    people.change_person(
        world.clinic, world.administrator, person.person_id, StandingIn(active=False), now=at(5)
    )


def test_who_signed_in_is_known_by_the_token(world: World) -> None:
    actor = holder(world, sign_in(world))
    assert (actor.person_id, actor.roles, actor.workstation) == (
        world.nurse.person_id, frozenset({Role.NURSE}), "chair 2",
    )  # fmt: skip


def test_unknown_user_wrong_secret_and_closed_account_get_one_sentence(world: World) -> None:
    close(world, world.second_nurse)
    sentences = set()
    for username, secret in (
        ("nobody", SECRET), ("nurse", "wrong secret"), ("second_nurse", SECRET), ("NURSE", SECRET),
    ):  # fmt: skip
        with pytest.raises(SignInFailed) as refused:
            sign_in(world, username, secret)
        sentences.add(refused.value.sentence)
    assert sentences == {NOT_ACCEPTED}


def test_a_closed_account_ends_with_the_next_request(world: World) -> None:
    signed_in = sign_in(world)
    assert holder(world, signed_in).username == "nurse"
    close(world, world.nurse)
    with pytest.raises(NotSignedIn):
        holder(world, signed_in)


def test_new_roles_hold_from_the_next_request(world: World) -> None:
    signed_in = sign_in(world)
    standing = StandingIn(roles=(Role.AUDITOR,), credential="RN")
    people.change_person(
        world.clinic, world.administrator, world.nurse.person_id, standing, now=at(5)
    )
    actor = holder(world, signed_in, 6)
    assert (actor.roles, actor.credential) == (frozenset({Role.AUDITOR}), "RN")


def test_a_token_ends_at_its_time_and_at_signing_out(world: World) -> None:
    first, second = sign_in(world), sign_in(world)
    life = LONGEST / timedelta(minutes=1)
    for minute in range(14, int(life), 14):  # a sign of life before each lock
        assert holder(world, first, minute)
    assert holder(world, first, life - 0.01)
    with pytest.raises(NotSignedIn):
        holder(world, first, life)
    signing_in.sign_out(world.clinic, world.nurse, second.token, now=at(2))
    with pytest.raises(NotSignedIn):
        holder(world, second, 3)


def test_an_invented_token_is_nobodys(world: World) -> None:
    signed_in = sign_in(world)
    for token in ("", "x" * 43, signing_in.token_hash(signed_in.token)):
        with pytest.raises(NotSignedIn):
            holder(world, signed_in._replace(token=token))


def test_a_user_name_is_never_given_again(world: World) -> None:
    close(world, world.nurse)
    with pytest.raises(Impossible, match="given before"):
        people.add_person(
            world.clinic, world.administrator, a_person("nurse", Role.NURSE), now=at(6)
        )


def test_an_account_is_added_once(world: World) -> None:
    person = a_person("newcomer", Role.NURSE)
    for minute in (1, 2):
        people.add_person(world.clinic, world.administrator, person, now=at(minute))
    other = person.model_copy(update={"roles": (Role.PHYSICIAN,)})
    with pytest.raises(IdConflict):
        people.add_person(world.clinic, world.administrator, other, now=at(3))
    found = people.people(world.clinic, world.administrator, now=at(4))
    assert [one.roles for one in found if one.username == "newcomer"] == [{Role.NURSE}]


def test_nobody_changes_the_own_standing(world: World) -> None:
    standing = StandingIn(roles=tuple(Role))
    with pytest.raises(NotPermitted, match="own standing"):
        people.change_person(
            world.clinic, world.administrator, world.administrator.person_id, standing, now=at(1)
        )
    with pytest.raises(NotFound):
        people.change_person(world.clinic, world.administrator, uuid7(), standing, now=at(1))


def test_only_an_administrator_gives_accounts(world: World) -> None:
    closed = StandingIn(active=False)
    for actor in (world.nurse, world.physician, world.auditor):
        with pytest.raises(NotPermitted):
            people.add_person(world.clinic, actor, a_person("x", Role.NURSE), now=at(1))
        with pytest.raises(NotPermitted):
            people.change_person(
                world.clinic, actor, world.second_nurse.person_id, closed, now=at(1)
            )


def test_a_new_secret_takes_the_old_ones_place(world: World) -> None:
    with pytest.raises(SignInFailed):
        people.set_secret(world.clinic, world.nurse, "wrong secret", "a new secret here", now=at(1))
    people.set_secret(world.clinic, world.nurse, SECRET, "a new secret here", now=at(2))
    with pytest.raises(SignInFailed):
        sign_in(world)
    assert holder(world, sign_in(world, secret="a new secret here"))


def test_no_secret_and_no_token_is_kept_in_the_open(world: World) -> None:
    signed_in = sign_in(world)
    with Attack.looking(world) as looking:
        words = "".join(str(looking.rows(one)) for one in SEALED_TABLES)
    assert SECRET not in words
    assert signed_in.token not in words
    assert words.count("$argon2id$") == 6 + 5  # five have set an own secret
    assert SECRET not in repr(a_person("x", Role.NURSE))
    with pytest.raises(ValueError, match="at least 12"):
        PersonIn(id=uuid7(), username="x", name="X", roles=(Role.NURSE,), secret="too short")


def test_a_second_person_is_another_who_treats_and_proves_it(world: World) -> None:
    def second(username: str, secret: str = SECRET) -> Actor:
        return proving.second_person(
            world.clinic, world.nurse, username, secret, Action.BREACH_OVERRIDE, now=at(1)
        )

    assert second("physician").person_id == world.physician.person_id
    with pytest.raises(SignInFailed):
        second("physician", "wrong secret")
    with pytest.raises(NotPermitted, match="same person"):
        second("nurse")
    with pytest.raises(NotPermitted, match="no nurse or physician"):
        second("administrator")
    with Attack.looking(world) as looking:
        last = looking.entry(-1)
    assert (last["action"], last["outcome"]) == ("breach:override", "refused")
