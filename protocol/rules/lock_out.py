"""Lock-out: how many wrong secrets were given for one account or at one workstation, and whether
that pauses it (R34). A state machine over plain values; the rows are `records/lock_outs.py`'s.
"""

from datetime import datetime
from typing import NamedTuple

from protocol.rules.access import LockOutRule


class Guesses(NamedTuple):
    """Failures since a moment, and until when they pause the account or workstation."""

    failures: int = 0
    since: datetime | None = None
    locked_until: datetime | None = None


NONE = Guesses()


def is_locked(guesses: Guesses, now: datetime) -> bool:
    """Whether nothing is accepted at this moment, right or wrong."""
    return guesses.locked_until is not None and now < guesses.locked_until


def after_failure(guesses: Guesses, rule: LockOutRule, now: datetime) -> Guesses:
    """One more failure. While it is locked nothing changes: a pause that every try made longer
    would let a stranger keep a nurse out of the record for ever."""
    if is_locked(guesses, now):
        return guesses
    since = guesses.since
    if since is None or guesses.locked_until is not None or now - since >= rule.window:
        guesses, since = NONE, now
    failures = guesses.failures + 1
    locked_until = now + rule.pause if failures >= rule.failures_max else None
    return Guesses(failures, since, locked_until)


def after_success(guesses: Guesses, now: datetime) -> Guesses:
    """A right secret clears what was counted, but ends no pause."""
    return guesses if is_locked(guesses, now) else NONE
