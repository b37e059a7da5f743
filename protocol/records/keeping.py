"""Looking up what is kept beside the chart: disclosures, requests to amend, holds (R49 to R51)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, Table, select
from sqlmodel import SQLModel

from protocol.records import tables, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.lookups import ENTRY, SESSION, person, table
from protocol.rules.disclosures import Disclosure
from protocol.rules.errors import NotFound
from protocol.rules.holds import Hold, Lifted
from protocol.rules.keeping import RecordKeeping
from protocol.rules.protocols import PolicyDocument
from protocol.rules.requests import (
    AmendmentAnswer,
    AmendmentRequest,
    Statement,
    StatementKind,
)

DISCLOSURE, HOLD = table(tables.DisclosureRow), table(tables.HoldRow)
REQUEST, ANSWER = table(tables.AmendmentRequestRow), table(tables.AmendmentAnswerRow)
STATEMENT, _LIFT = table(tables.AmendmentStatementRow), table(tables.HoldLiftRow)


_A4 = "A4"


class Kept(StrEnum):
    """What is kept beside the chart under an id of the client's making, by its table."""

    DISCLOSURE = "disclosure"
    REQUEST = "amendment_request"
    ANSWER = "amendment_answer"
    STATEMENT = "amendment_statement"
    HOLD = "hold"
    PURGE = "purge"
    REVIEW = "audit_review"
    COURSE = "course"
    COURSE_VERSION = "course_version"
    COURSE_STATUS = "course_status"
    RESPONSE = "patient_response"
    LOCATION = "custody_location"
    PRODUCT = "custody_product"
    RECEIPT = "custody_receipt"
    CUSTODY = "custody_entry"
    RECONCILIATION = "custody_reconciliation"
    EXPLANATION = "discrepancy_explanation"
    CLOSING = "discrepancy_closing"
    COUNT = "custody_count"
    COUNT_END = "custody_count_end"
    LOSS = "loss_report"
    FILING = "loss_filing"


def keeping_in_force(connection: Connection, clinic: Clinic) -> RecordKeeping | None:
    """What the policy in force says of keeping the record, if it says anything."""
    active = versions.active_policy(connection, clinic)
    if active is None or not isinstance(active.document, PolicyDocument):
        return None
    return active.document.keeping


def page_size_in_force(connection: Connection, clinic: Clinic) -> str:
    """The paper that the policy in force names; A4 without one."""
    active = versions.active_policy(connection, clinic)
    if active is None or not isinstance(active.document, PolicyDocument):
        return _A4
    return active.document.page_size


def known_digest(connection: Connection, clinic: Clinic, kept: Kept, id_: UUID) -> str | None:
    """The digest of what was sent under this id, if anything was."""
    one = SQLModel.metadata.tables[kept.value]
    found: str | None = connection.execute(
        select(one.c.content_digest).where(one.c.clinic_id == clinic.id, one.c.id == id_)
    ).scalar()
    return found


def is_entry_of(connection: Connection, clinic: Clinic, patient_id: UUID, entry_id: UUID) -> bool:
    """Whether an entry was charted in a session of this patient."""
    found = connection.execute(
        select(ENTRY.c.id)
        .join(
            SESSION,
            (SESSION.c.clinic_id == ENTRY.c.clinic_id) & (SESSION.c.id == ENTRY.c.session_id),
        )
        .where(
            ENTRY.c.clinic_id == clinic.id,
            ENTRY.c.id == entry_id,
            SESSION.c.patient_id == patient_id,
        )
    )
    return found.first() is not None


def holds(connection: Connection, clinic: Clinic) -> list[Hold]:
    """Every hold, oldest first; one that was lifted stays in the list."""
    lifted = (_LIFT.c.clinic_id == HOLD.c.clinic_id) & (_LIFT.c.hold_id == HOLD.c.id)
    rows = connection.execute(
        select(
            HOLD, _LIFT.c.lifted_at, _LIFT.c.reason.label("lift_reason"),
            _LIFT.c.author.label("lifted_by"),
        )
        .select_from(HOLD.outerjoin(_LIFT, lifted))
        .where(HOLD.c.clinic_id == clinic.id)
        .order_by(HOLD.c.audit_number)
    )  # fmt: skip
    return [
        Hold(
            id=row.id, patient_id=row.patient_id, matter=row.matter, reason=row.reason,
            placed_at=row.placed_at, placed_by=person(row.author),
            lifted=None if row.lifted_at is None else Lifted(
                at=row.lifted_at, by=person(row.lifted_by), reason=row.lift_reason
            ),
        )
        for row in rows
    ]  # fmt: skip


def hold(connection: Connection, clinic: Clinic, hold_id: UUID) -> Hold:
    """One hold. Raises NotFound."""
    found = next((one for one in holds(connection, clinic) if one.id == hold_id), None)
    if found is None:
        raise NotFound("There is no such hold at this clinic.", hold=str(hold_id))
    return found


