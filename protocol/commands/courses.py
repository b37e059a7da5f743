"""Courses of treatment: opened, changed, closed, reopened, and told."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from protocol.records import courses, lookups, responses, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.course_records import progress
from protocol.records.courses import COURSE, COURSE_STATUS, COURSE_VERSION, CourseLine
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import (
    CourseRow,
    CourseStatusRow,
    CourseVersionRow,
    PlannedSessionRow,
    ScheduledFormRow,
)
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.course import (
    Course,
    CourseChangeIn,
    CourseDetails,
    CourseIn,
    CourseStatus,
    CourseStatusIn,
    require_closed,
    require_open,
)
from protocol.rules.course_progress import CourseProgress
from protocol.rules.errors import Impossible, UnknownTerm
from protocol.rules.protocols import VersionStatus
from protocol.rules.signature import digest_of


class CourseTold(NamedTuple):
    """A course, and what the record says of it."""

    course: Course
    progress: CourseProgress
