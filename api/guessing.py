"""Secrets that were wrong, counted in a sliding window: after so many the next is not looked at.

For each account, and for each workstation whoever it names (R34). Only what failed counts: a clinic
behind one address signs in as often as it likes. This stands in front of the hashing, which costs a
tenth of a second on purpose; the counts are this process's own, in memory. What locks an account
across processes and restarts is kept in the database, not here.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from api.strangers import source_of
from protocol.rules.errors import SignInFailed, TooManyAttempts

WINDOW = timedelta(minutes=5)
ACCOUNT_MAX, WORKSTATION_MAX = 10, 30
KEYS_MAX = 10_000


class Guesses:
    """The failed attempts of this process, by account and by workstation."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()

    @contextmanager
    def counted(self, account: str, workstation: str, now: datetime) -> Iterator[None]:
        """A block that tries a secret. Raises TooManyAttempts before it, where too many failed."""
        source = source_of(workstation)
        keys = ((f"account {account}", ACCOUNT_MAX), (f"from {source}", WORKSTATION_MAX))
        for key, most in keys:
            self._require_few(key, most, now)
        try:
            yield
        except SignInFailed:
            for key, most in keys:
                self._count(key, most, now)
            raise

    def _require_few(self, key: str, most: int, now: datetime) -> None:
        with self._mutex:
            failed = self._failed.get(key, ())
            recent = [one for one in failed if timedelta() <= now - one < WINDOW]
        if len(recent) >= most:
            wait_s = int((min(recent) + WINDOW - now).total_seconds()) + 1
            raise TooManyAttempts(
                f"{most} attempts failed within {WINDOW.seconds // 60} minutes; the next is looked"
                f" at in {wait_s} seconds.",
                retry_after_s=wait_s,
            )

    def _count(self, key: str, most: int, now: datetime) -> None:
        with self._mutex:
            failed = self._failed.setdefault(key, deque(maxlen=most))
            failed.append(now)
            self._failed.move_to_end(key)
            while len(self._failed) > KEYS_MAX:
                self._failed.popitem(last=False)
