"""Sealing: what an act wrote becomes one audit entry over the chain's head.

`before_commit` writes the entries of a whole group at once; within the group the head is kept in
memory, so a link costs two hashes and no query.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select
from sqlmodel import SQLModel

from protocol.records.database import Database
from protocol.records.door import Group
from protocol.records.tables import AuditDetailRow, AuditEntryRow, ClinicRow
from protocol.rules.actions import Actor
from protocol.rules.audit import (
    GENESIS,
    NO_ROWS,
    AuditEntry,
    Outcome,
    detail_digest,
    entry_hash,
    row_bytes,
    rows_digest,
)
from protocol.rules.values import plain

ENTRIES = SQLModel.metadata.tables[str(AuditEntryRow.__tablename__)]
DETAILS = SQLModel.metadata.tables[str(AuditDetailRow.__tablename__)]
_CLINICS = SQLModel.metadata.tables[str(ClinicRow.__tablename__)]
_HEAD = (
    select(ENTRIES.c.number, ENTRIES.c.hash)
    .where(ENTRIES.c.clinic_id == bindparam("clinic_id"))
    .order_by(ENTRIES.c.number.desc())
    .limit(1)
)
_LOCK = (
    select(_CLINICS.c.clinic_id)
    .where(_CLINICS.c.clinic_id == bindparam("clinic_id"))
    .with_for_update()
)
_INSERT_ENTRY, _INSERT_DETAIL = insert(ENTRIES), insert(DETAILS)


def canonical_instant(moment: datetime) -> str:
    """A UTC instant of fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


_STORED: dict[type, Callable[[Any], object]] = {
    datetime: canonical_instant,
    date: str,
    UUID: str,
    Decimal: plain,
}


def _stored(value: Any) -> object:  # noqa: ANN401 - a column's value
    convert = _STORED.get(type(value))
    return value if convert is None else convert(value)


def sealed_bytes(table: str, values: Mapping[str, Any]) -> bytes:
    """The bytes of a row that its entry seals, the same from memory and from either engine."""
    return row_bytes(table, {name: _stored(value) for name, value in values.items()})


def head(group: Group, database: Database, clinic_id: str) -> tuple[int, str]:
    """The chain's last number and hash; other processes are locked out until the commit."""
    known = group.heads.get(clinic_id)
    if known is not None:
        return known
    if database.locks_heads():
        group.connection.execute(_LOCK, {"clinic_id": UUID(clinic_id)})
    row = group.connection.execute(_HEAD, {"clinic_id": clinic_id}).first()
    found = (0, GENESIS) if row is None else (row.number, row.hash)
    group.heads[clinic_id] = found
    return found


class Happening(NamedTuple):
    """What came of an act, and about whom and what: the fields of its audit entry."""

    at: datetime
    action: str
    outcome: Outcome
    code: str = ""
    patient_id: str = ""
    session_id: str = ""
    subject_id: str = ""
    rows: Sequence[bytes] = ()
    detail: Mapping[str, Any] | None = None


def append(group: Group, database: Database, actor: Actor, happening: Happening) -> int:
    """Seal one entry over the head and leave it for the group's commit; answers its number."""
    clinic_id = str(actor.clinic_id)
    number, previous = head(group, database, clinic_id)
    salt, words = secrets.token_hex(16), ascii_json({**(happening.detail or {}), **actor.marks})
    entry = AuditEntry(
        clinic_id=clinic_id,
        number=number + 1,
        at=canonical_instant(happening.at),
        person_id=str(actor.person_id),
        roles=" ".join(sorted(actor.roles)),
        workstation=actor.workstation,
        action=happening.action,
        outcome=happening.outcome.value,
        code=happening.code,
        patient_id=happening.patient_id,
        session_id=happening.session_id,
        subject_id=happening.subject_id,
        rows_digest=rows_digest(happening.rows) if happening.rows else NO_ROWS,
        detail_digest=detail_digest(salt, words),
        previous=previous,
    )
    hashed = entry_hash(entry)
    group.heads[clinic_id] = (entry.number, hashed)
    detail = {"clinic_id": clinic_id, "number": entry.number, "salt": salt, "detail": words}
    _leave(group, {**entry._asdict(), "hash": hashed}, detail)
    return entry.number


class _Pending:
    """The entries of a group that wait for its commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.entries: list[dict[str, Any]] = []
        self.details: list[dict[str, Any]] = []

    def __call__(self) -> None:
        self.connection.execute(_INSERT_ENTRY, self.entries)
        self.connection.execute(_INSERT_DETAIL, self.details)
        self.entries, self.details = [], []


def _leave(group: Group, entry: dict[str, Any], detail: dict[str, Any]) -> None:
    pending = next((one for one in group.before_commit if isinstance(one, _Pending)), None)
    if pending is None:
        pending = _Pending(group.connection)
        group.before_commit.append(pending)
    pending.entries.append(entry)
    pending.details.append(detail)


def ascii_json(value: Mapping[str, Any]) -> str:
    """Detail as text that every engine can keep, whatever half characters a caller sent."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def attempted(value: object) -> str:
    """What was attempted, as JSON text for an entry's detail, cut to a bounded length (R18)."""
    return json.dumps(value, default=str)[:4000]
