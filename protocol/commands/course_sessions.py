"""What a session has of the course that it is prepared in: its row, and the intake's versions."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.records import courses, responses
from protocol.records.rows import New, new
from protocol.records.tables import SessionCourseRow
from protocol.records.work import Act
from protocol.rules.course import require_takes_session
from protocol.rules.errors import NotFound


class SessionsCourse(NamedTuple):
    """The course, if any, and by form the version of the intake that it has answered."""

    course_id: UUID | None
    intakes: dict[str, UUID]

    def rows(self, act: Act, session_id: UUID) -> list[New]:
        """The row that puts the session into its course."""
        if self.course_id is None:
            return []
        return [
            new(SessionCourseRow,
                clinic_id=act.clinic.id, session_id=session_id, course_id=self.course_id,
            )
        ]  # fmt: skip


def course_of(
    act: Act, patient_id: UUID, course_id: UUID | None, prepared_at: datetime
) -> SessionsCourse:
    """The course that a session is prepared in. Raises NotFound (none, or another patient's),
    NotAllowedNow (closed before)."""
    if course_id is None:
        return SessionsCourse(None, {})
    course = courses.course(act.connection, act.clinic, course_id)
    if course.patient_id != patient_id:
        raise NotFound("The patient has no such course.", course=str(course_id))
    require_takes_session(course, prepared_at)
    answered = responses.intake_of(act.connection, act.clinic, course_id)
    # An intake is answered once for a course: a version that came into force meanwhile asks
    # nothing anew of those who have answered (the latest answer's version holds).
    return SessionsCourse(course_id, {one.form: one.form_version_id for one in answered})
