"""Sealing: what an act wrote becomes one audit entry over the chain's head.

The entries of a whole group are written at once, before its commit; within the group the head is
kept in memory, so a link costs two hashes and no query.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlmodel import SQLModel

from protocol.records.database import Database
from protocol.records.door import Group
from protocol.records.prepared import Prepared, ask_all, asking
from protocol.records.tables import AuditDetailRow, AuditEntryRow, ChainTurnRow
from protocol.rules.actions import Actor
from protocol.rules.audit import (
    GENESIS,
    NO_ROWS,
    AuditEntry,
    Outcome,
    canonical_instant,
    detail_digest,
    entry_hash,
    rows_digest,
)

ENTRIES = SQLModel.metadata.tables[str(AuditEntryRow.__tablename__)]
DETAILS = SQLModel.metadata.tables[str(AuditDetailRow.__tablename__)]
_TURNS = SQLModel.metadata.tables[str(ChainTurnRow.__tablename__)]
_HEAD = Prepared(
    select(ENTRIES.c.number, ENTRIES.c.hash)
    .where(ENTRIES.c.clinic_id == bindparam("clinic_id"))
    .order_by(ENTRIES.c.number.desc())
    .limit(1)
)
_LOCK = Prepared(
    select(_TURNS.c.clinic_id)
    .where(_TURNS.c.clinic_id == bindparam("clinic_id"))
    .with_for_update(key_share=True)
)


def head(group: Group, database: Database, clinic_id: str) -> tuple[int, str]:
    """The chain's last number and hash; other processes are locked out until the commit."""
    known = group.heads.get(clinic_id)
    if known is not None:
        return known
    asked = [asking(_HEAD, clinic_id=clinic_id)]
    if not database.is_sqlite:
        # Other processes write too. A statement of its own: the head as it is when the lock is had.
        asked.insert(0, asking(_LOCK, clinic_id=UUID(clinic_id)))
    *turns, rows = ask_all(group.connection, asked)
    if turns == [[]]:  # the clinic's first act makes the row
        group.connection.execute(insert(_TURNS).values(clinic_id=UUID(clinic_id)))
    found = (rows[0][0], rows[0][1]) if rows else (0, GENESIS)
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
    group.waiting.add(AuditEntryRow, {**entry._asdict(), "hash": hashed})
    group.waiting.add(AuditDetailRow, detail)
    return entry.number


def ascii_json(value: Mapping[str, Any]) -> str:
    """Detail as text that every engine can keep, whatever half characters a caller sent."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def attempted(value: object) -> str:
    """What was attempted, as JSON text for an entry's detail, cut to a bounded length (R18)."""
    return json.dumps(value, default=str)[:4000]
