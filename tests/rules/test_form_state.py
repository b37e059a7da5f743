"""A form in a session: which answer holds, what gates a step, what contradicts the record."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.actions import Action
from protocol.rules.answer_refusals import FormIncomplete
from protocol.rules.charting import Entry, FormOverride, FormResponse, Retraction
from protocol.rules.contradictions import ContradictionKind, contradictions
from protocol.rules.form_gates import require_forms_complete
from protocol.rules.form_state import Response, answers_that_hold, form_state
from protocol.rules.record import PinnedForm, SessionRecord, VersionRef
from protocol.rules.sessions import SessionStatus as S
from tests.rules.examples import a_person, a_record, a_status, an_entry, an_id, at, dosing
from tests.rules.form_examples import a_form, an_answer, rated, scoring

CHECK = a_form(
    name="check", title="Check",
    items=[
        {"code": "one", "label": "One", "kind": "yes-no", "required": True, "met_when": ["yes"]},
        {"code": "two", "label": "Two", "kind": "yes-no", "required": True},
    ],
)  # fmt: skip
LEAVING = a_form(rated(2, name="leaving", scores=[scoring(2, "sum", 2, met_low="4")]))
STARTED, STOPPED = an_entry(10, dosing("start", rate="60 mg/h"), 0), an_entry(11, dosing("stop"), 1)


def pinned(*forms: Any) -> tuple[PinnedForm, ...]:
    return tuple(
        PinnedForm(
            version=VersionRef(id=an_id(form.name), name=form.name, number=3, digest="d"),
            document=form,
        )
        for form in forms
    )


def answered(number: int, minute: float, form: str = "check", **given: Any) -> Entry:
    answers = tuple(an_answer(item, **value) for item, value in given.items())
    return an_entry(number, FormResponse(form=form, answers=answers), minute)


def overridden(number: int, minute: float, *items: str, form: str = "check") -> Entry:
    return an_entry(number, FormOverride(form=form, items=items, reason="it rained"), minute)


def record(entries: list[Entry], *forms: Any, **changes: Any) -> SessionRecord:
    return a_record(entries, forms=pinned(*(forms or (CHECK,))), **changes)


def open_items(entries: list[Entry]) -> list[str]:
    return [one.item for one in record(entries).form_states[0].open]


YES, NO = {"yes": True}, {"yes": False}


def test_a_record_without_forms_has_no_word_of_them_in_its_digest():
    plain = a_record([STARTED, STOPPED])
    assert "forms" not in plain.model_dump(mode="json")
    assert plain.digest() == a_record([STARTED, STOPPED], forms=()).digest()
    assert plain.digest() != record([STARTED, STOPPED]).digest()
    # As it was made by the release before there were forms.
    assert plain.digest() == "e0fd603ea0070316213c0462a2df36526a17146e3ffeb7589496eeba82ea88f2"


def test_several_responses_complete_one_another():
    assert open_items([answered(20, 1, one=YES)]) == ["two"]
    assert open_items([answered(20, 1, one=YES), answered(21, 2, two=NO)]) == []


def test_the_answer_observed_later_holds_whichever_was_recorded_first():
    late = answered(22, 0, one=NO, two=YES)
    state = record([answered(20, 1, one=YES), late]).form_states[0]
    given = state.given("one")
    assert given is not None
    assert (given.answer.yes, given.response_id) == (True, an_id("entry 20"))
    assert [one.answer.item for one in state.answers] == ["one", "two"]


def test_of_two_answers_at_once_the_one_recorded_later_holds():
    assert open_items([answered(20, 1, one=YES, two=YES), answered(21, 1, one=NO)]) == ["one"]


def test_a_corrected_or_retracted_response_holds_no_longer():
    first = answered(20, 1, one=YES, two=YES)
    corrected = answered(21, 1, one=NO, two=YES).model_copy(update={"replaces": first.id})
    retracted = an_entry(22, Retraction(reason="x"), 2, replaces=corrected.id)
    assert open_items([first, corrected]) == ["one"]
    assert open_items([first, corrected, retracted]) == ["one", "two"]


@given(st.permutations(list(range(6))), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_the_order_in_which_responses_are_read_makes_no_difference(order, minutes):
    responses = [
        Response(
            id=an_id(number), number=number, observed_at=at(minute), recorded_at=at(9),
            recorded_by=a_person(),
            answers=(an_answer("two" if number % 2 else "one", yes=number > 2),),
        )
        for number, minute in enumerate(minutes)
    ]  # fmt: skip
    shuffled = [responses[place] for place in order]
    assert form_state(CHECK, shuffled) == form_state(CHECK, responses)
    for until in range(4):
        held = answers_that_hold(shuffled, at(until))
        early = [one for one in responses if one.observed_at <= at(until)]
        assert held == answers_that_hold(early)


def test_a_reason_lets_a_step_go_on_and_what_was_lacking_stays_to_be_seen():
    state = record([overridden(20, 1, "one", "two")]).form_states[0]
    assert state.open == ()
    assert [one.item for one in state.lacking] == ["one", "two"]
    assert state.overrides[0].reason == "it rained"


def test_a_reason_says_nothing_of_an_answer_that_came_afterwards():
    reason = overridden(20, 5, "one", "two")
    assert open_items([reason, answered(21, 6, one=NO)]) == ["one"]
    assert open_items([reason, answered(21, 4, one=NO)]) == ["one"]
    assert open_items([answered(19, 6, one=NO), reason]) == ["one"]
    assert open_items([answered(19, 4, one=NO), reason]) == []


def test_a_step_waits_for_its_own_forms_and_a_stop_for_none():
    empty = record([], CHECK, LEAVING)
    with pytest.raises(FormIncomplete) as caught:
        require_forms_complete(empty, Action.SESSION_BEGIN)
    assert caught.value.sentence == "Check: One: not answered. Check: Two: not answered."
    assert caught.value.facts["items"] == "one, two"
    with pytest.raises(FormIncomplete) as caught:
        require_forms_complete(empty, Action.SESSION_COMPLETE)
    assert caught.value.facts["items"] == "total"
    for action in (Action.SESSION_STOP, Action.SESSION_CANCEL, Action.SESSION_HOLD):
        require_forms_complete(empty, action)
    scored = answered(20, 1, "leaving", i0={"value": "4"}, i1={"value": "0"})
    require_forms_complete(record([scored], LEAVING), Action.SESSION_COMPLETE)
    require_forms_complete(
        record([overridden(20, 1, "total", form="leaving")], LEAVING), Action.SESSION_COMPLETE
    )


def lacks(entries: list[Entry], *forms: Any, **changes: Any) -> list[str]:
    return [
        one.about
        for one in contradictions(record(entries, *forms, **changes), at(600))
        if one.kind is ContradictionKind.FORM_INCOMPLETE
    ]


def test_what_was_lacking_when_a_session_went_on_contradicts_its_record():
    assert lacks([STARTED, STOPPED], CHECK, LEAVING) == ["check/one", "check/two", "leaving/total"]
    assert lacks([STARTED], CHECK, LEAVING, ended=False) == ["check/one", "check/two"]
    assert lacks([overridden(20, 1, "one", "two")]) == []


def test_a_session_that_never_began_waited_for_nothing():
    for status in (S.PREPARATION, S.NOT_DONE, S.STOPPED):
        history = (a_status(S.PREPARATION, 0, 1), a_status(status, 1, 2))
        assert lacks([], CHECK, LEAVING, history=history) == []
