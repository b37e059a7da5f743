"""The record as a sheet reads it: one clock, the measures' names, and each entry with the versions
that it replaces, so that every table shows what was charted first and what stands (R56)."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from protocol.rules.charting import Content, Entry, Override, Reading, Retraction, Source
from protocol.rules.limits import Breach, LimitOn
from protocol.rules.measures import BUILT_IN, Measure, Observation
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import DueRound, PhaseSpan, due_rounds, phase_spans
from protocol.rules.sessions import SessionStatus
from reports.formats import Clock, clock_of, person
from reports.numbered import EventKey, event_times
from reports.sheet import Cell, Ink, Run, joined, text, typed


class Thread(NamedTuple):
    """An entry's versions, the first one first, and the retraction that may end them."""

    versions: tuple[Entry, ...]
    retraction: Entry | None

    @property
    def latest(self) -> Entry:
        """The version that stands, or stood until it was retracted."""
        return self.versions[-1]


class View(NamedTuple):
    """What every part of a sheet looks things up in."""

    record: SessionRecord
    digest: str
    clock: Clock
    printed_at: datetime
    as_of: datetime
    measures: Mapping[str, Measure]
    threads: tuple[Thread, ...]
    numbers: Mapping[UUID, int]
    due: tuple[DueRound, ...]
    spans: tuple[PhaseSpan, ...]
    events: Mapping[EventKey, int]
    event_times: Mapping[EventKey, datetime]

    def of(self, *kinds: type[Content]) -> list[Thread]:
        """The threads of these kinds of content, by the time observed."""
        return [one for one in self.threads if isinstance(one.latest.content, kinds)]

    def measure(self, code: str) -> str:
        """A measure's printed name."""
        known = self.measures.get(code)
        return known.label if known else code

    def observation(self, one: Observation) -> str:
        """A measure's printed name with the site it was taken at."""
        return f"{self.measure(one.measure)}, {one.site}" if one.site else self.measure(one.measure)

    def drug(self, code: str) -> str:
        """A drug line's printed name, never cut (R125)."""
        line = self.record.protocol.drug_line(code)
        return line.drug if line else code

    def disc(self, key: EventKey) -> Cell:
        """An event's number as the chart shows it, or nothing where it is no event."""
        return (Run(str(self.events[key]), Ink.DISC), Run(" ")) if key in self.events else ()

    def phase(self, code: str) -> str:
        """A phase's printed name."""
        known = self.record.protocol.phase(code)
        return known.label if known else code

    def round(self, phase: str, code: str) -> str:
        """A round's printed name."""
        known = self.record.protocol.phase(phase)
        found = [one.label for one in known.rounds if one.code == code] if known else []
        return found[0] if found else code

    def marks(self, entry: Entry, observation: Observation | None = None) -> list[str]:
        """The numbers of the limits that an entry crossed: of one observation, or of the rest."""
        found = []
        for one in self.record.breaches:
            if one.entry_id == entry.id:
                observed = _observed(self.record, one, entry)
                if observation in observed or (observation is None and not observed):
                    found.append(limit_mark(self.numbers[one.id]))
        return found

    def late(self, observed_at: datetime, recorded_at: datetime) -> Cell:
        """The mark of a late entry, with when it was recorded (R58)."""
        after = timedelta(minutes=self.record.policy.late_entry_after_min)
        if recorded_at - observed_at <= after:
            return ()
        return text(f"LATE, recorded {self.clock.time(recorded_at)}", Ink.MARK)

    def by(self, thread: Thread) -> Cell:
        """Who charted it, who stood by, and everything that qualifies it (R11, R58, R153)."""
        first, last = thread.versions[0], thread.latest
        second = last.second_person
        return joined(
            typed(person(first.recorded_by)),
            () if second is None else (Run("second person "), *typed(person(second))),
            self._own_reason(last),
            *(text(mark, Ink.MARK) for mark in self._unplaced_marks(last)),
            self._confirmed(last),
            self.late(first.observed_at, first.recorded_at),
            _SOURCES[first.source],
        )

    def _own_reason(self, entry: Entry) -> Cell:
        """A reason that neither a limit's nor a correction's place on the sheet shows."""
        crossed = any(one.entry_id == entry.id for one in self.record.breaches)
        if not entry.reason or crossed or entry.replaces is not None:
            return ()
        return (Run("reason "), *typed(entry.reason))

    def _unplaced_marks(self, entry: Entry) -> list[str]:
        """A reading's limits that no value of it can be told to have crossed."""
        return self.marks(entry) if isinstance(entry.content, Reading) else []

    def _confirmed(self, entry: Entry) -> Cell:
        """Unusual values that were confirmed as true (R110)."""
        if not entry.confirmed:
            return ()
        return text(f"confirmed as true: {', '.join(map(self.measure, entry.confirmed))}")