def disclosures(
    connection: Connection, clinic: Clinic, patient_id: UUID, since: datetime | None = None,
    until: datetime | None = None,
) -> list[Disclosure]:  # fmt: skip
    """A patient's disclosures in a window of the time they were made, oldest first."""
    newer = DISCLOSURE.alias("newer")
    replaced_by = (
        select(newer.c.id)
        .where(newer.c.clinic_id == DISCLOSURE.c.clinic_id, newer.c.replaces_id == DISCLOSURE.c.id)
        .scalar_subquery()
    )
    statement = select(DISCLOSURE, replaced_by.label("replaced_by")).where(
        DISCLOSURE.c.clinic_id == clinic.id, DISCLOSURE.c.patient_id == patient_id
    )
    if since is not None:
        statement = statement.where(DISCLOSURE.c.disclosed_at >= since)
    if until is not None:
        statement = statement.where(DISCLOSURE.c.disclosed_at < until)
    rows = connection.execute(
        statement.order_by(DISCLOSURE.c.disclosed_at, DISCLOSURE.c.audit_number)
    )
    return [
        Disclosure(
            id=row.id, patient_id=row.patient_id, session_id=row.session_id,
            disclosed_at=with_offset(row.disclosed_at, row.disclosed_offset_min),
            recipient=row.recipient, recipient_address=row.recipient_address, what=row.what,
            purpose=row.purpose, replaces=row.replaces_id, reason=row.reason,
            recorded_at=row.recorded_at, recorded_by=person(row.author),
            replaced_by=row.replaced_by,
        )
        for row in rows
    ]  # fmt: skip


def request(connection: Connection, clinic: Clinic, request_id: UUID) -> AmendmentRequest:
    """One request to amend with all that came of it. Raises NotFound."""
    found = _requests(connection, clinic, select(REQUEST).where(REQUEST.c.id == request_id))
    if not found:
        raise NotFound("There is no such request at this clinic.", request=str(request_id))
    return found[0]


def requests(
    connection: Connection, clinic: Clinic, patient_id: UUID | None = None,
    session_id: UUID | None = None, up_to: int | None = None,
) -> list[AmendmentRequest]:  # fmt: skip
    """The requests of a patient or of the clinic, in the order logged; with a session, those
    about it and those about the whole record; `up_to` leaves out what was sealed later."""
    statement = select(REQUEST)
    if patient_id is not None:
        statement = statement.where(REQUEST.c.patient_id == patient_id)
    if session_id is not None:
        about = REQUEST.c.session_id.is_(None) | (REQUEST.c.session_id == session_id)
        statement = statement.where(about)
    return _requests(connection, clinic, statement, up_to)


def _requests(
    connection: Connection, clinic: Clinic, statement: Select[Any], up_to: int | None = None
) -> list[AmendmentRequest]:
    rows = _bounded(connection, clinic, REQUEST, statement, up_to)
    if not rows:
        return []
    ids = [row.id for row in rows]
    answers = {
        row.request_id: AmendmentAnswer(
            id=row.id, accepted=row.accepted, reason=row.reason, entry_id=row.entry_id,
            answered_at=row.recorded_at, answered_by=person(row.author),
        )
        for row in _of_requests(connection, clinic, ANSWER, ids, up_to)
    }  # fmt: skip
    statements: dict[UUID, list[Statement]] = defaultdict(list)
    for row in _of_requests(connection, clinic, STATEMENT, ids, up_to):
        statements[row.request_id].append(
            Statement(
                id=row.id, kind=StatementKind(row.kind), text=row.words,
                recorded_at=row.recorded_at, recorded_by=person(row.author),
            )
        )  # fmt: skip
    return [
        AmendmentRequest(
            id=row.id, patient_id=row.patient_id, session_id=row.session_id,
            received_at=with_offset(row.received_at, row.received_offset_min), what=row.what,
            why=row.why, answer_due_at=row.answer_due_at, recorded_at=row.recorded_at,
            recorded_by=person(row.author), answer=answers.get(row.id),
            statements=tuple(statements[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def _of_requests(
    connection: Connection, clinic: Clinic, one: Table, ids: Sequence[UUID], up_to: int | None
) -> list[Row[Any]]:
    statement = select(one).where(one.c.request_id.in_(ids))
    return _bounded(connection, clinic, one, statement, up_to)


def _bounded(
    connection: Connection, clinic: Clinic, one: Table, statement: Select[Any], up_to: int | None
) -> list[Row[Any]]:
    statement = statement.where(one.c.clinic_id == clinic.id)
    if up_to is not None:
        statement = statement.where(one.c.audit_number <= up_to)
    return list(connection.execute(statement.order_by(one.c.audit_number)).all())
