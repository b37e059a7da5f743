"""Holds, disclosures and requests to amend: kept, corrected by new rows, nothing overwritten."""

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import disclosing, holding, requesting
from protocol.rules.errors import (
    AlreadyReplaced,
    IdConflict,
    Impossible,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    ReasonMissing,
)
from protocol.rules.requests import AmendmentAnswerIn, RequestState
from tests.commands.kept import (
    KEEPING,
    a_disclosure,
    a_hold,
    a_request,
    a_statement,
    an_answer,
    lifted,
)
from tests.commands.world import World, at


@pytest.fixture
def kept(world: World) -> World:
    world.policy_with(keeping=KEEPING)
    return world


def test_a_hold_stands_until_it_is_lifted_and_stays_in_the_list(kept: World) -> None:
    hold = a_hold(kept, patient_id=kept.patient)
    assert hold.stands
    done = lifted(kept, hold)
    assert done.lifted is not None
    assert (done.lifted.by.name, done.lifted.reason) == ("Administrator", "The case is closed.")
    assert holding.holds(kept.clinic, kept.auditor, now=at(70)) == [done]
    with pytest.raises(NotAllowedNow):
        lifted(kept, hold, 65)
    assert kept.fault() is None


def test_a_hold_is_placed_on_a_patient_who_is_there(kept: World) -> None:
    with pytest.raises(NotFound):
        a_hold(kept, patient_id=uuid7())


def accounted(world: World, **window: Any) -> list[str]:
    found = disclosing.disclosures(
        world.clinic, world.auditor, world.patient, now=at(200), **window
    )
    return [one.recipient for one in found.disclosures]


def test_disclosures_are_accounted_for_in_the_window_asked_or_the_policy_s(kept: World) -> None:
    a_disclosure(kept, 65)
    long_ago = (at(0) - timedelta(days=3_000)).isoformat()
    a_disclosure(kept, 66, recipient="A court", disclosed_at=long_ago)
    assert accounted(kept) == ["Invented insurer"]
    assert accounted(kept, since=at(0) - timedelta(days=4_000)) == ["A court", "Invented insurer"]
    assert accounted(kept, until=at(65)) == []
    kept.policy_with(name="Without a period")
    assert accounted(kept) == ["A court", "Invented insurer"]


def test_a_disclosure_is_corrected_by_another_and_stays(kept: World) -> None:
    wrong = a_disclosure(kept)
    with pytest.raises(ReasonMissing):
        a_disclosure(kept, replaces=wrong.id)
    right = a_disclosure(kept, replaces=wrong.id, recipient="Another", reason="The wrong name")
    found = disclosing.disclosures(kept.clinic, kept.nurse, kept.patient, now=at(90)).disclosures
    assert [(one.id, one.replaced_by) for one in found] == [(wrong.id, right.id), (right.id, None)]
    with pytest.raises(AlreadyReplaced):
        a_disclosure(kept, replaces=wrong.id, reason="Again")


def test_a_disclosure_is_true_of_the_past_and_of_a_session_of_the_patient(kept: World) -> None:
    with pytest.raises(Impossible):
        a_disclosure(kept, 65, disclosed_at=at(66).isoformat())
    other = kept.session_on(patient=kept.enrolled(2))
    with pytest.raises(NotFound):
        a_disclosure(kept, session_id=other)


def test_sent_twice_it_is_kept_once_and_other_content_is_a_conflict(kept: World) -> None:
    first = a_disclosure(kept)
    assert a_disclosure(kept, id=first.id) == first
    with pytest.raises(IdConflict):
        a_disclosure(kept, id=first.id, purpose="Another")
    assert len(disclosing.disclosures(
        kept.clinic, kept.nurse, kept.patient, now=at(90)
    ).disclosures) == 1  # fmt: skip


def test_a_request_runs_on_the_clinic_s_own_clock(kept: World) -> None:
    request = a_request(kept)
    assert request.answer_due_at == at(66) + timedelta(days=23)
    assert request.state_at(at(67)) is RequestState.OPEN
    assert request.state_at(at(67) + timedelta(days=23)) is RequestState.OVERDUE
    kept.policy_with(name="Without a clock")
    assert a_request(kept).answer_due_at is None
    assert a_request(kept).state_at(at(99_999)) is RequestState.OPEN


def test_a_denial_has_a_written_reason_and_a_request_one_answer(kept: World) -> None:
    request = a_request(kept)
    with pytest.raises(ReasonMissing):
        an_answer(kept, request.id, reason=None)
    denied = an_answer(kept, request.id)
    assert denied.state_at(at(99)) is RequestState.DENIED
    with pytest.raises(NotAllowedNow):
        an_answer(kept, request.id, accepted=True)


def test_an_answer_late_by_the_clock_is_taken_all_the_same(kept: World) -> None:
    request = a_request(kept)
    late = an_answer(kept, request.id, minute=99_999, accepted=True, reason=None)
    assert late.state_at(at(99_999)) is RequestState.ACCEPTED


def test_an_accepted_request_names_the_entry_that_came_of_it(kept: World) -> None:
    note = kept.chart(5, {"kind": "note", "text": "As it was."}).entry
    request = a_request(kept)
    with pytest.raises(NotFound):
        an_answer(kept, request.id, accepted=True, entry_id=uuid7())
    done = an_answer(kept, request.id, accepted=True, entry_id=note.id)
    assert done.answer is not None
    assert done.answer.entry_id == note.id


def test_a_statement_follows_a_denial_and_a_rebuttal_a_statement(kept: World) -> None:
    request = a_request(kept)
    with pytest.raises(NotAllowedNow):
        a_statement(kept, request.id)
    an_answer(kept, request.id)
    with pytest.raises(NotAllowedNow):
        a_statement(kept, request.id, kind="rebuttal")
    a_statement(kept, request.id)
    done = a_statement(kept, request.id, minute=69, kind="rebuttal", text="We were too.")
    assert [one.kind.value for one in done.statements] == ["disagreement", "rebuttal"]


def test_what_a_patient_asks_stands_with_the_record_and_leaves_its_signatures(kept: World) -> None:
    kept.completed()
    kept.sign()
    before = kept.record()
    request = a_request(kept, 70)
    an_answer(kept, request.id, 71)
    a_statement(kept, request.id, 72)
    after = kept.record()
    [told] = after.amendment_requests
    assert told.statements[0].text == "I was there."
    assert after.digest() == before.digest()
    assert after.entries == before.entries
    assert kept.record(up_to=after.signatures[0].number).amendment_requests == ()
    assert kept.record(kept.session_on()).amendment_requests == ()


def test_a_request_about_the_whole_record_stands_with_every_session(kept: World) -> None:
    a_request(kept, session_id=None)
    assert len(kept.record().amendment_requests) == 1
    assert len(kept.record(kept.session_on()).amendment_requests) == 1


def test_who_may_answer_is_no_nurse(kept: World) -> None:
    request = a_request(kept)
    wanted = AmendmentAnswerIn(id=uuid7(), accepted=True)
    with pytest.raises(NotPermitted):
        requesting.answer_request(kept.clinic, kept.nurse, request.id, wanted, now=at(80))
