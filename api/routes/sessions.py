"""Sessions: preparing, finding and reading them, and moving them through their states."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas import PageOut, SessionLineOut
from api.schemas_sessions import DueRoundsOut, SessionOut
from protocol.commands import planning
from protocol.commands.planning import SessionIn, StatusIn
from protocol.rules.actions import Action, Actor
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import due_rounds
from protocol.rules.sessions import SessionStatus
from reports.chart_svg import SCREEN_WIDTH, session_svg

router = APIRouter(prefix=f"{API}/sessions", tags=["sessions"], route_class=StrictRoute)
Width = Annotated[
    int, Query(ge=640, le=2_400, description="In pixels; letters are 13 pixels high at any width.")
]
_SVG = {"image/svg+xml": {"schema": {"type": "string"}}}
_STATUS_ACTS = {
    Action.SESSION_BEGIN: "The session begins.",
    Action.SESSION_HOLD: "The session pauses.",
    Action.SESSION_RESUME: "The session goes on.",
    Action.SESSION_COMPLETE: "The session ended as planned.",
    Action.SESSION_STOP: "The session ended early; with a reason.",
    Action.SESSION_CANCEL: "The session does not take place; with a reason.",
    Action.SESSION_RETRACT: "The session was entered in error; with a reason.",
}


@router.post("", **acts(Action.SESSION_PREPARE, gives=SessionOut, status=201))
def prepare(body: SessionIn, caller: SignedIn) -> Response:
    """A session in preparation, pinned to an active protocol version and the policy in force."""
    now = moment()
    clinic, actor = caller.identified(now)
    return _session(planning.prepare(clinic, actor, body, now=now), now, actor, 201)


@router.get("", **acts(Action.SESSION_SEARCH, gives=PageOut[SessionLineOut], refuses=()))
def find_sessions(
    caller: SignedIn, patient_id: UUID | None = None, status: SessionStatus | None = None,
    after: After = None, limit: Limit = PAGE,
) -> Response:  # fmt: skip
    """Sessions by patient or status, a page by their ids."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = planning.find_sessions(
        clinic, actor, now=now, patient_id=patient_id, status=status, after_id=after,
        limit=limit + 1,
    )  # fmt: skip
    lines = [SessionLineOut.of(one) for one in found]
    return answer(PageOut[SessionLineOut].cut(lines, limit))


@router.get("/{session_id}", **acts(Action.SESSION_VIEW, gives=SessionOut, refuses=(404,)))
def session(session_id: UUID, caller: SignedIn) -> Response:
    """The whole record with what is computed from it: totals, rounds, contradictions, digest."""
    now = moment()
    clinic, actor = caller.identified(now)
    return _session(planning.session(clinic, actor, session_id, now=now), now, actor)


@router.get(
    "/{session_id}/due-rounds",
    **acts(Action.SESSION_VIEW, gives=DueRoundsOut, name="due_rounds_view", refuses=(404,)),
)
def rounds(session_id: UUID, caller: SignedIn) -> Response:
    """The rounds so far, done or not, and the next one of each series."""
    now = moment()
    clinic, actor = caller.identified(now)
    record = planning.session(clinic, actor, session_id, now=now)
    due = list(due_rounds(record.course(), now))
    return answer(DueRoundsOut.model_construct(as_of=now, due_rounds=due))


@router.get(
    "/{session_id}/chart.svg",
    **acts(Action.SESSION_VIEW, content=_SVG, name="session_chart_view", refuses=(404,)),
)
def session_chart(session_id: UUID, caller: SignedIn, width: Width = SCREEN_WIDTH) -> Response:
    """The trend chart for a screen: up to this moment, with the rounds that are due, while the
    session goes on. It holds no script and no style, and fetches nothing."""
    now = moment()
    clinic, actor = caller.identified(now)
    record = planning.session(clinic, actor, session_id, now=now)
    return Response(session_svg(record, now, width), media_type="image/svg+xml")


def _add_status_act(action: Action, says: str) -> None:
    @router.post(
        f"/{{session_id}}/{action.value.partition(':')[2]}", description=says,
        **acts(action, gives=SessionOut),
    )  # fmt: skip
    def change_status(session_id: UUID, body: StatusIn, caller: SignedIn) -> Response:
        now = moment()
        clinic, actor = caller.identified(now)
        return _session(
            planning.change_status(clinic, actor, action, session_id, body, now=now), now, actor
        )


def _session(record: SessionRecord, now: datetime, actor: Actor, status: int = 200) -> Response:
    return answer(SessionOut.of(record, now, actor.emergency), status)


for _action, _says in _STATUS_ACTS.items():
    _add_status_act(_action, _says)
