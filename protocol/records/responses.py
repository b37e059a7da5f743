"""A patient's answers to forms: folded into rows, and unfolded again."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from protocol.records import tables, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min, with_offset
from protocol.records.form_contents import answer_from
from protocol.records.lookups import ENTRY, SESSION, person, table
from protocol.records.rows import New, new
from protocol.records.tables import PatientAnswerRow
from protocol.records.versions import VERSION
from protocol.rules.audit import canonical_json
from protocol.rules.charting import Source
from protocol.rules.forms import Answer, FormDocument, FormPurpose
from protocol.rules.protocols import PolicyDocument
from protocol.rules.responses import PatientResponse, is_late, standing

RESPONSE = table(tables.PatientResponseRow)
_ANSWER = table(tables.PatientAnswerRow)


def folded(clinic_id: UUID, response_id: UUID, answers: tuple[Answer, ...]) -> list[New]:
    """One row for each answer."""
    return [
        new(PatientAnswerRow,
            clinic_id=clinic_id, response_id=response_id, position=position, item=one.item,
            yes=one.yes,
            chosen=canonical_json(list(one.chosen)).decode(),
            value=one.value, unit=one.unit, words=one.text, day=one.day, site=one.site,
            absent=None if one.absent is None else one.absent.value, answered_at=one.at,
            answered_offset_min=None if one.at is None else offset_min(one.at),
        )
        for position, one in enumerate(answers)
    ]  # fmt: skip


def is_adverse_event_of(
    connection: Connection, clinic: Clinic, patient_id: UUID, entry_id: UUID
) -> bool:
    """Whether an entry is an adverse event that was charted in a session of this patient."""
    found = connection.execute(
        select(ENTRY.c.id)
        .join(
            SESSION,
            (SESSION.c.clinic_id == ENTRY.c.clinic_id) & (SESSION.c.id == ENTRY.c.session_id),
        )
        .where(
            ENTRY.c.clinic_id == clinic.id, ENTRY.c.id == entry_id,
            ENTRY.c.kind == "adverse-event", SESSION.c.patient_id == patient_id,
        )
    )  # fmt: skip
    return found.first() is not None


def responses(
    connection: Connection, clinic: Clinic, *, patient_id: UUID | None = None,
    course_id: UUID | None = None, up_to: int | None = None,
) -> list[PatientResponse]:  # fmt: skip
    """Every response of a patient, or of a course, in the order recorded."""
    statement = select(RESPONSE).where(RESPONSE.c.clinic_id == clinic.id)
    if patient_id is not None:
        statement = statement.where(RESPONSE.c.patient_id == patient_id)
    if course_id is not None:
        statement = statement.where(RESPONSE.c.course_id == course_id)
    if up_to is not None:
        statement = statement.where(RESPONSE.c.audit_number <= up_to)
    return _loaded(connection, clinic, statement)


def intake_of(
    connection: Connection, clinic: Clinic, course_id: UUID, up_to: int | None = None
) -> tuple[PatientResponse, ...]:
    """The standing answers of a course to its intake, by the time observed."""
    found = responses(connection, clinic, course_id=course_id, up_to=up_to)
    return tuple(one for one in standing(found) if one.form_purpose is FormPurpose.INTAKE)


def response(connection: Connection, clinic: Clinic, response_id: UUID) -> PatientResponse | None:
    """One response by its id."""
    statement = select(RESPONSE).where(
        RESPONSE.c.clinic_id == clinic.id, RESPONSE.c.id == response_id
    )
    return next(iter(_loaded(connection, clinic, statement)), None)


def replacing(connection: Connection, clinic: Clinic, response_id: UUID) -> UUID | None:
    """The response that corrected or retracted this one, if any did."""
    found: UUID | None = connection.execute(
        select(RESPONSE.c.id).where(
            RESPONSE.c.clinic_id == clinic.id, RESPONSE.c.replaces_id == response_id
        )
    ).scalar()
    return found


def form_of(connection: Connection, clinic: Clinic, version_id: UUID) -> FormDocument:
    """The form of a version that a response is pinned to."""
    found = versions.document(connection, clinic, version_id)
    if not isinstance(found, FormDocument):
        raise TypeError("the response is pinned to a document that is no form")
    return found


def _loaded(
    connection: Connection, clinic: Clinic, statement: Select[Any]
) -> list[PatientResponse]:
    rows = connection.execute(statement.order_by(RESPONSE.c.audit_number)).all()
    if not rows:
        return []
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    found = connection.execute(
        select(_ANSWER)
        .where(
            _ANSWER.c.clinic_id == clinic.id, _ANSWER.c.response_id.in_([one.id for one in rows])
        )
        .order_by(_ANSWER.c.position)
    )
    for row in found:
        answers[row.response_id].append(answer_from(row))
    pinned = {row.form_version_id for row in rows}
    numbers = connection.execute(
        select(VERSION.c.id, VERSION.c.number).where(
            VERSION.c.clinic_id == clinic.id, VERSION.c.id.in_(pinned)
        )
    )
    number_of: dict[UUID, int] = {row.id: row.number for row in numbers}
    return [
        _response(connection, clinic, row, tuple(answers[row.id]), number_of[row.form_version_id])
        for row in rows
    ]


def _response(
    connection: Connection, clinic: Clinic, row: Row[Any], answers: tuple[Answer, ...],
    version_number: int,
) -> PatientResponse:  # fmt: skip
    form = form_of(connection, clinic, row.form_version_id)
    observed_at = with_offset(row.observed_at, row.observed_offset_min)
    after_min = _late_after_min(connection, clinic, row.policy_version_id)
    return PatientResponse(
        id=row.id, number=row.audit_number, observed_at=observed_at, recorded_at=row.recorded_at,
        recorded_by=person(row.author), source=Source(row.source), answers=answers,
        patient_id=row.patient_id, course_id=row.course_id, event_entry_id=row.event_entry_id,
        form=form.name, form_title=form.title, form_purpose=form.purpose,
        form_version_id=row.form_version_id, form_version_number=version_number,
        replaces=None if row.is_retraction else row.replaces_id,
        retracts=row.replaces_id if row.is_retraction else None, reason=row.reason,
        late=is_late(observed_at, row.recorded_at, after_min),
    )  # fmt: skip


def _late_after_min(connection: Connection, clinic: Clinic, policy_id: UUID | None) -> int | None:
    if policy_id is None:
        return None
    policy = versions.document(connection, clinic, policy_id)
    return policy.late_entry_after_min if isinstance(policy, PolicyDocument) else None
