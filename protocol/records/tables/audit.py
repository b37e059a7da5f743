"""The audit chain: entries as they were hashed, the details that they seal by digest, the subtrees
and the signed heads of their Merkle tree."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from protocol.records.columns import Sealed, by_number

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


class AuditSubtreeRow(SQLModel, table=True):
    """A complete subtree of the Merkle tree over a clinic's entries (R181).

    Only those of every fourth height are kept, so that a proof reads a few rows of each. They can
    all be made again from the entries, and a verification does so.
    """

    __tablename__ = "audit_subtree"

    clinic_id: str = Field(primary_key=True)
    height: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    hash: str


class CheckpointRow(Sealed, table=True):
    """A signed tree head of the clinic's chain, as the note that was signed (R182)."""

    __tablename__ = "checkpoint"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinic.clinic_id"]),
        by_number("checkpoint"),
    )

    id: UUID = Field(primary_key=True)
    size: int
    root: str
    note: str = Field(sa_type=Text)
    signed_at: datetime


class ChainTurnRow(SQLModel, table=True):
    """The row that a writing process holds while it lengthens a clinic's chain.

    PostgreSQL lets nobody lock a row of a table that may not be updated, and the clinic's own may
    not be (R187). Nothing is kept in it.
    """

    __tablename__ = "chain_turn"

    clinic_id: UUID = Field(primary_key=True)
