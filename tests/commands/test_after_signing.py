"""A signed record keeps its digest; from then on it takes addenda and nothing else (R29)."""

import pytest

from protocol.commands import amending, enrolling, planning
from protocol.commands.charting import Recorded
from protocol.rules.actions import Action
from protocol.rules.errors import AlreadySigned
from protocol.rules.patients import PatientIn
from protocol.rules.signature import Meaning
from tests.commands.lived_in import CHARTED, PLAN
from tests.commands.world import PATIENT, World, a_charted, a_dosing, a_reading, at

MOVES = (
    Action.SESSION_BEGIN, Action.SESSION_CANCEL, Action.SESSION_COMPLETE, Action.SESSION_HOLD,
    Action.SESSION_RESUME, Action.SESSION_RETRACT, Action.SESSION_STOP,
)  # fmt: skip


@pytest.fixture
def signed(world: World) -> World:
    world.chart(1, a_dosing("bolus", dose="1.9 mg"))
    world.act(Action.SESSION_COMPLETE, 50)
    world.sign()
    return world


def add(world: World, minute: float = 70) -> Recorded:
    charted = a_charted(minute, {"kind": "addendum", "text": "All was well."})
    return amending.add_addendum(world.clinic, world.nurse, world.session, charted,
                                 now=at(minute))  # fmt: skip


def test_nothing_is_charted_any_more(signed: World) -> None:
    contents = [content for _, content in CHARTED]
    for content in contents:
        with pytest.raises(AlreadySigned):
            signed.chart(41, content, now=at(70))
    with pytest.raises(AlreadySigned):
        signed.chart(41, PLAN, by=signed.physician)


def test_its_status_stays(signed: World) -> None:
    for action in MOVES:
        with pytest.raises(AlreadySigned):
            signed.act(action, 70, reason="why")
    assert signed.record().status.value == "completed"


def test_no_entry_is_corrected_or_retracted(signed: World) -> None:
    [entry] = signed.record().entries
    charted = a_charted(1, a_dosing("bolus", dose="2 mg"), replaces=entry.id, reason="why")
    with pytest.raises(AlreadySigned):
        amending.correct_entry(signed.clinic, signed.nurse, signed.session, charted, now=at(70))
    charted = a_charted(1, {"kind": "retraction", "reason": "why"}, replaces=entry.id)
    with pytest.raises(AlreadySigned):
        amending.retract_entry(signed.clinic, signed.nurse, signed.session, charted, now=at(70))


def test_an_addendum_is_taken_and_changes_the_digest_of_now_alone(signed: World) -> None:
    [signature] = signed.record().signatures
    assert add(signed).entry.content.kind == "addendum"
    record = signed.record()
    assert [one.content.kind for one in record.addenda] == ["addendum"]
    assert record.digest() != signature.record_digest
    then = signed.record(up_to=signature.number)
    assert then.digest() == signature.record_digest
    assert then.addenda == ()


def test_the_signed_record_outlives_whatever_comes_after(signed: World) -> None:
    [signature] = signed.record().signatures
    add(signed)
    changed = PatientIn.model_validate(PATIENT | {"family": "Renamed"})
    enrolling.change_patient(signed.clinic, signed.nurse, signed.patient, changed, now=at(71))
    signed.weighed("99.9", minute=72)
    signed.policy_with(name="Another policy")
    signed.protocol_with(indication="another")
    signed.sign(signed.physician, Meaning.APPROVAL, minute=73)
    then = signed.record(up_to=signature.number)
    assert then.digest() == signature.record_digest
    assert (then.patient.family, len(then.patient.weights)) == (PATIENT["family"], 1)
    now = signed.record()
    assert (now.patient.family, len(now.patient.weights)) == (PATIENT["family"], 1)
    for one in now.signatures:
        assert signed.record(up_to=one.number).digest() == one.record_digest


def test_an_unsigned_record_follows_its_patient(world: World) -> None:
    before = world.record().digest()
    world.weighed("99.9", minute=2)
    assert world.record().digest() != before


def test_the_version_after_an_addendum_is_signed_anew(signed: World) -> None:
    add(signed)
    second = signed.sign(minute=80)
    assert second.record_digest == signed.record().digest()
    with pytest.raises(AlreadySigned):
        signed.sign(signed.second_nurse, minute=81)
    with pytest.raises(AlreadySigned):
        signed.chart(10, a_reading("heart-rate 71 /min"), now=at(82))


def test_a_session_before_its_first_entry_is_not_there(signed: World) -> None:
    with pytest.raises(Exception, match="no such session"):
        planning.session(signed.clinic, signed.nurse, signed.session, now=at(90), up_to=3)
