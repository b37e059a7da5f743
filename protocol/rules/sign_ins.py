"""Where a sign-in stands at a moment: one pure answer for every door (R41)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

# Seen is written down when this part of the idle span has passed: at most ten writes a span, and
# a sign-in locks after nine tenths of it to the whole of it, never later.
PART_OF_IDLE = 10


class SignInStanding(StrEnum):
    """What became of a sign-in. The caller is told `locked` and `idle`, and of the rest nothing."""

    OPEN = "open"
    LOCKED = "locked"
    IDLE = "idle"
    EXPIRED = "expired"
    ENDED = "ended"
    DEACTIVATED = "deactivated"

    @property
    def is_held(self) -> bool:
        """Whether it is still somebody's: open, or opened again by the secret."""
        return self in (SignInStanding.OPEN, SignInStanding.LOCKED, SignInStanding.IDLE)


class SignInTimes(NamedTuple):
    """The moments of a sign-in, and whether its person's account is open."""

    expires_at: datetime
    seen_at: datetime
    idle: timedelta | None
    locked_at: datetime | None
    ended_at: datetime | None
    active: bool
    standing_ends_at: datetime | None


def standing_of(times: SignInTimes, now: datetime) -> SignInStanding:
    """Where it stands. What ends it for good is said before what only locks it."""
    if times.ended_at is not None:
        return SignInStanding.ENDED
    if now >= times.expires_at:
        return SignInStanding.EXPIRED
    if not times.active or (times.standing_ends_at is not None and now >= times.standing_ends_at):
        return SignInStanding.DEACTIVATED
    if times.locked_at is not None:
        return SignInStanding.LOCKED
    if times.idle is not None and now - times.seen_at >= times.idle:
        return SignInStanding.IDLE
    return SignInStanding.OPEN


def seen_is_due(times: SignInTimes, now: datetime) -> bool:
    """Whether it is time to write down that the sign-in was seen."""
    return times.idle is not None and now - times.seen_at >= times.idle / PART_OF_IDLE
