"""Requests to amend the record: logged, answered, disagreed with; nothing charted changes (R49)."""

from datetime import datetime
from uuid import UUID

from protocol.commands.keeping import content_digest, repeats, require_of_patient
from protocol.records import keeping
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.keeping import Kept
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.tables import (
    AmendmentAnswerRow,
    AmendmentRequestRow,
    AmendmentStatementRow,
)
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotFound
from protocol.rules.requests import (
    AmendmentAnswerIn,
    AmendmentRequest,
    AmendmentRequestIn,
    StatementIn,
    answer_due_at,
    require_answerable,
    require_received,
    require_stateable,
)


def log_request(
    clinic: Clinic, actor: Actor, patient_id: UUID, wanted: AmendmentRequestIn, *, now: datetime
) -> AmendmentRequest:
    """A patient's request to amend the record, with the clinic's clock. Raises NotFound."""
    digest = content_digest(wanted, patient_id)
    with work(clinic, actor, Action.AMENDMENT_REQUEST, now, attempt=wanted) as act:
        act.about(patient=patient_id, session=wanted.session_id, subject=wanted.id)
        require_of_patient(act, patient_id, wanted.session_id)
        if not repeats(act, Kept.REQUEST, wanted.id, digest):
            require_received(wanted, now)
            policy = keeping.keeping_in_force(act.connection, clinic)
            act.add(
                new(AmendmentRequestRow,
                    clinic_id=clinic.id, id=wanted.id, patient_id=patient_id,
                    session_id=wanted.session_id, received_at=wanted.received_at,
                    received_offset_min=offset_min(wanted.received_at), what=wanted.what,
                    why=wanted.why, answer_due_at=answer_due_at(wanted.received_at, policy),
                    recorded_at=now, author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    return _request(clinic, wanted.id)


def answer_request(
    clinic: Clinic, actor: Actor, request_id: UUID, wanted: AmendmentAnswerIn, *, now: datetime
) -> AmendmentRequest:
    """Accepted, or denied with a written reason; once. What was charted stays as it is.

    Raises NotFound, NotAllowedNow, ReasonMissing.
    """
    digest = content_digest(wanted, request_id)
    with work(clinic, actor, Action.AMENDMENT_ANSWER, now, attempt=wanted) as act:
        found = _about_request(act, request_id, wanted.id)
        if not repeats(act, Kept.ANSWER, wanted.id, digest):
            require_answerable(found, wanted)
            _require_entry(act, found.patient_id, wanted.entry_id)
            act.add(
                new(AmendmentAnswerRow,
                    clinic_id=clinic.id, id=wanted.id, request_id=request_id,
                    accepted=wanted.accepted, reason=wanted.reason, entry_id=wanted.entry_id,
                    recorded_at=now, author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    return _request(clinic, request_id)


def state(
    clinic: Clinic, actor: Actor, request_id: UUID, wanted: StatementIn, *, now: datetime
) -> AmendmentRequest:
    """A statement of disagreement with a denial, or the clinic's rebuttal: kept with the record
    and printed with it. Raises NotFound, NotAllowedNow."""
    digest = content_digest(wanted, request_id)
    with work(clinic, actor, Action.AMENDMENT_STATE, now, attempt=wanted) as act:
        found = _about_request(act, request_id, wanted.id)
        if not repeats(act, Kept.STATEMENT, wanted.id, digest):
            require_stateable(found, wanted)
            act.add(
                new(AmendmentStatementRow,
                    clinic_id=clinic.id, id=wanted.id, request_id=request_id,
                    kind=wanted.kind.value, words=wanted.text, recorded_at=now,
                    author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    return _request(clinic, request_id)


def requests(
    clinic: Clinic, actor: Actor, *, now: datetime, patient_id: UUID | None = None
) -> list[AmendmentRequest]:
    """The requests to amend, of a patient or of the clinic, in the order logged."""
    with reading(clinic, actor, Action.AMENDMENT_VIEW, now, patient=patient_id) as connection:
        return keeping.requests(connection, clinic, patient_id)


def _require_entry(act: Act, patient_id: UUID, entry_id: UUID | None) -> None:
    if entry_id is None:
        return
    if not keeping.is_entry_of(act.connection, act.clinic, patient_id, entry_id):
        raise NotFound("The patient's record has no such entry.", entry=str(entry_id))


def _about_request(act: Act, request_id: UUID, subject_id: UUID) -> AmendmentRequest:
    act.about(subject=subject_id, request=request_id)
    found = keeping.request(act.connection, act.clinic, request_id)
    act.about(patient=found.patient_id, session=found.session_id)
    return found


def _request(clinic: Clinic, request_id: UUID) -> AmendmentRequest:
    with clinic.database.looking() as connection:
        return keeping.request(connection, clinic, request_id)
