"""What a session's record says about itself."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.actions import Role
from protocol.rules.charting import (
    Addendum,
    Entry,
    MissedRound,
    Note,
    Override,
    PhaseEntered,
    Plan,
    Reading,
    Retraction,
    Source,
)
from protocol.rules.dosing import Flow, dosed_of
from protocol.rules.limits import Severity
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import SessionStatus
from protocol.rules.signature import Meaning, Signature
from protocol.rules.values import plain
from tests.rules.examples import (
    a_breach,
    a_person,
    a_policy,
    a_record,
    a_status,
    a_weight,
    an_entry,
    an_id,
    at,
    dosing,
    observed,
    quantity,
)

FIRST = an_entry(10, Note(text="First"))
WITNESS = a_person(Role.PHYSICIAN, "Paul Sample")


def a_note(number: int, minute: float = 0, **changes: Any) -> Entry:
    return an_entry(number, Note(text=f"Note {number}"), minute, **changes)


def numbers(entries: Any) -> list[int]:
    return [entry.number for entry in entries]


def test_a_corrected_entry_does_not_stand_and_its_correction_does() -> None:
    correction = a_note(11, replaces=FIRST.id, reason="Wrong word")
    record = a_record([FIRST, correction])
    assert numbers(record.standing) == [11]
    assert record.replaced == {FIRST.id: correction}
    assert numbers(record.entries) == [10, 11]


def test_a_retracted_entry_does_not_stand_nor_does_its_retraction() -> None:
    retraction = an_entry(11, Retraction(reason="Wrong patient"), replaces=FIRST.id)
    assert numbers(a_record([FIRST, retraction, a_note(12)]).standing) == [12]


def test_a_retracted_correction_does_not_bring_the_first_entry_back() -> None:
    correction = a_note(11, replaces=FIRST.id)
    retraction = an_entry(12, Retraction(reason="Wrong patient"), replaces=correction.id)
    assert a_record([FIRST, correction, retraction]).standing == ()


def test_entries_of_a_kind_come_by_the_time_observed() -> None:
    record = a_record([a_note(10, 30), a_note(11, 5), a_note(12, 5), an_entry(13, dosing("stop"))])
    assert numbers(record.of(Note)) == [11, 12, 10]


@pytest.mark.parametrize(("minutes", "late"), [(9, False), (9.01, True), (0, False), (-5, False)])
def test_an_entry_is_late_beyond_the_clinic_s_threshold(minutes: float, late: bool) -> None:
    entry = a_note(10, 0, recorded_at=at(minutes))
    assert a_record().is_late(entry) == late
    assert a_record(policy=a_policy(late_entry_after_min=0)).is_late(entry) == (minutes > 0)


def a_plan(number: int, rate: str, **changes: Any) -> Entry:
    return an_entry(number, Plan(drug_line="line-1", rate=quantity(rate)), **changes)


def test_the_plan_is_the_latest_one_that_stands() -> None:
    plans = [a_plan(10, "3 mL/h"), a_plan(11, "4 mL/h")]
    retraction = an_entry(12, Retraction(reason="Wrong patient"), replaces=plans[1].id)
    assert a_record().plan is None
    assert a_record(plans).plan == plans[1].content
    assert a_record([*plans, retraction]).plan == plans[0].content


INFUSION = [
    an_entry(10, dosing("start", rate="60 mg/h"), 0, weight=a_weight()),
    an_entry(11, dosing("stop"), 30, weight=a_weight()),
]


def test_the_totals_are_those_of_the_standing_events() -> None:
    (total,) = a_record(INFUSION).totals()
    assert (total.line.code, total.flow) == ("line-1", Flow.IDLE)
    assert plain(total.given.amount) == "30"
    corrected = an_entry(12, dosing("start", rate="120 mg/h"), 0, replaces=INFUSION[0].id)
    (total,) = a_record([*INFUSION, corrected]).totals()
    assert plain(total.given.amount) == "60"
    assert a_record().totals() == ()


def test_a_running_infusion_counts_up_to_the_moment_asked() -> None:
    (total,) = a_record(INFUSION[:1], ended=False).totals(at(12))
    assert (plain(total.given.amount), total.flow) == ("12", Flow.RUNNING)


def test_a_dosing_event_carries_the_weight_in_force() -> None:
    assert plain(dosed_of(INFUSION[0]).weight_kg or 0) == "61.7"  # type: ignore[arg-type]
    assert dosed_of(an_entry(12, dosing("stop"))).weight_kg is None
    with pytest.raises(TypeError, match="only a dosing entry"):
        dosed_of(FIRST)


@pytest.mark.parametrize("status", SessionStatus)
def test_a_session_ended_when_it_was_completed_stopped_or_not_done(status: SessionStatus) -> None:
    ended = status in ("completed", "stopped", "not-done")
    record = a_record(history=(a_status(status, 44, 2),))
    assert record.status is status
    assert record.ended_at == (at(44) if ended else None)


def test_the_phase_at_a_moment_is_the_one_entered_last() -> None:
    phases = [("after", 40), ("before", -5), ("infusion", 0)]
    entered = [an_entry(n, PhaseEntered(phase=code), minute) for n, (code, minute) in
               enumerate(phases, start=10)]  # fmt: skip
    record = a_record(entered)
    found = [record.phase_at(at(minute)) for minute in (-6, -5, 0, 39, 40, 500)]
    assert found == [None, "before", "infusion", "infusion", "after", "after"]


def test_the_course_is_what_the_schedule_needs_of_the_standing_entries() -> None:
    reading = an_entry(13, Reading(observations=(observed("spo2", "97 %"),)), 7)
    missed = MissedRound(phase="infusion", round="awareness", due_at=at(3), reason="Asleep")
    entered = an_entry(15, PhaseEntered(phase="infusion"), 0)
    gone = an_entry(16, Retraction(reason="Wrong patient"), replaces=reading.id)
    again = an_entry(17, reading.content, 8)
    explained = an_entry(14, missed, 9)
    course = a_record([*INFUSION, reading, explained, entered, gone, again]).course()
    assert course.phases == [("infusion", at(0))]
    assert course.dosing == [("start", at(0)), ("stop", at(30))]
    assert course.observed == [(at(8), frozenset({"spo2"}))]
    assert course.explained == [missed]
    assert course.ended_at == at(90)


def an_override(number: int, of: Entry, **changes: Any) -> Entry:
    content = Override(breach_id=a_breach(of).id, reason="Seen by both")
    return an_entry(number, content, **changes)


@pytest.mark.parametrize(
    ("severity", "entries", "resolved"),
    [
        (Severity.SOFT, [FIRST], False),
        (Severity.SOFT, [FIRST, an_override(11, FIRST)], True),
        (Severity.SOFT, [FIRST.model_copy(update={"reason": "Known"})], True),
        (Severity.SOFT, [FIRST, an_override(11, a_note(12))], False),
        (
            Severity.SOFT,
            [FIRST.model_copy(update={"reason": "Typed wrong", "replaces": an_id("earlier")})],
            False,
        ),
        (Severity.HARD, [FIRST], False),
        (Severity.HARD, [FIRST, an_override(11, FIRST)], False),
        (Severity.HARD, [FIRST, an_override(11, FIRST, second_person=WITNESS)], True),
        (Severity.HARD, [FIRST, an_override(11, FIRST, second_person=a_person())], False),
        (Severity.HARD, [FIRST.model_copy(update={"second_person": WITNESS})], False),
        (
            Severity.HARD,
            [FIRST.model_copy(update={"second_person": WITNESS, "reason": "Known"})],
            True,
        ),
        (Severity.HARD, [FIRST, a_note(11, replaces=FIRST.id)], True),
    ],
    ids=[
        "soft-open", "soft-later-reason", "soft-own-reason", "soft-reason-of-another",
        "soft-reason-of-a-correction",
        "hard-open", "hard-reason-alone", "hard-second-person", "hard-own-witness",
        "hard-no-reason", "hard-own-reason-and-second-person", "replaced",
    ],
)  # fmt: skip
def test_a_breach_is_resolved_by_what_it_asks_for(
    severity: Severity, entries: list[Entry], resolved: bool
) -> None:
    breach = a_breach(FIRST, severity)
    assert a_record(entries, breaches=(breach,)).is_resolved(breach) == resolved


def test_a_retracted_override_resolves_nothing() -> None:
    override = an_override(11, FIRST)
    retraction = an_entry(12, Retraction(reason="Wrong patient"), replaces=override.id)
    breach = a_breach(FIRST)
    assert not a_record([FIRST, override, retraction]).is_resolved(breach)


def test_a_record_survives_json() -> None:
    record = a_record([*INFUSION, FIRST, an_override(12, FIRST)], breaches=(a_breach(FIRST),))
    again = SessionRecord.model_validate_json(record.model_dump_json())
    assert again == record
    assert again.digest() == record.digest()


def a_signature(number: int) -> Signature:
    return Signature(
        id=an_id(number), number=number, signer=a_person(), meaning=Meaning.AUTHORSHIP,
        signed_at=at(100), record_digest="0" * 64, protocol_version_id=an_id("protocol"),
        policy_version_id=an_id("policy"),
    )  # fmt: skip


def test_the_digest_does_not_change_with_a_signature() -> None:
    record = a_record(INFUSION)
    signed = a_record(INFUSION, signatures=(a_signature(20), a_signature(21)))
    assert not record.signed
    assert signed.signed
    assert signed.digest() == record.digest()


def test_the_digest_does_not_change_with_being_read() -> None:
    record = a_record(INFUSION)
    before = record.digest()
    assert record.totals()
    assert record.standing
    assert not record.addenda
    assert record.digest() == before


ANY_CHANGE: list[dict[str, Any]] = [
    {"observed_at": at(0) + timedelta(microseconds=1)},
    {"recorded_at": at(2)},
    {"recorded_by": WITNESS},
    {"second_person": WITNESS},
    {"content": Note(text="first")},
    {"confirmed": ("rate",)},
    {"reason": "Known"},
    {"source": Source.TRANSCRIBED},
    {"id": an_id("other")},
    {"number": 11},
    {"weight": a_weight()},
]


@pytest.mark.parametrize("changes", ANY_CHANGE, ids=lambda changes: next(iter(changes)))
def test_the_digest_changes_with_any_part_of_any_entry(changes: dict[str, Any]) -> None:
    other = FIRST.model_copy(update=changes)
    assert a_record([other]).digest() != a_record([FIRST]).digest()


@given(st.lists(st.integers(10, 14), unique=True), st.lists(st.integers(10, 14), unique=True))
@settings(max_examples=25)
def test_two_records_of_other_entries_have_two_digests(one: list[int], other: list[int]) -> None:
    first, second = a_record(map(a_note, one)), a_record(map(a_note, other))
    assert (first.digest() == second.digest()) == (one == other)


def test_an_addendum_is_part_of_the_digest_and_of_the_addenda() -> None:
    addendum = an_entry(30, Addendum(text="Afterwards"), 200)
    record = a_record([FIRST, addendum])
    assert record.addenda == (addendum,)
    assert record.digest() != a_record([FIRST]).digest()
