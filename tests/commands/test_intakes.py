"""An intake is answered once for a course, and every session of the course waits for it."""

from typing import Any

import pytest

from protocol.rules import answer_refusals as refusals
from protocol.rules.actions import Action
from protocol.rules.sessions import SessionStatus
from tests.commands.coursed import (
    CONSENT,
    DAY_MIN,
    INTAKE,
    a_form,
    answered,
    opened,
    pain,
    prepared,
)
from tests.commands.formed import an_override
from tests.commands.world import World, a_dosing


def an_intake_session(world: World, course: Any, day: float = 1) -> tuple[Any, Any]:
    intake = a_form(world, INTAKE)
    protocol = world.protocol_with(name="Asks for an intake", forms=["invented-intake"])
    return intake, prepared(world, course, day, protocol)


def open_items(world: World, session: Any) -> list[str]:
    (state,) = world.record(session).form_states
    return [one.item for one in state.open]


def test_a_session_waits_for_the_intake_of_its_course_and_names_what_it_lacks(
    world: World,
) -> None:
    course = opened(world).id
    intake, session = an_intake_session(world, course)
    answered(world, intake, 1, pain("3"), course_id=course)
    with pytest.raises(refusals.FormIncomplete) as caught:
        world.act(Action.SESSION_BEGIN, 2 * DAY_MIN, session=session)
    assert caught.value.facts["items"] == "consent"
    answered(world, intake, 1.5, CONSENT, course_id=course)
    begun = world.act(Action.SESSION_BEGIN, 2 * DAY_MIN, session=session)
    assert begun.status is SessionStatus.IN_PROGRESS
    assert world.fault() is None


def test_an_intake_that_lacks_something_is_overridden_with_a_reason(world: World) -> None:
    course = opened(world).id
    _, session = an_intake_session(world, course)
    world.chart(1.1 * DAY_MIN, an_override("invented-intake", "pain", "consent"), session=session)
    begun = world.act(Action.SESSION_BEGIN, 2 * DAY_MIN, session=session)
    assert begun.status is SessionStatus.IN_PROGRESS


def test_a_dose_before_the_intake_is_a_fact_and_the_intake_stands_as_a_contradiction(
    world: World,
) -> None:
    course = opened(world).id
    intake, session = an_intake_session(world, course)
    world.chart(1.1 * DAY_MIN, a_dosing("bolus", dose="3 mg"), session=session)
    assert open_items(world, session) == ["pain", "consent"]
    answered(world, intake, 1.2, pain("3"), CONSENT, course_id=course)
    assert open_items(world, session) == []


def test_without_a_course_the_session_itself_takes_the_intake(world: World) -> None:
    _, session = an_intake_session(world, None)
    with pytest.raises(refusals.FormIncomplete):
        world.act(Action.SESSION_BEGIN, 2 * DAY_MIN, session=session)
    content = {"kind": "form-response", "form": "invented-intake", "answers": [pain("3"), CONSENT]}
    world.chart(1.1 * DAY_MIN, content, session=session)
    world.act(Action.SESSION_BEGIN, 2 * DAY_MIN, session=session)


def test_an_intake_of_another_course_says_nothing_of_this_one(world: World) -> None:
    course, other = opened(world).id, opened(world).id
    intake, session = an_intake_session(world, course)
    answered(world, intake, 1, pain("3"), CONSENT, course_id=other)
    assert open_items(world, session) == ["pain", "consent"]


def test_a_course_is_asked_once_whatever_version_comes_into_force_later(world: World) -> None:
    course = opened(world).id
    intake, first = an_intake_session(world, course)
    answered(world, intake, 1, pain("3"), CONSENT, course_id=course)
    newer = a_form(world, INTAKE, title="Invented intake, in other words")
    protocol = world.record(first).protocol_version.id
    second = prepared(world, course, 2, protocol)
    assert world.record(second).forms[0].version.id == intake
    assert open_items(world, second) == []
    strange = prepared(world, opened(world).id, 2, protocol)
    assert world.record(strange).forms[0].version.id == newer


def test_answers_to_another_version_of_the_intake_do_not_count(world: World) -> None:
    course = opened(world).id
    _, session = an_intake_session(world, course)
    newer = a_form(world, INTAKE, title="Invented intake, in other words")
    answered(world, newer, 1, pain("3"), CONSENT, course_id=course)
    assert open_items(world, session) == ["pain", "consent"]


def test_an_intake_corrected_after_signing_leaves_the_signature_as_it_is(world: World) -> None:
    course = opened(world).id
    intake, session = an_intake_session(world, course)
    wrong = answered(world, intake, 1, pain("3"), CONSENT, course_id=course)
    world.act(Action.SESSION_BEGIN, 2 * DAY_MIN, session=session)
    world.act(Action.SESSION_COMPLETE, 2 * DAY_MIN + 9, session=session)
    signed = world.sign(session=session, minute=3 * DAY_MIN)
    answered(
        world, intake, 1, pain("4"), CONSENT, now=4, course_id=course,
        replaces=wrong.response.id, reason="Misheard",
    )  # fmt: skip
    record = world.record(session)
    assert record.digest() == signed.record_digest
    assert [str(one.answers[0].value) for one in record.intake] == ["4"]
    then = world.record(session, up_to=signed.number)
    assert [str(one.answers[0].value) for one in then.intake] == ["3"]
    assert world.fault() is None


def test_an_intake_is_completed_over_several_responses_and_an_outcome_is_not(world: World) -> None:
    intake, course = a_form(world, INTAKE), opened(world).id
    day = {"item": "consent-on", "day": "2031-05-02"}
    answered(world, intake, 1, CONSENT, course_id=course)
    assert answered(world, intake, 2, day, course_id=course).response.answers[0].item == day["item"]
    outcome = a_form(world, INTAKE, name="invented-outcome", purpose="outcome")
    answered(world, outcome, 1, CONSENT, course_id=course)
    with pytest.raises(refusals.AnswerHidden):
        answered(world, outcome, 2, day, course_id=course)
