"""What tests of signing in share: codes of an authenticator, the audit trail."""

from datetime import timedelta
from typing import Any

import pyotp

from protocol.commands import second_factor, signing_in
from protocol.commands.signing_in import SignedIn
from protocol.records import accounts
from protocol.rules.actions import Actor
from tests.commands.world import SECRET, World, at
from tests.records.test_trail import trail

WRONG = "a wrong secret that was tried"


def sign_in(
    world: World, username: str = "nurse", secret: str = SECRET, minute: float = 0,
    code: str | None = None, workstation: str = "chair 2",
) -> SignedIn:  # fmt: skip
    return signing_in.sign_in(
        world.clinic, username, secret, now=at(minute), workstation=workstation, code=code
    )


def holder(world: World, signed_in: SignedIn, minute: float = 1, *, passive: bool = False) -> Actor:
    token = signing_in.token_hash(signed_in.token)
    _, actor = accounts.actor_by_token(
        world.database, token, at(minute), "chair 2", passive=passive
    )
    return actor


class Authenticator:
    """A person's authenticator, enrolled and confirmed two minutes before nine."""

    def __init__(self, world: World, person: Actor) -> None:
        offered = second_factor.enrol(world.clinic, person, SECRET, None, now=at(-2))
        self.totp = pyotp.TOTP(offered.shared_secret)
        self.shared_secret = offered.shared_secret
        self.recovery_codes = second_factor.confirm(world.clinic, person, self.code(-2), now=at(-2))

    def code(self, minute: float, seconds: float = 0) -> str:
        return self.totp.at(at(minute) + timedelta(seconds=seconds))


def last(world: World) -> dict[str, Any]:
    """The newest audit entry with its detail."""
    return trail(world)[-1]
