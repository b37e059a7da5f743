"""Rounds due, overdue and missed: from the protocol and what was charted, at a given moment.

Computed on the server, never by an open browser tab; a missed round stays missed and takes a
reason; nothing is filled in or interpolated (R63, R91).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from protocol.rules.charting import DosingKind, MissedRound
from protocol.rules.protocols import Anchor, Phase, ProtocolDocument, Round
from protocol.rules.values import Code, Instant, Line, Prose, Shape

# A round without an end on a session that is never closed still has a bounded list: so many of
# each series, the first ones, and never at the cost of another series' round that is due now.
DUE_ROUNDS_MAX = 2_000


class RoundState(StrEnum):
    """Where one due round stands."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"
    MISSED = "missed"
    EXPLAINED = "explained"


class DueRound(Shape):
    """One round at one due time: what it asks for, what is lacking, and where it stands."""

    phase: Code
    round: Code
    label: Line
    due_at: Instant
    grace_min: int
    measures: tuple[Code, ...]
    lacking: tuple[Code, ...]
    state: RoundState
    reason: Prose | None = None


class PhaseSpan(NamedTuple):
    """When the session was in a phase; `end` is None while it is."""

    phase: Phase
    start: datetime
    end: datetime | None


class Course(NamedTuple):
    """What the schedule needs to know of a session: plain times, no rows and no clock."""

    protocol: ProtocolDocument
    phases: Sequence[tuple[str, datetime]]
    dosing: Sequence[tuple[DosingKind, datetime]]
    observed: Sequence[tuple[datetime, frozenset[str]]]
    explained: Sequence[MissedRound]
    ended_at: datetime | None


_ANCHORS = {
    Anchor.INFUSION_START: DosingKind.START,
    Anchor.RATE_CHANGE: DosingKind.RATE_CHANGE,
    Anchor.BOLUS: DosingKind.BOLUS,
    Anchor.INFUSION_STOP: DosingKind.STOP,
}


def phase_spans(course: Course) -> list[PhaseSpan]:
    """The phases in the order they were entered; each ends where the next begins."""
    entered = sorted(course.phases, key=lambda one: one[1])
    spans = []
    for index, (code, start) in enumerate(entered):
        phase = course.protocol.phase(code)
        following = entered[index + 1][1] if index + 1 < len(entered) else course.ended_at
        if phase is not None:
            spans.append(PhaseSpan(phase, start, following))
    return spans


def due_rounds(course: Course, now: datetime) -> tuple[DueRound, ...]:
    """Every round so far and the next one of each series, by due time."""
    observed = sorted(course.observed, key=lambda one: one[0])
    seen = _Seen([at for at, _ in observed], [measures for _, measures in observed])
    found: list[DueRound] = []
    for span in phase_spans(course):
        for one in span.phase.rounds:
            found.extend(_of_round(course, seen, span, one, now))
    return tuple(sorted(found, key=lambda due: (due.due_at, due.round)))


class _Seen(NamedTuple):
    times: list[datetime]
    measures: list[frozenset[str]]

    def between(self, opens: datetime, closes: datetime | None, *, last: bool) -> set[str]:
        """What was observed in a window; only the last one of a series holds its own end."""
        first, end = bisect_left(self.times, opens), len(self.times)
        if closes is not None:
            end = (bisect_right if last else bisect_left)(self.times, closes)
        return set().union(*self.measures[first:end])


def _of_round(
    course: Course, seen: _Seen, span: PhaseSpan, one: Round, now: datetime
) -> list[DueRound]:
    times = _due_times(course, span, one, now)
    grace = timedelta(minutes=one.grace_min)
    reasons = {
        missed.due_at: missed.reason
        for missed in course.explained
        if (missed.phase, missed.round) == (span.phase.code, one.code)
    }
    found = []
    opens = times[0] - grace if times else now
    for due_at, following in zip_longest(times, times[1:]):
        if following is not None:
            closes: datetime | None = _border(due_at, following, grace)
        else:
            closes = span.end + grace if span.end is not None else None
        measures = seen.between(opens, closes, last=following is None)
        lacking = tuple(code for code in one.measures if code not in measures)
        reason = reasons.get(due_at)
        state = _state(lacking, reason, due_at, one.grace_min, closes, now, span.end)
        found.append(
            # Every part is of a validated document or entry; validating a thousand again is slow.
            DueRound.model_construct(
                phase=span.phase.code, round=one.code, label=one.label, due_at=due_at,
                grace_min=one.grace_min, measures=one.measures, lacking=lacking, state=state,
                reason=reason,
            )
        )  # fmt: skip
        opens = closes or now
    return found


def _border(due_at: datetime, following: datetime, grace: timedelta) -> datetime:
    """Where one round's window ends and the next one's begins: no reading counts for both."""
    opens = following - grace
    return opens if opens > due_at else due_at + (following - due_at) / 2


def _state(
    lacking: tuple[str, ...], reason: str | None, due_at: datetime, grace_min: int,
    closes: datetime | None, now: datetime, ended: datetime | None,
) -> RoundState:  # fmt: skip
    if not lacking:
        return RoundState.DONE
    if reason is not None:
        return RoundState.EXPLAINED
    if now < due_at and ended is None:
        return RoundState.UPCOMING
    if (closes is not None and now >= closes) or ended is not None:
        return RoundState.MISSED
    return RoundState.OVERDUE if now > due_at + timedelta(minutes=grace_min) else RoundState.DUE


def _due_times(course: Course, span: PhaseSpan, one: Round, now: datetime) -> list[datetime]:
    horizon = span.end or now
    anchors, offsets = _anchor_times(course, span, one.anchor), offsets_min(one)
    times: set[datetime] = set()
    for index, anchor in enumerate(anchors):
        until = anchors[index + 1] if index + 1 < len(anchors) else None
        for minutes in offsets:
            at = anchor + timedelta(minutes=minutes)
            if (until is not None and at >= until) or (span.end is not None and at >= span.end):
                break
            if at >= span.start:
                times.add(at)
            if at > horizon or len(times) > DUE_ROUNDS_MAX:
                break
    return sorted(times)


def _anchor_times(course: Course, span: PhaseSpan, anchor: Anchor) -> list[datetime]:
    if anchor is Anchor.PHASE_START:
        return [span.start]
    kind = _ANCHORS[anchor]
    end = span.end
    return sorted(at for event, at in course.dosing if event is kind and (not end or at < end))


def offsets_min(one: Round) -> list[int]:
    """When a round is due: minutes after the anchor, rising, bounded by DUE_ROUNDS_MAX."""
    minutes = set(one.at_min)
    base = 0
    for interval in one.intervals:
        length = interval.for_min or interval.every_min * DUE_ROUNDS_MAX
        minutes |= set(range(base + interval.every_min, base + length + 1, interval.every_min))
        base += length
    return sorted(minutes)
