"""What was typed at a session and not saved: kept through a lock, for its sign-in alone (R42)."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas_drafts import DraftKeptOut, DraftOut
from protocol.commands import drafts
from protocol.rules.actions import Action
from protocol.rules.drafts import DraftIn

router = APIRouter(prefix=f"{API}/sessions", tags=["drafts"], route_class=StrictRoute)


@router.put("/{session_id}/draft", **acts(Action.DRAFT_KEEP, gives=DraftKeptOut, refuses=(404,)))
def keep(session_id: UUID, body: DraftIn, caller: SignedIn) -> Response:
    """Keep what is typed, in the place of what was kept before; a lock leaves it, its end does not.

    It is encrypted with a key that only this sign-in's token gives, and is no part of the record.
    """
    now = moment()
    clinic, actor = caller.identified(now)
    kept = drafts.keep(clinic, actor, caller.token, session_id, body, now=now)
    return answer(DraftKeptOut.model_construct(session_id=kept.session_id, kept_at=now))


@router.get("/{session_id}/draft", **acts(Action.DRAFT_VIEW, gives=DraftOut, refuses=(404, 409)))
def draft(session_id: UUID, caller: SignedIn) -> Response:
    """What this sign-in kept at the session; `content` is null where it kept nothing.

    `draft-unreadable` (409): what lies there was altered, or put there from elsewhere.
    """
    now = moment()
    clinic, actor = caller.identified(now)
    found = drafts.draft(clinic, actor, caller.token, session_id, now=now)
    return answer(DraftOut.model_construct(**found._asdict()))


@router.delete("/{session_id}/draft", **acts(Action.DRAFT_DISCARD, status=204, refuses=(404,)))
def discard(session_id: UUID, caller: SignedIn) -> Response:
    """Let it go, if it is there: the entry was saved, or is not wanted."""
    now = moment()
    clinic, actor = caller.identified(now)
    drafts.discard(clinic, actor, caller.token, session_id, now=now)
    return Response(status_code=204)
