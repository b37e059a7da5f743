"""The audit chain: entries as they were hashed, and the details that they seal by digest."""

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

NOT_DONE = text("outcome <> 'done'")


class AuditEntryRow(SQLModel, table=True):
    """One sealed entry. Every hashed field is stored as the very text that was hashed, so that a
    verification reads and hashes without converting."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        # Each filter with a range of time in its own order; what was done needs no list of its own.
        Index("ix_audit_entry_at", "clinic_id", "at", "number"),
        Index("ix_audit_entry_person", "clinic_id", "person_id", "at", "number"),
        Index("ix_audit_entry_patient", "clinic_id", "patient_id", "at", "number"),
        Index("ix_audit_entry_session", "clinic_id", "session_id", "at", "number"),
        Index("ix_audit_entry_action", "clinic_id", "action", "at", "number"),
        Index(
            "ix_audit_entry_not_done",
            "clinic_id",
            "outcome",
            "at",
            "number",
            sqlite_where=NOT_DONE,
            postgresql_where=NOT_DONE,
        ),
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
