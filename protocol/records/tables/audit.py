"""The audit chain: entries as they were hashed, and the details that they seal by digest."""

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field, SQLModel


class AuditEntryRow(SQLModel, table=True):
    """One sealed entry. Every hashed field is stored as the very text that was hashed, so that a
    verification reads and hashes without converting."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        Index("ix_audit_entry_person", "clinic_id", "person_id", "subject_id", "number"),
        Index("ix_audit_entry_session", "clinic_id", "session_id", "number"),
    )

    clinic_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
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
    rows_digest: str
    detail_digest: str
    previous: str
    hash: str


class AuditDetailRow(SQLModel, table=True):
    """The detail of an entry: facts and ids, with the salt of its digest (R21, R189)."""

    __tablename__ = "audit_detail"

    clinic_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    salt: str
    detail: str = Field(sa_type=Text)
