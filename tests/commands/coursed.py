"""A course of treatment with its forms, told in short; every word and number is invented."""

from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import courses, planning, responding
from protocol.commands.courses import CourseTold
from protocol.rules.actions import Action, Actor
from protocol.rules.course import Course, CourseChangeIn, CourseIn, CourseStatusIn
from protocol.rules.forms import FormDocument
from protocol.rules.responses import JudgedResponse, ResponseIn, ResponseRetractionIn
from tests.commands.world import World, a_dosing, a_reading, at

DAY_MIN = 24 * 60
SCALE = {"low": "0", "high": "10"}
INTAKE: dict[str, Any] = {
    "name": "invented-intake", "title": "Invented intake", "purpose": "intake",
    "items": [
        {"code": "pain", "label": "Pain", "kind": "scale", "scale": SCALE, "required": True},
        {"code": "consent", "label": "Consent", "kind": "yes-no", "required": True,
         "met_when": ["yes"]},
        {"code": "consent-on", "label": "Consent given on", "kind": "date",
         "shown_when": {"item": "consent", "answered": ["yes"]}},
        {"code": "tried", "label": "Tried", "kind": "several-of",
         "options": [{"code": "rest", "label": "Rest"}, {"code": "walks", "label": "Walks"}]},
        {"code": "seen", "label": "Seen by physician", "kind": "yes-no",
         "answered_by": ["physician"]},
        {"code": "called", "label": "Called", "kind": "yes-no", "timed": True},
    ],
}  # fmt: skip
OUTCOME: dict[str, Any] = {
    "name": "invented-outcome", "title": "Invented outcome", "purpose": "outcome",
    "items": [
        {"code": f"{code}", "label": code.title(), "kind": "scale", "scale": SCALE,
         "required": True}
        for code in ("pain", "mood")
    ],
    "scores": [
        {"code": "both", "label": "Both", "method": "mean", "items": ["pain", "mood"],
         "answered_min": 2}
    ],
}  # fmt: skip
FOLLOW_UP: dict[str, Any] = {
    "name": "invented-follow-up",
    "title": "Invented follow-up",
    "purpose": "follow-up",
    "items": [{"code": "over", "label": "Over", "kind": "yes-no", "required": True}],
}


def on(day: float) -> datetime:
    """Nine o'clock so many days after the invented day."""
    return at(day * DAY_MIN)


def a_day(day: int) -> str:
    return on(day).date().isoformat()


def a_form(world: World, document: dict[str, Any], **changes: Any) -> UUID:
    return world.version(FormDocument.model_validate(document | changes))


def opened(world: World, day: float = -1, by: Actor | None = None, **details: Any) -> Course:
    """A course of the world's patient, by the physician."""
    wanted = {"id": uuid7(), "name": "Invented course", **details}
    return courses.open_course(
        world.clinic, by or world.physician, world.patient, CourseIn.model_validate(wanted),
        now=on(day),
    )  # fmt: skip


def changed(world: World, course: UUID, day: float, **details: Any) -> Course:
    wanted = {"id": uuid7(), "name": "Invented course", "reason": "Another plan", **details}
    return courses.change_course(
        world.clinic, world.physician, course, CourseChangeIn.model_validate(wanted), now=on(day)
    )


def closed(world: World, course: UUID, day: float, **values: Any) -> Course:
    wanted = CourseStatusIn.model_validate({"id": uuid7(), "reason": "It is over.", **values})
    return courses.close_course(world.clinic, world.physician, course, wanted, now=on(day))


def reopened(world: World, course: UUID, day: float, **values: Any) -> Course:
    wanted = CourseStatusIn.model_validate({"id": uuid7(), "reason": "It is not.", **values})
    return courses.reopen_course(world.clinic, world.physician, course, wanted, now=on(day))


def told(world: World, course: UUID, day: float = 90) -> CourseTold:
    return courses.course(world.clinic, world.nurse, course, now=on(day))


def prepared(world: World, course: UUID | None, day: float, protocol: UUID | None = None) -> UUID:
    """A session in preparation, in the course."""
    wanted = planning.SessionIn(
        id=uuid7(), patient_id=world.patient, protocol_version_id=protocol or world.protocol,
        course_id=course,
    )  # fmt: skip
    return planning.prepare(world.clinic, world.nurse, wanted, now=on(day)).id


def infused(
    world: World, course: UUID | None, day: float, pain: tuple[str, str] = ("7", "3"),
    dose: str = "7 mg", protocol: UUID | None = None,
) -> UUID:  # fmt: skip
    """A whole session on a day: pain before, a bolus, pain after, completed."""
    session = prepared(world, course, day, protocol)
    minute = day * DAY_MIN
    for after, content in (
        (1, a_reading(f"pain-rest {pain[0]} {{score}}")), (2, a_dosing("bolus", dose=dose)),
        (30, a_reading(f"pain-rest {pain[1]} {{score}}")),
    ):  # fmt: skip
        world.chart(minute + after, content, session=session)
    world.act(Action.SESSION_COMPLETE, minute + 60, session=session)
    return session


def a_wanted(form: UUID, day: float, *answers: dict[str, Any], **changes: Any) -> ResponseIn:
    values = {
        "id": uuid7(), "form_version_id": form, "observed_at": on(day).isoformat(),
        "answers": answers, **changes,
    }  # fmt: skip
    return ResponseIn.model_validate(values)


def answered(
    world: World, form: UUID, day: float, *answers: dict[str, Any], by: Actor | None = None,
    now: float | None = None, **changes: Any,
) -> JudgedResponse:  # fmt: skip
    """What the patient answered, recorded at once by the nurse unless something else is said."""
    wanted = a_wanted(form, day, *answers, **changes)
    run = responding.correct_response if wanted.replaces else responding.record_response
    return run(
        world.clinic, by or world.nurse, world.patient, wanted, now=on(day if now is None else now)
    )


def retracted(world: World, response: UUID, day: float) -> JudgedResponse:
    wanted = ResponseRetractionIn(id=uuid7(), reason="Another patient's")
    return responding.retract_response(
        world.clinic, world.nurse, world.patient, response, wanted, now=on(day)
    )


def pain(value: str) -> dict[str, Any]:
    return {"item": "pain", "value": value}


def mood(value: str) -> dict[str, Any]:
    return {"item": "mood", "value": value}


CONSENT = {"item": "consent", "yes": True}


def live_a_course(world: World) -> None:
    """A row in every table of courses and responses."""
    intake, outcome = a_form(world, INTAKE), a_form(world, OUTCOME)
    course = opened(
        world, 0.1, planned=[{"on": a_day(1), "note": "the first"}, {}], icd_codes=["M54.5"],
        scheduled=[{"form": "invented-outcome", "on": [a_day(2)], "window_days": 3}],
    ).id  # fmt: skip
    prepared(world, course, 0.2)
    answered(world, intake, 0.2, pain("0"), CONSENT, course_id=course)
    wrong = answered(world, outcome, 0.3, pain("6"), mood("1"), course_id=course)
    better = answered(
        world, outcome, 0.3, pain("5"), mood("1"), course_id=course, replaces=wrong.response.id,
        reason="Misheard",
    )  # fmt: skip
    retracted(world, better.response.id, 0.4)
    closed(world, course, 0.5)
