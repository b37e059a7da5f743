"""Replaying acts from JSON Lines through the commands of a nurse's click: no back door (design 6).

A line is `{"act": …, "session", "patient" or "course": id, "body": {…}}`, with the vocabulary and
the bodies of the API; an enrolment names its id in the body or as `patient`. `at` stands for the
time that the body does not say: `observed_at`, `measured_at`, `prepared_at`, `opened_at` or `at`. A
second person is named in the body with a secret, as in the API; or "second": true stands for the
one of this replay. Whatever is charted is marked as transcribed (R153). A signature is not
replayed: it takes its signer.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field

from api import replay_courses
from api.documents import shaped
from api.replay_custody import CUSTODY_ACTS, replay_custody
from api.replay_registers import REGISTER_ACTS, replay_register
from api.schemas import EnrolIn
from api.schemas_charting import SecondPersonIn
from api.strict_json import NotTaken, read_json
from protocol.commands import amending, charting, enrolling, planning, proving
from protocol.records.clinics import Clinic
from protocol.records.work import record_refusal
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import DOSING_ACTIONS, Charted, Source, action_of
from protocol.rules.errors import InvalidShape, NotPermitted, Refusal
from protocol.rules.patients import PatientIn, WeightIn
from protocol.rules.values import Shape

STATUS_ACTS = frozenset(
    {
        Action.SESSION_BEGIN,
        Action.SESSION_CANCEL,
        Action.SESSION_COMPLETE,
        Action.SESSION_HOLD,
        Action.SESSION_RESUME,
        Action.SESSION_RETRACT,
        Action.SESSION_STOP,
    }
)
_CHARTS = {
    Action.ENTRY_CORRECT: amending.correct_entry,
    Action.ENTRY_RETRACT: amending.retract_entry,
    Action.ADDENDUM_RECORD: amending.add_addendum,
}
# The kind of content that an act charts; as in the API, the content need not say it again.
_KINDS = {
    Action.ADJUNCT_RECORD: "adjunct",
    Action.ADVERSE_EVENT_RECORD: "adverse-event",
    Action.BREACH_OVERRIDE: "override",
    Action.FORM_ANSWER: "form-response",
    Action.FORM_OVERRIDE: "form-override",
    **dict.fromkeys(DOSING_ACTIONS.values(), "dosing"),
    Action.NOTE_RECORD: "note",
    Action.PHASE_ENTER: "phase",
    Action.READING_RECORD: "reading",
    Action.ROUND_MISS: "missed-round",
    Action.SESSION_PLAN: "plan",
    Action.ENTRY_RETRACT: "retraction",
    Action.ADDENDUM_RECORD: "addendum",
}


class Line(Shape):
    """One line of the file."""

    act: Action
    session: UUID | None = None
    patient: UUID | None = None
    course: UUID | None = None
    body: dict[str, Any] = Field(default_factory=dict)
    at: str | None = None
    second: bool = False


class _Named(Shape):
    second_person: SecondPersonIn


class Replayed(NamedTuple):
    """What came of one line."""

    line: int
    act: str
    outcome: str
    refusal: Refusal | None = None

    def as_dict(self) -> dict[str, object]:
        """The result for a program: the refusal by its code and sentence."""
        result: dict[str, object] = {"line": self.line, "act": self.act, "outcome": self.outcome}
        if self.refusal is not None:
            result |= {"code": self.refusal.code, "sentence": self.refusal.sentence}
        return result


class _Replay(NamedTuple):
    clinic: Clinic
    actor: Actor
    second: Actor | None


def replay(
    clinic: Clinic, actor: Actor, second: Actor | None, content: bytes
) -> Iterator[Replayed]:
    """Run each line, in order, and tell what came of it; a refused one stops none after it."""
    here = _Replay(clinic, actor, second)
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if raw.strip():
            yield _one(here, number, raw)


def _one(here: _Replay, number: int, raw: bytes) -> Replayed:
    act = ""
    try:
        line = _line(raw)
        act = line.act.value
        return Replayed(number, act, "repeated" if _done(here, line) else "done")
    except Refusal as refusal:
        if not refusal.audited:
            record_refusal(here.clinic, here.actor, refusal, datetime.now(UTC))
        return Replayed(number, act, "refused", refusal)


def _line(raw: bytes) -> Line:
    try:
        value = read_json(raw)
    except NotTaken as reason:
        raise InvalidShape(reason.sentence, rule=reason.rule) from reason
    if not isinstance(value, dict):
        raise InvalidShape("A line is a JSON object.")
    return shaped(Line, value)


def _done(here: _Replay, line: Line) -> bool:
    """Run one act; whether it was there before with this content."""
    now = datetime.now(UTC)
    if line.act in STATUS_ACTS:
        change = shaped(planning.StatusIn, _timed(line, "at"))
        planning.change_status(
            here.clinic, here.actor, line.act, _named(line, "session"), change, now=now
        )
        return False
    if line.act in _KINDS or line.act in _CHARTS:
        return _charted(here, line, now)
    if line.act in replay_courses.ABOUT:
        what, at = replay_courses.ABOUT[line.act]
        body = line.body if at is None else _timed(line, at)
        replay_courses.run(here.clinic, here.actor, line.act, _named(line, what), body, now)
        return False
    if line.act in CUSTODY_ACTS:
        return _custody(here, line, now)
    if line.act in REGISTER_ACTS:
        second = _second(here, line, None, now).get("second")
        replay_register(here.clinic, here.actor, line.act, {**line.body}, second, now)
        return False
    run = _OTHERS.get(line.act)
    if run is None:
        raise NotPermitted(f"{line.act} is not replayed from a file.", action=line.act.value)
    run(here, line, now)
    return False


def _charted(here: _Replay, line: Line, now: datetime) -> bool:
    body = _timed(line, "observed_at")
    if body.get("source") != Source.TRANSCRIBED_SHIFTED.value:
        body["source"] = Source.TRANSCRIBED.value
    if isinstance(body.get("content"), dict) and line.act in _KINDS:
        body["content"] = {"kind": _KINDS[line.act], **body["content"]}
    named = body.pop("second_person", None)
    charted = shaped(Charted, body)
    if line.act is not Action.ENTRY_CORRECT and action_of(charted.content) is not line.act:
        raise InvalidShape(f"The content is of {action_of(charted.content)}, not {line.act}.")
    second = _second(here, line, named, now)
    if second and line.act in (Action.ENTRY_RETRACT, Action.ADDENDUM_RECORD):
        raise InvalidShape(f"{line.act} takes no second person.")
    session = _named(line, "session")
    chart: Callable[..., charting.Recorded] = _CHARTS.get(line.act, charting.record_entry)
    return chart(here.clinic, here.actor, session, charted, now=now, **second).repeated


def _custody(here: _Replay, line: Line, now: datetime) -> bool:
    body = _timed(line, "observed_at")
    if line.session is not None and line.act in (Action.CUSTODY_DRAW, Action.CUSTODY_RECONCILE):
        body = {"session_id": str(line.session), **body}
    second = _second(here, line, None, now).get("second")
    return replay_custody(here.clinic, here.actor, line.act, body, second, now)


def _second(here: _Replay, line: Line, named: object, now: datetime) -> dict[str, Actor]:
    """The second person of `--second`, or the one whom the body names and proves."""
    if named is not None:
        one = shaped(_Named, {"second_person": named}).second_person
        return {
            "second": proving.second_person(
                here.clinic, here.actor, one.username, one.secret, line.act, now=now,
                code=one.one_time_code,
            )
        }  # fmt: skip
    if line.second and here.second is None:
        raise InvalidShape("The line names a second person, and the replay has none.")
    return {"second": here.second} if line.second and here.second is not None else {}


def _timed(line: Line, field: str) -> dict[str, Any]:
    return {**line.body} if line.at is None else {field: line.at, **line.body}


def _named(line: Line, what: str) -> UUID:
    found: UUID | None = getattr(line, what)
    if found is None:
        raise InvalidShape(f"{what}: {line.act} names the {what} that it is about.", field=what)
    return found


def _enrol(here: _Replay, line: Line, now: datetime) -> None:
    body = {"id": line.patient, **line.body}
    enrolled = shaped(EnrolIn, body)
    details = PatientIn.model_validate(enrolled.model_dump(exclude={"id"}))
    enrolling.enrol(here.clinic, here.actor, enrolled.id, details, now=now)


def _change(here: _Replay, line: Line, now: datetime) -> None:
    details = shaped(PatientIn, line.body)
    enrolling.change_patient(here.clinic, here.actor, _named(line, "patient"), details, now=now)


def _weigh(here: _Replay, line: Line, now: datetime) -> None:
    weight = shaped(WeightIn, _timed(line, "measured_at"))
    enrolling.weigh(here.clinic, here.actor, _named(line, "patient"), weight, now=now)


def _prepare(here: _Replay, line: Line, now: datetime) -> None:
    planning.prepare(
        here.clinic, here.actor, shaped(planning.SessionIn, _timed(line, "prepared_at")), now=now
    )


_OTHERS: dict[Action, Callable[[_Replay, Line, datetime], None]] = {
    Action.PATIENT_ENROL: _enrol,
    Action.PATIENT_CHANGE: _change,
    Action.PATIENT_WEIGH: _weigh,
    Action.SESSION_PREPARE: _prepare,
}
