"""The state of a form: of every item the answer that holds, with who gave it and when.

Several responses complete one another: of two answers to an item the one observed later holds, and
of two observed at once the one recorded later. Every response stays in the record as it was.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from pydantic import Field

from protocol.rules.answers import Answers, Lacking, lacking, shown_items
from protocol.rules.charting import FormOverride, PersonRef, Source
from protocol.rules.forms import Answer, FormDocument, FormPurpose
from protocol.rules.scoring import Score, lacking_scores, scores
from protocol.rules.values import Code, Instant, Line, Prose, Shape


class Response(Shape):
    """Answers as they were given at once: when, by whom, and which audit entry sealed them."""

    id: UUID
    number: int
    observed_at: Instant
    recorded_at: Instant
    recorded_by: PersonRef
    source: Source = Source.CHARTED
    answers: tuple[Answer, ...]


class GivenAnswer(Shape):
    """An answer that holds, with the response that gave it."""

    answer: Answer
    response_id: UUID
    number: int
    observed_at: Instant
    recorded_at: Instant
    recorded_by: PersonRef
    source: Source = Source.CHARTED


class GivenOverride(Shape):
    """Why a step went on although something was lacking, with who said so and when."""

    entry_id: UUID
    number: int
    observed_at: Instant
    recorded_at: Instant
    recorded_by: PersonRef
    items: tuple[Code, ...]
    reason: Prose


class FormState(Shape):
    """What the answers so far make of a form; hidden items are left out, whatever was answered.

    `lacking` is everything a step would wait for; `open` is what of it nobody has overridden.
    """

    form: Code
    title: Line
    purpose: FormPurpose
    answers: tuple[GivenAnswer, ...] = Field(description="Of the items that are asked, in order.")
    scores: tuple[Score, ...]
    lacking: tuple[Lacking, ...]
    open: tuple[Lacking, ...]
    overrides: tuple[GivenOverride, ...]

    def given(self, code: str) -> GivenAnswer | None:
        """The answer that holds for an item, if it is asked and was answered."""
        return next((one for one in self.answers if one.answer.item == code), None)


def answers_that_hold(
    responses: Iterable[Response], until: datetime | None = None
) -> dict[str, GivenAnswer]:
    """Of each item the latest answer, by the time observed and then by the order of recording.

    With `until` as of that moment.
    """
    found: dict[str, GivenAnswer] = {}
    for one in sorted(responses, key=lambda one: (one.observed_at, one.number)):
        if until is not None and one.observed_at > until:
            break
        for answer in one.answers:
            found[answer.item] = GivenAnswer.model_construct(
                answer=answer, response_id=one.id, number=one.number,
                observed_at=one.observed_at, recorded_at=one.recorded_at,
                recorded_by=one.recorded_by, source=one.source,
            )  # fmt: skip
    return found


def plain_answers(given: dict[str, GivenAnswer]) -> Answers:
    """The answers alone, by their items."""
    return {code: one.answer for code, one in given.items()}


def form_state(
    form: FormDocument, responses: Iterable[Response], overrides: Iterable[GivenOverride] = ()
) -> FormState:
    """The state of the form from the responses and overrides that stand."""
    given = answers_that_hold(responses)
    answers = plain_answers(given)
    said = sorted(overrides, key=lambda one: (one.observed_at, one.number))
    missing = (*lacking(form, answers), *lacking_scores(form, answers))
    return FormState(
        form=form.name, title=form.title, purpose=form.purpose,
        answers=tuple(
            given[item.code] for item in shown_items(form, answers) if item.code in given
        ),
        scores=scores(form, answers), lacking=missing,
        open=tuple(one for one in missing if not _is_overridden(form, one.item, given, said)),
        overrides=tuple(said),
    )  # fmt: skip


def _is_overridden(
    form: FormDocument, code: str, given: dict[str, GivenAnswer], overrides: list[GivenOverride]
) -> bool:
    """Whether a reason stands that names it and was given with the present answer known.

    A reason for going on without an answer says nothing of the answer that came afterwards.
    """
    score = next((one for one in form.scores if one.code == code), None)
    codes = (code,) if score is None else score.items
    answered = [given[one] for one in codes if one in given]
    return any(
        code in one.items
        and all(
            answer.observed_at <= one.observed_at and answer.number < one.number
            for answer in answered
        )
        for one in overrides
    )


def override_of(
    entry_id: UUID, number: int, observed_at: datetime, recorded_at: datetime, by: PersonRef,
    content: FormOverride,
) -> GivenOverride:  # fmt: skip
    """An override as charted."""
    return GivenOverride(
        entry_id=entry_id, number=number, observed_at=observed_at, recorded_at=recorded_at,
        recorded_by=by, items=content.items, reason=content.reason,
    )  # fmt: skip
