"""What in a record contradicts itself and blocks signing: facts, never "not finished yet"."""

from datetime import datetime
from enum import StrEnum

from protocol.rules.dosing import Flow, sequence_faults
from protocol.rules.errors import Contradicted
from protocol.rules.form_gates import forms_that_were_due
from protocol.rules.limits import Severity
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import RoundState, due_rounds
from protocol.rules.sessions import SessionStatus
from protocol.rules.values import Shape


class ContradictionKind(StrEnum):
    """Why a record cannot be signed as it stands."""

    SESSION_OPEN = "session-open"
    INFUSION_OPEN = "infusion-open"
    DOSING_OUT_OF_ORDER = "dosing-out-of-order"
    ROUND_UNEXPLAINED = "round-unexplained"
    BREACH_OPEN = "breach-open"
    FORM_INCOMPLETE = "form-incomplete"


class Contradiction(Shape):
    """One contradiction in a sentence, with the id or code of what it is about."""

    kind: ContradictionKind
    about: str
    sentence: str


def contradictions(record: SessionRecord, now: datetime) -> tuple[Contradiction, ...]:
    """Everything that blocks a signature, in the order a reader checks it."""
    if record.status is SessionStatus.ENTERED_IN_ERROR:
        return ()
    return (
        *_status(record), *_dosing(record), *_rounds(record, now), *_breaches(record),
        *_forms(record),
    )  # fmt: skip


def _status(record: SessionRecord) -> list[Contradiction]:
    if record.ended_at is not None:
        return []
    return [
        Contradiction(
            kind=ContradictionKind.SESSION_OPEN, about=str(record.id),
            sentence=f"The session has no end: its status is {record.status}.",
        )
    ]  # fmt: skip


def _dosing(record: SessionRecord) -> list[Contradiction]:
    found = []
    for line in record.protocol.drug_lines:
        events = record.dosed_on(line.code)
        for dosed, flow in sequence_faults(events):
            at = dosed.observed_at.isoformat(timespec="seconds")
            found.append(
                Contradiction(
                    kind=ContradictionKind.DOSING_OUT_OF_ORDER, about=str(dosed.entry_id),
                    sentence=f"The {dosed.event.event} of {line.drug} at {at} follows while it was"
                    f" {flow}.",
                )
            )  # fmt: skip
    found += [
        Contradiction(
            kind=ContradictionKind.INFUSION_OPEN, about=total.line.code,
            sentence=f"The infusion of {total.line.drug} has no stop: it is {total.flow}.",
        )
        for total in record.totals()
        if total.flow is not Flow.IDLE
    ]  # fmt: skip
    return found


def _rounds(record: SessionRecord, now: datetime) -> list[Contradiction]:
    return [
        Contradiction(
            kind=ContradictionKind.ROUND_UNEXPLAINED, about=f"{due.phase}/{due.round}",
            sentence=f"{due.label} due at {due.due_at.isoformat(timespec='minutes')} was missed:"
            f" {', '.join(due.lacking)} not recorded, and no reason given.",
        )
        for due in due_rounds(record.course(), now)
        if due.state is RoundState.MISSED
    ]  # fmt: skip


def _breaches(record: SessionRecord) -> list[Contradiction]:
    return [
        Contradiction(
            kind=ContradictionKind.BREACH_OPEN, about=str(breach.id),
            sentence=f"{breach.sentence} It has no reason"
            + (" with a second person." if breach.severity is Severity.HARD else "."),
        )
        for breach in record.breaches
        if not record.is_resolved(breach)
    ]  # fmt: skip


def _forms(record: SessionRecord) -> list[Contradiction]:
    return [
        Contradiction(
            kind=ContradictionKind.FORM_INCOMPLETE, about=f"{state.form}/{one.item}",
            sentence=f"{state.title}: {one.sentence} No reason was given.",
        )
        for state in forms_that_were_due(record)
        for one in state.open
    ]  # fmt: skip


def require_no_contradiction(record: SessionRecord, now: datetime) -> None:
    """Refuse with Contradicted, listing every contradiction."""
    found = contradictions(record, now)
    if found:
        raise Contradicted(
            " ".join(one.sentence for one in found),
            contradictions=len(found), kinds=", ".join(sorted({one.kind for one in found})),
        )  # fmt: skip
