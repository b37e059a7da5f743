"""Codes of a second factor: six digits of an authenticator (RFC 6238), or a recovery code."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import pyotp
from pyotp.utils import strings_equal

from protocol.records.accounts import Factor, RecoveryCode

STEP_S = 30
# One step to either side, for clocks that differ and codes that are typed slowly (RFC 6238, 5.2).
STEPS_AROUND = (0, -1, 1)
RECOVERY_CODES = 10
# Letters and digits that no one mistakes for another; 16 of them are worth 78 bits.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class Taken(NamedTuple):
    """What a code that is right uses up: a time step of a factor, or a recovery code."""

    subject_id: UUID
    step: int


def matching(
    factor: Factor | None, kept: Iterable[RecoveryCode], code: str | None, now: datetime
) -> Taken | None:
    """What the code uses up, or None where it is not right or was used before."""
    if factor is None or not code:
        return None
    plain = "".join(code.split()).replace("-", "").lower()
    step = matching_step(factor.shared_secret, plain, now)
    if step is not None:
        return Taken(factor.id, step) if step > factor.last_step else None
    hashed = recovery_hash(plain)
    for one in kept:
        if one.hashed == hashed and not one.used:
            return Taken(one.id, 0)
    return None


def matching_step(shared_secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, around now."""
    totp, present = pyotp.TOTP(shared_secret), int(now.timestamp()) // STEP_S
    for away in STEPS_AROUND:
        if strings_equal(totp.generate_otp(present + away), code):
            return present + away
    return None


def new_shared_secret() -> str:
    """A shared secret of 160 bits, as RFC 4226 asks, in base 32."""
    return pyotp.random_base32(32)


def enrolment_uri(shared_secret: str, username: str, clinic_name: str) -> str:
    """The otpauth address that an authenticator reads from the QR code."""
    return pyotp.TOTP(shared_secret).provisioning_uri(name=username, issuer_name=clinic_name)


def new_recovery_codes() -> list[str]:
    """Fresh codes, each for one use, in groups of four for the eye."""
    made = []
    for _ in range(RECOVERY_CODES):
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
        made.append("-".join(letters[at : at + 4] for at in range(0, 16, 4)))
    return made


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code: it is random, so a plain SHA-256 does."""
    return sha256("".join(code.split()).replace("-", "").lower().encode()).hexdigest()
