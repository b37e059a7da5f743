"""Replaying the acts of a course of treatment: the bodies of the API, marked as transcribed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from api.documents import shaped
from protocol.commands import courses, responding
from protocol.records.clinics import Clinic
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import Source
from protocol.rules.course import CourseChangeIn, CourseIn, CourseStatusIn
from protocol.rules.responses import ResponseIn, ResponseRetractionIn

# What a line is about, and the field that its `at` stands for.
ABOUT: Mapping[Action, tuple[str, str | None]] = {
    Action.COURSE_OPEN: ("patient", "opened_at"),
    Action.COURSE_CHANGE: ("course", None),
    Action.COURSE_CLOSE: ("course", "at"),
    Action.COURSE_REOPEN: ("course", "at"),
    Action.RESPONSE_RECORD: ("patient", "observed_at"),
    Action.RESPONSE_CORRECT: ("patient", "observed_at"),
    Action.RESPONSE_RETRACT: ("patient", "observed_at"),
}
_Body = TypeVar("_Body", bound=BaseModel)


def run(
    clinic: Clinic, actor: Actor, action: Action, about: UUID, body: Mapping[str, Any],
    now: datetime,
) -> None:  # fmt: skip
    """One act of ABOUT, through its own command."""
    _RUNS[action](clinic, actor, about, body, now)


Run = Callable[[Clinic, Actor, UUID, Mapping[str, Any], datetime], None]


def _as_is(command: Callable[..., object], kind: type[_Body]) -> Run:
    def act(
        clinic: Clinic, actor: Actor, about: UUID, body: Mapping[str, Any], now: datetime
    ) -> None:
        command(clinic, actor, about, shaped(kind, body), now=now)

    return act


def _response(command: Callable[..., object]) -> Run:
    def act(
        clinic: Clinic, actor: Actor, about: UUID, body: Mapping[str, Any], now: datetime
    ) -> None:
        shifted = body.get("source") == Source.TRANSCRIBED_SHIFTED.value
        source = Source.TRANSCRIBED_SHIFTED if shifted else Source.TRANSCRIBED
        command(clinic, actor, about, shaped(ResponseIn, {**body, "source": source}), now=now)

    return act


def _retract(
    clinic: Clinic, actor: Actor, about: UUID, body: Mapping[str, Any], now: datetime
) -> None:
    named = shaped(_Retraction, body)
    wanted = ResponseRetractionIn(id=named.id, reason=named.reason, observed_at=named.observed_at)
    responding.retract_response(clinic, actor, about, named.retracts, wanted, now=now)


class _Retraction(ResponseRetractionIn):
    """In a file the body names what it takes back, as the address does in the API."""

    retracts: UUID


_RUNS: Mapping[Action, Run] = {
    Action.COURSE_OPEN: _as_is(courses.open_course, CourseIn),
    Action.COURSE_CHANGE: _as_is(courses.change_course, CourseChangeIn),
    Action.COURSE_CLOSE: _as_is(courses.close_course, CourseStatusIn),
    Action.COURSE_REOPEN: _as_is(courses.reopen_course, CourseStatusIn),
    Action.RESPONSE_RECORD: _response(responding.record_response),
    Action.RESPONSE_CORRECT: _response(responding.correct_response),
    Action.RESPONSE_RETRACT: _retract,
}
