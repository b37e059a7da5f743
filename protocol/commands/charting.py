"""Charting: one function for each act at the chair; a fact is never refused for its size (R112).

Each loads what it needs, asks the rules, and adds rows; `_chart` is what all of them share.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.commands.form_judgement import judge_form_override, judge_form_response
from protocol.commands.judgement import (
    Finding,
    judge_dosing,
    judge_plan,
    judge_reading,
    judge_retraction,
)
from protocol.commands.planning import status_row
from protocol.records import lookups, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.contents import folded
from protocol.records.lookups import SessionState
from protocol.records.prepared import Ask
from protocol.records.rows import New, new
from protocol.records.tables import BreachRow, EntryRow
from protocol.records.work import Act, person_ref, work
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import canonical_json
from protocol.rules.charting import (
    Adjunct,
    AdverseEvent,
    Charted,
    DosingEvent,
    Entry,
    FormOverride,
    FormResponse,
    MissedRound,
    Override,
    PhaseEntered,
    Plan,
    Reading,
    Retraction,
    action_of,
)
from protocol.rules.dosing import amount_of
from protocol.rules.errors import Impossible, UnknownTerm
from protocol.rules.limits import Breach
from protocol.rules.schedule import RoundState, due_rounds
from protocol.rules.sessions import after
from protocol.rules.signature import digest_of


class Recorded(NamedTuple):
    """What was charted: the entry as kept, what it breaches, and whether it was there before."""

    entry: Entry
    breaches: tuple[Breach, ...]
    repeated: bool


Judge = Callable[[Act, SessionState, Charted], Finding]


def record_reading(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime,
    second: Actor | None = None,
) -> Recorded:  # fmt: skip
    """Vital signs, scores and pain at one moment.

    Raises Impossible, UnitMismatch, UnknownTerm, ConfirmationMissing and those of `chart`.
    """
    _require_content(charted, Reading)
    return chart(clinic, actor, session_id, charted, judge_reading, now=now, second=second)


def record_dosing_event(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime,
    second: Actor | None = None,
) -> Recorded:  # fmt: skip
    """A start, rate change, bolus, pause, resume or stop of a drug line.

    Raises AlreadyRunning, NothingRunning, UnitMismatch, UnknownTerm, ConfirmationMissing and those
    of `chart`.
    """
    _require_content(charted, DosingEvent)
    return chart(clinic, actor, session_id, charted, judge_dosing, now=now, second=second)


def record_plan(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime,
    second: Actor | None = None,
) -> Recorded:  # fmt: skip
    """A physician's plan. Raises PlanOverLimit for a hard limit: only plans are refused (R112)."""
    _require_content(charted, Plan)
    return chart(clinic, actor, session_id, charted, judge_plan, now=now, second=second)


def record_entry(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime,
    second: Actor | None = None,
) -> Recorded:  # fmt: skip
    """Any content by its kind: each kind's own judgement, the same door."""
    judge = JUDGES.get(type(charted.content), _judge_nothing)
    return chart(clinic, actor, session_id, charted, judge, now=now, second=second)


def chart(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, judge: Judge,
    *, now: datetime, second: Actor | None = None, action: Action | None = None,
) -> Recorded:  # fmt: skip
    """What every charted entry goes through, in order of precedence.

    Raises NotPermitted, NotFound, IdConflict, AlreadySigned, NotAllowedNow, Impossible (a time in
    the future), and whatever `judge` refuses.
    """
    digest = entry_digest_of(session_id, charted, second)
    acting = action or action_of(charted.content)
    replacing = acting in (Action.ENTRY_CORRECT, Action.ENTRY_RETRACT)
    with work(clinic, actor, acting, now, attempt=charted) as act:
        act.about(session=session_id, subject=charted.id)
        asked = asked_ahead(clinic.id, session_id, charted)
        state = lookups.state_in(act.ask(session_id, asked), session_id)
        act.about(patient=state.patient_id)
        if act.repeats(state.entry_digest, digest, "entry"):
            recorded = _again(act, session_id, charted.id)
        else:
            following = after(state.status, acting, signed=state.signed)
            require_not_ahead(charted.observed_at, now)
            if (charted.replaces is not None) is not replacing:
                raise Impossible(
                    "A correction or a retraction, and nothing else, replaces an entry.",
                    field="replaces",
                )
            finding = judge(act, state, charted)
            entry = _entry(act, charted, finding, second)
            act.add(*_rows(act, session_id, charted, entry, finding, digest))
            if following is not state.status:
                act.add(status_row(act, session_id, following, charted.observed_at, None))
            recorded = Recorded(entry, finding.breaches, repeated=False)
    return recorded


def asked_ahead(clinic_id: UUID, session_id: UUID, charted: Charted) -> list[Ask]:
    """What charting this asks of the record before it decides."""
    before = charted.observed_at if isinstance(charted.content, Reading) else None
    return lookups.asked_for_entry(clinic_id, session_id, charted.id, before)


def require_not_ahead(at: datetime, now: datetime, field: str = "observed_at") -> None:
    """Refuse a time in the future with Impossible: nothing is charted ahead (R59)."""
    if at > now:
        raise Impossible(
            f"{at.isoformat(timespec='seconds')} lies in the future.", field=field,
            value=at.isoformat(),
        )  # fmt: skip


