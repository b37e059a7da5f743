"""What the rules find in a response to a form, and in a reason for going on without one."""

from datetime import datetime

from protocol.commands.judgement import Finding
from protocol.records.lookups import SessionState
from protocol.records.work import Act
from protocol.rules.answer_refusals import NothingLacking
from protocol.rules.answering import require_answers
from protocol.rules.charting import Charted, FormOverride, FormResponse
from protocol.rules.errors import Impossible, UnknownTerm
from protocol.rules.form_state import Response, answers_that_hold, form_state, plain_answers
from protocol.rules.forms import FormDocument
from protocol.rules.record import SessionRecord


def judge_form_response(act: Act, state: SessionState, charted: Charted) -> Finding:
    """Answers that the pinned version of the form takes from this actor.

    Which items are asked is judged as of the moment observed, and as of all that is known: an
    answer that was true when it was given is not refused for what was answered later (R112).
    """
    content = charted.content
    assert isinstance(content, FormResponse)
    record = act.record(state.id)
    form = _pinned(record, content.form)
    before = _responses_beside(record, charted, form)
    known = [
        plain_answers(answers_that_hold(before, until)) for until in (charted.observed_at, None)
    ]
    require_answers(form, content.answers, act.actor.roles, known)
    for answer in content.answers:
        if answer.at is not None:
            _require_not_ahead(answer.at, act.now, answer.item)
    return Finding()


def judge_form_override(act: Act, state: SessionState, charted: Charted) -> Finding:
    """A reason for going on without what was lacking then, or is lacking now.

    Raises UnknownTerm (no such form, item or score), NothingLacking.
    """
    content = charted.content
    assert isinstance(content, FormOverride)
    record = act.record(state.id)
    form = _pinned(record, content.form)
    responses = record.responses(form.name)
    then = [one for one in responses if one.observed_at <= charted.observed_at]
    missing = {one.item for known in (then, responses) for one in form_state(form, known).lacking}
    codes = {item.code for item in form.items} | {score.code for score in form.scores}
    for item in content.items:
        if item not in codes:
            raise UnknownTerm(f"{form.title} has no item {item}.", field="items", item=item)
        if item not in missing:
            raise NothingLacking(
                f"{form.title}: {item} is not lacking.", field="items", form=form.name, item=item
            )
    return Finding()


def _pinned(record: SessionRecord, code: str) -> FormDocument:
    found = record.form(code)
    if found is None:
        raise UnknownTerm(f"The session is pinned to no form {code}.", field="form", form=code)
    return found.document


def _responses_beside(
    record: SessionRecord, charted: Charted, form: FormDocument
) -> list[Response]:
    """The responses that stand beside this one: without the one that it corrects."""
    return [one for one in record.responses(form.name) if one.id != charted.replaces]


def _require_not_ahead(at: datetime, now: datetime, item: str) -> None:
    if at > now:
        raise Impossible(
            f"{at.isoformat(timespec='seconds')} lies in the future.", field="answers", item=item,
            value=at.isoformat(),
        )  # fmt: skip
