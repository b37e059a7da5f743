"""Where a course stands: sessions planned and done, what was given, days between, what was felt.

Facts of the record and exact arithmetic on them; a limit is named with its source and says nothing
of what follows (R2, R3).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from protocol.rules.benefit import Benefit, Given, benefits, days_between
from protocol.rules.course import Course, DayOf, PlannedSession, SeriesGiven, SessionCourse
from protocol.rules.course_schedule import DueForm, EndedSession, due_forms
from protocol.rules.course_series import CourseSeries, infusion_of, series_of_course
from protocol.rules.forms import FormDocument
from protocol.rules.limits import Limit, LimitOn, Severity
from protocol.rules.quantity import from_family, in_family, rounded
from protocol.rules.record import SessionRecord
from protocol.rules.responses import PatientResponse
from protocol.rules.series import series_given
from protocol.rules.sessions import SessionStatus
from protocol.rules.values import Code, Computed, Exact, Instant, Line, Prose, Shape, plain

_TOOK_PLACE = (
    SessionStatus.IN_PROGRESS, SessionStatus.ON_HOLD, SessionStatus.COMPLETED,
    SessionStatus.STOPPED,
)  # fmt: skip


class GapLimit(Shape):
    """A limit on the days since the last session, with the days held against it and its source."""

    code: Code
    drug_line: Code | None
    low: Exact | None
    high: Exact | None
    unit: str
    severity: Severity
    source: Line
    note: Prose | None
    within: bool
    sentence: str


class CourseSession(Shape):
    """A session of the course. `number` counts those that took place, by when they began; `planned`
    is the plan's session of that number.

    `days_since_last` is since the patient was last given anything in any session, of this course
    or another.
    """

    session_id: UUID
    status: SessionStatus
    number: int | None
    planned: PlannedSession | None
    began_at: Instant | None
    ended_at: Instant | None
    last_given_at: Instant | None
    days_since_last: Computed | None
    gap_limits: tuple[GapLimit, ...]


class CourseProgress(Shape):
    """Everything that the record says of a course at a moment."""

    as_of: Instant
    planned: int
    done: int
    sessions: tuple[CourseSession, ...]
    given: tuple[SeriesGiven, ...]
    series: tuple[CourseSeries, ...]
    benefits: tuple[Benefit, ...]
    due_forms: tuple[DueForm, ...]


def progress_of(
    course: Course, records: Sequence[SessionRecord], last_given: Mapping[UUID, datetime | None],
    standing: Sequence[PatientResponse], forms: Mapping[UUID, FormDocument],
    *, now: datetime, day_of: DayOf,
) -> CourseProgress:  # fmt: skip
    """The course at a moment, from its sessions' records and the responses that stand.

    `last_given` says of each session when the patient was last given anything before it.
    """
    sessions = course_sessions(course, records, last_given)
    took_place = [one for one in sessions if one.number is not None]
    ended = [
        EndedSession(
            one.session_id, day_of(one.began_at),
            None if one.ended_at is None else day_of(one.ended_at),
        )
        for one in took_place
        if one.began_at is not None
    ]  # fmt: skip
    counted = [one for one in records if one.status in _TOOK_PLACE]
    series = series_of_course(counted, standing, forms)
    return CourseProgress(
        as_of=now, planned=len(course.details.planned), done=len(took_place), sessions=sessions,
        given=series_given(counted, now), series=series,
        benefits=benefits(list(_given(counted)), series),
        due_forms=due_forms(course, ended, standing, now, day_of),
    )  # fmt: skip


def course_sessions(
    course: Course, records: Iterable[SessionRecord], last_given: Mapping[UUID, datetime | None]
) -> tuple[CourseSession, ...]:
    """The sessions by when they began; those that did not take place come last, unnumbered."""
    timed = [(record, began_at(record)) for record in records]
    done = [(record, began) for record, began in timed if began is not None]
    done.sort(key=lambda pair: (pair[1], pair[0].history[0].number))
    plan = course.details.planned
    found = [
        _session(record, last_given.get(record.id), number, plan[number - 1 : number])
        for number, (record, _) in enumerate(done, 1)
    ]
    waiting = [record for record, began in timed if began is None]
    waiting.sort(key=lambda one: one.history[0].number)
    return (*found, *(_session(one, last_given.get(one.id), None, ()) for one in waiting))


def began_at(record: SessionRecord) -> datetime | None:
    """When a session that took place began: its first dosing event, or the status, if earlier."""
    if record.status not in _TOOK_PLACE:
        return None
    times = [one.at for one in record.history if one.status is SessionStatus.IN_PROGRESS]
    times += [one.observed_at for one in record.dosed]
    return min(times, default=record.history[-1].at)


def _session(
    record: SessionRecord, last: datetime | None, number: int | None,
    planned: Sequence[PlannedSession],
) -> CourseSession:  # fmt: skip
    infusion = infusion_of(record)
    days = None if last is None or infusion is None else days_between(last, infusion.first_at)
    return CourseSession(
        session_id=record.id, status=record.status, number=number,
        planned=planned[0] if planned else None, began_at=began_at(record),
        ended_at=record.ended_at if number is not None else None, last_given_at=last,
        days_since_last=days,
        gap_limits=() if days is None else tuple(gap_limits(record, days)),
    )  # fmt: skip


def gap_limits(record: SessionRecord, days: Decimal) -> Iterator[GapLimit]:
    """Every limit on the days since the last session that the session is pinned to."""
    for kind, version, limits in (
        ("protocol", record.protocol_version, record.protocol.limits),
        ("policy", record.policy_version, record.policy.limits),
    ):
        for limit in limits:
            if limit.on is LimitOn.DAYS_SINCE_LAST_SESSION:
                source = f"{version.name}, {kind} version {version.number}"
                yield _gap_limit(limit, days, source)


def _gap_limit(limit: Limit, days: Decimal, source: str) -> GapLimit:
    value = rounded(from_family(in_family(days, "d"), limit.unit))
    low = limit.low is not None and value < limit.low
    high = limit.high is not None and value > limit.high
    where = "below" if low else "above" if high else "within"
    bounds = " to ".join(plain(one) for one in (limit.low, limit.high) if one is not None)
    return GapLimit(
        code=limit.code, drug_line=limit.drug_line, low=limit.low, high=limit.high,
        unit=limit.unit, severity=limit.severity, source=source, note=limit.note,
        within=not (low or high),
        sentence=f"{plain(days)} d since the last session is {where} the {limit.severity} limit"
        f" of {bounds} {limit.unit} ({source}).",
    )  # fmt: skip


def _given(records: Iterable[SessionRecord]) -> Iterator[Given]:
    for record in records:
        infusion = infusion_of(record)
        if infusion is not None:
            ended = record.ended_at or infusion.last_at
            yield Given(record.id, infusion, max(ended, infusion.last_at))


def session_course(
    course: Course, record: SessionRecord, records: Sequence[SessionRecord],
    last_given: datetime | None, as_of: datetime,
) -> SessionCourse:  # fmt: skip
    """The course as one session's sheet tells it: this session's place, and what the course gave up
    to and with it."""
    sessions = course_sessions(course, records, {record.id: last_given})
    own = next(one for one in sessions if one.session_id == record.id)
    upto = {
        one.session_id
        for one in sessions
        if own.number is not None and one.number is not None and one.number <= own.number
    }
    counted = [one for one in records if one.id in upto]
    return SessionCourse(
        id=course.id, name=course.details.name, number=own.number,
        planned=len(course.details.planned), days_since_last=own.days_since_last,
        last_given_at=own.last_given_at, given=series_given(counted, as_of),
    )  # fmt: skip
