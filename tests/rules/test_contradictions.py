"""What keeps a record from being signed, each by itself and all together."""

from typing import Any

import pytest

from protocol.rules.charting import Entry, MissedRound, Note, PhaseEntered, Reading, Retraction
from protocol.rules.contradictions import (
    ContradictionKind,
    contradictions,
    require_no_contradiction,
)
from protocol.rules.errors import Contradicted
from protocol.rules.limits import Severity
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import SessionStatus
from tests.rules.examples import (
    a_breach,
    a_person,
    a_record,
    a_status,
    an_entry,
    an_id,
    at,
    dosing,
    observed,
)

K = ContradictionKind
LATER = at(600)
STARTED = an_entry(10, dosing("start", rate="60 mg/h"), 0)
STOPPED = an_entry(11, dosing("stop"), 30)
AFTER = an_entry(12, PhaseEntered(phase="after"), 30)


def kinds(record: SessionRecord) -> list[ContradictionKind]:
    return [one.kind for one in contradictions(record, LATER)]


def a_heart_rate(minute: float, number: int = 20) -> Entry:
    return an_entry(number, Reading(observations=(observed("heart-rate", "71 /min"),)), minute)


def test_a_whole_record_has_no_contradiction() -> None:
    record = a_record([STARTED, STOPPED, AFTER, a_heart_rate(47)])
    assert contradictions(record, LATER) == ()
    require_no_contradiction(record, LATER)


def test_an_open_session_is_named() -> None:
    (one,) = contradictions(a_record(ended=False), LATER)
    assert (one.kind, one.about) == (K.SESSION_OPEN, str(an_id("session")))
    assert one.sentence == "The session has no end: its status is in-progress."


@pytest.mark.parametrize("last", [[], [an_entry(11, dosing("pause"), 20)]], ids=["runs", "paused"])
def test_an_infusion_without_a_stop_is_named(last: list[Entry]) -> None:
    (one,) = contradictions(a_record([STARTED, *last]), LATER)
    assert (one.kind, one.about) == (K.INFUSION_OPEN, "line-1")
    assert "examplamine has no stop" in one.sentence


def test_a_stop_before_its_start_is_named() -> None:
    early = an_entry(11, dosing("stop"), -5)
    found = contradictions(a_record([STARTED, early]), LATER)
    assert [one.kind for one in found] == [K.DOSING_OUT_OF_ORDER, K.INFUSION_OPEN]
    assert found[0].about == str(early.id)
    assert "08:55" in found[0].sentence


def test_a_retracted_start_leaves_a_stop_that_follows_nothing() -> None:
    retraction = an_entry(12, Retraction(reason="Wrong patient"), replaces=STARTED.id)
    assert kinds(a_record([STARTED, STOPPED, retraction])) == [K.DOSING_OUT_OF_ORDER]


def test_a_missed_round_without_a_reason_is_named() -> None:
    (one,) = contradictions(a_record([AFTER]), LATER)
    assert (one.kind, one.about) == (K.ROUND_UNEXPLAINED, "after/leaving")
    assert one.sentence == (
        "Leaving due at 2031-05-06T09:47+00:00 was missed: heart-rate not recorded, and no reason"
        " given."
    )


def test_a_missed_round_with_a_reason_is_no_contradiction() -> None:
    missed = MissedRound(phase="after", round="leaving", due_at=at(47), reason="Left early")
    assert kinds(a_record([AFTER, an_entry(13, missed, 60)])) == []
    retraction = an_entry(14, Retraction(reason="Not so"), replaces=an_id("entry 13"))
    assert kinds(a_record([AFTER, an_entry(13, missed, 60), retraction])) == [K.ROUND_UNEXPLAINED]


def test_a_round_of_an_ended_session_blocks_even_within_its_grace() -> None:
    ended = (a_status(SessionStatus.COMPLETED, 47.5, 3),)
    record = a_record([AFTER], history=ended)
    assert [one.kind for one in contradictions(record, at(48))] == [K.ROUND_UNEXPLAINED]


@pytest.mark.parametrize(
    ("severity", "words"),
    [(Severity.SOFT, "It has no reason."), (Severity.HARD, "no reason with a second person.")],
)
def test_an_open_breach_is_named_with_what_it_asks_for(severity: Severity, words: str) -> None:
    note = an_entry(10, Note(text="x"))
    breach = a_breach(note, severity)
    (one,) = contradictions(a_record([note], breaches=(breach,)), LATER)
    assert (one.kind, one.about) == (K.BREACH_OPEN, str(breach.id))
    assert one.sentence.startswith(breach.sentence)
    assert one.sentence.endswith(words)


def test_a_resolved_breach_is_no_contradiction() -> None:
    note = an_entry(10, Note(text="x"), reason="Known", second_person=a_person(name="Paul Sample"))
    assert kinds(a_record([note], breaches=(a_breach(note, Severity.HARD),))) == []


def test_a_session_entered_in_error_is_signed_as_it_is() -> None:
    status: dict[str, Any] = {"history": (a_status(SessionStatus.ENTERED_IN_ERROR, 5, 3),)}
    assert kinds(a_record([STARTED, AFTER], **status)) == []


def test_the_refusal_lists_every_contradiction() -> None:
    note = an_entry(13, Note(text="x"))
    record = a_record([STARTED, AFTER, note], ended=False, breaches=(a_breach(note),))
    found = contradictions(record, LATER)
    with pytest.raises(Contradicted) as caught:
        require_no_contradiction(record, LATER)
    assert all(one.sentence in caught.value.sentence for one in found)
    assert caught.value.facts == {
        "contradictions": 3,
        "kinds": "breach-open, infusion-open, session-open",
    }
