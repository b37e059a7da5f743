"""Finding sessions, and what other sessions of a patient say about this one."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Table, func, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import ENTRY, SESSION, STATUS, table
from protocol.records.sealing import ENTRIES
from protocol.rules.actions import Action
from protocol.rules.audit import NO_ROWS, canonical_instant
from protocol.rules.charting import DOSING_ACTIONS
from protocol.rules.sessions import SessionStatus

_DOSING = table(tables.DosingEventRow)
_CHARTS = (
    *DOSING_ACTIONS.values(), Action.ADJUNCT_RECORD, Action.ADVERSE_EVENT_RECORD,
    Action.ENTRY_CORRECT, Action.NOTE_RECORD, Action.READING_RECORD,
)  # fmt: skip


def _known(one: Table, up_to: int | None) -> list[ColumnElement[bool]]:
    return [] if up_to is None else [one.c.audit_number <= up_to]


def _status_as_of(up_to: int | None) -> ScalarSelect[str]:
    return (
        select(STATUS.c.status)
        .where(
            STATUS.c.clinic_id == SESSION.c.clinic_id, STATUS.c.session_id == SESSION.c.id,
            *_known(STATUS, up_to),
        )
        .order_by(STATUS.c.audit_number.desc())
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip


_latest_status = _status_as_of(None)


class SessionLine(NamedTuple):
    """A session in a list."""

    id: UUID
    patient_id: UUID
    protocol_version_id: UUID
    policy_version_id: UUID
    series: str | None
    status: SessionStatus


def session_digest(connection: Connection, clinic: Clinic, session_id: UUID) -> str | None:
    """The digest of the session with this id, if there is one."""
    return connection.execute(
        select(SESSION.c.content_digest).where(
            SESSION.c.clinic_id == clinic.id, SESSION.c.id == session_id
        )
    ).scalar()


def find(
    connection: Connection, clinic: Clinic, *, patient_id: UUID | None,
    status: SessionStatus | None, after: UUID | None, limit: int,
) -> list[SessionLine]:  # fmt: skip
    """A keyset page of sessions by id."""
    statement = select(SESSION, _latest_status.label("status")).where(
        SESSION.c.clinic_id == clinic.id
    )
    if patient_id is not None:
        statement = statement.where(SESSION.c.patient_id == patient_id)
    if status is not None:
        statement = statement.where(_latest_status == status.value)
    if after is not None:
        statement = statement.where(SESSION.c.id > after)
    rows = connection.execute(statement.order_by(SESSION.c.id).limit(limit)).all()
    return [
        SessionLine(
            row.id, row.patient_id, row.protocol_version_id, row.policy_version_id, row.series,
            SessionStatus(row.status),
        )
        for row in rows
    ]  # fmt: skip


class Changed(NamedTuple):
    """A session and the last audit entry that wrote anything of it."""

    id: UUID
    number: int


def last_changes(connection: Connection, clinic: Clinic, since: datetime | None) -> list[Changed]:
    """Every session prepared from that moment on, and how far its record goes."""
    statement = (
        select(ENTRIES.c.session_id, func.max(ENTRIES.c.number))
        .where(
            ENTRIES.c.clinic_id == str(clinic.id), ENTRIES.c.session_id != "",
            ENTRIES.c.outcome == "done", ENTRIES.c.rows_digest != NO_ROWS,
        )
        .group_by(ENTRIES.c.session_id)
    )  # fmt: skip
    last = {UUID(one): number for one, number in connection.execute(statement)}
    prepared = select(STATUS.c.session_id).where(
        STATUS.c.clinic_id == clinic.id, STATUS.c.action == Action.SESSION_PREPARE.value
    )
    if since is not None:
        prepared = prepared.where(STATUS.c.changed_at >= since)
    found = connection.execute(prepared.order_by(STATUS.c.changed_at, STATUS.c.session_id))
    return [Changed(one, last[one]) for one in found.scalars() if one in last]


def sessions_of_series(
    connection: Connection, clinic: Clinic, patient_id: UUID, series: str
) -> list[UUID]:
    """The sessions of one course of one patient."""
    return list(
        connection.execute(
            select(SESSION.c.id).where(
                SESSION.c.clinic_id == clinic.id, SESSION.c.patient_id == patient_id,
                SESSION.c.series == series,
            ).order_by(SESSION.c.id)
        ).scalars()
    )  # fmt: skip


def last_dosed_before(
    connection: Connection, clinic: Clinic, patient_id: UUID, session_id: UUID, at: datetime,
    up_to: int | None = None,
) -> datetime | None:  # fmt: skip
    """When the patient was last given anything in another session before that moment.

    With `up_to` as the record stood at that audit entry.
    """
    replaced = select(ENTRY.c.replaces_id).where(
        ENTRY.c.clinic_id == clinic.id, ENTRY.c.replaces_id.is_not(None), *_known(ENTRY, up_to)
    )
    found: datetime | None = connection.execute(
        select(func.max(ENTRY.c.observed_at, type_=ENTRY.c.observed_at.type))
        .join(
            _DOSING,
            (_DOSING.c.clinic_id == ENTRY.c.clinic_id) & (_DOSING.c.entry_id == ENTRY.c.id),
        )
        .join(
            SESSION, (SESSION.c.clinic_id == ENTRY.c.clinic_id)
            & (SESSION.c.id == ENTRY.c.session_id),
        )
        .where(
            ENTRY.c.clinic_id == clinic.id, SESSION.c.patient_id == patient_id,
            SESSION.c.id != session_id, ENTRY.c.observed_at < at,
            _DOSING.c.event.in_(("start", "bolus")), ENTRY.c.id.not_in(replaced),
            _status_as_of(up_to) != SessionStatus.ENTERED_IN_ERROR.value, *_known(ENTRY, up_to),
        )
    ).scalar()  # fmt: skip
    return found


def charted_between(
    connection: Connection, clinic: Clinic, since: datetime, until: datetime
) -> list[UUID]:
    """The sessions that anything was charted in, by the audit trail's own order of time."""
    found = connection.execute(
        select(ENTRIES.c.session_id)
        .distinct()
        .where(
            ENTRIES.c.clinic_id == str(clinic.id), ENTRIES.c.at >= canonical_instant(since),
            ENTRIES.c.at < canonical_instant(until), ENTRIES.c.session_id != "",
            ENTRIES.c.outcome == "done", ENTRIES.c.action.in_(_CHARTS),
        )
        .order_by(ENTRIES.c.session_id)
    ).scalars()  # fmt: skip
    return [UUID(one) for one in found]