def entry_digest_of(session_id: UUID, charted: Charted, second: Actor | None) -> str:
    """What makes two sendings of one id the same: session, content and second person."""
    return digest_of(
        [
            str(session_id),
            charted.model_dump(mode="json"),
            None if second is None else str(second.person_id),
        ]
    )


def _again(act: Act, session_id: UUID, entry_id: UUID) -> Recorded:
    record = act.record(session_id)
    entry = next(one for one in record.entries if one.id == entry_id)
    found = tuple(one for one in record.breaches if one.entry_id == entry_id)
    return Recorded(entry, found, repeated=True)


def _entry(act: Act, charted: Charted, finding: Finding, second: Actor | None) -> Entry:
    return Entry.model_construct(
        id=charted.id, number=act.number, observed_at=charted.observed_at, recorded_at=act.now,
        recorded_by=act.author, second_person=None if second is None else person_ref(second),
        content=charted.content, confirmed=charted.confirmed, reason=charted.reason,
        replaces=charted.replaces, source=charted.source, weight=finding.weight,
    )  # fmt: skip


def _rows(
    act: Act, session_id: UUID, charted: Charted, entry: Entry, finding: Finding, digest: str
) -> list[New]:
    clinic_id = act.clinic.id
    second = entry.second_person
    row = new(EntryRow,
        clinic_id=clinic_id, id=charted.id, session_id=session_id, kind=charted.content.kind,
        observed_at=charted.observed_at, observed_offset_min=offset_min(charted.observed_at),
        recorded_at=act.now, author_id=act.actor.person_id, author=act.author.model_dump_json(),
        second_person=None if second is None else second.model_dump_json(),
        confirmed=canonical_json(list(charted.confirmed)).decode(), reason=charted.reason,
        replaces_id=charted.replaces, source=charted.source.value,
        weight_id=None if finding.weight is None else finding.weight.id, content_digest=digest,
    )  # fmt: skip
    breaches = [
        new(BreachRow,
            clinic_id=clinic_id, session_id=session_id, limit_on=one.on.value,
            severity=one.severity.value, **one.model_dump(exclude={"on", "severity"}),
        )
        for one in finding.breaches
    ]  # fmt: skip
    return [row, *folded(clinic_id, session_id, charted), *breaches]


def _require_content(charted: Charted, kind: type) -> None:
    if not isinstance(charted.content, kind):
        raise TypeError(f"{kind.__name__} is charted by its own command")


def _judge_nothing(_act: Act, _state: SessionState, _charted: Charted) -> Finding:
    return Finding()


def judge_missed_round(act: Act, state: SessionState, charted: Charted) -> Finding:
    """A reason belongs to a round that was due and is not done (R63)."""
    content = charted.content
    assert isinstance(content, MissedRound)
    record = act.record(state.id)
    lacking = {RoundState.MISSED, RoundState.OVERDUE, RoundState.DUE, RoundState.EXPLAINED}
    for due in due_rounds(record.course(), act.now):
        same = (due.phase, due.round, due.due_at) == (content.phase, content.round, content.due_at)
        if same and due.state in lacking:
            return Finding()
    raise UnknownTerm(
        f"No round {content.round} of {content.phase} was lacking at"
        f" {content.due_at.isoformat(timespec='seconds')}.",
        field="due_at", phase=content.phase, round=content.round,
    )  # fmt: skip


def judge_phase(act: Act, state: SessionState, charted: Charted) -> Finding:
    """A phase that the session's protocol has."""
    assert isinstance(charted.content, PhaseEntered)
    code = charted.content.phase
    if versions.protocol_of(act.connection, act.clinic, state).phase(code) is None:
        raise UnknownTerm(f"The protocol has no phase {code}.", field="phase", phase=code)
    return Finding()


def judge_adverse_event(act: Act, _state: SessionState, charted: Charted) -> Finding:
    """Times that can be: no future, no resolution before the onset."""
    content = charted.content
    assert isinstance(content, AdverseEvent)
    require_not_ahead(content.onset_at, act.now, "onset_at")
    if content.resolved_at is not None:
        require_not_ahead(content.resolved_at, act.now, "resolved_at")
        if content.resolved_at < content.onset_at:
            raise Impossible("It resolved before its onset.", field="resolved_at")
    return Finding()


def judge_adjunct(_act: Act, _state: SessionState, charted: Charted) -> Finding:
    """A dose that is an amount."""
    assert isinstance(charted.content, Adjunct)
    dose = charted.content.dose
    if dose.value < 0:
        raise Impossible(f"The dose {dose} is negative.", field="dose", value=str(dose))
    if "kg" not in dose.kind.per:
        amount_of(dose, None)
    return Finding()


def judge_override(act: Act, state: SessionState, charted: Charted) -> Finding:
    """A reason belongs to a breach of this session."""
    assert isinstance(charted.content, Override)
    wanted = charted.content.breach_id
    if wanted not in {one.id for one in act.record(state.id).breaches}:
        raise UnknownTerm("The session has no such breach.", field="breach_id", id=str(wanted))
    return Finding()


JUDGES: dict[type, Judge] = {
    Reading: judge_reading,
    DosingEvent: judge_dosing,
    Plan: judge_plan,
    MissedRound: judge_missed_round,
    PhaseEntered: judge_phase,
    AdverseEvent: judge_adverse_event,
    Adjunct: judge_adjunct,
    Override: judge_override,
    FormResponse: judge_form_response,
    FormOverride: judge_form_override,
    Retraction: judge_retraction,
}
