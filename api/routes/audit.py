"""The audit trail: looking, and verifying that nothing in it was altered."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas_audit import AuditPageOut, AuditSearchIn, VerificationOut
from protocol.commands import auditing
from protocol.rules.actions import Action

router = APIRouter(prefix=f"{API}/audit", tags=["audit"], route_class=StrictRoute)


@router.get("/entries", **acts(Action.AUDIT_VIEW, gives=AuditPageOut, refuses=()))
def find_entries(caller: SignedIn, search: Annotated[AuditSearchIn, Query()]) -> Response:
    """Entries, newest first."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = auditing.find_entries(
        clinic, actor, search.sought(), now=now, before=search.before, limit=search.limit + 1
    )
    return answer(AuditPageOut.cut(found, search.limit))


@router.post("/verify", **acts(Action.AUDIT_VERIFY, gives=VerificationOut, refuses=()))
def verify(caller: SignedIn) -> Response:
    """Walk the chain and every row that it seals; names the first entry that does not hold."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(VerificationOut.of(auditing.verify(clinic, actor, now=now)))
