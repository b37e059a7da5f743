"""Signatures with what proves them: the record up to each one's entry, and the entry itself."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records.clinics import Clinic
from protocol.records.lookups import SIGNATURE
from protocol.records.sealing import ENTRIES
from protocol.records.session_record import load_record
from protocol.rules.audit import AuditEntry, row_bytes, rows_digest
from protocol.rules.errors import NotFound
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Signature
from protocol.rules.signature_proof import Sealing

_ENTRY = select(*(column for column in ENTRIES.c if column.name != "hash"), ENTRIES.c.hash)


class Kept(NamedTuple):
    """One signature, the record as it was when it was given, and the entry that sealed it."""

    signature: Signature
    then: SessionRecord | None
    sealing: Sealing | None


def kept_signatures(connection: Connection, clinic: Clinic, record: SessionRecord) -> list[Kept]:
    """The record's signatures in the order given."""
    return [
        Kept(one, _then(connection, clinic, record, one), _sealing(connection, clinic, one))
        for one in record.signatures
    ]


def _then(
    connection: Connection, clinic: Clinic, record: SessionRecord, signature: Signature
) -> SessionRecord | None:
    try:
        return load_record(connection, clinic, record.id, signature.number)
    except NotFound:  # the row was copied from a session older than this one
        return None


def _sealing(connection: Connection, clinic: Clinic, signature: Signature) -> Sealing | None:
    found = connection.execute(
        _ENTRY.where(ENTRIES.c.clinic_id == str(clinic.id), ENTRIES.c.number == signature.number)
    ).first()
    if found is None:
        return None
    *fields, hashed = found
    return Sealing(AuditEntry._make(fields), hashed, _rows_digest(connection, clinic, signature.id))


def _rows_digest(connection: Connection, clinic: Clinic, signature_id: UUID) -> str:
    """Of the one row that an act of signing writes."""
    rows = connection.execute(
        select(SIGNATURE).where(SIGNATURE.c.clinic_id == clinic.id, SIGNATURE.c.id == signature_id)
    )
    return rows_digest(row_bytes(SIGNATURE.name, row._asdict()) for row in rows)
