"""Who calls: a bearer token and a workstation, looked up in the endpoint's own thread."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase

from api.cookies import token_in
from protocol.commands.people import token_hash
from protocol.records.accounts import actor_by_token
from protocol.records.clinics import Clinic
from protocol.records.database import Database
from protocol.rules.actions import Actor
from protocol.rules.errors import NotSignedIn


class Caller(NamedTuple):
    """What a request says of its caller, before anyone has looked it up."""

    database: Database
    token: str
    workstation: str

    def identified(self, now: datetime) -> tuple[Clinic, Actor]:
        """The clinic and the person that the token belongs to. Raises NotSignedIn.

        An endpoint's first line: it runs in the endpoint's thread, so that the look-up costs no
        thread of its own.
        """
        return actor_by_token(self.database, token_hash(self.token), now, self.workstation)


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
    return Caller(request.app.state.database, token.strip(), workstation_of(request))


def workstation_of(request: Request) -> str:
    """The address that the request came from."""
    return request.client.host if request.client is not None else ""


def moment() -> datetime:
    """The server's time, which every act and every record time is of."""
    return datetime.now(UTC)


SignedIn = Annotated[Caller, Depends(Bearer())]
