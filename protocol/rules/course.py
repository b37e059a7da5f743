"""A course of treatment: why, which sessions are planned, which forms are asked between them.

A plan that is changed is a new version beside the one before; a course is closed and reopened by
rows of its own. Every number and day in it is the clinic's (R1, R103).
"""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from protocol.rules.answering import is_icd_10
from protocol.rules.charting import PersonRef
from protocol.rules.errors import NotAllowedNow
from protocol.rules.values import Code, Computed, Day, Instant, Line, Prose, Shape

DAYS_MAX = 3_660
Days = Annotated[int, Field(ge=0, le=DAYS_MAX, strict=True)]

DayOf = Callable[[datetime], date]
"""The calendar day of a moment at the clinic."""


def _icd_10(text: str) -> str:
    if not is_icd_10(text):
        raise PydanticCustomError("not_icd_10", "It does not have the form of an ICD-10 code.")
    return text


Icd10 = Annotated[str, AfterValidator(_icd_10), WithJsonSchema({"type": "string", "maxLength": 12})]
"""An ICD-10 code as a clinician enters it: its form is checked, never its meaning."""


class CourseStatus(StrEnum):
    """Whether a course goes on."""

    OPEN = "open"
    CLOSED = "closed"


class PlannedSession(Shape):
    """One session of the plan, in the order of the plan; with its day where one is set."""

    on: Day | None = None
    note: Prose | None = None


class ScheduledForm(Shape):
    """A form that is asked between sessions: on days, or so many days after each session's end.

    `window_days` is how long after its due day it is due before it is overdue.
    """

    form: Code
    on: tuple[Day, ...] = Field(default=(), max_length=100)
    after_session_days: tuple[Days, ...] = Field(default=(), max_length=50)
    window_days: Days
    until_next_session: bool = Field(
        default=False, strict=True, description="What is due on the next session's day or later"
        " counts from that session alone.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _says_when(self) -> "ScheduledForm":
        if not self.on and not self.after_session_days:
            raise ValueError("a scheduled form has days, or days after a session")
        return self


class CourseDetails(Shape):
    """What a course is for and what is planned of it."""

    name: Line
    indication: Prose | None = None
    icd_codes: tuple[Icd10, ...] = Field(default=(), max_length=20)
    planned: tuple[PlannedSession, ...] = Field(default=(), max_length=200)
    scheduled: tuple[ScheduledForm, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _once(self) -> "CourseDetails":
        forms = [one.form for one in self.scheduled]
        if len(set(forms)) < len(forms):
            raise ValueError("a form is scheduled once, with all its days")
        return self


class CourseIn(CourseDetails):
    """A course to be opened for a patient."""

    id: UUID
    opened_at: Instant | None = Field(default=None, description="Absent: now.")


class CourseChangeIn(CourseDetails):
    """A course's details from now on, whole, and why; `id` is the new version's."""

    id: UUID
    reason: Prose


class CourseStatusIn(Shape):
    """When a course was closed or reopened, and why; `id` is this change's."""

    id: UUID
    at: Instant | None = Field(default=None, description="Absent: now.")
    reason: Prose


class CourseVersion(CourseDetails):
    """The details as they stood from one entry on."""

    number: int
    reason: Prose | None = None
    recorded_at: Instant
    recorded_by: PersonRef


class CourseStatusChange(Shape):
    """Opened, closed or reopened: when, by whom, why."""

    status: CourseStatus
    at: Instant
    recorded_at: Instant
    by: PersonRef
    reason: Prose | None = None


class Course(Shape):
    """A course with every version of its details and every change of its status."""

    id: UUID
    patient_id: UUID
    versions: tuple[CourseVersion, ...] = Field(min_length=1)
    history: tuple[CourseStatusChange, ...] = Field(min_length=1)

    @property
    def details(self) -> CourseVersion:
        """The details that hold."""
        return self.versions[-1]

    @property
    def status(self) -> CourseStatus:
        """Whether it goes on."""
        return self.history[-1].status

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed, if it is."""
        return self.history[-1].at if self.status is CourseStatus.CLOSED else None


class SeriesGiven(Shape):
    """One drug over a course: amount in the first session's unit, mL, amount per kg where known."""

    drug: Line
    unit: str
    amount: Computed
    volume_ml: Computed
    amount_per_kg: Computed | None
    sessions: int


class SessionCourse(Shape):
    """What a session's sheet says of its course: up to this session, as the record stood then."""

    id: UUID
    name: Line
    number: int | None = Field(description="Of the sessions that took place, this one's place.")
    planned: int
    days_since_last: Computed | None
    last_given_at: Instant | None
    given: tuple[SeriesGiven, ...]


def require_open(course: Course, what: str) -> None:
    """Refuse with NotAllowedNow what follows only on an open course."""
    if course.status is not CourseStatus.OPEN:
        raise NotAllowedNow(
            f"The course {course.details.name} is closed: {what} follows on an open one.",
            course=str(course.id), status=course.status.value,
        )  # fmt: skip


def require_closed(course: Course) -> None:
    """Refuse with NotAllowedNow to reopen a course that goes on."""
    if course.status is not CourseStatus.CLOSED:
        raise NotAllowedNow(
            f"The course {course.details.name} is open.",
            course=str(course.id), status=course.status.value,
        )  # fmt: skip


def require_takes_session(course: Course, at: datetime) -> None:
    """Refuse with NotAllowedNow a session that is prepared after its course was closed.

    One that was prepared before is a fact, and is taken however late it is entered (R112).
    """
    if course.closed_at is not None and at >= course.closed_at:
        raise NotAllowedNow(
            f"The course {course.details.name} was closed before the session was prepared.",
            course=str(course.id), status=course.status.value,
        )  # fmt: skip
