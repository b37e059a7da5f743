"""A course of treatment over its life, on both engines: opened, planned, lived, closed, told."""

from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import courses, planning
from protocol.rules.actions import Action
from protocol.rules.course import CourseIn, CourseStatus, SessionCourse
from protocol.rules.course_series import CourseSeries
from protocol.rules.errors import (
    IdConflict,
    Impossible,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    UnknownTerm,
)
from tests.commands.coursed import (
    OUTCOME,
    a_day,
    a_form,
    answered,
    changed,
    closed,
    infused,
    mood,
    on,
    opened,
    pain,
    prepared,
    reopened,
    told,
)
from tests.commands.world import World

DAYS = {"code": "gap", "on": "days-since-last-session", "low": "9", "unit": "d",
        "severity": "soft"}  # fmt: skip


def test_a_course_is_opened_changed_closed_and_reopened_and_every_version_stays(
    world: World,
) -> None:
    course = opened(world, planned=[{}, {}], icd_codes=["M54.5"], indication="Invented").id
    changed(world, course, 1, planned=[{}, {}, {"on": a_day(9), "note": "one more"}])
    closed(world, course, 2)
    found = reopened(world, course, 3)
    assert [(one.number, len(one.planned), one.reason) for one in found.versions] == [
        (1, 2, None), (2, 3, "Another plan"),
    ]  # fmt: skip
    assert found.versions[0].icd_codes == ("M54.5",)
    assert found.details.planned[2].note == "one more"
    assert [one.status for one in found.history] == ["open", "closed", "open"]
    assert world.fault() is None


def test_the_same_course_sent_again_is_one_course_and_other_content_a_conflict(
    world: World,
) -> None:
    wanted = CourseIn(id=uuid7(), name="Invented course")
    for _ in range(2):
        courses.open_course(world.clinic, world.physician, world.patient, wanted, now=on(1))
    other = wanted.model_copy(update={"name": "Another"})
    with pytest.raises(IdConflict):
        courses.open_course(world.clinic, world.physician, world.patient, other, now=on(1))
    found = courses.find_courses(world.clinic, world.nurse, now=on(1), patient_id=world.patient)
    assert [(one.name, one.status) for one in found] == [("Invented course", CourseStatus.OPEN)]


def test_a_course_is_a_physicians_to_open_unless_the_policy_says_otherwise(world: World) -> None:
    with pytest.raises(NotPermitted):
        opened(world, by=world.nurse)
    world.policy_with(grants=[{"role": "nurse", "action": "course:open"}])
    assert opened(world, by=world.nurse).status is CourseStatus.OPEN


def test_what_cannot_follow_is_refused_by_name(world: World) -> None:
    course = opened(world, 0).id
    with pytest.raises(NotAllowedNow, match="is open"):
        reopened(world, course, 1)
    with pytest.raises(Impossible, match="before the course's last change"):
        closed(world, course, 1, at=on(-1).isoformat())
    with pytest.raises(Impossible, match="future"):
        closed(world, course, 1, at=on(2).isoformat())
    with pytest.raises(UnknownTerm, match="No version of the form nowhere is active"):
        opened(world, scheduled=[{"form": "nowhere", "on": [a_day(1)], "window_days": 1}])
    closed(world, course, 2)
    for late in (lambda: changed(world, course, 3), lambda: closed(world, course, 3)):
        with pytest.raises(NotAllowedNow, match="is closed"):
            late()
    assert world.fault() is None


def test_a_session_is_prepared_in_a_course_of_its_own_patient_alone(world: World) -> None:
    course = opened(world, 0).id
    assert world.record(prepared(world, course, 1)).course_id == course
    other = world.enrolled(2)
    wanted = planning.SessionIn(
        id=uuid7(), patient_id=other, protocol_version_id=world.protocol, course_id=course
    )
    for refused in (wanted, wanted.model_copy(update={"course_id": uuid7()})):
        with pytest.raises(NotFound):
            planning.prepare(world.clinic, world.nurse, refused, now=on(1))


def test_a_session_prepared_before_its_course_was_closed_is_still_taken(world: World) -> None:
    course = opened(world, 0).id
    closed(world, course, 5)
    wanted = planning.SessionIn.model_validate(
        {"id": uuid7(), "patient_id": world.patient, "protocol_version_id": world.protocol,
         "course_id": course, "prepared_at": on(4).isoformat()}
    )  # fmt: skip
    assert planning.prepare(world.clinic, world.nurse, wanted, now=on(6)).course_id == course
    with pytest.raises(NotAllowedNow):
        prepared(world, course, 6)


