"""Finding audit entries: newest first, by whom, about whom, which act, what came of it (R15)."""

import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records.clinics import Clinic
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.rules.actions import Action
from protocol.rules.audit import Outcome, canonical_instant


class Sought(NamedTuple):
    """What an entry is sought by; whatever is None is not asked."""

    person_id: UUID | None = None
    patient_id: UUID | None = None
    session_id: UUID | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLine(NamedTuple):
    """An entry in a list; `detail` is None once it was lawfully purged."""

    number: int
    at: str
    person_id: str
    roles: str
    workstation: str
    action: str
    outcome: str
    code: str
    patient_id: str
    session_id: str
    subject_id: str
    hash: str
    detail: dict[str, Any] | None


_COLUMNS = [ENTRIES.c[name] for name in AuditLine._fields if name != "detail"]


def find(
    connection: Connection, clinic: Clinic, sought: Sought, *, before: int | None, limit: int
) -> list[AuditLine]:
    """A keyset page of entries below a number, newest first."""
    same = (DETAILS.c.clinic_id == ENTRIES.c.clinic_id) & (DETAILS.c.number == ENTRIES.c.number)
    statement = (
        select(*_COLUMNS, DETAILS.c.detail)
        .select_from(ENTRIES.outerjoin(DETAILS, same))
        .where(ENTRIES.c.clinic_id == str(clinic.id))
    )
    for name in ("person_id", "patient_id", "session_id", "action", "outcome"):
        value = getattr(sought, name)
        if value is not None:
            statement = statement.where(ENTRIES.c[name] == str(value))
    if sought.since is not None:
        statement = statement.where(ENTRIES.c.at >= canonical_instant(sought.since))
    if sought.until is not None:
        statement = statement.where(ENTRIES.c.at < canonical_instant(sought.until))
    if before is not None:
        statement = statement.where(ENTRIES.c.number < before)
    rows = connection.execute(statement.order_by(ENTRIES.c.number.desc()).limit(limit)).all()
    return [
        AuditLine._make([*fields, None if detail is None else json.loads(detail)])
        for *fields, detail in rows
    ]
