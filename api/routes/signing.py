"""Signing a session, its summary on paper, and the whole record as one file."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.background import BackgroundTask

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas_signing import SignaturesOut
from api.summaries import Press
from protocol.commands import planning, signing
from protocol.commands.signing import SignatureIn
from protocol.rules.actions import Action
from protocol.rules.audit import canonical_json
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Signature

router = APIRouter(
    prefix=f"{API}/sessions/{{session_id}}", tags=["signing"], route_class=StrictRoute
)
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_KEPT = acts(
    Action.SESSION_PRINT, Action.SESSION_SEAL, content=_PDF, name="signed_summary_print",
    refuses=(404,),
)  # fmt: skip
_KEPT["responses"][304] = {"description": "The caller has these bytes: If-None-Match names them."}


@router.post("/signatures", **acts(Action.SESSION_SIGN, gives=Signature, status=201))
def sign(session_id: UUID, body: SignatureIn, caller: SignedIn, request: Request) -> Response:
    """A signature over the record as shown: the secret once more, and the digest that was shown.

    Once it is answered its summary is printed, sealed and kept.
    """
    now = moment()
    clinic, actor = caller.identified(now)
    answered = answer(signing.sign(clinic, actor, session_id, body, now=now), 201)
    press: Press = request.app.state.press
    answered.background = BackgroundTask(press.after_signing, clinic, session_id, body.id, moment())
    return answered


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


@router.get("/signatures/{signature_id}/summary.pdf", **_KEPT)
def signed_summary(
    session_id: UUID, signature_id: UUID, caller: SignedIn, request: Request,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:  # fmt: skip
    """The summary that this signature made, in the signer's name, with the clinic's seal.

    It was printed once and is kept: whoever asks, and whenever, it is the same file byte for byte
    (R29, R164). Its SHA-256 is the `ETag`; `Chairside-Version` says which version of the document
    it is. The seal says that the file is as it was printed, not who approved the record (R165).
    """
    now = moment()
    clinic, actor = caller.identified(now)
    press: Press = request.app.state.press
    kept = press.signed(clinic, actor, session_id, signature_id, now)
    headers = {"ETag": f'"{kept.content_digest}"', "Chairside-Version": str(kept.version)}
    if _names(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return _printed(kept.content, f"{session_id}-{signature_id}.pdf", headers)


@router.get("/summary.pdf", **acts(Action.SESSION_PRINT, content=_PDF, refuses=(404,)))
def summary(
    session_id: UUID,
    caller: SignedIn,
    request: Request,
    at_signature: Annotated[
        UUID | None,
        Query(description="A copy for reading of what was signed; SUPERSEDED where it was."),
    ] = None,
) -> Response:
    """The session's summary as PDF.

    Where the last signature covers all that there is, it is the kept file of that signature.
    Otherwise, and `at_signature`, it is printed now, in the own name, and has no seal.
    """
    now = moment()
    clinic, actor = caller.identified(now)
    press: Press = request.app.state.press
    sheet = press.of_now(clinic, actor, session_id, now, at_signature)
    headers = {"ETag": f'"{sheet.kept_digest}"'} if sheet.kept_digest else {}
    return _printed(sheet.content, f"{session_id}.pdf", headers)


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


def _names(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller has these very bytes already."""
    asked = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return tag in asked or asked == ["*"]


def _printed(content: bytes, file: str, headers: Mapping[str, str]) -> Response:
    return Response(content, media_type="application/pdf", headers={**_named(file), **headers})


def _exported(record: SessionRecord, file: str) -> Response:
    content = canonical_json(record.model_dump(mode="json"))
    return Response(content, media_type="application/json", headers=_named(file))


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="session-{file}"'}
