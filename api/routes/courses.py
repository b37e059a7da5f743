"""Courses of treatment, and the forms that a patient answers before and between sessions."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas import PageOut
from api.schemas_courses import CourseLineOut, CourseOut, CourseToldOut, ResponsesOut
from protocol.commands import courses, responding
from protocol.rules.actions import Action
from protocol.rules.course import (
    Course,
    CourseChangeIn,
    CourseIn,
    CourseStatus,
    CourseStatusIn,
)
from protocol.rules.responses import JudgedResponse, ResponseIn, ResponseRetractionIn

router = APIRouter(prefix=API, tags=["courses"], route_class=StrictRoute)
_RESPONSES = "/patients/{patient_id}/responses"


@router.post(
    "/patients/{patient_id}/courses", **acts(Action.COURSE_OPEN, gives=CourseOut, status=201)
)
def open_course(patient_id: UUID, body: CourseIn, caller: SignedIn) -> Response:
    """A course of treatment for a patient: why, which sessions are planned, which forms are asked
    between them. Every number and day in it is the clinic's."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(CourseOut.of(courses.open_course(clinic, actor, patient_id, body, now=now)), 201)


@router.get("/courses", **acts(Action.COURSE_SEARCH, gives=PageOut[CourseLineOut], refuses=()))
def find_courses(
    caller: SignedIn, patient_id: UUID | None = None, status: CourseStatus | None = None,
    after: After = None, limit: Limit = PAGE,
) -> Response:  # fmt: skip
    """Courses by patient or status, a page by their ids."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = courses.find_courses(
        clinic, actor, now=now, patient_id=patient_id, status=status, after=after,
        limit=limit + 1,
    )  # fmt: skip
    return answer(PageOut[CourseLineOut].cut([CourseLineOut.of(one) for one in found], limit))


@router.get("/courses/{course_id}", **acts(Action.COURSE_VIEW, gives=CourseToldOut, refuses=(404,)))
def course(course_id: UUID, caller: SignedIn) -> Response:
    """The course and what the record says of it: sessions planned and done, days between them with
    the limits that are on them, sums per drug, pain and function value by value, how long pain
    stayed lower, and the forms that are due."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(CourseToldOut.told(courses.course(clinic, actor, course_id, now=now)))


@router.post(
    "/courses/{course_id}/versions", **acts(Action.COURSE_CHANGE, gives=CourseOut, status=201)
)
def change_course(course_id: UUID, body: CourseChangeIn, caller: SignedIn) -> Response:
    """Other details from now on, whole, with a reason; the earlier version stays."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(CourseOut.of(courses.change_course(clinic, actor, course_id, body, now=now)), 201)


def _add_status_act(action: Action, run: Callable[..., Course], says: str) -> None:
    @router.post(
        f"/courses/{{course_id}}/{action.value.partition(':')[2]}", description=says,
        **acts(action, gives=CourseOut),
    )  # fmt: skip
    def change_status(course_id: UUID, body: CourseStatusIn, caller: SignedIn) -> Response:
        now = moment()
        clinic, actor = caller.identified(now)
        return answer(CourseOut.of(run(clinic, actor, course_id, body, now=now)))


_add_status_act(Action.COURSE_CLOSE, courses.close_course, "The course ends; with a reason.")
_add_status_act(Action.COURSE_REOPEN, courses.reopen_course, "The course goes on; with a reason.")


@router.post(_RESPONSES, **acts(Action.RESPONSE_RECORD, gives=JudgedResponse, status=201))
def record_response(patient_id: UUID, body: ResponseIn, caller: SignedIn) -> Response:
    """Answers to an intake, an outcome measure or a follow-up, with what they score and what is
    lacking; what is lacking refuses nothing here."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(responding.record_response(clinic, actor, patient_id, body, now=now), 201)


@router.get(_RESPONSES, **acts(Action.RESPONSE_VIEW, gives=ResponsesOut, refuses=(404,)))
def responses(patient_id: UUID, caller: SignedIn, course_id: UUID | None = None) -> Response:
    """The patient's responses, or those of one course; what was corrected or retracted too."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = responding.patient_responses(clinic, actor, patient_id, now=now, course_id=course_id)
    return answer(ResponsesOut.model_construct(responses=found))


@router.post(
    f"{_RESPONSES}/{{response_id}}/correct",
    **acts(Action.RESPONSE_CORRECT, gives=JudgedResponse, status=201),
)
def correct_response(
    patient_id: UUID, response_id: UUID, body: ResponseIn, caller: SignedIn
) -> Response:
    """The answers as they truly were, in place of an earlier response; with a reason."""
    now = moment()
    clinic, actor = caller.identified(now)
    wanted = body.model_copy(update={"replaces": response_id})
    return answer(responding.correct_response(clinic, actor, patient_id, wanted, now=now), 201)


@router.post(
    f"{_RESPONSES}/{{response_id}}/retract",
    **acts(Action.RESPONSE_RETRACT, gives=JudgedResponse, status=201),
)
def retract_response(
    patient_id: UUID, response_id: UUID, body: ResponseRetractionIn, caller: SignedIn
) -> Response:
    """A response that is not true of this patient; it stays visible, marked."""
    now = moment()
    clinic, actor = caller.identified(now)
    done = responding.retract_response(clinic, actor, patient_id, response_id, body, now=now)
    return answer(done, 201)
