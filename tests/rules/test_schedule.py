"""Which rounds are due when, in what state, and which reading counts for which."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.charting import DosingKind, MissedRound
from protocol.rules.schedule import Course, DueRound, RoundState, due_rounds, phase_spans
from tests.rules.examples import NINE, a_protocol, at

D, S = DosingKind, RoundState
ONE = frozenset({"heart-rate"})


def minutes(moments: list[datetime]) -> list[float]:
    return [(moment - NINE) / timedelta(minutes=1) for moment in moments]


def a_round(**changes: Any) -> dict[str, Any]:
    values = {"code": "r", "label": "R", "measures": ["heart-rate"], "grace_min": 2}
    return values | changes


def a_course(*rounds: dict[str, Any], **changes: Any) -> Course:
    """One phase from nine o'clock, without an end, with these rounds."""
    phases = [{"code": "p", "label": "P", "rounds": list(rounds)}, {"code": "q", "label": "Q"}]
    values: dict[str, Any] = {
        "protocol": a_protocol(phases=phases),
        "phases": [("p", NINE)],
        "dosing": [],
        "observed": [],
        "explained": [],
        "ended_at": None,
    }
    return Course(**(values | changes))


def times(course: Course, now: float) -> list[float]:
    return minutes([due.due_at for due in due_rounds(course, at(now))])


def states(course: Course, now: float) -> list[RoundState]:
    return [due.state for due in due_rounds(course, at(now))]


def readings(*moments: float, measures: frozenset[str] = ONE) -> list[tuple[datetime, Any]]:
    return [(at(moment), measures) for moment in moments]


ONCE = a_round(at_min=[10])


@pytest.mark.parametrize(
    ("now", "state"),
    [(0, S.UPCOMING), (9.99, S.UPCOMING), (10, S.DUE), (12, S.DUE), (12.01, S.OVERDUE)],
)
def test_a_round_is_upcoming_then_due_then_overdue(now: float, state: RoundState) -> None:
    assert states(a_course(ONCE), now) == [state]


def test_the_last_round_of_a_phase_without_an_end_stays_overdue() -> None:
    assert states(a_course(ONCE), 10_000) == [S.OVERDUE]


def test_a_round_is_missed_when_the_next_one_takes_over() -> None:
    course = a_course(a_round(at_min=[10, 20]))
    assert states(course, 17.9)[0] is S.OVERDUE
    assert states(course, 18)[0] is S.MISSED


@pytest.mark.parametrize("how", [{"ended_at": at(15)}, {"phases": [("p", NINE), ("q", at(15))]}])
def test_a_round_is_missed_when_its_phase_or_the_session_ends(how: dict[str, Any]) -> None:
    assert states(a_course(ONCE, **how), 15) == [S.MISSED]


def test_a_round_due_after_the_end_was_never_due() -> None:
    assert times(a_course(ONCE, ended_at=at(10)), 60) == []
    assert times(a_course(ONCE, ended_at=at(10.1)), 60) == [10]


@pytest.mark.parametrize(("moment", "done"), [(7.9, False), (8, True), (10, True), (500, True)])
def test_a_reading_counts_from_the_grace_before_the_due_time(moment: float, done: bool) -> None:
    assert (states(a_course(ONCE, observed=readings(moment)), 900) == [S.DONE]) == done


@pytest.mark.parametrize(("moment", "done"), [(15, True), (17, True), (17.1, False)])
def test_a_reading_counts_up_to_the_grace_after_the_end(moment: float, done: bool) -> None:
    course = a_course(ONCE, observed=readings(moment), ended_at=at(15))
    assert states(course, 60) == [S.DONE if done else S.MISSED]


def test_a_round_at_the_first_moment_without_grace_is_done_at_that_moment() -> None:
    course = a_course(a_round(at_min=[0], grace_min=0), observed=readings(0))
    assert states(course, 0) == [S.DONE]
    assert states(course._replace(observed=readings(-0.1)), 0) == [S.DUE]


