"""Proving to be someone: one answer for whatever is wrong, counted, and kept nowhere (R27, R34)."""

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import people, proving, signing_in
from protocol.commands.people import StandingIn
from protocol.commands.proving import NOT_ACCEPTED
from protocol.records.accounts import credentials
from protocol.rules.access import AUDITOR
from protocol.rules.actions import Action, Held, Role
from protocol.rules.credentials import Credential
from protocol.rules.errors import (
    CredentialExpired,
    NotPermitted,
    NotSignedIn,
    SecondFactorMissing,
    SecretGuessable,
    SecretTemporary,
    SignInFailed,
)
from tests.commands.proofs import WRONG, Authenticator, holder, last, sign_in
from tests.commands.world import FIRST_SECRET, SECRET, World, a_person, an_actor, at
from tests.hashing import hash_cheaply
from tests.records.attack import SEALED_TABLES, Attack
from tests.records.test_trail import trail

THREE = {"failures_max": 3, "lock_out_min": 5}


def fails(world: World, username: str = "nurse", minute: float = 0, **more: str) -> None:
    with pytest.raises(SignInFailed) as refused:
        sign_in(world, username, WRONG, minute, **more)
    assert (refused.value.sentence, refused.value.facts) == (NOT_ACCEPTED, {})


def test_after_so_many_failures_the_right_secret_is_refused_too_and_later_taken(
    world: World,
) -> None:
    world.policy_with(access=THREE)
    for minute in (0, 1, 2):
        fails(world, minute=minute)
    with pytest.raises(SignInFailed, match="too many attempts"):
        sign_in(world, minute=6.9)
    assert holder(world, sign_in(world, minute=7), 8)
    assert sign_in(world, "second_nurse", minute=3)


def test_a_right_secret_forgets_the_failures_before_it(world: World) -> None:
    world.policy_with(access=THREE)
    for minute in (0, 1):
        fails(world, minute=minute)
    sign_in(world, minute=2)
    for later in (2.1, 2.2):
        fails(world, minute=later)
    assert sign_in(world, minute=2.3)


def test_a_workstation_is_paused_whoever_is_tried_from_it(world: World) -> None:
    world.policy_with(access=THREE | {"failures_at_workstation_max": 4})
    for username in ("nobody", "nurse", "physician", "nobody else"):
        fails(world, username)
    with pytest.raises(SignInFailed):
        sign_in(world, "second_nurse", minute=1)
    assert sign_in(world, "second_nurse", minute=1, workstation="chair 3")


def test_every_place_that_takes_a_secret_counts_for_one_lock_out(world: World) -> None:
    world.policy_with(access=THREE)
    world.completed()
    signed_in = sign_in(world)
    with pytest.raises(SignInFailed, match="Nothing was signed"):
        world.sign(secret=WRONG)
    with pytest.raises(SignInFailed, match="The second person"):
        proving.second_person(
            world.clinic, world.physician, "nurse", WRONG, Action.BREACH_OVERRIDE, now=at(60)
        )
    with pytest.raises(SignInFailed):
        people.set_secret(world.clinic, world.nurse, WRONG, "an own secret anew", now=at(60))
    assert last(world)["detail"]["paused"] == f"account {world.nurse.person_id}"
    with pytest.raises(SignInFailed):
        world.sign(minute=61)
    with pytest.raises(SignInFailed):
        signing_in.unlock(world.clinic, signed_in.token, SECRET, now=at(61))
    assert world.record().signatures == ()
    assert world.sign(minute=66)


def test_a_failure_says_in_the_trail_who_what_and_where_and_never_what_was_tried(
    world: World,
) -> None:
    world.completed()
    with pytest.raises(SignInFailed):
        world.sign(secret=WRONG)
    entry = last(world)
    assert (entry["action"], entry["code"]) == ("session:sign", "sign-in-failed")
    assert entry["session_id"] == str(world.session)
    assert entry["patient_id"] == str(world.patient)
    assert entry["person_id"] == str(world.nurse.person_id)
    fails(world, username=SECRET)  # a secret typed into the field of the user name
    assert last(world)["detail"]["account"] == "unknown"
    fails(world)
    assert last(world)["detail"]["account"] == str(world.nurse.person_id)
    with Attack.looking(world) as looking:
        kept = str([looking.rows(one) for one in SEALED_TABLES]) + str(trail(world))
    assert WRONG not in kept
    assert SECRET not in kept


