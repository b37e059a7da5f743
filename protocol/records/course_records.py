"""A course with the records of its sessions: what the rules need to tell where it stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from protocol.records import courses, responses, session_search
from protocol.records.clinics import Clinic
from protocol.records.session_record import load_record
from protocol.rules.course import Course, SessionCourse
from protocol.rules.course_progress import session_course
from protocol.rules.course_series import infusion_of
from protocol.rules.forms import FormDocument
from protocol.rules.record import SessionRecord
from protocol.rules.responses import PatientResponse


class CourseRecords(NamedTuple):
    """Everything that a course's progress is told from."""

    course: Course
    records: Sequence[SessionRecord]
    last_given: dict[UUID, datetime | None]
    responses: Sequence[PatientResponse]
    forms: dict[UUID, FormDocument]


def course_records(connection: Connection, clinic: Clinic, course_id: UUID) -> CourseRecords:
    """The course with its sessions and responses. Raises NotFound."""
    course = courses.course(connection, clinic, course_id)
    ids = courses.sessions_of_course(connection, clinic, course_id)
    records = [load_record(connection, clinic, one) for one in ids]
    answered = responses.responses(connection, clinic, course_id=course_id)
    return CourseRecords(
        course, records, {one.id: _last_given(connection, clinic, one) for one in records},
        answered,
        {
            version: responses.form_of(connection, clinic, version)
            for version in {one.form_version_id for one in answered}
        },
    )  # fmt: skip


def course_so_far(
    connection: Connection, clinic: Clinic, record: SessionRecord, as_of: datetime,
    up_to: int | None = None,
) -> SessionCourse | None:  # fmt: skip
    """What the session's sheet says of its course, as it stood at an entry number."""
    if record.course_id is None:
        return None
    course = courses.course(connection, clinic, record.course_id, up_to)
    others = courses.sessions_of_course(connection, clinic, record.course_id, up_to)
    records = [
        record if one == record.id else load_record(connection, clinic, one, up_to)
        for one in others
    ]
    last = _last_given(connection, clinic, record, up_to)
    return session_course(course, record, records, last, as_of)


def with_course(
    connection: Connection, clinic: Clinic, record: SessionRecord, as_of: datetime,
    up_to: int | None = None,
) -> SessionRecord:  # fmt: skip
    """The record with what its sheet says of its course."""
    so_far = course_so_far(connection, clinic, record, as_of, up_to)
    return record.model_copy(update={"course_so_far": so_far})


def _last_given(
    connection: Connection, clinic: Clinic, record: SessionRecord, up_to: int | None = None
) -> datetime | None:
    infusion = infusion_of(record)
    if infusion is None:
        return None
    return session_search.last_dosed_before(
        connection, clinic, record.patient.id, record.id, infusion.first_at, up_to
    )
