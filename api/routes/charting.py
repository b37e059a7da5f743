"""Charting at the chair: one route for each kind of content (design section 4).

The body's shape is all that is judged here. Every route answers 201 with the entry, what it
breaches and the server's time, and 200 where the same entry was sent before.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

from api import schemas_charting as bodies
from api.dependencies import API, ChartingRoute, acts, answer
from api.identity import Caller, SignedIn, moment
from protocol.commands import amending, charting
from protocol.commands.proving import second_person
from protocol.records.prepared import Ask
from protocol.records.runner import Turn
from protocol.rules.actions import Action
from protocol.rules.charting import DOSING_ACTIONS, Charted, action_of

router = APIRouter(
    prefix=f"{API}/sessions/{{session_id}}", tags=["charting"], route_class=ChartingRoute
)


def _charts(*actions: Action, name: str = "") -> dict[str, Any]:
    given = bodies.RecordedOut
    return acts(*actions, gives=given, status=201, also=given, name=name)


async def _chart(
    caller: Caller, session_id: UUID, body: bodies.ChartedIn,
    command: Callable[..., charting.Recorded], action: Action | None = None,
) -> Response:  # fmt: skip
    """Identify, let a second person prove to be there, chart, answer.

    Proving a secret takes a tenth of a second on purpose, so a second person's entry runs in a
    thread of its own; every other one in the queue's.
    """
    charted, named = body.charted(), body.second_person
    if named is None:
        return await _in_turn(caller, session_id, charted, command)

    def act() -> Response:
        now = moment()
        clinic, actor = caller.identified(now)
        acting = action or action_of(charted.content)
        second = second_person(
            clinic, actor, named.username, named.secret, acting, now=now, code=named.one_time_code
        )
        return _answer(command(clinic, actor, session_id, charted, now=now, second=second), now)

    return await run_in_threadpool(act)


async def _in_turn(
    caller: Caller, session_id: UUID, charted: Charted, command: Callable[..., charting.Recorded]
) -> Response:
    """Identify, chart, answer."""
    now = moment()

    def act(turn: Turn | None) -> Response:
        clinic, actor = caller.identified(now, turn)
        return _answer(command(clinic, actor, session_id, charted, now=now), now)

    def asks(clinic_id: UUID) -> list[Ask]:
        return charting.asked_ahead(clinic_id, session_id, charted)

    return await caller.in_turn(act, asks)


def _answer(recorded: charting.Recorded, now: datetime) -> Response:
    return answer(bodies.RecordedOut.of(recorded, now), 200 if recorded.repeated else 201)


@router.post("/readings", **_charts(Action.READING_RECORD))
async def record_reading(session_id: UUID, body: bodies.ReadingIn, caller: SignedIn) -> Response:
    """Vital signs, scores and pain at one moment; numbers as text, units in UCUM."""
    return await _chart(caller, session_id, body, charting.record_reading)


@router.post(
    "/dosing-events", **_charts(*DOSING_ACTIONS.values(), name="dosing_event_record")
)  # fmt: skip
async def record_dosing_event(
    session_id: UUID, body: bodies.DosingEventIn, caller: SignedIn
) -> Response:
    """A start, rate change, bolus, pause, resume or stop of a drug line."""
    return await _chart(caller, session_id, body, charting.record_dosing_event)


@router.post("/plans", **_charts(Action.SESSION_PLAN))
async def record_plan(session_id: UUID, body: bodies.PlanIn, caller: SignedIn) -> Response:
    """A physician's plan; over a hard limit it is refused."""
    return await _chart(caller, session_id, body, charting.record_plan)


@router.post("/adverse-events", **_charts(Action.ADVERSE_EVENT_RECORD))
async def record_adverse_event(
    session_id: UUID, body: bodies.AdverseEventIn, caller: SignedIn
) -> Response:
    """Something that went wrong for the patient: onset, severity, action, outcome."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/adjuncts", **_charts(Action.ADJUNCT_RECORD))
async def record_adjunct(session_id: UUID, body: bodies.AdjunctIn, caller: SignedIn) -> Response:
    """A medicine beside the protocol's drug lines that was given."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/notes", **_charts(Action.NOTE_RECORD))
async def record_note(session_id: UUID, body: bodies.NoteIn, caller: SignedIn) -> Response:
    """Free text."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/missed-rounds", **_charts(Action.ROUND_MISS))
async def miss_round(session_id: UUID, body: bodies.MissedRoundIn, caller: SignedIn) -> Response:
    """Why a due round was not charted; the round stays missed."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/phases", **_charts(Action.PHASE_ENTER))
async def enter_phase(session_id: UUID, body: bodies.PhaseIn, caller: SignedIn) -> Response:
    """The session moves to a phase of its protocol."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/overrides", **_charts(Action.BREACH_OVERRIDE))
async def override_breach(session_id: UUID, body: bodies.OverrideIn, caller: SignedIn) -> Response:
    """The reason for a breach; a hard one is closed by a reason with a second person."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/form-responses", **_charts(Action.FORM_ANSWER))
async def answer_form(session_id: UUID, body: bodies.FormResponseIn, caller: SignedIn) -> Response:
    """Answers to items of a form that the session is pinned to; several complete one another."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/form-overrides", **_charts(Action.FORM_OVERRIDE))
async def override_form(
    session_id: UUID, body: bodies.FormOverrideIn, caller: SignedIn
) -> Response:
    """Why a step goes on although items of a form are unanswered, absent or not met."""
    return await _chart(caller, session_id, body, charting.record_entry)


@router.post("/corrections", **_charts(Action.ENTRY_CORRECT))
async def correct_entry(session_id: UUID, body: bodies.CorrectionIn, caller: SignedIn) -> Response:
    """An entry in place of an earlier one of its kind, with a reason; the earlier one stays."""
    return await _chart(caller, session_id, body, amending.correct_entry, Action.ENTRY_CORRECT)


@router.post("/retractions", **_charts(Action.ENTRY_RETRACT))
async def retract_entry(session_id: UUID, body: bodies.RetractionIn, caller: SignedIn) -> Response:
    """An entry that is not true of this patient leaves the normal view; a marker stays."""
    return await _in_turn(caller, session_id, body, amending.retract_entry)


@router.post("/addenda", **_charts(Action.ADDENDUM_RECORD))
async def add_addendum(session_id: UUID, body: bodies.AddendumIn, caller: SignedIn) -> Response:
    """Text after signing; the signed version stays as it was."""
    return await _in_turn(caller, session_id, body, amending.add_addendum)
