"""What a patient answers before and between sessions: kept whole, corrected, never lost."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from protocol.commands import authoring, responding
from protocol.rules import answer_refusals as refusals
from protocol.rules.charting import Source
from protocol.rules.errors import (
    AlreadyReplaced,
    IdConflict,
    Impossible,
    InvalidShape,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    ReasonMissing,
    UnknownTerm,
)
from protocol.rules.forms import FormDocument
from protocol.rules.responses import JudgedResponse, standing
from tests.commands.coursed import (
    CONSENT,
    DAY_MIN,
    FOLLOW_UP,
    INTAKE,
    OUTCOME,
    a_form,
    a_wanted,
    answered,
    mood,
    on,
    opened,
    pain,
    retracted,
)
from tests.commands.formed import CHECK
from tests.commands.world import World, at

EVERY_KIND: tuple[dict[str, Any], ...] = (
    {"item": "pain", "value": "3"}, CONSENT,
    {"item": "consent-on", "day": "2031-05-02"}, {"item": "tried", "chosen": ["rest", "walks"]},
    {"item": "called", "yes": False, "at": at(-1).isoformat()},
)  # fmt: skip


def listed(world: World) -> list[JudgedResponse]:
    return responding.patient_responses(world.clinic, world.nurse, world.patient, now=on(60))


def an_event(world: World) -> Any:
    content = {
        "kind": "adverse-event", "what": "nausea", "onset_at": at(3).isoformat(),
        "severity": "mild",
    }  # fmt: skip
    return world.chart(4, content).entry.id


def test_answers_of_every_kind_come_back_as_they_were_given(world: World) -> None:
    intake, course = a_form(world, INTAKE), opened(world).id
    done = answered(world, intake, 1, *EVERY_KIND, course_id=course)
    (kept,) = listed(world)
    assert kept == done
    assert [
        one.model_dump(mode="json", exclude_defaults=True) for one in kept.response.answers
    ] == [one | ({"at": "2031-05-06T08:59:00Z"} if "at" in one else {}) for one in EVERY_KIND]
    assert (kept.response.observed_at, kept.response.recorded_at) == (on(1), on(1))
    assert (kept.response.form, kept.response.form_version_number) == ("invented-intake", 1)
    assert world.fault() is None


def test_what_is_lacking_is_told_and_refuses_nothing(world: World) -> None:
    outcome = a_form(world, OUTCOME)
    done = answered(world, outcome, 1, pain("3"))
    assert [one.item for one in done.lacking] == ["mood"]
    assert (done.scores[0].value, done.scores[0].answered) == (None, 1)


def test_an_outcome_of_one_day_does_not_complete_another_days(world: World) -> None:
    outcome = a_form(world, OUTCOME)
    answered(world, outcome, 1, pain("3"))
    later = answered(world, outcome, 8, mood("4"))
    assert [one.item for one in later.lacking] == ["pain"]


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ({"item": "pain", "value": "11"}, refusals.AnswerOutOfRange),
        ({"item": "pain", "value": "3.5"}, refusals.AnswerOffStep),
        ({"item": "pain", "text": "much"}, refusals.AnswerWrongKind),
        ({"item": "tried", "chosen": ["prayer"]}, refusals.AnswerNotAnOption),
        ({"item": "consent-on", "day": "2031-05-02"}, refusals.AnswerHidden),
        ({"item": "called", "yes": True}, refusals.AnswerTimeMissing),
        ({"item": "seen", "yes": True}, refusals.AnswerNotPermitted),
        ({"item": "nowhere", "yes": True}, UnknownTerm),
        ({"item": "called", "yes": True, "at": on(2).isoformat()}, Impossible),
    ],
)
def test_an_answer_that_the_form_does_not_take_is_refused_by_its_own_name(
    sqlite_world: World, answer: dict[str, Any], refusal: type[Exception]
) -> None:
    world = sqlite_world
    intake, course = a_form(world, INTAKE), opened(world).id
    with pytest.raises(refusal):
        answered(world, intake, 1, answer, course_id=course)
    assert listed(world) == []
    assert world.fault() is None


Try = tuple[Callable[[World, Any, Any], object], type[Exception]]
OVER = {"item": "over", "yes": True}
TRIES: dict[str, Try] = {
    "an intake of no course": (
        lambda w, intake, _: answered(w, intake, 1, pain("3")), InvalidShape
    ),
    "an outcome of an event": (
        lambda w, _, event: answered(w, a_form(w, OUTCOME), 1, pain("3"), event_entry_id=event),
        InvalidShape,
    ),
    "a follow-up of nothing": (
        lambda w, *_: answered(w, a_form(w, FOLLOW_UP), 1, OVER), InvalidShape
    ),
    "a checklist": (
        lambda w, *_: answered(w, a_form(w, CHECK), 1, {"item": "named", "yes": True}),
        InvalidShape,
    ),
    "an unknown course": (
        lambda w, intake, _: answered(w, intake, 1, pain("3"), course_id=uuid7()), NotFound
    ),
    "an unknown event": (
        lambda w, *_: answered(w, a_form(w, FOLLOW_UP), 1, OVER, event_entry_id=uuid7()), NotFound
    ),
    "a protocol": (lambda w, *_: answered(w, w.protocol, 1, pain("3")), NotFound),
    "the future": (lambda w, *_: answered(w, a_form(w, OUTCOME), 2, pain("3"), now=1), Impossible),
    "a correction of nothing": (
        lambda w, *_: answered(
            w, a_form(w, OUTCOME), 1, pain("3"), replaces=uuid7(), reason="why"
        ),
        NotFound,
    ),
    "a correction without a reason": (
        lambda w, *_: answered(w, a_form(w, OUTCOME), 1, pain("3"), replaces=uuid7()),
        ReasonMissing,
    ),
    "an auditor": (
        lambda w, *_: answered(w, a_form(w, OUTCOME), 1, pain("3"), by=w.auditor), NotPermitted
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRIES)
def test_a_response_that_belongs_nowhere_is_refused(sqlite_world: World, name: str) -> None:
    attempt, refusal = TRIES[name]
    intake, event = a_form(sqlite_world, INTAKE), an_event(sqlite_world)
    with pytest.raises(refusal):
        attempt(sqlite_world, intake, event)
    assert listed(sqlite_world) == []


def test_a_draft_was_put_to_nobody_and_a_retired_version_may_have_been(world: World) -> None:
    document = FormDocument.model_validate(OUTCOME)
    draft = authoring.draft(world.clinic, world.physician, uuid7(), document, now=at(-90)).id
    with pytest.raises(NotAllowedNow):
        answered(world, draft, 1, pain("3"))
    old = a_form(world, OUTCOME, title="Older")
    authoring.retire(world.clinic, world.physician, "form", old, now=at(-10))
    assert answered(world, old, 1, pain("3")).response.form_version_id == old


def test_a_correction_is_a_new_response_and_the_old_one_stays(world: World) -> None:
    outcome = a_form(world, OUTCOME)
    wrong = answered(world, outcome, 1, pain("6"), mood("1"))
    right = answered(
        world, outcome, 1, pain("5"), mood("1"), now=2, replaces=wrong.response.id,
        reason="Misheard", source=Source.TRANSCRIBED,
    )  # fmt: skip
    assert [(one.response.id, one.replaced_by) for one in listed(world)] == [
        (wrong.response.id, right.response.id), (right.response.id, None),
    ]  # fmt: skip
    assert (right.response.reason, right.response.late) == ("Misheard", True)
    with pytest.raises(AlreadyReplaced):
        answered(world, outcome, 1, pain("4"), now=3, replaces=wrong.response.id, reason="x")
    taken_back = retracted(world, right.response.id, 4)
    assert (taken_back.response.retracts, taken_back.scores) == (right.response.id, ())
    with pytest.raises(AlreadyReplaced):
        retracted(world, taken_back.response.id, 5)
    assert len(listed(world)) == 3
    assert world.fault() is None


def test_a_correction_answers_the_same_form(world: World) -> None:
    wrong = answered(world, a_form(world, OUTCOME), 1, pain("6"))
    other = a_form(world, OUTCOME, name="another-outcome")
    with pytest.raises(InvalidShape):
        answered(world, other, 1, pain("6"), replaces=wrong.response.id, reason="x")


def test_the_same_response_sent_again_is_one_and_other_content_a_conflict(world: World) -> None:
    outcome = a_form(world, OUTCOME)
    wanted = a_wanted(outcome, 1, pain("3"))
    run = responding.record_response
    for _ in range(2):
        run(world.clinic, world.nurse, world.patient, wanted, now=on(1))
    other = a_wanted(outcome, 1, pain("4"), id=wanted.id)
    with pytest.raises(IdConflict):
        run(world.clinic, world.nurse, world.patient, other, now=on(1))
    assert len(listed(world)) == 1


def test_late_is_by_the_policy_of_the_time_it_was_recorded(world: World) -> None:
    outcome = a_form(world, OUTCOME)
    minute = 1 / DAY_MIN
    punctual = answered(world, outcome, 1, pain("3"), now=1 + 9 * minute)
    late = answered(world, outcome, 1, pain("3"), now=1 + 10 * minute)
    world.policy_with(late_entry_after_min=60)
    assert [one.response.late for one in listed(world)] == [False, True]
    assert [punctual.response.late, late.response.late] == [False, True]


def test_an_adverse_event_is_followed_by_responses_of_its_own(world: World) -> None:
    follow_up, event = a_form(world, FOLLOW_UP), an_event(world)
    done = answered(world, follow_up, 1, {"item": "over", "yes": False}, event_entry_id=event)
    assert done.response.event_entry_id == event
    note = world.chart(5, {"kind": "note", "text": "No event."}).entry.id
    with pytest.raises(NotFound):
        answered(world, follow_up, 1, {"item": "over", "yes": True}, event_entry_id=note)


STEPS = st.lists(st.tuples(st.sampled_from(("answer", "correct", "retract")), st.integers(0, 9)))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_whatever_is_corrected_and_retracted_nothing_is_lost_and_one_thing_stands(
    world: World, steps: list[tuple[str, int]]
) -> None:
    before = {one.response.id for one in listed(world)}
    outcome = a_form(world, OUTCOME, title=f"Invented {uuid7()}")
    done: list[UUID] = []
    for verb, number in steps:
        target = done[number % len(done)] if done else None
        try:
            if verb == "answer" or target is None:
                made = answered(world, outcome, 1, pain(str(number)))
            elif verb == "correct":
                made = answered(world, outcome, 1, pain(str(number)), replaces=target, reason="why")
            else:
                made = retracted(world, target, 1)
            done.append(made.response.id)
        except AlreadyReplaced:
            pass
    kept = [one for one in listed(world) if one.response.id not in before]
    assert [one.response.id for one in kept] == done
    gone = [one.response.replaces or one.response.retracts for one in kept]
    replaced = [one for one in gone if one is not None]
    assert len(replaced) == len(set(replaced))
    assert {one.response.id for one in kept if one.replaced_by is not None} == set(replaced)
    standing_ones = {one.id for one in standing(one.response for one in kept)}
    taken_back = {one.response.id for one in kept if one.response.retracts is not None}
    assert standing_ones == set(done) - set(replaced) - taken_back
