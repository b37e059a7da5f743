"""Signing in and out, and the own secret."""

from fastapi import APIRouter, Request, Response

from api import cookies
from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment, workstation_of
from api.schemas import SecretIn, SignedInOut, SignInIn
from protocol.commands import people
from protocol.records.clinics import clinic_by
from protocol.rules.actions import Action

router = APIRouter(prefix=API, tags=["signing in"], route_class=StrictRoute)


@router.post("/sign-in", **acts(Action.PERSON_SIGN_IN, gives=SignedInOut, refuses=(404,)))
def sign_in(body: SignInIn, request: Request) -> Response:
    """A token for someone who proves to be that user; it is shown once."""
    clinic = clinic_by(request.app.state.database, body.clinic_id)
    now, workstation = moment(), workstation_of(request)
    if body.cookie:
        cookies.require_cookie_taken(request)
    with request.app.state.guesses.counted(f"{clinic.id} {body.username}", workstation, now):
        signed_in = people.sign_in(
            clinic, body.username, body.secret, now=now, workstation=workstation
        )
    token, until = signed_in.token, signed_in.expires_at
    shown = None if body.cookie else token
    response = answer(SignedInOut.of(clinic, signed_in.actor, shown, until))
    if body.cookie:
        cookies.keep(response, request, token, until=until, now=now)
    return response


@router.post("/sign-out", **acts(Action.PERSON_SIGN_OUT, status=204, refuses=()))
def sign_out(request: Request, caller: SignedIn) -> Response:
    """The token is of no use from now on; a browser that kept it forgets it."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.sign_out(clinic, actor, caller.token, now=now)
    response = Response(status_code=204)
    cookies.drop(response, request)
    return response


@router.put("/me/secret", **acts(Action.PERSON_SET_SECRET, status=204, refuses=()))
def set_secret(body: SecretIn, request: Request, caller: SignedIn) -> Response:
    """The own secret, anew; the present one proves who asks."""
    now = moment()
    clinic, actor = caller.identified(now)
    guesses = request.app.state.guesses
    with guesses.counted(f"{clinic.id} {actor.username}", actor.workstation, now):
        people.set_secret(clinic, actor, body.present_secret, body.secret, now=now)
    return Response(status_code=204)
