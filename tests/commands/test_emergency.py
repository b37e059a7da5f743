"""Emergency access: a reason, a time box, a mark on all that is done, a report (R43)."""

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import emergency, planning
from protocol.commands.emergency import EmergencyIn, ReviewIn
from protocol.commands.signing_in import SignedIn
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotAllowedNow, NotPermitted, NotSignedIn, SignInFailed
from tests.commands.proofs import WRONG, Authenticator, holder, last, sign_in
from tests.commands.world import SECRET, World, at

NOTE = {"kind": "note", "text": "In an emergency."}


def reason() -> EmergencyIn:
    return EmergencyIn(id=uuid7(), reason="The nurse on duty fell ill")


def broken(world: World, minute: float = 0) -> tuple[SignedIn, Actor]:
    """The administrator, who ordinarily sees no chart, with the glass broken."""
    signed_in = sign_in(world, "administrator", minute=minute)
    emergency.begin(world.clinic, world.administrator, signed_in.token, reason(), now=at(minute))
    return signed_in, holder(world, signed_in, minute)


def test_within_the_box_a_person_reads_and_charts_what_ordinarily_is_not_theirs(
    world: World,
) -> None:
    with pytest.raises(NotPermitted):
        world.chart(1, NOTE, by=world.administrator)
    signed_in, actor = broken(world)
    world.chart(1, NOTE, by=actor)
    assert planning.session(world.clinic, actor, world.session, now=at(2)).entries
    assert last(world)["detail"]["emergency_access"] == str(actor.emergency and actor.emergency.id)
    for minute in range(10, 60, 10):
        assert holder(world, signed_in, minute).emergency
    assert holder(world, signed_in, 60).emergency is None
    with pytest.raises(NotPermitted):
        world.chart(60, NOTE, by=holder(world, signed_in, 60))


def test_it_signs_nothing_and_plans_nothing(world: World) -> None:
    _, actor = broken(world)
    world.completed()
    with pytest.raises(NotPermitted):
        world.sign(actor)
    plan = {"kind": "plan", "drug_line": "line-1", "rate": {"value": "1", "unit": "mL/h"}}
    with pytest.raises(NotPermitted):
        world.chart(1, plan, by=actor)


def test_the_time_box_is_the_policys(world: World) -> None:
    world.policy_with(access={"emergency_min": 7})
    signed_in, _ = broken(world)
    assert holder(world, signed_in, 6).emergency
    assert holder(world, signed_in, 7).emergency is None


def test_it_is_begun_once_at_a_time_and_ended_before_its_time(world: World) -> None:
    signed_in, actor = broken(world)
    with pytest.raises(NotAllowedNow):
        emergency.begin(world.clinic, actor, signed_in.token, reason(), now=at(1))
    emergency.end(world.clinic, actor, signed_in.token, now=at(2))
    after = holder(world, signed_in, 3)
    assert after.emergency is None
    with pytest.raises(NotAllowedNow):
        emergency.end(world.clinic, after, signed_in.token, now=at(4))


def test_an_auditor_breaks_no_glass(world: World) -> None:
    signed_in = sign_in(world, "auditor")
    with pytest.raises(NotPermitted):
        emergency.begin(world.clinic, world.auditor, signed_in.token, reason(), now=at(1))
    with pytest.raises(NotPermitted):
        emergency.sign_in_for_emergency(world.clinic, "auditor", SECRET, reason(), now=at(1))


def test_without_the_device_of_the_second_factor_there_is_a_way_in_for_this_alone(
    world: World,
) -> None:
    Authenticator(world, world.nurse)
    with pytest.raises(SignInFailed):
        sign_in(world)
    with pytest.raises(SignInFailed):
        emergency.sign_in_for_emergency(world.clinic, "nurse", WRONG, reason(), now=at(1))
    signed_in = emergency.sign_in_for_emergency(
        world.clinic, "nurse", SECRET, reason(), now=at(1), workstation="chair 2"
    )
    actor = holder(world, signed_in, 2)
    world.chart(2, NOTE, by=actor)
    with pytest.raises(NotPermitted, match="emergency-sign-in"):
        world.act(Action.SESSION_RETRACT) if world.nurse is actor else planning.change_status(
            world.clinic, actor, Action.SESSION_RETRACT, world.session,
            planning.StatusIn(reason="x"), now=at(3),
        )  # fmt: skip
    assert signed_in.expires_at == at(61)
    for minute in range(10, 61, 10):
        holder(world, signed_in, minute)
    with pytest.raises(NotSignedIn):
        holder(world, signed_in, 61)
    [access] = emergency.accesses(world.clinic, world.auditor, now=at(62))
    assert access.without_second_factor


def test_it_needs_no_policy(world: World) -> None:
    from protocol.commands import authoring

    authoring.retire(world.clinic, world.physician, "policy", world.policy, now=at(0))
    signed_in, actor = broken(world)
    world.chart(1, NOTE, by=actor)
    assert holder(world, signed_in, 14).emergency


def test_the_report_lists_what_was_done_under_it_and_who_looked_at_it(world: World) -> None:
    signed_in, actor = broken(world)
    charted = world.chart(1, NOTE, by=actor)
    world.chart(1, NOTE)  # somebody else, at the same time
    emergency.end(world.clinic, actor, signed_in.token, now=at(2))
    [access] = emergency.accesses(world.clinic, world.auditor, now=at(3))
    assert (access.reason, access.ended_at, access.reviewed) == (
        "The nurse on duty fell ill", at(2), False,
    )  # fmt: skip
    found, entries = emergency.done_under(world.clinic, world.auditor, access.id, now=at(4))
    assert found == access
    assert [one.entry.action for one in entries] == [
        "emergency:begin",
        "note:record",
        "emergency:end",
    ]
    assert entries[1].entry.subject_id == str(charted.entry.id)
    words = ReviewIn(id=uuid7(), words="The reason is true.")
    with pytest.raises(NotPermitted, match="own emergency"):
        emergency.review(world.clinic, world.administrator, access.id, words, now=at(5))
    with pytest.raises(NotPermitted):
        emergency.review(world.clinic, world.auditor, access.id, words, now=at(5))
    other = world.administrator.model_copy(update={"person_id": world.second_nurse.person_id})
    assert emergency.review(world.clinic, other, access.id, words, now=at(6)).reviewed
    assert world.fault() is None
