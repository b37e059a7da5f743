"""A course of treatment: its plan, its sessions, the days between them, and what it gave."""

from typing import Any

import pytest
from pydantic import ValidationError

from protocol.rules.course import (
    CourseIn,
    CourseStatus,
    require_closed,
    require_open,
    require_takes_session,
)
from protocol.rules.course_progress import CourseProgress, progress_of, session_course
from protocol.rules.errors import NotAllowedNow
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import SessionStatus
from tests.rules.course_examples import (
    FIRST_DAY,
    a_bolus_at,
    a_course,
    a_session_on,
    a_version,
    day_of,
    on,
)
from tests.rules.examples import a_protocol, an_id

GAP = {"code": "gap", "on": "days-since-last-session", "low": "5", "unit": "d", "severity": "soft"}


def a_wanted(**changes: Any) -> CourseIn:
    return CourseIn.model_validate({"id": an_id("course"), "name": "Invented course", **changes})


def told(*records: SessionRecord, course: Any = None, **more: Any) -> CourseProgress:
    """The course as of the ninetieth day; each session was preceded by the one before it."""
    last = {
        one.id: records[place - 1].dosed[0].observed_at if place else None
        for place, one in enumerate(records)
        if not place or records[place - 1].dosed
    }
    return progress_of(
        course or a_course(), records, last, more.get("responses", ()), more.get("forms", {}),
        now=on(90), day_of=day_of,
    )  # fmt: skip


@pytest.mark.parametrize("code", ["M54.5", "G89.29", "M54", "S32.009A"])
def test_an_icd_10_code_is_taken_by_its_form(code: str) -> None:
    assert a_wanted(icd_codes=[code]).icd_codes == (code,)


@pytest.mark.parametrize("code", ["M5", "54.5", "M54.", "m54.5", "M54.55555", "back pain"])
def test_what_has_not_the_form_of_an_icd_10_code_is_refused_by_its_place(code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        a_wanted(icd_codes=["M54.5", code])
    assert refused.value.errors()[0]["loc"] == ("icd_codes", 1)


def test_a_form_is_scheduled_once_and_says_when() -> None:
    never = {"form": "nrs", "window_days": 2}
    with pytest.raises(ValidationError, match="days after a session"):
        a_wanted(scheduled=[never])
    days = never | {"after_session_days": [7]}
    with pytest.raises(ValidationError, match="scheduled once"):
        a_wanted(scheduled=[days, days])


def test_sessions_are_numbered_by_when_they_took_place_and_set_beside_the_plan() -> None:
    course = a_course(a_version(planned=[{"on": FIRST_DAY.isoformat()}, {"note": "second"}, {}]))
    second, first = a_session_on(9, a_bolus_at(9)), a_session_on(2, a_bolus_at(2))
    waiting = a_session_on(20, status=SessionStatus.PREPARATION)
    cancelled = a_session_on(5, status=SessionStatus.NOT_DONE)
    found = told(second, waiting, cancelled, first, course=course)
    numbered = [(one.session_id, one.number) for one in found.sessions]
    assert numbered[:2] == [(first.id, 1), (second.id, 2)]
    assert {number for _, number in numbered[2:]} == {None}
    assert (found.planned, found.done) == (3, 2)
    assert [one.planned and one.planned.note for one in found.sessions[:2]] == [None, "second"]
    assert found.sessions[0].planned is not None
    assert found.sessions[0].planned.on == FIRST_DAY


def test_a_session_beyond_the_plan_has_no_planned_one_beside_it() -> None:
    found = told(a_session_on(1, a_bolus_at(1)))
    assert (found.sessions[0].number, found.sessions[0].planned) == (1, None)


def test_days_since_the_last_session_are_held_against_each_limit_with_its_source() -> None:
    strict = GAP | {"code": "strict", "low": "8", "severity": "hard"}
    protocol = a_protocol(limits=[GAP, strict])
    records = [a_session_on(day, a_bolus_at(day), protocol=protocol) for day in (1, 8)]
    first, second = told(*records).sessions
    assert (first.days_since_last, first.gap_limits) == (None, ())
    assert str(second.days_since_last) == "7.00"
    assert [(one.code, one.within, one.source) for one in second.gap_limits] == [
        ("gap", True, "P, protocol version 1"), ("strict", False, "P, protocol version 1"),
    ]  # fmt: skip
    assert second.gap_limits[1].sentence == (
        "7.00 d since the last session is below the hard limit of 8 d (P, protocol version 1)."
    )


def test_the_sum_of_a_course_leaves_out_a_session_that_did_not_take_place() -> None:
    gone = a_session_on(3, a_bolus_at(3), status=SessionStatus.ENTERED_IN_ERROR)
    (given,) = told(a_session_on(1, a_bolus_at(1)), gone, a_session_on(9, a_bolus_at(9))).given
    assert (str(given.amount), given.sessions) == ("14", 2)


def test_a_sheet_tells_the_course_up_to_its_own_session_and_no_further() -> None:
    records = [a_session_on(day, a_bolus_at(day)) for day in (1, 8, 15)]
    course = a_course(a_version(planned=[{}, {}, {}, {}]))
    found = session_course(course, records[1], records, on(1), on(90))
    assert (found.number, found.planned, str(found.days_since_last)) == (2, 4, "7.00")
    assert [(str(one.amount), one.sessions) for one in found.given] == [("14", 2)]


def test_a_session_in_preparation_has_no_number_yet_and_nothing_given() -> None:
    waiting = a_session_on(20, status=SessionStatus.PREPARATION)
    found = session_course(
        a_course(), waiting, [a_session_on(1, a_bolus_at(1)), waiting], None, on(9)
    )
    assert (found.number, found.given) == (None, ())


def test_a_closed_course_takes_no_change_and_no_session_prepared_after_it() -> None:
    closed = a_course(closed=30)
    require_takes_session(closed, on(29))
    for refused in (
        lambda: require_open(closed, "a change"),
        lambda: require_takes_session(closed, on(30)),
        lambda: require_closed(a_course()),
    ):
        with pytest.raises(NotAllowedNow):
            refused()
    assert closed.status is CourseStatus.CLOSED
