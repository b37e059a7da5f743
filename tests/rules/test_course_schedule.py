"""Forms between sessions: due on the clinic's days, overdue by its window, and missed for good."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.course import Course
from protocol.rules.course_schedule import DueForm, EndedSession, due_forms
from tests.rules.course_examples import (
    FIRST_DAY,
    a_course,
    a_response,
    a_version,
    day_of,
    on,
    pain,
)
from tests.rules.examples import an_id

FORM = "invented-outcome"


def days(*numbers: int) -> list[str]:
    return [(FIRST_DAY + timedelta(days=number)).isoformat() for number in numbers]


def scheduled(*numbers: int, window: int = 2, **more: Any) -> dict[str, Any]:
    return {"form": FORM, "on": days(*numbers), "window_days": window, **more}


def session(began: int, name: str) -> EndedSession:
    day = FIRST_DAY + timedelta(days=began)
    return EndedSession(an_id(name), day, day)


def due(
    course: Course, today: float, answered: Iterable[float] = (),
    sessions: Iterable[EndedSession] = (),
) -> tuple[DueForm, ...]:  # fmt: skip
    responses = [a_response(day, pain("3")) for day in answered]
    return due_forms(course, tuple(sessions), responses, on(today), day_of)


def states(found: tuple[DueForm, ...]) -> list[str]:
    return [one.state.value for one in found]


def test_a_due_form_is_upcoming_then_due_then_overdue() -> None:
    course = a_course(a_version(scheduled=[scheduled(7)]))
    assert [states(due(course, day)) for day in (6, 7, 9, 10, 60)] == [
        ["upcoming"], ["due"], ["due"], ["overdue"], ["overdue"],
    ]  # fmt: skip


def test_an_answer_inside_the_window_is_the_one_of_its_due_day() -> None:
    course = a_course(a_version(scheduled=[scheduled(7, 14)]))
    first, second = due(course, 30, answered=[6])
    assert (first.state, first.response_id) == ("done", an_id("response 6 1"))
    assert (second.state, second.response_id) == ("overdue", None)


def test_a_missed_one_stays_missed_when_a_later_one_is_answered() -> None:
    course = a_course(a_version(scheduled=[scheduled(7, 14)]))
    assert states(due(course, 14, answered=[14])) == ["missed", "done"]


def test_days_after_a_session_count_from_the_day_it_ended() -> None:
    course = a_course(
        a_version(scheduled=[{"form": FORM, "after_session_days": [7, 14], "window_days": 1}])
    )
    found = due(course, 30, sessions=[session(2, "one"), session(12, "two")])
    assert [(one.due_on.isoformat(), one.after_session) for one in found] == [
        (days(9)[0], an_id("one")), (days(16)[0], an_id("one")),
        (days(19)[0], an_id("two")), (days(26)[0], an_id("two")),
    ]  # fmt: skip


def test_where_the_clinic_says_so_the_next_session_ends_what_is_due() -> None:
    rule = {"form": FORM, "after_session_days": [7, 14], "window_days": 1,
            "until_next_session": True}  # fmt: skip
    course = a_course(a_version(scheduled=[rule]))
    found = due(course, 30, sessions=[session(2, "one"), session(12, "two")])
    assert [one.after_session for one in found] == [an_id("one"), an_id("two"), an_id("two")]


def test_a_session_that_has_not_ended_makes_nothing_due() -> None:
    course = a_course(
        a_version(scheduled=[{"form": FORM, "after_session_days": [0], "window_days": 1}])
    )
    running = session(2, "one")._replace(ended_on=None)
    assert due(course, 30, sessions=[running]) == ()


def test_a_changed_plan_takes_no_missed_form_away() -> None:
    before = a_version(scheduled=[scheduled(7, 40)])
    after = a_version(2, day=10, scheduled=[scheduled(7, 21)])
    found = due(a_course(before, after), 30)
    assert [(one.due_on.isoformat(), one.state) for one in found] == [
        (days(7)[0], "missed"), (days(21)[0], "overdue"),
    ]  # fmt: skip


def test_after_the_course_was_closed_nothing_more_is_due() -> None:
    course = a_course(a_version(scheduled=[scheduled(7, 14, 70)]), closed=20)
    assert states(due(course, 80, answered=[14])) == ["missed", "done"]


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=6, unique=True),
    st.lists(st.integers(0, 70), max_size=6, unique=True),
    st.integers(0, 9), st.integers(0, 80),
)  # fmt: skip
def test_no_answer_counts_for_two_due_days_and_the_past_is_never_upcoming(
    due_days: list[int], answered: list[int], window: int, today: int
) -> None:
    course = a_course(a_version(scheduled=[scheduled(*due_days, window=window)]))
    found = due(course, today, answered)
    counted = [one.response_id for one in found if one.response_id is not None]
    assert len(counted) == len(set(counted))
    assert len(found) == len(due_days)
    for one in found:
        past = day_of(on(today)) > one.in_time_until
        assert not (past and one.state in ("upcoming", "due"))
        assert (one.state == "done") is (one.response_id is not None)
