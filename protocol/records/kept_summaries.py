"""The sealed summaries as they are kept, found by their signature, held against their digest."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, insert, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import SIGNATURE, table
from protocol.rules.audit import Fault
from protocol.rules.errors import NotFound, SummaryAltered
from protocol.rules.tampering import Tampering

SUMMARY, CONTENT = table(tables.SealedSummaryRow), table(tables.SummaryContentRow)
_GONE = "the bytes of the summary that it sealed are gone"


class KeptSummary(NamedTuple):
    """A sealed summary: which version of the document, its SHA-256, the seal's level and key."""

    signature_id: UUID
    version: int
    content_digest: str
    level: str
    key_digest: str
    sealed_at: datetime
    content: bytes


def find(
    connection: Connection, clinic: Clinic, session_id: UUID, signature_id: UUID
) -> KeptSummary | None:
    """What was kept for a signature of a session, or nothing yet.

    Raises NotFound (the session has no such signature) and SummaryAltered.
    """
    wanted = (SUMMARY.c.clinic_id == clinic.id) & (SUMMARY.c.signature_id == SIGNATURE.c.id)
    columns = [SUMMARY.c[name] for name in KeptSummary._fields[:-1]]
    row = connection.execute(
        select(*columns, CONTENT.c.content)
        .select_from(SIGNATURE.outerjoin(SUMMARY, wanted).outerjoin(
            CONTENT,
            (CONTENT.c.clinic_id == clinic.id) & (CONTENT.c.signature_id == SIGNATURE.c.id),
        ))
        .where(
            SIGNATURE.c.clinic_id == clinic.id, SIGNATURE.c.session_id == session_id,
            SIGNATURE.c.id == signature_id,
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("The session has no such signature.", signature=str(signature_id))
    if row.signature_id is None:
        return None
    if row.content is None or sha256(row.content).hexdigest() != row.content_digest:
        raise SummaryAltered(
            "The kept summary of this signature is not what was kept.", signature=str(signature_id)
        )
    return KeptSummary._make(row)


def sealed_digest(
    connection: Connection, clinic: Clinic, signature_id: UUID
) -> tuple[str, datetime] | None:
    """The SHA-256 that was sealed of a signature's summary, and when."""
    row = connection.execute(
        select(SUMMARY.c.content_digest, SUMMARY.c.sealed_at).where(
            SUMMARY.c.clinic_id == clinic.id, SUMMARY.c.signature_id == signature_id
        )
    ).first()
    return None if row is None else (row.content_digest, row.sealed_at)


def keep_content(
    connection: Connection, clinic: Clinic, signature_id: UUID, content: bytes
) -> None:
    """Write the bytes, in the turn of the act that writes their digest."""
    values = {"clinic_id": clinic.id, "signature_id": signature_id, "content": content}
    connection.execute(insert(CONTENT), values)


def summary_faults(connection: Connection, clinic_id: UUID) -> Iterator[Fault]:
    """Kept bytes that are not what their entries sealed, one file in memory at a time."""
    both = and_(
        CONTENT.c.clinic_id == SUMMARY.c.clinic_id, CONTENT.c.signature_id == SUMMARY.c.signature_id
    )
    sealed = connection.execute(
        select(SUMMARY.c.audit_number, SUMMARY.c.signature_id, SUMMARY.c.content_digest)
        .where(SUMMARY.c.clinic_id == clinic_id).order_by(SUMMARY.c.audit_number)
    ).all()  # fmt: skip
    for number, signature_id, digest in sealed:
        what = _fault_of(connection, clinic_id, signature_id, digest)
        if what is not None:
            yield Fault(str(clinic_id), number, what, Tampering.ALTERED_SUMMARY)
    stray = select(CONTENT.c.signature_id).select_from(CONTENT.outerjoin(SUMMARY, both)).where(
        CONTENT.c.clinic_id == clinic_id, SUMMARY.c.signature_id.is_(None)
    )  # fmt: skip
    for (signature_id,) in connection.execute(stray).all():
        what = f"the summary kept for signature {signature_id} was sealed by no entry"
        yield Fault(str(clinic_id), 1, what, Tampering.ALTERED_SUMMARY)


def _fault_of(
    connection: Connection, clinic_id: UUID, signature_id: UUID, digest: str
) -> str | None:
    content = connection.execute(
        select(CONTENT.c.content).where(
            CONTENT.c.clinic_id == clinic_id, CONTENT.c.signature_id == signature_id
        )
    ).scalar_one_or_none()
    if not isinstance(content, bytes):
        return _GONE
    if sha256(content).hexdigest() != digest:
        return "the bytes of the summary that it sealed are not what was sealed"
    return None
