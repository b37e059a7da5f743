"""Forms that a course asks for between its sessions: when each is due, and where it stands.

Computed on the server from the plan that held on the due day, so that a plan changed afterwards
takes no missed form away; a missed one stays missed (R63, R103).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

from protocol.rules.course import Course, CourseVersion, DayOf, ScheduledForm
from protocol.rules.responses import PatientResponse
from protocol.rules.values import Code, Day, Shape


class DueState(StrEnum):
    """Where one due form stands."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"
    MISSED = "missed"


class DueForm(Shape):
    """A form on one due day: `after_session` is the session that it counts from, if any."""

    form: Code
    due_on: Day
    in_time_until: Day
    after_session: UUID | None
    state: DueState
    response_id: UUID | None
    answered_on: Day | None


class EndedSession(NamedTuple):
    """A session of the course as the schedule counts from it: the days it began and ended."""

    id: UUID
    began_on: date
    ended_on: date | None


class _Asked(NamedTuple):
    due_on: date
    window: timedelta
    after_session: UUID | None


def due_forms(
    course: Course, sessions: Sequence[EndedSession], standing: Iterable[PatientResponse],
    now: datetime, day_of: DayOf,
) -> tuple[DueForm, ...]:  # fmt: skip
    """Every due form of the course so far and to come, by due day.

    A response counts for the due day whose stretch it was observed in: from `window_days` before
    it until the next one's stretch begins. Two due days never share a response.
    """
    answered: dict[str, list[tuple[date, UUID]]] = {}
    for one in standing:
        answered.setdefault(one.form, []).append((day_of(one.observed_at), one.id))
    asked = _asked(course, sessions, day_of)
    closed_on = None if course.closed_at is None else day_of(course.closed_at)
    found: list[DueForm] = []
    for form, days in asked.items():
        found += _of_form(form, days, answered.get(form, []), day_of(now), closed_on)
    return tuple(sorted(found, key=lambda one: (one.due_on, one.form)))


def _asked(
    course: Course, sessions: Sequence[EndedSession], day_of: DayOf
) -> dict[str, list[_Asked]]:
    """Of each form its due days, each by the version of the plan that held on that day."""
    found: dict[str, dict[date, _Asked]] = {}
    changed_on = [day_of(one.recorded_at) for one in course.versions[1:]]
    for place, version in enumerate(course.versions):
        since = changed_on[place - 1] if place else None
        until = changed_on[place] if place < len(changed_on) else None
        for form, one in _days_of(version, sessions):
            if (since is None or one.due_on > since) and (until is None or one.due_on <= until):
                found.setdefault(form, {}).setdefault(one.due_on, one)
    return {form: [days[on] for on in sorted(days)] for form, days in found.items()}


def _days_of(
    version: CourseVersion, sessions: Sequence[EndedSession]
) -> Iterable[tuple[str, _Asked]]:
    for scheduled in version.scheduled:
        window = timedelta(days=scheduled.window_days)
        for on in scheduled.on:
            yield scheduled.form, _Asked(on, window, None)
        for place, session in enumerate(sessions):
            following = sessions[place + 1].began_on if place + 1 < len(sessions) else None
            for on in _after(scheduled, session, following):
                yield scheduled.form, _Asked(on, window, session.id)


def _after(
    scheduled: ScheduledForm, session: EndedSession, following: date | None
) -> Iterable[date]:
    if session.ended_on is None:
        return
    for days in scheduled.after_session_days:
        due_on = session.ended_on + timedelta(days=days)
        ends = following if scheduled.until_next_session else None
        if ends is None or due_on < ends:
            yield due_on


def _of_form(
    form: str, days: list[_Asked], answered: list[tuple[date, UUID]], today: date,
    closed_on: date | None,
) -> Iterable[DueForm]:  # fmt: skip
    opens = days[0].due_on - days[0].window
    for one, following in zip_longest(days, days[1:]):
        closes = None if following is None else _border(one, following)
        inside = [
            each for each in answered if each[0] >= opens and (closes is None or each[0] < closes)
        ]
        first = min(inside, default=None, key=lambda each: (abs(each[0] - one.due_on), each[0]))
        if first is not None or closed_on is None or one.due_on <= closed_on:
            yield DueForm(
                form=form, due_on=one.due_on, in_time_until=one.due_on + one.window,
                after_session=one.after_session,
                state=_state(first is not None, one, closes, today, closed_on),
                response_id=None if first is None else first[1],
                answered_on=None if first is None else first[0],
            )  # fmt: skip
        if closes is not None:
            opens = closes


def _border(one: _Asked, following: _Asked) -> date:
    """The first day that counts for the following one: never the earlier one's own due day."""
    opens = following.due_on - following.window
    if opens > one.due_on:
        return opens
    return one.due_on + (following.due_on - one.due_on + timedelta(days=1)) // 2


def _state(
    done: bool, one: _Asked, closes: date | None, today: date, closed_on: date | None
) -> DueState:
    if done:
        return DueState.DONE
    if closed_on is not None or (closes is not None and today >= closes):
        return DueState.MISSED
    if today < one.due_on:
        return DueState.UPCOMING
    return DueState.DUE if today <= one.due_on + one.window else DueState.OVERDUE
