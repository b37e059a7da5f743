"""A patient's answers to forms between and before sessions: recorded, corrected, retracted."""

from datetime import datetime
from uuid import UUID

from protocol.commands.keeping import content_digest, repeats
from protocol.records import courses, lookups, responses, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.keeping import Kept
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import PatientResponseRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.answering import require_answers
from protocol.rules.charting import Source
from protocol.rules.errors import (
    AlreadyReplaced,
    Impossible,
    InvalidShape,
    NotAllowedNow,
    NotFound,
)
from protocol.rules.form_state import Response, answers_that_hold, plain_answers
from protocol.rules.forms import FormDocument, FormPurpose
from protocol.rules.protocols import VersionStatus
from protocol.rules.responses import (
    JudgedResponse,
    PatientResponse,
    ResponseIn,
    ResponseRetractionIn,
    judged,
    of_version,
    replaced_by,
    require_purpose,
    require_times,
    standing,
)

# What was in force once may have been answered then, on paper; a draft was put to nobody.
_PUT_TO_PATIENTS = (VersionStatus.ACTIVE, VersionStatus.RETIRED)


def record_response(
    clinic: Clinic, actor: Actor, patient_id: UUID, wanted: ResponseIn, *, now: datetime
) -> JudgedResponse:
    """Answers of a patient to an intake, an outcome measure or a follow-up.

    Raises NotFound, InvalidShape, NotAllowedNow (a version that was never in force), Impossible (a
    time in the future), and what `require_answers` refuses. What is lacking refuses nothing.
    """
    if wanted.replaces is not None:
        raise InvalidShape("What replaces a response is a correction.", field="replaces")
    return _record(clinic, actor, Action.RESPONSE_RECORD, patient_id, wanted, now)


def correct_response(
    clinic: Clinic, actor: Actor, patient_id: UUID, wanted: ResponseIn, *, now: datetime
) -> JudgedResponse:
    """The same answers as they truly were: a new response in place of an earlier one, with a
    reason. Raises also AlreadyReplaced, ReasonMissing."""
    if wanted.replaces is None:
        raise InvalidShape("A correction names the response that it replaces.", field="replaces")
    return _record(clinic, actor, Action.RESPONSE_CORRECT, patient_id, wanted, now)


def _record(
    clinic: Clinic, actor: Actor, action: Action, patient_id: UUID, wanted: ResponseIn,
    now: datetime,
) -> JudgedResponse:  # fmt: skip
    digest = content_digest(wanted, patient_id)
    with work(clinic, actor, action, now, attempt=wanted) as act:
        act.about(patient=patient_id, subject=wanted.id)
        lookups.patient(act.connection, clinic, patient_id)
        if not repeats(act, Kept.RESPONSE, wanted.id, digest):
            form = _require_form(act, wanted)
            require_purpose(form, wanted)
            require_times(wanted, now)
            _require_belongs(act, patient_id, wanted)
            _require_answers(act, patient_id, form, wanted)
            act.add(
                _row(act, patient_id, wanted, digest),
                *responses.folded(clinic.id, wanted.id, wanted.answers),
            )
    return _judged(clinic, wanted.id)


def retract_response(
    clinic: Clinic, actor: Actor, patient_id: UUID, response_id: UUID,
    wanted: ResponseRetractionIn, *, now: datetime,
) -> JudgedResponse:  # fmt: skip
    """A response that is not true of this patient; it stays visible, marked (R60).

    Raises NotFound, AlreadyReplaced, Impossible.
    """
    digest = content_digest(wanted, response_id)
    with work(clinic, actor, Action.RESPONSE_RETRACT, now, attempt=wanted) as act:
        act.about(patient=patient_id, subject=wanted.id)
        if not repeats(act, Kept.RESPONSE, wanted.id, digest):
            target = _require_replaceable(act, patient_id, response_id)
            at = wanted.observed_at or now
            if at > now:
                raise Impossible("The time lies in the future (R59).", field="observed_at")
            taken_back = ResponseIn.model_construct(
                id=wanted.id, form_version_id=target.form_version_id, course_id=target.course_id,
                event_entry_id=target.event_entry_id, observed_at=at, answers=(),
                replaces=target.id, reason=wanted.reason, source=Source.CHARTED,
            )  # fmt: skip
            act.add(_row(act, patient_id, taken_back, digest, is_retraction=True))
    return _judged(clinic, wanted.id)