def test_a_round_is_done_by_several_readings_together() -> None:
    both = a_round(at_min=[10], measures=["heart-rate", "spo2"])
    course = a_course(both, observed=readings(9))
    (due,) = due_rounds(course, at(10))
    assert (due.state, due.lacking) == (S.DUE, ("spo2",))
    more = readings(11, measures=frozenset({"spo2", "etco2"}))
    (due,) = due_rounds(course._replace(observed=[*more, *course.observed]), at(10))
    assert (due.state, due.lacking) == (S.DONE, ())


def test_a_reading_on_the_border_counts_for_the_later_round_alone() -> None:
    course = a_course(a_round(at_min=[10, 20]), observed=readings(18))
    assert states(course, 30) == [S.MISSED, S.DONE]


def test_a_grace_longer_than_the_interval_is_cut_halfway() -> None:
    long = a_round(at_min=[10, 14, 20], grace_min=60)
    assert states(a_course(long, observed=readings(11.9)), 90) == [S.DONE, S.MISSED, S.OVERDUE]
    assert states(a_course(long, observed=readings(12)), 90) == [S.MISSED, S.DONE, S.OVERDUE]
    assert states(a_course(long, observed=readings(17)), 90) == [S.MISSED, S.MISSED, S.DONE]


def explained(minute: float, **changes: Any) -> MissedRound:
    values: dict[str, Any] = {"phase": "p", "round": "r", "due_at": at(minute), "reason": "Asleep"}
    return MissedRound(**(values | changes))


def test_a_missed_round_with_a_reason_is_explained_and_keeps_its_words() -> None:
    course = a_course(ONCE, ended_at=at(15), explained=[explained(10)])
    (due,) = due_rounds(course, at(60))
    assert (due.state, due.reason, due.lacking) == (S.EXPLAINED, "Asleep", ("heart-rate",))


@pytest.mark.parametrize("changes", [{"due_at": at(11)}, {"round": "s"}, {"phase": "q"}])
def test_a_reason_for_another_round_explains_nothing(changes: dict[str, Any]) -> None:
    course = a_course(ONCE, ended_at=at(15), explained=[explained(10, **changes)])
    assert states(course, 60) == [S.MISSED]


def test_a_reading_that_comes_after_the_reason_makes_the_round_done() -> None:
    course = a_course(ONCE, ended_at=at(15), explained=[explained(10)], observed=readings(10))
    assert states(course, 60) == [S.DONE]


def test_every_round_so_far_is_listed_and_the_next_one() -> None:
    course = a_course(a_round(at_min=[0], intervals=[{"every_min": 10}]))
    assert times(course, 0) == [0, 10]
    assert times(course, 25) == [0, 10, 20, 30]


def test_intervals_follow_each_other() -> None:
    # The structure of R91, with invented numbers: three times close, twice wider, then on and on.
    intervals = [
        {"every_min": 4, "for_min": 12},
        {"every_min": 9, "for_min": 18},
        {"every_min": 13},
    ]
    course = a_course(a_round(intervals=intervals))
    assert times(course, 60) == [4, 8, 12, 21, 30, 43, 56, 69]


def test_several_groups_of_one_phase_have_their_own_intervals() -> None:
    course = Course(a_protocol(), [("infusion", NINE)], [(D.START, at(1))], readings(10), [], None)
    found = due_rounds(course, at(29))
    by_round = {
        code: minutes([due.due_at for due in found if due.round == code])
        for code in ("awareness", "circulation")
    }
    assert by_round["awareness"] == [4, 7, 10, 13, 20, 27, 40]
    assert by_round["circulation"] == [0, 10, 20, 30]
    assert [due.due_at for due in found] == sorted(due.due_at for due in found)


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("phase-start", [2, 7]),
        ("infusion-start", [3, 8]),
        ("rate-change", [4.5, 7, 12]),
        ("bolus", [5, 10]),
        ("infusion-stop", [8, 13]),
    ],
)
def test_a_round_counts_from_its_anchor(anchor: str, expected: list[float]) -> None:
    events = [(D.START, 1), (D.RATE_CHANGE, 2.5), (D.BOLUS, 3), (D.PAUSE, 4), (D.RATE_CHANGE, 5)]
    charted = [(kind, at(minute)) for kind, minute in [*events, (D.STOP, 6)]]
    assert times(a_course(a_round(anchor=anchor, at_min=[2, 7]), dosing=charted), 60) == expected


