"""Two clinics in one database neither see nor touch each other's courses and answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import courses, responding
from protocol.rules.course import CourseIn
from protocol.rules.errors import NotFound
from protocol.rules.responses import ResponseRetractionIn
from tests.commands.coursed import (
    OUTCOME,
    a_form,
    a_wanted,
    answered,
    changed,
    closed,
    on,
    opened,
    pain,
    prepared,
    reopened,
    told,
)
from tests.commands.templates import Templates
from tests.commands.world import World
from tests.records.attack import SEALED_TABLES, Attack


class Theirs(NamedTuple):
    """The neighbour's, whose ids are known to the one who tries."""

    world: World
    course: UUID
    form: UUID
    response: UUID
    own_form: UUID


Try = Callable[[World, Theirs], object]
TRIES: dict[str, Try] = {
    "open a course for the patient": lambda own, other: courses.open_course(
        own.clinic, own.physician, other.world.patient, CourseIn(id=uuid7(), name="Invented"),
        now=on(2),
    ),
    "view the course": lambda own, other: told(own, other.course),
    "change the course": lambda own, other: changed(own, other.course, 2),
    "close the course": lambda own, other: closed(own, other.course, 2),
    "reopen the course": lambda own, other: reopened(own, other.course, 2),
    "prepare in the course": lambda own, other: prepared(own, other.course, 2),
    "answer the form": lambda own, other: answered(own, other.form, 2, pain("3")),
    "answer in the course": lambda own, other: answered(
        own, other.own_form, 2, pain("3"), course_id=other.course
    ),
    "answer for the patient": lambda own, other: responding.record_response(
        own.clinic, own.nurse, other.world.patient, a_wanted(other.own_form, 2, pain("3")),
        now=on(2),
    ),
    "correct the response": lambda own, other: answered(
        own, other.own_form, 2, pain("3"), replaces=other.response, reason="why"
    ),
    "retract the response": lambda own, other: responding.retract_response(
        own.clinic, own.nurse, own.patient, other.response,
        ResponseRetractionIn(id=uuid7(), reason="why"), now=on(2),
    ),
    "list the responses": lambda own, other: responding.patient_responses(
        own.clinic, own.nurse, other.world.patient, now=on(2)
    ),
}  # fmt: skip


@pytest.fixture
def both(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[tuple[World, Theirs]]:
    with templates.copies(engine_name, "neighbours", tmp_path) as (own, other):
        form, course = a_form(other, OUTCOME), opened(other).id
        response = answered(other, form, 1, pain("3"), course_id=course).response.id
        yield own, Theirs(other, course, form, response, a_form(own, OUTCOME))


def test_nobody_reaches_another_clinics_course_by_its_ids(both: tuple[World, Theirs]) -> None:
    own, theirs = both
    with Attack.looking(own) as looking:
        before = [looking.rows(one) for one in SEALED_TABLES]
        for attempt in TRIES.values():
            with pytest.raises(NotFound):
                attempt(own, theirs)
        assert [looking.rows(one) for one in SEALED_TABLES] == before
    assert courses.find_courses(own.clinic, own.nurse, now=on(2)) == []
    assert len(courses.find_courses(theirs.world.clinic, theirs.world.nurse, now=on(2))) == 1
