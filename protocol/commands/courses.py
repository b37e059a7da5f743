"""Courses of treatment: opened, changed, closed, reopened, and told."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from protocol.commands.keeping import content_digest, repeats
from protocol.records import courses, lookups, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.course_records import course_records
from protocol.records.courses import CourseLine
from protocol.records.keeping import Kept, page_size_in_force
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
from protocol.rules.audit import canonical_json
from protocol.rules.course import (
    Course,
    CourseChangeIn,
    CourseDetails,
    CourseIn,
    CourseStatus,
    CourseStatusIn,
    DayOf,
    require_closed,
    require_open,
)
from protocol.rules.course_progress import CourseProgress, progress_of
from protocol.rules.errors import Impossible, UnknownTerm
from protocol.rules.patients import Patient
from protocol.rules.protocols import VersionStatus
from protocol.rules.responses import standing


class CourseTold(NamedTuple):
    """A course, what the record says of it, whose it is, and the paper of the clinic."""

    course: Course
    progress: CourseProgress
    patient: Patient
    page_size: str


def open_course(
    clinic: Clinic, actor: Actor, patient_id: UUID, wanted: CourseIn, *, now: datetime
) -> Course:
    """A new course of a patient. Raises NotFound, Impossible (opened in the future), UnknownTerm (a
    form of which no version is active)."""
    digest = content_digest(wanted, patient_id)
    with work(clinic, actor, Action.COURSE_OPEN, now, attempt=wanted) as act:
        act.about(patient=patient_id, subject=wanted.id)
        lookups.patient(act.connection, clinic, patient_id)
        if not repeats(act, Kept.COURSE, wanted.id, digest):
            opened_at = _not_ahead(wanted.opened_at or now, now, "opened_at")
            _require_forms(act, wanted)
            act.add(
                new(CourseRow,
                    clinic_id=clinic.id, id=wanted.id, patient_id=patient_id,
                    content_digest=digest,
                ),
                *_version_rows(act, wanted.id, 1, wanted, (uuid7(), None, digest)),
                _status_row(
                    act, wanted.id, CourseStatus.OPEN, opened_at, (uuid7(), None, digest)
                ),
            )  # fmt: skip
    return _found(clinic, wanted.id)


def change_course(
    clinic: Clinic, actor: Actor, course_id: UUID, wanted: CourseChangeIn, *, now: datetime
) -> Course:
    """Other details and another plan from now on; the earlier ones stay. Raises NotFound,
    NotAllowedNow (a closed course), UnknownTerm."""
    digest = content_digest(wanted, course_id)
    with work(clinic, actor, Action.COURSE_CHANGE, now, attempt=wanted) as act:
        course = _about(act, course_id)
        if not repeats(act, Kept.COURSE_VERSION, wanted.id, digest):
            require_open(course, "a change")
            _require_forms(act, wanted)
            number = course.details.number + 1
            act.about(before_version=course.details.number)
            own = (wanted.id, wanted.reason, digest)
            act.add(*_version_rows(act, course_id, number, wanted, own))
    return _found(clinic, course_id)


def close_course(
    clinic: Clinic, actor: Actor, course_id: UUID, wanted: CourseStatusIn, *, now: datetime
) -> Course:
    """The course ends, with a reason; what is known of it later is still taken. Raises NotFound,
    NotAllowedNow, Impossible (a time in the future)."""
    return _change_status(clinic, actor, Action.COURSE_CLOSE, course_id, wanted, now)


def reopen_course(
    clinic: Clinic, actor: Actor, course_id: UUID, wanted: CourseStatusIn, *, now: datetime
) -> Course:
    """The course goes on, with a reason. Raises NotFound, NotAllowedNow, Impossible."""
    return _change_status(clinic, actor, Action.COURSE_REOPEN, course_id, wanted, now)


def _change_status(
    clinic: Clinic, actor: Actor, action: Action, course_id: UUID, wanted: CourseStatusIn,
    now: datetime,
) -> Course:  # fmt: skip
    digest = content_digest(wanted, course_id)
    closing = action is Action.COURSE_CLOSE
    with work(clinic, actor, action, now, attempt=wanted) as act:
        course = _about(act, course_id)
        if not repeats(act, Kept.COURSE_STATUS, wanted.id, digest):
            if closing:
                require_open(course, "its end")
            else:
                require_closed(course)
            at = _not_ahead(wanted.at or now, now, "at")
            if at < course.history[-1].at:
                raise Impossible(
                    "It lies before the course's last change of status.",
                    field="at", value=at.isoformat(),
                )  # fmt: skip
            status = CourseStatus.CLOSED if closing else CourseStatus.OPEN
            act.add(_status_row(act, course_id, status, at, (wanted.id, wanted.reason, digest)))
    return _found(clinic, course_id)


def course(
    clinic: Clinic, actor: Actor, course_id: UUID, *, now: datetime,
    action: Action = Action.COURSE_VIEW,
) -> CourseTold:  # fmt: skip
    """A course with its sessions, series, sums and due forms, to view or print. Raises NotFound."""
    with reading(clinic, actor, action, now, subject=course_id) as connection:
        found = course_records(connection, clinic, course_id)
        patient = lookups.patient(connection, clinic, found.course.patient_id)
        page_size = page_size_in_force(connection, clinic)
    progress = progress_of(
        found.course, found.records, found.last_given, standing(found.responses), found.forms,
        now=now, day_of=day_at(clinic),
    )  # fmt: skip
    return CourseTold(found.course, progress, patient, page_size)


def find_courses(
    clinic: Clinic, actor: Actor, *, now: datetime, patient_id: UUID | None = None,
    status: CourseStatus | None = None, after: UUID | None = None, limit: int = 50,
) -> list[CourseLine]:  # fmt: skip
    """Courses in the order of their ids, by patient or status."""
    with reading(clinic, actor, Action.COURSE_SEARCH, now, patient=patient_id) as connection:
        return courses.find(
            connection, clinic, patient_id=patient_id, status=status, after=after, limit=limit
        )


def day_at(clinic: Clinic) -> DayOf:
    """The calendar day of a moment at the clinic."""
    zone = ZoneInfo(clinic.zone)

    def day_of(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    return day_of


def _about(act: Act, course_id: UUID) -> Course:
    act.about(subject=course_id)
    found = courses.course(act.connection, act.clinic, course_id)
    act.about(patient=found.patient_id)
    return found


def _found(clinic: Clinic, course_id: UUID) -> Course:
    with clinic.database.looking() as connection:
        return courses.course(connection, clinic, course_id)


def _not_ahead(at: datetime, now: datetime, field: str) -> datetime:
    if at > now:
        raise Impossible("The time lies in the future (R59).", field=field, value=at.isoformat())
    return at


def _require_forms(act: Act, wanted: CourseDetails) -> None:
    """A plan names forms that can be answered: a plan is no fact (R112)."""
    for place, one in enumerate(wanted.scheduled):
        active = versions.versions(
            act.connection, act.clinic, kind="form", name=one.form, status=VersionStatus.ACTIVE
        )
        if not active:
            raise UnknownTerm(
                f"No version of the form {one.form} is active.",
                field=f"scheduled.{place}.form", form=one.form,
            )  # fmt: skip


_Own = tuple[UUID, str | None, str]


def _version_rows(
    act: Act, course_id: UUID, number: int, details: CourseDetails, own: _Own
) -> list[New]:
    clinic_id, (version_id, reason, digest) = act.clinic.id, own
    row = new(CourseVersionRow,
        clinic_id=clinic_id, id=version_id, course_id=course_id, version=number,
        name=details.name, indication=details.indication, icd_codes=_json(details.icd_codes),
        reason=reason, recorded_at=act.now, author=act.author.model_dump_json(),
        content_digest=digest,
    )  # fmt: skip
    planned = [
        new(PlannedSessionRow,
            clinic_id=clinic_id, course_version_id=version_id, position=place,
            planned_on=one.on, note=one.note,
        )
        for place, one in enumerate(details.planned)
    ]  # fmt: skip
    scheduled = [
        new(ScheduledFormRow,
            clinic_id=clinic_id, course_version_id=version_id, position=place, form=one.form,
            due_on=_json([day.isoformat() for day in one.on]),
            after_session_days=_json(one.after_session_days), window_days=one.window_days,
            until_next_session=one.until_next_session,
        )
        for place, one in enumerate(details.scheduled)
    ]  # fmt: skip
    return [row, *planned, *scheduled]


def _status_row(act: Act, course_id: UUID, status: CourseStatus, at: datetime, own: _Own) -> New:
    change_id, reason, digest = own
    return new(CourseStatusRow,
        clinic_id=act.clinic.id, id=change_id, course_id=course_id, status=status.value,
        changed_at=at, changed_offset_min=offset_min(at), reason=reason, recorded_at=act.now,
        author=act.author.model_dump_json(), content_digest=digest,
    )  # fmt: skip


def _json(values: object) -> str:
    return canonical_json(list(values) if isinstance(values, tuple) else values).decode()
