"""The numbers of the events that a sheet marks on its chart and repeats in its tables (look.md).

An event is what a physician looks for: a limit crossed, a pause, an adverse event, another
medicine, a round missed, a session put on hold or stopped. What was corrected away has no number.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from protocol.rules.charting import Adjunct, AdverseEvent, DosingEvent, DosingKind, Entry
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import DueRound, RoundState
from protocol.rules.sessions import SessionStatus

RoundKey = tuple[datetime, str, str]
EventKey = UUID | RoundKey | int
"""An entry's id, a round's time with its phase and code, or a status change's entry number."""

LACKING = (RoundState.MISSED, RoundState.EXPLAINED, RoundState.OVERDUE)
_STATUSES = (SessionStatus.ON_HOLD, SessionStatus.STOPPED)


def round_key(due: DueRound) -> RoundKey:
    """What tells one due round from every other of its session."""
    return due.due_at, due.phase, due.round


def event_times(record: SessionRecord, due: Sequence[DueRound]) -> dict[EventKey, datetime]:
    """Each event with its moment, in their order; the numbers count from one."""
    found = sorted(_events(record, due), key=lambda one: one[:2])
    return {key: at for at, _, key in found}


def _events(
    record: SessionRecord, due: Sequence[DueRound]
) -> Iterator[tuple[datetime, int, EventKey]]:
    crossing = {one.entry_id for one in record.breaches}
    for entry in record.standing:
        if entry.id in crossing or _is_event(entry):
            content = entry.content
            at = content.onset_at if isinstance(content, AdverseEvent) else entry.observed_at
            yield at, entry.number, entry.id
    for one in due:
        if one.state in LACKING:
            yield one.due_at, 0, round_key(one)
    for change in record.history:
        if change.status in _STATUSES:
            yield change.at, change.number, change.number


def _is_event(entry: Entry) -> bool:
    content = entry.content
    if isinstance(content, DosingEvent):
        return content.event is DosingKind.PAUSE
    return isinstance(content, AdverseEvent | Adjunct)
