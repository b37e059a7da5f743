"""The own second factor: offered with a QR code, confirmed by a code, renewed, ended."""

from fastapi import APIRouter, Response

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas_identity import CodeIn, EnrolmentOut, ProofIn, RecoveryCodesOut
from protocol.commands import second_factor
from protocol.commands.signing_in import token_hash
from protocol.rules.actions import Action

router = APIRouter(prefix=f"{API}/me/second-factor", tags=["sign-ins"], route_class=StrictRoute)


@router.post("", **acts(Action.SECOND_FACTOR_ENROL, gives=EnrolmentOut, status=201, refuses=()))
def enrol(body: ProofIn, caller: SignedIn) -> Response:
    """A new second factor (RFC 6238), in force once a code of it was confirmed."""
    now = moment()
    clinic, actor = caller.identified(now)
    offered = second_factor.enrol(clinic, actor, body.secret, body.one_time_code, now=now)
    return answer(EnrolmentOut.of(offered), 201)


@router.post(
    "/confirm", **acts(Action.SECOND_FACTOR_CONFIRM, gives=RecoveryCodesOut, refuses=(404,))
)
def confirm(body: CodeIn, caller: SignedIn) -> Response:
    """The offered factor, in force by a code of it; its recovery codes are shown once."""
    now = moment()
    clinic, actor = caller.identified(now)
    codes = second_factor.confirm(
        clinic, actor, body.one_time_code, now=now, token_hash=token_hash(caller.token)
    )
    return answer(RecoveryCodesOut(recovery_codes=codes))


@router.post(
    "/recovery-codes", **acts(Action.SECOND_FACTOR_RENEW_CODES, gives=RecoveryCodesOut, refuses=())
)
def renew_codes(body: ProofIn, caller: SignedIn) -> Response:
    """Fresh recovery codes in place of the earlier ones, shown once."""
    now = moment()
    clinic, actor = caller.identified(now)
    codes = second_factor.renew_codes(clinic, actor, body.secret, body.one_time_code, now=now)
    return answer(RecoveryCodesOut(recovery_codes=codes))


@router.post("/end", **acts(Action.SECOND_FACTOR_END, status=204, refuses=()))
def end(body: ProofIn, caller: SignedIn) -> Response:
    """The second factor is of no use from now on."""
    now = moment()
    clinic, actor = caller.identified(now)
    second_factor.end(clinic, actor, body.secret, body.one_time_code, now=now)
    return Response(status_code=204)