def patient_responses(
    clinic: Clinic, actor: Actor, patient_id: UUID, *, now: datetime,
    course_id: UUID | None = None,
) -> list[JudgedResponse]:  # fmt: skip
    """Every response of a patient, or of one course, in the order recorded; what was corrected or
    retracted too. Raises NotFound."""
    with reading(clinic, actor, Action.RESPONSE_VIEW, now, patient=patient_id) as connection:
        lookups.patient(connection, clinic, patient_id)
        found = responses.responses(connection, clinic, patient_id=patient_id, course_id=course_id)
        forms = {
            one.form_version_id: responses.form_of(connection, clinic, one.form_version_id)
            for one in found
        }
    newer = replaced_by(found)
    return [judged(one, forms[one.form_version_id], newer.get(one.id)) for one in found]


def _require_form(act: Act, wanted: ResponseIn) -> FormDocument:
    version = versions.version(act.connection, act.clinic, "form", wanted.form_version_id)
    if version.status not in _PUT_TO_PATIENTS:
        raise NotAllowedNow(
            f"{version.name} version {version.number} is {version.status}; what is answered was in"
            " force.",
            status=version.status.value,
        )  # fmt: skip
    return responses.form_of(act.connection, act.clinic, version.id)


def _require_belongs(act: Act, patient_id: UUID, wanted: ResponseIn) -> None:
    """Refuse with NotFound what is another patient's."""
    connection, clinic = act.connection, act.clinic
    if wanted.course_id is not None:
        course = courses.course(connection, clinic, wanted.course_id)
        if course.patient_id != patient_id:
            raise NotFound("The patient has no such course.", course=str(wanted.course_id))
    entry_id = wanted.event_entry_id
    if entry_id is not None and not responses.is_adverse_event_of(
        connection, clinic, patient_id, entry_id
    ):
        raise NotFound("The patient's record has no such adverse event.", entry=str(entry_id))
    if wanted.replaces is not None:
        target = _require_replaceable(act, patient_id, wanted.replaces)
        if (target.form, target.event_entry_id) != (
            versions.version(connection, clinic, "form", wanted.form_version_id).name,
            entry_id,
        ):
            raise InvalidShape(
                "A correction answers the same form, of the same event.", field="form_version_id"
            )


def _require_replaceable(act: Act, patient_id: UUID, response_id: UUID) -> PatientResponse:
    target = responses.response(act.connection, act.clinic, response_id)
    if target is None or target.patient_id != patient_id:
        raise NotFound("The patient has no such response.", response=str(response_id))
    newer = responses.replacing(act.connection, act.clinic, response_id)
    if newer is not None or target.retracts is not None:
        raise AlreadyReplaced(
            "The response was corrected or retracted before, or cannot be.",
            entry=str(response_id), by=None if newer is None else str(newer),
        )  # fmt: skip
    return target


def _require_answers(act: Act, patient_id: UUID, form: FormDocument, wanted: ResponseIn) -> None:
    """An intake's responses complete one another; every other response stands alone."""
    beside: tuple[Response, ...] = ()
    if form.purpose is FormPurpose.INTAKE:
        of_course = responses.responses(
            act.connection, act.clinic, patient_id=patient_id, course_id=wanted.course_id
        )
        beside = of_version(standing(of_course), wanted.form_version_id)
    before = [one for one in beside if one.id != wanted.replaces]
    known = [
        plain_answers(answers_that_hold(before, until)) for until in (wanted.observed_at, None)
    ]
    require_answers(form, wanted.answers, act.actor.roles, known)


def _row(
    act: Act, patient_id: UUID, wanted: ResponseIn, digest: str, *, is_retraction: bool = False
) -> New:
    policy = versions.active_policy(act.connection, act.clinic)
    return new(PatientResponseRow,
        clinic_id=act.clinic.id, id=wanted.id, patient_id=patient_id,
        course_id=wanted.course_id, event_entry_id=wanted.event_entry_id,
        form_version_id=wanted.form_version_id,
        policy_version_id=None if policy is None else policy.id,
        observed_at=wanted.observed_at, observed_offset_min=offset_min(wanted.observed_at),
        recorded_at=act.now, author_id=act.actor.person_id, author=act.author.model_dump_json(),
        source=wanted.source.value, replaces_id=wanted.replaces, is_retraction=is_retraction,
        reason=wanted.reason, content_digest=digest,
    )  # fmt: skip


def _judged(clinic: Clinic, response_id: UUID) -> JudgedResponse:
    with clinic.database.looking() as connection:
        found = responses.response(connection, clinic, response_id)
        assert found is not None
        form = responses.form_of(connection, clinic, found.form_version_id)
        newer = responses.replacing(connection, clinic, response_id)
    return judged(found, form, newer)
