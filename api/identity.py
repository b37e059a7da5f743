"""Who calls: a bearer token and a workstation, looked up in the endpoint's own thread."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from api.cookies import token_in
from api.turns import Turns
from protocol.commands.signing_in import token_hash
from protocol.records.accounts import actor_by_token, sign_in_by_token
from protocol.records.clinics import Clinic
from protocol.records.database import Database
from protocol.records.prepared import Ask
from protocol.records.runner import Turn
from protocol.records.sign_ins import SignIn, asked_of_token
from protocol.rules.actions import Actor
from protocol.rules.errors import NotSignedIn

T = TypeVar("T")
# A page that asks again by itself sends this: such a request is no sign of life (R41).
BACKGROUND = "chairside-background"


class Caller(NamedTuple):
    """What a request says of its caller, before anyone has looked it up."""

    database: Database
    turns: Turns
    token: str
    workstation: str
    passive: bool = False

    @property
    def token_hash(self) -> str:
        """What the database knows the token by."""
        return token_hash(self.token)

    def identified(self, now: datetime, turn: Turn | None = None) -> tuple[Clinic, Actor]:
        """The clinic and the person that the token belongs to. Raises NotSignedIn.

        An endpoint's first line: it runs in the endpoint's thread, so that the look-up costs no
        thread of its own; an act in its turn looks up on the turn's connection.
        """
        clinic, actor = actor_by_token(
            self.database, self.token_hash, now, self.workstation, passive=self.passive, turn=turn
        )
        self.turns.remember(self.token_hash, clinic.id)
        return clinic, actor

    async def in_turn(
        self, act: Callable[[Turn | None], T], asks: Callable[[UUID], list[Ask]]
    ) -> T:
        """Run an act that takes no time of its own, in the queue to a write.

        `asks` tells what it will ask of its clinic, so that this is asked with what others ask. The
        first act of a token runs in a thread, because its clinic's queue is not yet known.
        """
        clinic_id = self.turns.clinic_of(self.token_hash)
        if clinic_id is None:
            return await run_in_threadpool(act, None)
        asked = [asked_of_token(self.token_hash), *asks(clinic_id)]
        return await self.turns.run(clinic_id, act, asked)

    def holding(self, now: datetime) -> tuple[Clinic, SignIn]:
        """The clinic and the sign-in of the token, which may be locked. Raises NotSignedIn."""
        return sign_in_by_token(self.database, self.token_hash, now)


class Bearer(SecurityBase):
    """The token of a sign-in, in the Authorization header (RFC 6750)."""

    def __init__(self) -> None:
        self.model = BearerModel(description="The token that POST /api/v1/sign-in gave.")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Caller:
        """What the route has found in the request already."""
        caller: Caller = request.scope["chairside.caller"]
        return caller


def caller_of(request: Request) -> Caller:
    """What the request says of its caller: a bearer token, or else a browser's cookie.

    Raises NotSignedIn where it carries neither.
    """
    said = request.headers.get("authorization")
    scheme, _, token = (said or "").partition(" ")
    if said is None:
        scheme, token = "bearer", token_in(request) or ""
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("No valid sign-in came with the request.")
    state, passive = request.app.state, BACKGROUND in request.headers
    return Caller(state.database, state.turns, token.strip(), workstation_of(request), passive)


def workstation_of(request: Request) -> str:
    """The address that the request came from."""
    return request.client.host if request.client is not None else ""


def moment() -> datetime:
    """The server's time, which every act and every record time is of."""
    return datetime.now(UTC)


SignedIn = Annotated[Caller, Depends(Bearer())]
