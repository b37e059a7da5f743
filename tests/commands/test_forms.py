"""Forms in a session: pinned, answered, waited for, overridden, corrected; nothing is lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from protocol.commands import amending, authoring, charting, planning
from protocol.rules import answer_refusals as refusals
from protocol.rules.actions import Action, Role
from protocol.rules.charting import Charted
from protocol.rules.contradictions import ContradictionKind, contradictions
from protocol.rules.errors import Contradicted, IdConflict, Impossible, NotPermitted, UnknownTerm
from protocol.rules.forms import FormDocument
from protocol.rules.protocols import VersionStatus
from protocol.rules.sessions import SessionStatus
from tests.commands.formed import (
    CHECK,
    LEAVING,
    a_response,
    all_well,
    an_override,
    answered,
    with_forms,
)
from tests.commands.test_round_trip import LINES, MOMENTS, NOW, NUMBERS, PHASES, PROSE
from tests.commands.world import World, a_charted, a_dosing, at

BEFORE, AFTER = CHECK["name"], LEAVING["name"]


def lacking(world: World, session: UUID) -> dict[str, list[str]]:
    return {
        state.form: [one.item for one in state.open] for state in world.record(session).form_states
    }


def about_forms(world: World, session: UUID) -> list[str]:
    return [
        one.about
        for one in contradictions(world.record(session), at(60))
        if one.kind is ContradictionKind.FORM_INCOMPLETE
    ]


def test_a_session_is_pinned_to_the_versions_in_force_when_it_was_prepared(world: World):
    session = with_forms(world)
    pinned = world.record(session).forms
    assert [(one.document.name, one.version.number) for one in pinned] == [(BEFORE, 1), (AFTER, 1)]
    world.version(FormDocument.model_validate(CHECK | {"title": "Another title"}))
    assert world.record(session).forms == pinned
    assert world.fault() is None


def test_a_protocol_that_asks_for_a_form_not_in_force_cannot_be_prepared(world: World):
    protocol = world.protocol_with(name="Asks", forms=["before-we-begin"])
    with pytest.raises(refusals.FormNotInForce) as caught:
        world.session_on(protocol)
    assert caught.value.sentence == (
        "Asks version 1 asks for the form before-we-begin, of which no version is active."
    )
    form = world.version(FormDocument.model_validate(CHECK))
    session = world.session_on(protocol)
    authoring.retire(world.clinic, world.physician, "form", form, now=at(-20))
    assert len(world.record(session).forms) == 1
    with pytest.raises(refusals.FormNotInForce):
        world.session_on(protocol)


def test_an_approved_form_is_changed_by_nobody(world: World):
    document = FormDocument.model_validate(CHECK)
    version = authoring.draft(world.clinic, world.physician, uuid7(), document, now=at(-90))
    with pytest.raises(NotPermitted):
        authoring.approve(world.clinic, world.physician, "form", version.id, now=at(-89))
    with pytest.raises(NotPermitted):
        authoring.approve(world.clinic, world.nurse, "form", version.id, now=at(-89))
    approved = authoring.approve(
        world.clinic, world.second_physician, "form", version.id, now=at(-88)
    )
    assert approved.status is VersionStatus.APPROVED
    edited = document.model_copy(update={"title": "Edited"})
    with pytest.raises(IdConflict):
        authoring.draft(world.clinic, world.physician, version.id, edited, now=at(-87))
    kept = authoring.version(world.clinic, world.nurse, "form", version.id, now=at(-86))
    assert (kept.document, kept.digest) == (document, version.digest)


def test_a_session_begins_when_its_checklist_is_met_and_completes_with_its_score(world: World):
    session = with_forms(world)
    with pytest.raises(refusals.FormIncomplete) as caught:
        world.act(Action.SESSION_BEGIN, 0, session=session)
    assert caught.value.facts["items"] == "named, came-with"
    all_well(world, session)
    world.act(Action.SESSION_BEGIN, 0, session=session)
    answered(world, session, 30, AFTER, l0={"value": "4"})
    with pytest.raises(refusals.FormIncomplete) as caught:
        world.act(Action.SESSION_COMPLETE, 31, session=session)
    assert caught.value.sentence == (
        "Before you leave: Readiness: no score: 1 of 3 items answered, 2 needed."
    )
    answered(world, session, 32, AFTER, l1={"value": "1"})
    done = world.act(Action.SESSION_COMPLETE, 33, session=session)
    assert done.status is SessionStatus.COMPLETED
    assert about_forms(world, session) == []


def test_a_stop_waits_for_no_form(world: World):
    session = with_forms(world)
    all_well(world, session)
    world.act(Action.SESSION_BEGIN, 0, session=session)
    stopped = world.act(Action.SESSION_STOP, 5, session=session, reason="the alarm rang")
    assert stopped.status is SessionStatus.STOPPED
    assert about_forms(world, session) == ["before-you-leave/ready"]


def test_a_dose_is_charted_whatever_is_lacking_and_blocks_signing_until_it_is_explained(
    world: World,
):
    session = with_forms(world, CHECK)
    world.chart(0, a_dosing("start", rate="11.3 mL/h"), session=session)
    assert world.record(session).status is SessionStatus.IN_PROGRESS
    world.chart(10, a_dosing("stop"), session=session)
    world.act(Action.SESSION_COMPLETE, 20, session=session)
    assert about_forms(world, session) == [
        "before-we-begin/named", "before-we-begin/came-with",
    ]  # fmt: skip
    with pytest.raises(Contradicted) as caught:
        world.sign(session=session)
    assert caught.value.facts["kinds"] == "form-incomplete"
    answered(world, session, 21, named={"yes": True})
    world.chart(22, an_override(BEFORE, "came-with"), session=session)
    assert world.sign(session=session).record_digest == world.record(session).digest()


def test_several_responses_complete_one_another_and_the_latest_observed_holds(world: World):
    session = with_forms(world, CHECK)
    answered(world, session, -5, named={"yes": False}, came_with={"chosen": ["nobody"]})
    assert lacking(world, session) == {BEFORE: ["named"]}
    answered(world, session, -3, named={"yes": True})
    assert lacking(world, session) == {BEFORE: []}
    late = a_charted(-4, a_response(BEFORE, named={"yes": False}))
    world.chart(-4, late.content, session=session, now=at(30))
    assert lacking(world, session) == {BEFORE: []}
    assert len(world.record(session).entries) == 3


def test_a_true_answer_is_not_refused_for_what_was_answered_later(world: World):
    session = with_forms(world, CHECK)
    answered(world, session, -9, came_with={"chosen": ["relative"]})
    answered(world, session, -5, came_with={"chosen": ["nobody"]})
    world.chart(-8, a_response(BEFORE, who={"text": "an aunt"}), session=session, now=at(0))
    with pytest.raises(refusals.AnswerHidden):
        answered(world, session, -4, who={"text": "an aunt"})
    state = world.record(session).form_states[0]
    assert [one.answer.item for one in state.answers] == ["came-with"]


def corrected(world: World, session: UUID, entry: UUID, content: Any, minute: float) -> Charted:
    charted = a_charted(minute, content, replaces=entry, reason="a slip")
    amending.correct_entry(world.clinic, world.nurse, session, charted, now=at(minute))
    return charted


def test_a_response_is_corrected_and_retracted_like_every_entry(world: World):
    session = with_forms(world, CHECK)
    first = all_well(world, session).entry
    assert lacking(world, session) == {BEFORE: []}
    nobody = a_response(BEFORE, named={"yes": True}, came_with={"chosen": ["nobody"]})
    second = corrected(world, session, first.id, nobody, -4)
    assert lacking(world, session) == {BEFORE: []}
    with pytest.raises(refusals.AnswerHidden):
        corrected(world, session, second.id, a_response(BEFORE, who={"text": "an aunt"}), -3)
    gone = a_charted(-2, {"kind": "retraction", "reason": "another patient"}, replaces=second.id)
    amending.retract_entry(world.clinic, world.nurse, session, gone, now=at(-2))
    assert lacking(world, session) == {BEFORE: ["named", "came-with"]}
    assert len(world.record(session).entries) == 3
    assert world.fault() is None


def test_a_reason_is_given_for_what_is_lacking_and_for_nothing_else(world: World):
    session = with_forms(world)
    all_well(world, session, -9)
    with pytest.raises(refusals.NothingLacking):
        world.chart(-8, an_override(BEFORE, "named"), session=session)
    with pytest.raises(UnknownTerm):
        world.chart(-8, an_override(BEFORE, "shoes"), session=session)
    with pytest.raises(UnknownTerm):
        world.chart(-8, an_override("no-such-form", "named"), session=session)
    # Of paper: it was lacking then, whatever was answered since.
    world.chart(-10, an_override(BEFORE, "named"), session=session, now=at(0))
    world.chart(-8, an_override(AFTER, "ready"), session=session)
    assert lacking(world, session) == {BEFORE: [], AFTER: []}


def test_a_role_answers_what_the_form_gives_it(world: World):
    session = with_forms(world, CHECK)
    with pytest.raises(refusals.AnswerNotPermitted):
        answered(world, session, -5, checked={"yes": True})
    answered(world, session, -5, checked={"yes": True}, by=world.physician)
    auditor = world.auditor
    with pytest.raises(NotPermitted):
        answered(world, session, -5, named={"yes": True}, by=auditor)
    assert Role.AUDITOR in auditor.roles


def test_an_answer_of_the_future_is_refused(world: World):
    session = with_forms(world, CHECK)
    with pytest.raises(Impossible):
        answered(world, session, -5, ate={"yes": True, "at": at(5).isoformat()})
    assert world.record(session).entries == ()


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "named": st.just({"yes": False}),
        "came-with": st.just({"chosen": ["relative"]}),
        "ate": st.builds(lambda at, yes: {"yes": yes, "at": at.isoformat()}, MOMENTS,
                         st.booleans()),
        "tea": st.builds(lambda value: {"value": value, "unit": "mL"},
                         NUMBERS.filter(lambda n: float(n) <= 900)),
        "since": st.builds(lambda day: {"day": day.isoformat()}, st.dates()),
        "where": st.builds(lambda site: {"site": site}, LINES),
        "checked": st.sampled_from([{"absent": why} for why in
                                    ("asked-unknown", "asked-declined", "not-applicable")]),
    },
).filter(bool)  # fmt: skip


def test_every_answer_comes_back_as_it_was_given(world: World):
    session = with_forms(world, CHECK)

    @settings(max_examples=15, phases=PHASES, suppress_health_check=list(HealthCheck))
    @given(answers=ANSWERS, words=PROSE, moment=MOMENTS, reason=PROSE)
    def as_given(answers: dict[str, Any], words: str, moment: Any, reason: str) -> None:
        if "came-with" in answers:
            answers = answers | {"who": {"text": words}}
        given_ = [{"item": item, **one} for item, one in answers.items()]
        sent = a_charted(0, {"kind": "form-response", "form": BEFORE, "answers": given_})
        said = a_charted(0, an_override(BEFORE, "named", reason=reason))
        kept = {}
        for one in (sent, said):
            moved = one.model_copy(update={"observed_at": moment - timedelta(days=1)})
            kept[one.id] = _charted_late(world, session, moved)
        found = {one.id: one for one in world.record(session).entries}
        for one in (sent, said):
            assert found[one.id] == kept[one.id]
            assert found[one.id].content == one.content
            assert found[one.id].content.model_dump_json() == one.content.model_dump_json()

    as_given()
    assert world.fault() is None


def _charted_late(world: World, session: UUID, charted: Charted) -> Any:
    return charting.record_entry(world.clinic, world.physician, session, charted, now=NOW).entry


def test_sent_twice_a_response_is_one(world: World):
    session = with_forms(world, CHECK)
    charted = a_charted(-5, a_response(BEFORE, named={"yes": True}))
    first = world.chart(-5, charted.content, session=session, id=charted.id)
    again = world.chart(-5, charted.content, session=session, id=charted.id)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.entry == first.entry
    with pytest.raises(IdConflict):
        world.chart(-5, a_response(BEFORE, named={"yes": False}), session=session, id=charted.id)


def test_a_session_without_forms_reads_as_it_always_did(world: World):
    record = world.record()
    assert record.forms == ()
    assert "forms" not in record.model_dump(mode="json")
    planning.change_status(
        world.clinic, world.nurse, Action.SESSION_BEGIN, world.session, planning.StatusIn(),
        now=at(0),
    )  # fmt: skip