def test_unknown_users_cost_the_same_statements_as_known_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import event

    said: list[str] = []
    checks: list[str] = []
    hasher = proving._hasher()
    verify = hasher.verify_and_update

    def counted(secret: str, hashed: str) -> object:
        checks.append(hashed)
        return verify(secret, hashed)

    monkeypatch.setattr(hasher, "verify_and_update", counted)
    event.listen(
        world.database.engine, "before_cursor_execute", lambda *given: said.append(given[2])
    )
    costs = []
    for username in ("nobody", "nurse"):  # what is written once for each subject
        fails(world, username)
    for username in ("nobody again", "nurse"):
        said.clear()
        checks.clear()
        fails(world, username, minute=1)
        costs.append(([one.split("WHERE")[0] for one in said], len(checks)))
    assert costs[0] == costs[1]
    assert costs[0][1] == 1


def test_a_hash_of_earlier_parameters_is_made_anew_at_signing_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> str:
        with world.database.looking() as connection:
            found = credentials(connection, world.clinic, "nurse")
        assert found is not None
        return found.hashed

    assert "m=8," in kept()
    hash_cheaply(monkeypatch, memory_cost=16)
    sign_in(world)
    assert "m=16," in kept()
    before = kept()
    sign_in(world, minute=1)
    assert kept() == before
    assert world.fault() is None


def newcomer(world: World, secret: str = FIRST_SECRET) -> people.PersonIn:
    person = a_person("newcomer", Role.NURSE).model_copy(update={"secret": secret})
    people.add_person(world.clinic, world.administrator, person, now=at(0))
    return person


def test_a_secret_that_another_set_opens_the_way_to_an_own_one_and_signs_nothing(
    world: World,
) -> None:
    person = newcomer(world)
    world.completed()
    signed_in = sign_in(world, "newcomer", FIRST_SECRET)
    actor = holder(world, signed_in)
    assert actor.ceiling is not None
    assert actor.ceiling.why is Held.SECRET_TEMPORARY
    with pytest.raises(NotPermitted, match="secret-temporary"):
        world.chart(60, {"kind": "note", "text": "x"}, by=actor)
    plain = an_actor(world.clinic, person)
    with pytest.raises(SecretTemporary):
        world.sign(plain, secret=FIRST_SECRET)
    with pytest.raises(SecretTemporary):
        proving.second_person(
            world.clinic, world.nurse, "newcomer", FIRST_SECRET, Action.NOTE_RECORD, now=at(60)
        )
    people.set_secret(
        world.clinic, actor, FIRST_SECRET, SECRET, now=at(2), token=signed_in.token
    )  # fmt: skip
    assert holder(world, signed_in, 3).ceiling is None
    assert world.sign(plain)


