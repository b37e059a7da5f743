"""Lock-out is a state machine: it pauses after so many failures, for so long, and then begins
again (R34)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.access import LockOutRule
from protocol.rules.lock_out import NONE, Guesses, after_failure, after_success, is_locked

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)
rules = st.builds(
    LockOutRule,
    st.integers(1, 12),
    st.timedeltas(timedelta(minutes=1), timedelta(hours=3)),
    st.timedeltas(timedelta(minutes=1), timedelta(hours=3)),
)
# Each step: how long after the one before, and whether the secret was right.
walks = st.lists(
    st.tuples(st.timedeltas(timedelta(0), timedelta(hours=2)), st.booleans()), max_size=60
)


def walked(rule: LockOutRule, walk: list[tuple[timedelta, bool]]) -> list[tuple[datetime, Guesses]]:
    now, guesses, seen = NINE, NONE, [(NINE, NONE)]
    for wait, right in walk:
        now += wait
        guesses = after_success(guesses, now) if right else after_failure(guesses, rule, now)
        seen.append((now, guesses))
    return seen


@given(rules, walks)
def test_it_never_counts_more_than_the_rule_allows(
    rule: LockOutRule, walk: list[tuple[timedelta, bool]]
) -> None:
    for _, guesses in walked(rule, walk):
        assert 0 <= guesses.failures <= rule.failures_max
        assert (guesses.locked_until is not None) == (guesses.failures == rule.failures_max)


@given(rules, st.integers(0, 30))
def test_that_many_failures_at_once_pause_and_one_less_do_not(
    rule: LockOutRule, failures: int
) -> None:
    guesses = NONE
    for _ in range(failures):
        guesses = after_failure(guesses, rule, NINE)
    assert is_locked(guesses, NINE) == (failures >= rule.failures_max)


@given(rules, walks, st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), max_size=20))
def test_a_pause_ends_when_it_was_going_to_whatever_is_tried_meanwhile(
    rule: LockOutRule, walk: list[tuple[timedelta, bool]], tries: list[timedelta]
) -> None:
    now, guesses = walked(rule, walk)[-1]
    if guesses.locked_until is None or not is_locked(guesses, now):
        return
    ends = guesses.locked_until
    for wait in tries:
        moment = now + wait
        if moment < ends:
            guesses = after_failure(after_success(guesses, moment), rule, moment)
    assert guesses.locked_until == ends
    assert not is_locked(guesses, ends)
    assert is_locked(guesses, ends - timedelta(microseconds=1)) == (ends > now)


@given(rules, walks)
def test_a_right_secret_clears_what_was_counted_outside_a_pause(
    rule: LockOutRule, walk: list[tuple[timedelta, bool]]
) -> None:
    now, guesses = walked(rule, walk)[-1]
    assert after_success(guesses, now) == (guesses if is_locked(guesses, now) else NONE)


@given(rules, st.integers(1, 40))
def test_failures_further_apart_than_the_window_never_pause(
    rule: LockOutRule, failures: int
) -> None:
    if rule.failures_max == 1:
        return
    guesses, now = NONE, NINE
    for _ in range(failures):
        guesses = after_failure(guesses, rule, now)
        assert not is_locked(guesses, now)
        now += rule.window


@given(rules, st.integers(1, 200))
def test_a_guesser_gets_so_many_tries_a_pause_and_no_more(rule: LockOutRule, pauses: int) -> None:
    guesses, now, judged = NONE, NINE, 0
    ends = NINE + rule.pause * pauses
    while now < ends:
        if not is_locked(guesses, now):
            judged += 1
        guesses = after_failure(guesses, rule, now)
        if is_locked(guesses, now):
            assert guesses.locked_until is not None
            now = guesses.locked_until
    assert judged == rule.failures_max * pauses
