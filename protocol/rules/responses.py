"""Answers to forms that are a patient's and no session's: intake, outcome measures, follow-up.

A response pins the version of its form. A correction is a new response that names the old one; a
retraction says that it was not true of this patient (R55, R60, R98, R103).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Field

from protocol.rules.answers import Lacking, lacking
from protocol.rules.charting import Source
from protocol.rules.errors import Impossible, InvalidShape, ReasonMissing
from protocol.rules.form_state import Response
from protocol.rules.forms import Answer, FormDocument, FormPurpose
from protocol.rules.scoring import Score, lacking_scores, scores
from protocol.rules.values import Code, Instant, Line, Prose, Shape

OF_A_PATIENT = frozenset({FormPurpose.INTAKE, FormPurpose.OUTCOME, FormPurpose.FOLLOW_UP})


class ResponseIn(Shape):
    """Answers to one version of a form; `event_entry_id` is the adverse event that is followed.

    `replaces` names the response that this one corrects, and `reason` why.
    """

    id: UUID
    form_version_id: UUID
    course_id: UUID | None = None
    event_entry_id: UUID | None = None
    observed_at: Instant
    answers: tuple[Answer, ...] = Field(min_length=1, max_length=300)
    replaces: UUID | None = None
    reason: Prose | None = None
    source: Source = Source.CHARTED


class ResponseRetractionIn(Shape):
    """Why a response is not true of this patient; `id` is the retraction's own."""

    id: UUID
    reason: Prose
    observed_at: Instant | None = Field(default=None, description="Absent: now.")


class PatientResponse(Response):
    """A response as it is kept: `retracts` in place of answers where it takes one back."""

    patient_id: UUID
    course_id: UUID | None = None
    event_entry_id: UUID | None = None
    form: Code
    form_title: Line
    form_purpose: FormPurpose
    form_version_id: UUID
    form_version_number: int
    replaces: UUID | None = None
    retracts: UUID | None = None
    reason: Prose | None = None
    late: bool = Field(description="Recorded later than the policy of that time allows for (R58).")


class JudgedResponse(Shape):
    """A response with what its own answers make of its form, and what replaced it."""

    response: PatientResponse
    replaced_by: UUID | None
    scores: tuple[Score, ...]
    lacking: tuple[Lacking, ...]


def standing(responses: Iterable[PatientResponse]) -> tuple[PatientResponse, ...]:
    """Those that hold, by the time observed: neither corrected nor retracted."""
    every = list(responses)
    gone = replaced_by(every)
    held = [one for one in every if one.id not in gone and one.retracts is None]
    return tuple(sorted(held, key=lambda one: (one.observed_at, one.number)))


def of_version(responses: Iterable[PatientResponse], form_version_id: UUID) -> tuple[Response, ...]:
    """Those that answer this version of a form and no other (R98)."""
    return tuple(one for one in responses if one.form_version_id == form_version_id)


def replaced_by(responses: Iterable[PatientResponse]) -> dict[UUID, UUID]:
    """Of each response that was corrected or retracted, the one that did it."""
    pairs = [(one.replaces or one.retracts, one.id) for one in responses]
    return {old: new for old, new in pairs if old is not None}


def judged(response: PatientResponse, form: FormDocument, newer: UUID | None) -> JudgedResponse:
    """One response on its own: an outcome of one day never completes another day's."""
    answers = {one.item: one for one in response.answers}
    taken_back = response.retracts is not None
    return JudgedResponse(
        response=response, replaced_by=newer,
        scores=() if taken_back else scores(form, answers),
        lacking=()
        if taken_back
        else (*lacking(form, answers), *lacking_scores(form, answers)),
    )  # fmt: skip


def require_purpose(form: FormDocument, wanted: ResponseIn) -> None:
    """Refuse with InvalidShape a form of a session, an intake of no course, or a follow-up of no
    adverse event."""
    if form.purpose not in OF_A_PATIENT:
        raise InvalidShape(
            f"{form.title} is a {form.purpose} form, which a session's own entries answer.",
            field="form_version_id", purpose=form.purpose.value,
        )  # fmt: skip
    if form.purpose is FormPurpose.INTAKE and wanted.course_id is None:
        raise InvalidShape("An intake names its course.", field="course_id")
    follows = form.purpose is FormPurpose.FOLLOW_UP
    if follows is not (wanted.event_entry_id is not None):
        raise InvalidShape(
            "A follow-up, and nothing else, names the entry of an adverse event.",
            field="event_entry_id",
        )


def require_times(wanted: ResponseIn, now: datetime) -> None:
    """Refuse with Impossible an answer in the future, with ReasonMissing a bare correction."""
    times = [("observed_at", wanted.observed_at)]
    times += [("answers", one.at) for one in wanted.answers if one.at is not None]
    for field, at in times:
        if at > now:
            raise Impossible(
                f"{at.isoformat(timespec='seconds')} lies in the future.",
                field=field, value=at.isoformat(),
            )  # fmt: skip
    if wanted.replaces is not None and wanted.reason is None:
        raise ReasonMissing("A correction has a reason.", field="reason")


def is_late(observed_at: datetime, recorded_at: datetime, after_min: int | None) -> bool:
    """Whether it was recorded later than a policy's threshold, where one was in force (R58)."""
    return after_min is not None and recorded_at - observed_at > timedelta(minutes=after_min)
