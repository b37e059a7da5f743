"""Signing in and out, locking and unlocking, the own account and secret."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from api import cookies
from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment, workstation_of
from api.schemas_identity import (
    MeOut,
    SecretIn,
    SecretOnlyIn,
    SignedInOut,
    SignInIn,
    SignInOut,
    SwitchIn,
)
from protocol.commands import emergency, people, signing_in
from protocol.commands.proving import today_at
from protocol.records.clinics import Clinic, clinic_by
from protocol.rules.actions import Action

router = APIRouter(prefix=API, tags=["signing in"], route_class=StrictRoute)


@router.post(
    "/sign-in",
    **acts(Action.PERSON_SIGN_IN, Action.EMERGENCY_BEGIN, gives=SignedInOut, refuses=(404, 409)),
)
def sign_in(body: SignInIn, request: Request) -> Response:
    """A token for someone who proves to be that user; it is shown once.

    Whatever is wrong gets one answer. `held` says what is due before anything else: an own secret
    in place of one that was set by another, or a second factor. With `emergency` no code is asked.
    """
    clinic = clinic_by(request.app.state.database, body.clinic_id)
    now, workstation = moment(), workstation_of(request)
    if body.cookie:
        cookies.require_cookie_taken(request)
    if body.emergency is not None:
        signed_in = emergency.sign_in_for_emergency(
            clinic, body.username, body.secret, body.emergency, now=now, workstation=workstation,
            code=body.one_time_code,
        )  # fmt: skip
    else:
        signed_in = signing_in.sign_in(
            clinic, body.username, body.secret, now=now, workstation=workstation,
            code=body.one_time_code,
        )  # fmt: skip
    return _signed_in(request, clinic, signed_in, now, cookie=body.cookie)


def _signed_in(
    request: Request, clinic: Clinic, signed_in: signing_in.SignedIn, now: datetime, *, cookie: bool
) -> Response:
    """The token in the answer, or in a cookie that no script reads."""
    response = answer(SignedInOut.of(clinic, signed_in, shown=not cookie))
    if cookie:
        cookies.keep(response, request, signed_in.token, until=signed_in.expires_at, now=now)
    return response


@router.post("/sign-out", **acts(Action.PERSON_SIGN_OUT, status=204, refuses=()))
def sign_out(request: Request, caller: SignedIn) -> Response:
    """The token is of no use from now on; a browser that kept it forgets it."""
    now = moment()
    clinic, actor = caller.identified(now)
    signing_in.sign_out(clinic, actor, caller.token, now=now)
    response = Response(status_code=204)
    cookies.drop(response, request)
    return response


@router.post("/lock", **acts(Action.PERSON_LOCK, status=204, refuses=()))
def lock(caller: SignedIn) -> Response:
    """The sign-in stays, and every act is refused with `sign-in-locked` until it is unlocked."""
    now = moment()
    clinic, actor = caller.identified(now)
    signing_in.lock(clinic, actor, caller.token, now=now)
    return Response(status_code=204)


@router.post("/unlock", **acts(Action.PERSON_UNLOCK, gives=SignInOut, refuses=()))
def unlock(body: SecretOnlyIn, caller: SignedIn) -> Response:
    """The locked sign-in, open again by its person's secret."""
    now = moment()
    clinic, _ = caller.holding(now)
    found = signing_in.unlock(
        clinic, caller.token, body.secret, now=now, workstation=caller.workstation
    )
    return answer(SignInOut.of(found, now))


@router.post(
    "/switch-user",
    **acts(Action.PERSON_SIGN_IN, Action.PERSON_SIGN_OUT, gives=SignedInOut, name="switch_user",
           refuses=()),
)  # fmt: skip
def switch_user(request: Request, body: SwitchIn, caller: SignedIn) -> Response:
    """Another person at a shared workstation, locked or not: one signs in, the other is out."""
    now = moment()
    if body.cookie:
        cookies.require_cookie_taken(request)
    clinic, _ = caller.holding(now)
    signed_in = signing_in.switch_user(
        clinic, caller.token, body.username, body.secret, now=now,
        workstation=caller.workstation, code=body.one_time_code,
    )  # fmt: skip
    return _signed_in(request, clinic, signed_in, now, cookie=body.cookie)


@router.get("/me", **acts(Action.SIGN_IN_VIEW, gives=MeOut, name="me", refuses=()))
def me(caller: SignedIn) -> Response:
    """The own account, the sign-in in use, and emergency access while it is in force."""
    now = moment()
    clinic, actor = caller.identified(now)
    own = signing_in.own_account(clinic, actor, caller.token, now=now)
    return answer(MeOut.of(clinic, own, now, today_at(clinic, now)))


@router.put("/me/secret", **acts(Action.PERSON_SET_SECRET, status=204, refuses=()))
def set_secret(body: SecretIn, caller: SignedIn) -> Response:
    """The own secret, anew; the present one proves who asks. Every other sign-in ends."""
    now = moment()
    clinic, actor = caller.identified(now)
    people.set_secret(
        clinic, actor, body.present_secret, body.secret, now=now, code=body.one_time_code,
        token=caller.token,
    )  # fmt: skip
    return Response(status_code=204)
