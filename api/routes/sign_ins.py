"""What is open: sign-ins and programs' tokens, one's own and everyone's; ending them."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer, page
from api.identity import SignedIn, moment
from api.schemas import PageOut
from api.schemas_identity import ApiTokenOut, NewApiTokenIn, SignInOut
from protocol.commands import signing_in
from protocol.rules.actions import Action

router = APIRouter(prefix=API, tags=["sign-ins"], route_class=StrictRoute)


@router.get("/me/sign-ins", **acts(Action.SIGN_IN_VIEW, gives=PageOut[SignInOut], refuses=()))
def own_sign_ins(caller: SignedIn, after: After = None, limit: Limit = PAGE) -> Response:
    """What is open in the own name, tokens included."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = signing_in.own_sign_ins(clinic, actor, now=now)
    return page([SignInOut.of(one, now) for one in found], after, limit)


@router.delete(
    "/me/sign-ins/{sign_in_id}", **acts(Action.SIGN_IN_REVOKE, status=204, refuses=(404,))
)
def revoke_own(sign_in_id: UUID, caller: SignedIn) -> Response:
    """End an own sign-in or token."""
    now = moment()
    clinic, actor = caller.identified(now)
    signing_in.revoke(clinic, actor, sign_in_id, now=now)
    return Response(status_code=204)


@router.post("/me/tokens", **acts(Action.API_TOKEN_ADD, gives=ApiTokenOut, status=201))
def add_token(body: NewApiTokenIn, caller: SignedIn) -> Response:
    """A token by which a program does what its scopes name, in the own name; shown once."""
    now = moment()
    clinic, actor = caller.identified(now)
    made = signing_in.add_api_token(
        clinic, actor, body.token(), body.secret, body.one_time_code, now=now
    )
    given = ApiTokenOut(id=made.id, token=made.token, expires_at=made.expires_at)
    return answer(given, 201)


@router.get("/sign-ins", **acts(Action.SIGN_IN_SEARCH, gives=PageOut[SignInOut], refuses=()))
def all_sign_ins(caller: SignedIn, after: After = None, limit: Limit = PAGE) -> Response:
    """What is open in anyone's name."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = signing_in.all_sign_ins(clinic, actor, now=now)
    return page([SignInOut.of(one, now) for one in found], after, limit)


@router.delete(
    "/sign-ins/{sign_in_id}", **acts(Action.SIGN_IN_REVOKE_ANY, status=204, refuses=(404,))
)
def revoke_any(sign_in_id: UUID, caller: SignedIn) -> Response:
    """End anyone's sign-in or token; the next request with it is refused."""
    now = moment()
    clinic, actor = caller.identified(now)
    signing_in.revoke(clinic, actor, sign_in_id, now=now, anyones=True)
    return Response(status_code=204)
