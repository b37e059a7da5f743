"""Looking up courses of treatment: their versions, their status, and their sessions."""

from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Table, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.lookups import person, table
from protocol.rules.course import (
    Course,
    CourseStatus,
    CourseStatusChange,
    CourseVersion,
    PlannedSession,
    ScheduledForm,
)
from protocol.rules.errors import NotFound
from protocol.rules.values import Day

COURSE, COURSE_STATUS = table(tables.CourseRow), table(tables.CourseStatusRow)
COURSE_VERSION, SESSION_COURSE = table(tables.CourseVersionRow), table(tables.SessionCourseRow)
_PLANNED, _SCHEDULED = table(tables.PlannedSessionRow), table(tables.ScheduledFormRow)
LINES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])
DAYS: TypeAdapter[tuple[Day, ...]] = TypeAdapter(tuple[Day, ...])
NUMBERS: TypeAdapter[tuple[int, ...]] = TypeAdapter(tuple[int, ...])
_latest_name = (
    select(COURSE_VERSION.c.name)
    .where(
        COURSE_VERSION.c.clinic_id == COURSE.c.clinic_id,
        COURSE_VERSION.c.course_id == COURSE.c.id,
    )
    .order_by(COURSE_VERSION.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_latest_status = (
    select(COURSE_STATUS.c.status)
    .where(
        COURSE_STATUS.c.clinic_id == COURSE.c.clinic_id, COURSE_STATUS.c.course_id == COURSE.c.id
    )
    .order_by(COURSE_STATUS.c.audit_number.desc())
    .limit(1)
    .scalar_subquery()
)


class CourseLine(NamedTuple):
    """A course in a list."""

    id: UUID
    patient_id: UUID
    name: str
    status: CourseStatus


def find(
    connection: Connection, clinic: Clinic, *, patient_id: UUID | None,
    status: CourseStatus | None, after: UUID | None, limit: int,
) -> list[CourseLine]:  # fmt: skip
    """A keyset page of courses by id."""
    statement = select(
        COURSE.c.id, COURSE.c.patient_id, _latest_name.label("name"),
        _latest_status.label("status"),
    ).where(COURSE.c.clinic_id == clinic.id)  # fmt: skip
    if patient_id is not None:
        statement = statement.where(COURSE.c.patient_id == patient_id)
    if status is not None:
        statement = statement.where(_latest_status == status.value)
    if after is not None:
        statement = statement.where(COURSE.c.id > after)
    rows = connection.execute(statement.order_by(COURSE.c.id).limit(limit)).all()
    return [CourseLine(row.id, row.patient_id, row.name, CourseStatus(row.status)) for row in rows]


def course(
    connection: Connection, clinic: Clinic, course_id: UUID, up_to: int | None = None
) -> Course:
    """A course as of an entry number, by default the latest. Raises NotFound."""
    loading = _Loading(connection, clinic, course_id, up_to)
    row = next(iter(loading.rows(COURSE, COURSE.c.id)), None)
    if row is None:
        raise NotFound("There is no such course at this clinic.", course=str(course_id))
    return Course(
        id=row.id, patient_id=row.patient_id, versions=loading.versions(),
        history=loading.history(),
    )  # fmt: skip


class _Loading:
    """The rows of one course, up to one entry of the chain."""

    def __init__(
        self, connection: Connection, clinic: Clinic, course_id: UUID, up_to: int | None
    ) -> None:
        self.connection, self.clinic = connection, clinic
        self.course_id, self.up_to = course_id, up_to

    def rows(self, one: Table, owner: Any) -> list[Row[Any]]:  # noqa: ANN401 - a column
        statement = select(one).where(one.c.clinic_id == self.clinic.id, owner == self.course_id)
        if self.up_to is not None:
            statement = statement.where(one.c.audit_number <= self.up_to)
        return list(self.connection.execute(statement.order_by(one.c.audit_number)).all())

    def history(self) -> tuple[CourseStatusChange, ...]:
        return tuple(
            CourseStatusChange(
                status=CourseStatus(row.status),
                at=with_offset(row.changed_at, row.changed_offset_min),
                recorded_at=row.recorded_at, by=person(row.author), reason=row.reason,
            )
            for row in self.rows(COURSE_STATUS, COURSE_STATUS.c.course_id)
        )  # fmt: skip

    def versions(self) -> tuple[CourseVersion, ...]:
        planned, scheduled = self._parts(_PLANNED), self._parts(_SCHEDULED)
        return tuple(
            CourseVersion(
                number=row.version, name=row.name, indication=row.indication,
                icd_codes=LINES.validate_json(row.icd_codes),
                planned=tuple(
                    PlannedSession(on=one.planned_on, note=one.note) for one in planned[row.id]
                ),
                scheduled=tuple(map(_scheduled, scheduled[row.id])),
                reason=row.reason, recorded_at=row.recorded_at, recorded_by=person(row.author),
            )
            for row in self.rows(COURSE_VERSION, COURSE_VERSION.c.course_id)
        )  # fmt: skip

    def _parts(self, one: Table) -> dict[UUID, list[Row[Any]]]:
        own = select(COURSE_VERSION.c.id).where(
            COURSE_VERSION.c.clinic_id == self.clinic.id,
            COURSE_VERSION.c.course_id == self.course_id,
        )
        rows = self.connection.execute(
            select(one)
            .where(one.c.clinic_id == self.clinic.id, one.c.course_version_id.in_(own))
            .order_by(one.c.position)
        )
        found: dict[UUID, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            found[row.course_version_id].append(row)
        return found


def _scheduled(row: Row[Any]) -> ScheduledForm:
    return ScheduledForm(
        form=row.form, on=DAYS.validate_json(row.due_on),
        after_session_days=NUMBERS.validate_json(row.after_session_days),
        window_days=row.window_days, until_next_session=row.until_next_session,
    )  # fmt: skip


def course_of_session(connection: Connection, clinic: Clinic, session_id: UUID) -> UUID | None:
    """The course that a session belongs to, if any."""
    found: UUID | None = connection.execute(
        select(SESSION_COURSE.c.course_id).where(
            SESSION_COURSE.c.clinic_id == clinic.id, SESSION_COURSE.c.session_id == session_id
        )
    ).scalar()
    return found


def sessions_of_course(
    connection: Connection, clinic: Clinic, course_id: UUID, up_to: int | None = None
) -> list[UUID]:
    """The sessions of a course, in the order prepared."""
    statement = select(SESSION_COURSE.c.session_id).where(
        SESSION_COURSE.c.clinic_id == clinic.id, SESSION_COURSE.c.course_id == course_id
    )
    if up_to is not None:
        statement = statement.where(SESSION_COURSE.c.audit_number <= up_to)
    return list(connection.execute(statement.order_by(SESSION_COURSE.c.audit_number)).scalars())
