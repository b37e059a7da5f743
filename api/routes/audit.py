"""The audit trail: looking, and verifying that nothing in it was altered."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas_audit import NUMBER_MAX, AuditPageOut, AuditSearchIn, VerificationOut
from api.schemas_checkpoints import CheckpointOut, ConsistencyOut, InclusionOut
from protocol.commands import auditing, checkpoints
from protocol.rules.actions import Action

Number = Annotated[int, Path(ge=1, le=NUMBER_MAX)]
Size = Annotated[int | None, Query(ge=1, le=NUMBER_MAX, description="How many entries.")]
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


@router.get("/checkpoint", **acts(Action.AUDIT_PROVE, gives=CheckpointOut, refuses=(404,)))
def latest_checkpoint(caller: SignedIn) -> Response:
    """The last signed head of the chain, as the note that was signed (C2SP tlog-checkpoint)."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(CheckpointOut.of(checkpoints.latest_checkpoint(clinic, actor, now=now)))


@router.get(
    "/proofs/{number}",
    **acts(
        Action.AUDIT_PROVE, gives=InclusionOut, name="inclusion_prove", refuses=(404,)
    ),
)  # fmt: skip
def prove_included(caller: SignedIn, number: Number, size: Size = None) -> Response:
    """That an entry is in the tree of `size` entries, or of the last checkpoint (RFC 9162)."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = checkpoints.prove_included(clinic, actor, number, now=now, size=size)
    return answer(InclusionOut.of(found))


@router.get(
    "/consistency/{old}",
    **acts(
        Action.AUDIT_PROVE, gives=ConsistencyOut, name="consistency_prove", refuses=(404,)
    ),
)  # fmt: skip
def prove_consistent(caller: SignedIn, old: Number, new: Size = None) -> Response:
    """That the tree of `new` entries, or of all, begins with the tree of `old` (RFC 9162)."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(ConsistencyOut.of(checkpoints.prove_consistent(clinic, actor, old, new, now=now)))