_SOURCES: dict[Source, Cell] = {
    Source.CHARTED: (),
    Source.TRANSCRIBED: text("TRANSCRIBED", Ink.MARK),
    Source.TRANSCRIBED_SHIFTED: text("TRANSCRIBED, dates shifted", Ink.MARK),
}


def limit_mark(number: int) -> str:
    """The mark that ties a value to the list of limits crossed."""
    return f"L{number}"


def _observed(record: SessionRecord, breach: Breach, entry: Entry) -> list[Observation]:
    """The observations that a breach may be about: its limit's measure, its value and unit."""
    if breach.on is not LimitOn.MEASURE or not isinstance(entry.content, Reading):
        return []
    limits = (*record.protocol.limits, *record.policy.limits)
    codes = {one.measure for one in limits if one.code == breach.limit_code}
    return [
        one
        for one in entry.content.observations
        if one.measure in codes and (one.value, one.unit) == (breach.value, breach.unit)
    ]


def threads_of(record: SessionRecord) -> tuple[Thread, ...]:
    """Every entry that nothing replaces, with what it replaces, by the time observed."""
    by_id = {one.id: one for one in record.entries}
    ends = [one for one in record.entries if one.id not in record.replaced]
    found = [thread for one in ends if (thread := _thread(one, by_id)) is not None]
    return tuple(sorted(found, key=lambda one: (one.latest.observed_at, one.latest.number)))


def _thread(end: Entry, by_id: Mapping[UUID, Entry]) -> Thread | None:
    chain = list(_backwards(end, by_id))
    versions = tuple(one for one in reversed(chain) if not isinstance(one.content, Retraction))
    if not versions:
        return None
    return Thread(versions, end if isinstance(end.content, Retraction) else None)


def _backwards(end: Entry, by_id: Mapping[UUID, Entry]) -> Iterator[Entry]:
    seen: set[UUID] = set()
    one: Entry | None = end
    while one is not None and one.id not in seen:
        seen.add(one.id)
        yield one
        one = by_id.get(one.replaces) if one.replaces else None


def view_of(record: SessionRecord, printed_at: datetime) -> View:
    """The view of a record at the moment of printing; an ended session counts to its end."""
    ended, course = record.ended_at, record.course()
    due = due_rounds(course, printed_at)
    times = event_times(record, due)
    return View(
        record=record,
        digest=record.digest(),
        clock=clock_of(record.clinic.zone, began_at(record)),
        printed_at=printed_at,
        as_of=printed_at if ended is None else min(ended, printed_at),
        measures={
            **BUILT_IN,
            **{one.code: one for one in (*record.policy.measures, *record.protocol.measures)},
        },
        threads=threads_of(record),
        numbers={one.id: number for number, one in enumerate(record.breaches, 1)},
        due=due,
        spans=tuple(phase_spans(course)),
        events={key: number for number, key in enumerate(times, 1)},
        event_times=times,
    )


def began_at(record: SessionRecord) -> datetime:
    """When the session came into progress; before that, when it was prepared."""
    begun = [one.at for one in record.history if one.status is SessionStatus.IN_PROGRESS]
    return begun[0] if begun else record.history[0].at


def reason_of(entry: Entry) -> str | None:
    """Why a correction, a retraction or an override was made."""
    content = entry.content
    return content.reason if isinstance(content, Retraction | Override) else entry.reason
