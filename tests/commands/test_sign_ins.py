"""Sign-ins lock, end, are listed and revoked; programs have tokens with scopes (R41, R42)."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from uuid_utils.compat import uuid7

from protocol.commands import signing_in
from protocol.commands.signing_in import ApiTokenIn, SignedIn
from protocol.records import prepared
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import Impossible, NotFound, NotPermitted, NotSignedIn, SignInLocked
from tests.commands.proofs import WRONG, holder, last, sign_in
from tests.commands.world import SECRET, World, at
from tests.records.test_trail import trail


def test_a_locked_sign_in_keeps_its_token_and_opens_by_the_secret_alone(world: World) -> None:
    signed_in = sign_in(world)
    signing_in.lock(world.clinic, world.nurse, signed_in.token, now=at(1))
    with pytest.raises(SignInLocked):
        holder(world, signed_in, 2)
    with pytest.raises(Exception, match="Still locked"):
        signing_in.unlock(world.clinic, signed_in.token, WRONG, now=at(3))
    with pytest.raises(SignInLocked):
        holder(world, signed_in, 3)
    signing_in.unlock(world.clinic, signed_in.token, SECRET, now=at(4))
    assert holder(world, signed_in, 5)
    done = [(one["action"], one["outcome"]) for one in trail(world)[-3:]]
    assert done == [("person:lock", "done"), ("person:unlock", "refused"),
                    ("person:unlock", "done")]  # fmt: skip


def test_an_idle_sign_in_locks_by_itself_and_a_page_that_asks_again_keeps_none_alive(
    world: World,
) -> None:
    world.policy_with(access={"idle_min": 10})
    busy, watching = sign_in(world), sign_in(world)
    for minute in range(5, 40, 5):
        assert holder(world, busy, minute)
    assert holder(world, watching, 9, passive=True)
    with pytest.raises(SignInLocked):
        holder(world, watching, 10, passive=True)
    signing_in.unlock(world.clinic, watching.token, SECRET, now=at(40))
    assert holder(world, watching, 49)


def test_the_idle_span_is_the_policys_as_it_stood_at_signing_in(world: World) -> None:
    before = sign_in(world)
    world.policy_with(access={"idle_min": 2, "sign_in_max_min": 30})
    after = sign_in(world)
    assert holder(world, before, 3)
    with pytest.raises(SignInLocked):
        holder(world, after, 3)
    with pytest.raises(NotSignedIn):
        holder(world, after, 30)


def test_a_look_up_is_one_statement_and_seen_is_seldom_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.policy_with(access={"idle_min": 10})
    signed_in = sign_in(world)
    said: list[str] = []
    # What the driver is handed directly, and what SQLAlchemy hands to it.
    event.listen(
        world.database.engine, "before_cursor_execute", lambda *given: said.append(given[2])
    )
    execute = prepared._Driver.execute

    def heard(driver: prepared._Driver, words: str, bound: object) -> object:
        said.append(words)
        return execute(driver, words, bound)

    monkeypatch.setattr(prepared._Driver, "execute", heard)
    holder(world, signed_in, 0)  # the clinic is read once in a process
    said.clear()
    for second in range(1, 301):
        holder(world, signed_in, second / 60)
    looked = [one for one in said if one.startswith("SELECT person.id")]
    written = [one for one in said if one.startswith("UPDATE")]
    assert len(looked) == 300
    assert len(written) == 5
    own = [one for one in said if "sign_in" in one]
    assert len(own) == 305


def test_why_a_sign_in_is_over_is_said_inside_and_not_outside(world: World) -> None:
    ended, expired = sign_in(world), sign_in(world)
    signing_in.sign_out(world.clinic, world.nurse, ended.token, now=at(1))
    found = []
    for signed_in, minute in ((ended, 2), (expired, 12 * 60)):
        with pytest.raises(NotSignedIn) as refused:
            holder(world, signed_in, minute)
        assert refused.value.facts == {}
        found.append((refused.value.sentence, refused.value.inside["standing"]))
    assert [why for _, why in found] == ["ended", "expired"]
    assert len({sentence for sentence, _ in found}) == 1


def test_another_takes_over_a_shared_workstation_locked_or_not(world: World) -> None:
    leaving = sign_in(world)
    signing_in.lock(world.clinic, world.nurse, leaving.token, now=at(1))
    with pytest.raises(Exception, match="not right"):
        signing_in.switch_user(
            world.clinic, leaving.token, "second_nurse", WRONG, now=at(2), workstation="chair 2"
        )
    assert signing_in.unlock(world.clinic, leaving.token, SECRET, now=at(2))
    arrived = signing_in.switch_user(
        world.clinic, leaving.token, "second_nurse", SECRET, now=at(3), workstation="chair 2"
    )
    assert holder(world, arrived, 4).username == "second_nurse"
    with pytest.raises(NotSignedIn):
        holder(world, leaving, 4)
    done = [(one["action"], one["person_id"]) for one in trail(world)[-2:]]
    assert done == [
        ("person:sign-in", str(world.second_nurse.person_id)),
        ("person:sign-out", str(world.nurse.person_id)),
    ]


def test_each_sees_the_own_and_an_administrator_all_and_either_ends_them(world: World) -> None:
    own, others = sign_in(world), sign_in(world, "physician")
    found = signing_in.own_sign_ins(world.clinic, world.nurse, now=at(1))
    assert [(one.id, one.workstation) for one in found] == [(own.id, "chair 2")]
    everyones = signing_in.all_sign_ins(world.clinic, world.administrator, now=at(1))
    assert {own.id, others.id} <= {one.id for one in everyones}
    with pytest.raises(NotPermitted):
        signing_in.all_sign_ins(world.clinic, world.nurse, now=at(1))
    with pytest.raises(NotFound):
        signing_in.revoke(world.clinic, world.nurse, others.id, now=at(2))
    with pytest.raises(NotPermitted):
        signing_in.revoke(world.clinic, world.nurse, others.id, now=at(2), anyones=True)
    assert holder(world, others, 3)
    signing_in.revoke(world.clinic, world.administrator, others.id, now=at(4), anyones=True)
    signing_in.revoke(world.clinic, world.nurse, own.id, now=at(4))
    for one in (own, others):
        with pytest.raises(NotSignedIn):
            holder(world, one, 5)
    assert last(world)["detail"]["owner"] == str(world.nurse.person_id)


def add_token(world: World, *scopes: Action, days: float = 30, by: Actor | None = None) -> SignedIn:
    wanted = ApiTokenIn(
        id=uuid7(), label="The gateway", scopes=scopes, expires_at=at(0) + timedelta(days=days)
    )
    return signing_in.add_api_token(
        world.clinic, by or world.nurse, wanted, SECRET, None, now=at(0)
    )  # fmt: skip


def test_a_program_does_what_its_scopes_name_and_is_marked(world: World) -> None:
    token = add_token(world, Action.NOTE_RECORD, Action.SESSION_VIEW)
    program = holder(world, token, 20 * 24 * 60)  # it is never idle
    note = {"kind": "note", "text": "From a program."}
    world.chart(1, note, by=program)
    assert last(world)["detail"]["api_token"] == str(token.id)
    with pytest.raises(NotPermitted, match="api-token"):
        world.chart(1, {"kind": "phase", "phase": "infusion"}, by=program)
    with pytest.raises(NotSignedIn):
        holder(world, token, 30 * 24 * 60)
    assert [one.label for one in signing_in.own_sign_ins(world.clinic, world.nurse, now=at(1))] == [
        "The gateway"
    ]


def test_a_token_has_no_scope_beyond_its_person_and_no_end_beyond_the_policy(world: World) -> None:
    for scope in (Action.SESSION_SIGN, Action.PERSON_ADD, Action.API_TOKEN_ADD):
        with pytest.raises(NotPermitted):
            add_token(world, scope)
    for days in (-1, 0, 367):
        with pytest.raises(Impossible):
            add_token(world, Action.NOTE_RECORD, days=days)
    world.policy_with(access={"api_token_days_max": 7})
    with pytest.raises(Impossible):
        add_token(world, Action.NOTE_RECORD, days=8)
    assert add_token(world, Action.NOTE_RECORD, days=7)


def test_a_token_ends_with_its_persons_account_and_by_revoking(world: World) -> None:
    first, second = (add_token(world, Action.NOTE_RECORD) for _ in range(2))
    signing_in.revoke(world.clinic, world.nurse, first.id, now=at(1))
    with pytest.raises(NotSignedIn):
        holder(world, first, 2)
    from tests.commands.test_people import close

    close(world, world.nurse)
    with pytest.raises(NotSignedIn):
        holder(world, second, 6)