def test_a_session_without_a_course_keeps_the_digest_it_always_had(world: World) -> None:
    wanted = planning.SessionIn(
        id=uuid7(), patient_id=world.patient, protocol_version_id=world.protocol
    )
    assert "course_id" not in wanted.model_dump(mode="json")
    record = world.record()
    dumped = record.model_dump(mode="json")
    assert not {"course_id", "course_so_far", "intake"} & set(dumped)


def test_what_other_sessions_add_to_a_course_leaves_a_signature_as_it_is(world: World) -> None:
    course = opened(world, 0).id
    session = infused(world, course, 1)
    digest = world.record(session).digest()
    world.sign(session=session, minute=24 * 60 * 2)
    infused(world, course, 9)
    changed(world, course, 10, planned=[{}])
    assert world.record(session).digest() == digest
    assert world.fault() is None


def test_a_whole_course_is_told_from_its_records(world: World) -> None:
    outcome = a_form(world, OUTCOME)
    protocol = world.protocol_with(name="With a gap", limits=[DAYS])
    course = opened(
        world, -3, planned=[{"on": a_day(1)}, {}, {}],
        scheduled=[{"form": "invented-outcome", "after_session_days": [3], "window_days": 1}],
    ).id  # fmt: skip
    answered(world, outcome, 0, pain("8"), mood("2"), course_id=course)
    first = infused(world, course, 1, ("7", "3"), protocol=protocol)
    answered(world, outcome, 4, pain("4"), mood("4"), course_id=course)
    answered(world, outcome, 7, pain("8"), course_id=course)
    second = infused(world, course, 8, ("6", "2"), dose="3 mg", protocol=protocol)
    progress = told(world, course, 20).progress
    assert [(one.session_id, one.number) for one in progress.sessions] == [(first, 1), (second, 2)]
    assert (progress.planned, progress.done) == (3, 2)
    assert str(progress.sessions[1].days_since_last) == "7.00"
    (limit,) = progress.sessions[1].gap_limits
    assert (limit.within, limit.source) == (False, "With a gap, protocol version 1")
    assert [(one.drug, str(one.amount), one.sessions) for one in progress.given] == [
        ("examplamine", "10", 2)
    ]
    assert _values(progress.series, "pain-rest") == ["7", "3", "6", "2"]
    assert _values(progress.series, "pain") == ["8", "4", "8"]
    assert _values(progress.series, "both") == ["5", "4", None]
    ends = {
        (one.session_id, one.instrument.code): one.end.value for one in progress.benefits
    }  # fmt: skip
    assert ends[first, "pain"] == "returned"
    assert ends[first, "pain-rest"] == "next-session"
    assert ends[second, "pain-rest"] == "still-below"
    assert [(one.due_on.isoformat(), one.state) for one in progress.due_forms] == [
        (a_day(4), "done"), (a_day(11), "overdue"),
    ]  # fmt: skip


def _values(series: tuple[CourseSeries, ...], code: str) -> list[str | None]:
    (one,) = [each for each in series if each.instrument.code == code]
    return [None if point.value is None else str(point.value) for point in one.points]


def _printed(world: World, session: UUID, at_signature: UUID | None = None) -> SessionCourse:
    found = planning.session(
        world.clinic, world.nurse, session, now=on(60), action=Action.SESSION_PRINT,
        at_signature=at_signature,
    ).course_so_far  # fmt: skip
    assert found is not None
    return found


def test_what_is_printed_of_a_signed_session_tells_the_course_as_it_stood_then(
    world: World,
) -> None:
    course = opened(world, 0, planned=[{}, {}]).id
    infused(world, course, 1)
    session = infused(world, course, 8, dose="3 mg")
    signature = world.sign(session=session, minute=24 * 60 * 9)
    before = _printed(world, session, at_signature=signature.id)
    infused(world, course, 6)
    changed(world, course, 10, name="Renamed", planned=[{}, {}, {}])
    assert _printed(world, session, at_signature=signature.id) == before
    now = _printed(world, session)
    assert (before.number, before.planned, before.name) == (2, 2, "Invented course")
    assert (now.number, now.planned, now.name) == (3, 3, "Renamed")


def test_looking_at_a_course_is_in_the_trail_and_a_stranger_to_the_role_is_refused(
    world: World,
) -> None:
    course = opened(world, 0).id
    with pytest.raises(NotPermitted):
        courses.course(world.clinic, world.administrator, course, now=on(1))
    with pytest.raises(NotFound):
        told(world, uuid7())
    told(world, course)
    assert world.fault() is None
