"""What the clinic's policy says of signing in. Its numbers are the clinic's; these stand in where
it sets none, and where there is no policy yet.

They are chosen so that a clinic that has decided nothing is safe and can still work. A sign-in
locks after a quarter of an hour without a request, the shortest span that NIST SP 800-63B names,
and ends after twelve hours, its longest and the length of a shift. Ten wrong secrets pause an
account for ten minutes, which leaves a guesser some 1,440 tries a day of the 10^8 that every
secret is worth at least, and a nurse who mistyped back at the chair within one round. A
workstation takes five times as many, because several people share it. Emergency access lasts an
hour; a new reason begins it anew.
"""

from datetime import timedelta
from typing import Annotated, NamedTuple

from pydantic import Field

from protocol.rules.actions import Role
from protocol.rules.values import Shape

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
LOCK_OUT = timedelta(minutes=10)
FAILURES, FAILURES_AT_WORKSTATION = 10, 50
EMERGENCY = timedelta(hours=1)
API_TOKEN_DAYS = 366
AUDITOR = timedelta(days=30)
SECRET_CHARACTERS = 12

Minutes = Annotated[int, Field(ge=1, le=24 * 60, strict=True)]


class AccessPolicy(Shape):
    """Timeouts, lock-out, second factors and emergency access, as this clinic has them."""

    idle_min: Minutes | None = Field(
        default=None, description="Without a request for so long, a sign-in locks (R41)."
    )
    sign_in_max_min: Minutes | None = Field(
        default=None, description="So long after signing in, the sign-in ends."
    )
    failures_max: int | None = Field(default=None, ge=3, le=100, strict=True)
    failures_at_workstation_max: int | None = Field(default=None, ge=3, le=10_000, strict=True)
    lock_out_min: Minutes | None = Field(
        default=None,
        description="Failures within so long are counted together, and pause for as long.",
    )
    second_factor: tuple[Role, ...] = Field(
        default=(), max_length=4, description="Roles that sign in and sign with one (R32, R47)."
    )
    secret_characters_min: int | None = Field(default=None, ge=12, le=128, strict=True)
    expired_credential_blocks_signing: bool = Field(default=False, strict=True)
    emergency_min: Minutes | None = Field(default=None, description="Time box (R43).")
    api_token_days_max: int | None = Field(default=None, ge=1, le=3660, strict=True)


class LockOutRule(NamedTuple):
    """After how many failures within how long there is a pause, and of what length."""

    failures_max: int
    window: timedelta
    pause: timedelta


class Access(NamedTuple):
    """The policy of the clinic with every number filled in."""

    idle: timedelta
    longest: timedelta
    account: LockOutRule
    workstation: LockOutRule
    second_factor: frozenset[Role]
    secret_characters: int
    expired_credential_blocks_signing: bool
    emergency: timedelta
    api_token: timedelta


def access_of(policy: AccessPolicy | None) -> Access:
    """What holds: the clinic's number, or the one that is argued for above."""
    own = policy or AccessPolicy()
    pause = _minutes(own.lock_out_min, LOCK_OUT)
    return Access(
        idle=_minutes(own.idle_min, IDLE),
        longest=_minutes(own.sign_in_max_min, LONGEST),
        account=LockOutRule(own.failures_max or FAILURES, pause, pause),
        workstation=LockOutRule(
            own.failures_at_workstation_max or FAILURES_AT_WORKSTATION, pause, pause
        ),
        second_factor=frozenset(own.second_factor),
        secret_characters=own.secret_characters_min or SECRET_CHARACTERS,
        expired_credential_blocks_signing=own.expired_credential_blocks_signing,
        emergency=_minutes(own.emergency_min, EMERGENCY),
        api_token=timedelta(days=own.api_token_days_max or API_TOKEN_DAYS),
    )


def _minutes(own: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if own is None else timedelta(minutes=own)
