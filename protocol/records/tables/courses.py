"""Courses of treatment, and the answers that are a patient's and no session's."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import ExactText, Sealed, by_number


def _of_course(table: str) -> tuple[ForeignKeyConstraint, Index]:
    return (
        ForeignKeyConstraint(["clinic_id", "course_id"], ["course.clinic_id", "course.id"]),
        by_number(table),
    )


class CourseRow(Sealed, table=True):
    """A patient's course of treatment; details, plan and status stand in rows of their own."""

    __tablename__ = "course"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        Index("ix_course_patient", "clinic_id", "patient_id"),
        by_number("course"),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID
    content_digest: str


class CourseVersionRow(Sealed, table=True):
    """A course's details from this entry on; the latest holds, the earlier stay (R55)."""

    __tablename__ = "course_version"
    __table_args__ = (
        UniqueConstraint("clinic_id", "course_id", "version"),
        CheckConstraint("version > 0", name="version"),
        *_of_course("course_version"),
    )

    id: UUID = Field(primary_key=True)
    course_id: UUID
    version: int
    name: str
    indication: str | None = Field(default=None, sa_type=Text)
    icd_codes: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str


def _of_version(table: str) -> tuple[ForeignKeyConstraint, Index]:
    return (
        ForeignKeyConstraint(
            ["clinic_id", "course_version_id"], ["course_version.clinic_id", "course_version.id"]
        ),
        by_number(table),
    )


class PlannedSessionRow(Sealed, table=True):
    """One session of a version's plan."""

    __tablename__ = "planned_session"
    __table_args__ = _of_version("planned_session")

    course_version_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    planned_on: date | None = None
    note: str | None = Field(default=None, sa_type=Text)


class ScheduledFormRow(Sealed, table=True):
    """One form of a version's plan, with the days on which it is due."""

    __tablename__ = "scheduled_form"
    __table_args__ = _of_version("scheduled_form")

    course_version_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    form: str
    due_on: str = Field(sa_type=Text)
    after_session_days: str = Field(sa_type=Text)
    window_days: int
    until_next_session: bool


class CourseStatusRow(Sealed, table=True):
    """That a course was opened, closed or reopened; the latest holds."""

    __tablename__ = "course_status"
    __table_args__ = (
        Index("ix_course_status_course", "clinic_id", "course_id"),
        *_of_course("course_status"),
    )

    id: UUID = Field(primary_key=True)
    course_id: UUID
    status: str
    changed_at: datetime
    changed_offset_min: int
    reason: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str


class SessionCourseRow(Sealed, table=True):
    """Which course a session belongs to, written as it is prepared.

    A row of its own: a column with this key would have the table of sessions made anew on SQLite.
    """

    __tablename__ = "session_course"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        Index("ix_session_course_course", "clinic_id", "course_id"),
        *_of_course("session_course"),
    )

    session_id: UUID = Field(primary_key=True)
    course_id: UUID


class PatientResponseRow(Sealed, table=True):
    """Answers given at once to a version of a form; or that an earlier response is taken back."""

    __tablename__ = "patient_response"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        ForeignKeyConstraint(["clinic_id", "event_entry_id"], ["entry.clinic_id", "entry.id"]),
        ForeignKeyConstraint(
            ["clinic_id", "form_version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_patient_response_form_version",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "policy_version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_patient_response_policy_version",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "replaces_id"], ["patient_response.clinic_id", "patient_response.id"],
            name="fk_patient_response_replaces",
        ),
        UniqueConstraint("clinic_id", "replaces_id"),
        Index("ix_patient_response_patient", "clinic_id", "patient_id"),
        Index("ix_patient_response_course", "clinic_id", "course_id"),
        *_of_course("patient_response"),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    patient_id: UUID
    course_id: UUID | None = None
    event_entry_id: UUID | None = None
    form_version_id: UUID
    policy_version_id: UUID | None = None
    observed_at: datetime
    observed_offset_min: int
    recorded_at: datetime
    author_id: UUID
    author: str
    source: str
    replaces_id: UUID | None = None
    is_retraction: bool
    reason: str | None = Field(default=None, sa_type=Text)
    content_digest: str


class PatientAnswerRow(Sealed, table=True):
    """One answer of a response, in the columns of an answer that a session holds."""

    __tablename__ = "patient_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "response_id"], ["patient_response.clinic_id", "patient_response.id"]
        ),
        by_number("patient_answer"),
    )

    response_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    item: str
    yes: bool | None = None
    chosen: str = Field(default="[]", sa_type=Text)
    value: Decimal | None = Field(default=None, sa_type=ExactText)
    unit: str | None = None
    words: str | None = Field(default=None, sa_type=Text)
    day: date | None = None
    site: str | None = None
    absent: str | None = None
    answered_at: datetime | None = None
    answered_offset_min: int | None = None
