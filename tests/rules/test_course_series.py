"""Pain and function over a course, and how long pain stayed below what it was."""

from decimal import Decimal
from typing import Any

import pytest

from protocol.rules.benefit import Benefit, BenefitEnd, Given, benefits
from protocol.rules.course_series import (
    CourseSeries,
    Infusion,
    Moment,
    infusion_of,
    is_followed,
    series_of_course,
)
from protocol.rules.forms import Answer
from tests.rules.course_examples import (
    a_bolus_at,
    a_reading_at,
    a_response,
    a_session_on,
    an_outcome,
    on,
    pain,
)
from tests.rules.examples import a_policy, an_id

FORMS = {an_id("form 1"): an_outcome(), an_id("form 2"): an_outcome(title="Other words")}
HOUR = 1 / 24


def series(records: Any = (), responses: Any = (), forms: Any = None) -> tuple[CourseSeries, ...]:
    return series_of_course(records, responses, forms or FORMS)


def values(one: CourseSeries) -> list[str | None]:
    return [None if point.value is None else str(point.value) for point in one.points]


def a_painful_session(day: float, before: str, during: str, after: str) -> Any:
    return a_session_on(
        day, a_reading_at(day - HOUR, "pain-rest", "9"), a_reading_at(day, "pain-rest", before),
        a_bolus_at(day + HOUR / 60), a_reading_at(day + HOUR / 4, "pain-rest", during),
        a_bolus_at(day + HOUR / 2, "3 mg"), a_reading_at(day + HOUR, "pain-rest", after),
    )  # fmt: skip


def test_of_a_session_the_last_value_before_and_the_last_after_the_infusion_count() -> None:
    (one,) = series([a_painful_session(1, "7", "5", "3")])
    assert [(str(point.value), point.moment) for point in one.points] == [
        ("7", Moment.BEFORE_INFUSION), ("3", Moment.AFTER_INFUSION),
    ]  # fmt: skip


def test_a_session_that_gave_nothing_has_one_value_marked_so() -> None:
    (one,) = series([a_session_on(1, a_reading_at(1, "function", "4"))])
    assert [(str(point.value), point.moment) for point in one.points] == [
        ("4", Moment.WITHOUT_INFUSION)
    ]


def test_another_scale_another_site_and_another_version_are_other_series() -> None:
    wide = a_policy(scales={"pain-rest": {"low": "0", "high": "100"}})
    found = series(
        [a_session_on(1, a_reading_at(1, "pain-rest", "7")),
         a_session_on(2, a_reading_at(2, "pain-rest", "7", "left leg")),
         a_session_on(3, a_reading_at(3, "pain-rest", "7"), policy=wide)],
        [a_response(4, pain("7")), a_response(5, pain("7"), version=2)],
    )  # fmt: skip
    pains = [one for one in found if one.instrument.code.startswith("pain")]
    assert [len(one.points) for one in pains] == [1] * 5
    assert all(one.change is None for one in pains)


def test_a_change_is_of_the_first_value_and_says_so() -> None:
    (one,) = [
        one
        for one in series(responses=[a_response(1, pain("8")), a_response(9, pain("6"))])
        if one.instrument.code == "pain"
    ]
    assert one.change is not None
    assert (str(one.change.difference), str(one.change.percent), str(one.change.percent_of)) == (
        "-2", "-25", "8",
    )  # fmt: skip


def test_there_is_no_percentage_of_zero() -> None:
    (one, _) = series(responses=[a_response(1, pain("0")), a_response(9, pain("6"))])
    assert one.change is not None
    assert (one.change.percent, one.change.difference) == (None, Decimal(6))


def test_no_score_is_not_zero() -> None:
    mood = Answer.model_validate({"item": "mood", "value": "0"})
    answered = [a_response(1, pain(None)), a_response(2, pain("0"), mood)]
    found = {one.instrument.code: one for one in series(responses=answered)}
    assert values(found["pain"]) == [None, "0"]
    assert found["pain"].points[0].missing == "asked-unknown"
    assert values(found["both"]) == [None, "0"]
    assert "no score" in str(found["both"].points[0].missing)
    assert found["both"].change is None


@pytest.mark.parametrize(
    ("code", "followed"),
    [("pain", True), ("pain-rest", True), ("function-walking", True), ("painless", False),
     ("sedation", False)],
)  # fmt: skip
def test_pain_and_function_are_known_by_how_the_code_begins(code: str, followed: bool) -> None:
    assert is_followed(code) is followed


def benefit(*days: tuple[float, str | None], sessions: tuple[float, ...] = (10,)) -> list[Benefit]:
    """What is said of the sessions on these days, whose values were asked on those."""
    answered = [a_response(day, pain(value)) for day, value in days]
    given = [
        Given(an_id(f"session {day}"), Infusion(on(day), on(day + HOUR)), on(day + 2 * HOUR))
        for day in sessions
    ]
    return [
        one for one in benefits(given, series(responses=answered)) if one.instrument.code == "pain"
    ]


def test_pain_that_came_back_is_told_by_both_ends() -> None:
    (one,) = benefit((9, "7"), (11, "3"), (15, "5"), (20, "7"), (25, "2"))
    assert (one.end, one.values, str(one.before)) == (BenefitEnd.RETURNED, 4, "7")
    assert (one.below_until, one.back_at) == (on(15), on(20))
    assert (str(one.days_below), str(one.days_to_back)) == ("4.92", "9.92")


@pytest.mark.parametrize(
    ("days", "sessions", "end"),
    [
        (((9, "7"), (11, "3")), (10,), BenefitEnd.STILL_BELOW),
        (((9, "7"), (11, "3")), (10, 30), BenefitEnd.NEXT_SESSION),
        (((9, "7"), (11, "7"), (12, "2")), (10,), BenefitEnd.NOT_BELOW),
        (((9, "7"), (11, "8")), (10,), BenefitEnd.NOT_BELOW),
        (((11, "3"),), (10,), BenefitEnd.NOT_KNOWN),
        (((9, "7"),), (10,), BenefitEnd.NOT_KNOWN),
        (((9, None), (11, "3")), (10,), BenefitEnd.NOT_KNOWN),
        (((9, "0"), (11, "0")), (10,), BenefitEnd.NOT_BELOW),
    ],
)
def test_what_is_not_recorded_is_not_guessed(
    days: Any, sessions: tuple[float, ...], end: BenefitEnd
) -> None:
    assert benefit(*days, sessions=sessions)[0].end is end


def test_a_value_after_the_next_session_says_nothing_of_the_one_before() -> None:
    first, second = benefit((9, "7"), (12, "4"), (31, "9"), sessions=(10, 30))
    assert (first.end, first.values) == (BenefitEnd.NEXT_SESSION, 1)
    assert str(first.days_to_next_session) == "19.92"
    assert (second.end, str(second.before)) == (BenefitEnd.NOT_BELOW, "4")


def test_the_span_of_an_infusion_is_that_of_its_standing_events() -> None:
    record = a_painful_session(1, "7", "5", "3")
    found = infusion_of(record)
    assert found is not None
    assert found.first_at < found.last_at
    assert infusion_of(a_session_on(2)) is None


def test_what_is_observed_as_the_infusion_begins_was_before_it() -> None:
    (one,) = series([a_session_on(1, a_reading_at(1, "pain-rest", "7"), a_bolus_at(1))])
    assert [point.moment for point in one.points] == [Moment.BEFORE_INFUSION]
