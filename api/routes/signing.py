"""Signing a session, its summary on paper, and the whole record as one file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas_signing import SignaturesOut
from protocol.commands import planning, signing
from protocol.commands.signing import SignatureIn
from protocol.rules.actions import Action
from protocol.rules.audit import canonical_json
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Signature
from reports.printing import summary_pdf

router = APIRouter(
    prefix=f"{API}/sessions/{{session_id}}", tags=["signing"], route_class=StrictRoute
)
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


@router.post("/signatures", **acts(Action.SESSION_SIGN, gives=Signature, status=201))
def sign(session_id: UUID, body: SignatureIn, caller: SignedIn) -> Response:
    """A signature over the record as shown: the secret once more, and the digest that was shown."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(signing.sign(clinic, actor, session_id, body, now=now), 201)


@router.get(
    "/signatures",
    **acts(Action.SESSION_VIEW, gives=SignaturesOut, name="signatures_view", refuses=(404,)),
)
def signatures(session_id: UUID, caller: SignedIn) -> Response:
    """Who signed which version of the record, and whether each signature is what was given."""
    now = moment()
    clinic, actor = caller.identified(now)
    record, found = signing.signatures(clinic, actor, session_id, now=now)
    return answer(SignaturesOut.of(record, found))


@router.get(
    "/signatures/{signature_id}/record",
    **acts(Action.SESSION_EXPORT, gives=SessionRecord, name="signed_record_export", refuses=(404,)),
)
def signed_record(session_id: UUID, signature_id: UUID, caller: SignedIn) -> Response:
    """The record as it was when this signature was given, with it: the same bytes for ever."""
    record, _ = _as_signed(session_id, signature_id, caller, Action.SESSION_EXPORT)
    return _exported(record, f"{session_id}-{signature_id}.json")


@router.get(
    "/signatures/{signature_id}/summary.pdf",
    **acts(Action.SESSION_PRINT, content=_PDF, name="signed_summary_print", refuses=(404,)),
)
def signed_summary(session_id: UUID, signature_id: UUID, caller: SignedIn) -> Response:
    """The summary of what was signed, as of that moment and in the signer's name.

    Whoever asks, and whenever, it is the same sheet byte for byte (R29, R164).
    """
    record, given = _as_signed(session_id, signature_id, caller, Action.SESSION_PRINT)
    content = summary_pdf(record, printed_at=given.signed_at, printed_by=given.signer.name)
    return _printed(content, f"{session_id}-{signature_id}.pdf")


@router.get("/summary.pdf", **acts(Action.SESSION_PRINT, content=_PDF, refuses=(404,)))
def summary(
    session_id: UUID,
    caller: SignedIn,
    at_signature: Annotated[
        UUID | None, Query(description="The record as it was when this signature was given.")
    ] = None,
) -> Response:
    """The session's summary as PDF."""
    now = moment()
    clinic, actor = caller.identified(now)
    record = planning.session(
        clinic, actor, session_id, now=now, action=Action.SESSION_PRINT, at_signature=at_signature
    )
    content = summary_pdf(record, printed_at=now, printed_by=actor.name)
    return _printed(content, f"{session_id}.pdf")


@router.get("/export", **acts(Action.SESSION_EXPORT, gives=SessionRecord, refuses=(404,)))
def export(session_id: UUID, caller: SignedIn) -> Response:
    """The whole record as canonical JSON (RFC 8785): the same record gives the same bytes."""
    now = moment()
    clinic, actor = caller.identified(now)
    record = planning.session(clinic, actor, session_id, now=now, action=Action.SESSION_EXPORT)
    return _exported(record, f"{session_id}.json")


def _as_signed(
    session_id: UUID, signature_id: UUID, caller: SignedIn, action: Action
) -> tuple[SessionRecord, Signature]:
    now = moment()
    clinic, actor = caller.identified(now)
    record = planning.session(
        clinic, actor, session_id, now=now, action=action, at_signature=signature_id
    )
    return record, next(one for one in record.signatures if one.id == signature_id)


def _printed(content: bytes, file: str) -> Response:
    return Response(content, media_type="application/pdf", headers=_named(file))


def _exported(record: SessionRecord, file: str) -> Response:
    content = canonical_json(record.model_dump(mode="json"))
    return Response(content, media_type="application/json", headers=_named(file))


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="session-{file}"'}
