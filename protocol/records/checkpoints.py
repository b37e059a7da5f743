"""The checkpoints that a clinic keeps beside its chain."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.records.tables import CheckpointRow
from protocol.rules.checkpoints import Checkpoint, TreeHead, origin_of

CHECKPOINTS = table(CheckpointRow)


class Kept(NamedTuple):
    """A checkpoint, the entry that sealed it, and when it was signed."""

    number: int
    checkpoint: Checkpoint
    signed_at: datetime


def last_kept(connection: Connection, clinic: Clinic) -> Kept | None:
    """The latest checkpoint that was kept; its note is not parsed again."""
    own = CHECKPOINTS.c.clinic_id == clinic.id
    latest = select(CHECKPOINTS).where(own).order_by(CHECKPOINTS.c.audit_number.desc()).limit(1)
    row = connection.execute(latest).first()
    if row is None:
        return None
    head = TreeHead(row.size, bytes.fromhex(row.root))
    checkpoint = Checkpoint(origin_of(clinic.id), head, row.note)
    return Kept(row.audit_number, checkpoint, row.signed_at)