def test_a_secret_that_was_reset_ends_every_sign_in_and_is_temporary(world: World) -> None:
    signed_in = sign_in(world)
    nurse = world.nurse.person_id
    people.reset_secret(world.clinic, world.administrator, nurse, FIRST_SECRET, now=at(1))
    with pytest.raises(NotSignedIn):
        holder(world, signed_in, 2)
    with pytest.raises(SignInFailed):
        sign_in(world, minute=2)
    world.completed()
    with pytest.raises(SecretTemporary):
        world.sign(secret=FIRST_SECRET)
    with pytest.raises(NotPermitted, match="own secret"):
        people.reset_secret(
            world.clinic, world.administrator, world.administrator.person_id, FIRST_SECRET,
            now=at(3),
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        people.reset_secret(world.clinic, world.physician, nurse, FIRST_SECRET, now=at(3))


@pytest.mark.parametrize(
    ("secret", "rule"),
    [
        ("password1234", "common"), ("qwertyuiopasdf", "common"), ("newcomer newcomer", "common"),
        ("x" * 12, "common"), ("breached elsewhere 4", "breached"),
        ("fifteen letters", "too-short"),
    ],
)  # fmt: skip
def test_a_new_secret_is_long_and_neither_common_nor_breached(
    sqlite_world: World, tmp_path, secret: str, rule: str
) -> None:
    from tests.records.test_breached import listed

    world = sqlite_world
    world.database.breached_hashes = listed(tmp_path / "list", {"a", "breached elsewhere 4"})
    if rule == "too-short":
        world.policy_with(access={"secret_characters_min": 16})
    with pytest.raises(SecretGuessable) as refused:
        newcomer(world, secret)
    assert refused.value.facts["rule"] == rule
    assert secret not in str(refused.value.facts) + refused.value.sentence


def test_the_present_secret_is_no_new_one(sqlite_world: World) -> None:
    world = sqlite_world
    with pytest.raises(SecretGuessable, match="present one"):
        people.set_secret(world.clinic, world.nurse, SECRET, SECRET, now=at(1))


def test_an_expired_credential_is_a_fact_and_blocks_signing_where_the_policy_says_so(
    world: World,
) -> None:
    world.completed()
    licence = {"title": "Licence", "number": "L-1", "expires_on": "2031-05-05"}
    nurse = world.nurse.person_id

    def record(**changes: object) -> None:
        people.record_credential(
            world.clinic, world.administrator, nurse,
            Credential.model_validate({"id": uuid7()} | licence | changes), now=at(52),
        )  # fmt: skip

    record()
    held = people.credentials(world.clinic, world.administrator, now=at(53))[nurse]
    assert [one.expired(at(60).date()) for one in held] == [True]
    world.policy_with(access={"expired_credential_blocks_signing": True})
    with pytest.raises(CredentialExpired, match="expired on 2031-05-05"):
        world.sign()
    assert (last(world)["code"], last(world)["session_id"]) == (
        "credential-expired", str(world.session),
    )  # fmt: skip
    record(expires_on="2031-05-06")  # its last day is a day on which it is valid
    assert world.sign()
    record(expires_on="2030-01-01", withdrawn=True)
    assert nurse not in people.credentials(world.clinic, world.administrator, now=at(54))


def test_a_second_factor_is_asked_of_the_roles_that_the_policy_names(world: World) -> None:
    world.policy_with(access={"second_factor": ["nurse", "administrator"]})
    world.completed()
    with pytest.raises(SecondFactorMissing):
        world.sign()
    actor = holder(world, sign_in(world))
    assert actor.ceiling is not None
    assert actor.ceiling.why is Held.SECOND_FACTOR_DUE
    authenticator = Authenticator(world, world.nurse)
    with pytest.raises(SignInFailed, match="Nothing was signed"):
        world.sign()
    code = authenticator.code(1)
    assert holder(world, sign_in(world, minute=1, code=code), 2).ceiling is None
    assert sign_in(world, "physician", minute=2).actor.ceiling is None


def test_an_auditors_standing_ends_by_itself(world: World) -> None:
    found = {one.username: one for one in people.people(world.clinic, world.administrator,
                                                        now=at(0))}  # fmt: skip
    ends_at = found["auditor"].ends_at
    assert ends_at == at(-119) + AUDITOR
    assert found["nurse"].ends_at is None
    short = StandingIn(roles=(Role.AUDITOR,), ends_at=at(30))
    people.change_person(
        world.clinic, world.administrator, world.auditor.person_id, short, now=at(1)
    )
    signed_in = sign_in(world, "auditor", minute=20)
    assert signed_in.expires_at == at(30)
    assert holder(world, signed_in, 29)
    with pytest.raises(NotSignedIn):
        holder(world, signed_in, 30)
    with pytest.raises(SignInFailed):
        sign_in(world, "auditor", minute=31)
