"""Courses of treatment and a patient's responses, as the API gives them."""

from typing import Self
from uuid import UUID

from api.schemas import Out
from protocol.commands.courses import CourseTold
from protocol.records.courses import CourseLine
from protocol.rules.course import Course, CourseStatus
from protocol.rules.course_progress import CourseProgress
from protocol.rules.responses import JudgedResponse


class CourseOut(Out):
    """A course with every version of its plan."""

    status: CourseStatus
    course: Course

    @classmethod
    def of(cls, course: Course) -> Self:
        """From the rules' own."""
        return cls.model_construct(status=course.status, course=course)


class CourseToldOut(CourseOut):
    """A course, and everything that the record says of it as of now."""

    progress: CourseProgress

    @classmethod
    def told(cls, told: CourseTold) -> Self:
        """From what the command gave."""
        return cls.model_construct(
            status=told.course.status, course=told.course, progress=told.progress
        )


class CourseLineOut(Out):
    """A course in a list."""

    id: UUID
    patient_id: UUID
    name: str
    status: CourseStatus

    @classmethod
    def of(cls, line: CourseLine) -> Self:
        """From the records' own."""
        return cls.model_construct(**line._asdict())


class ResponsesOut(Out):
    """A patient's responses in the order recorded, those that no longer stand too."""

    responses: list[JudgedResponse]