@pytest.mark.parametrize("anchor", ["infusion-start", "rate-change", "bolus", "infusion-stop"])
def test_a_round_whose_anchor_has_not_happened_is_not_due(anchor: str) -> None:
    assert times(a_course(a_round(anchor=anchor, at_min=[0])), 600) == []


def test_a_rate_change_restarts_its_series() -> None:
    series = a_round(anchor="rate-change", intervals=[{"every_min": 5}])
    changes = [(D.RATE_CHANGE, at(0)), (D.RATE_CHANGE, at(12))]
    assert times(a_course(series, dosing=changes), 20) == [5, 10, 17, 22]


def test_an_anchor_in_an_earlier_phase_counts_on_into_the_next() -> None:
    series = a_round(anchor="infusion-stop", at_min=[5, 15])
    stopped = [(D.STOP, at(-10))]
    assert times(a_course(series, dosing=stopped), 60) == [5]


def test_a_phase_entered_twice_has_its_rounds_twice() -> None:
    course = a_course(ONCE, phases=[("p", NINE), ("q", at(15)), ("p", at(30))])
    assert times(course, 60) == [10, 40]
    assert [(span.phase.code, span.end) for span in phase_spans(course)] == [
        ("p", at(15)),
        ("q", at(30)),
        ("p", None),
    ]


def test_a_phase_that_the_protocol_does_not_know_has_no_rounds() -> None:
    assert times(a_course(ONCE, phases=[("z", NINE)]), 60) == []


def test_an_endless_round_keeps_what_is_due_now_of_every_other() -> None:
    endless = a_round(code="every", intervals=[{"every_min": 1}], grace_min=0)
    late = a_round(code="late", at_min=[60 * 48])
    found = due_rounds(a_course(endless, late), at(60 * 48))
    assert [due.state for due in found if due.round == "late"] == [S.DUE]
    assert len(found) == 2_001


def test_a_due_round_is_a_valid_value() -> None:
    for due in due_rounds(a_course(ONCE, observed=readings(10)), at(30)):
        assert DueRound.model_validate_json(due.model_dump_json()) == due


ROUNDS = st.builds(
    a_round,
    at_min=st.lists(st.integers(0, 40), min_size=1, max_size=3, unique=True).map(sorted),
    intervals=st.lists(st.builds(dict, every_min=st.integers(1, 15)), max_size=1),
    grace_min=st.integers(0, 20),
)
MOMENTS = st.lists(st.integers(-10, 120), max_size=1)


@given(ROUNDS, st.integers(-10, 120), st.none() | st.integers(0, 100))
@settings(max_examples=30)
def test_no_reading_counts_for_two_due_times_of_one_round(one, moment, end) -> None:
    ended = None if end is None else at(end)
    course = a_course(one, observed=readings(moment), ended_at=ended)
    assert states(course, 120).count(S.DONE) <= 1


@given(ROUNDS, MOMENTS, st.integers(0, 120))
@settings(max_examples=30)
def test_due_times_rise_and_only_the_last_is_to_come(one, moments, now: int) -> None:
    found = due_rounds(a_course(one, observed=readings(*moments)), at(now))
    due_at = [due.due_at for due in found]
    assert due_at == sorted(set(due_at))
    assert all(moment <= at(now) for moment in due_at[:-1])
    assert all(bool(due.lacking) == (due.state is not S.DONE) for due in found)


@given(ROUNDS, st.lists(st.integers(0, 120), min_size=2, max_size=5).map(sorted))
@settings(max_examples=30)
def test_a_round_only_moves_forward_in_time(one: dict[str, Any], moments: list[int]) -> None:
    order = [S.UPCOMING, S.DUE, S.OVERDUE, S.MISSED]
    seen: dict[datetime, RoundState] = {}
    for now in moments:
        for due in due_rounds(a_course(one), at(now)):
            before = seen.get(due.due_at, S.UPCOMING)
            assert order.index(due.state) >= order.index(before)
            seen[due.due_at] = due.state
