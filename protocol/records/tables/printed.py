"""What was printed and sealed when a session was signed: the fact, and the bytes apart from it.

The bytes are sealed by their digest in the fact, so that a verification of the chain reads a line a
summary and not a file.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from protocol.records.columns import Sealed, by_number


class SealedSummaryRow(Sealed, table=True):
    """The summary that one signature made: which version, its SHA-256, and whose seal is on it."""

    __tablename__ = "sealed_summary"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "signature_id"], ["signature.clinic_id", "signature.id"]
        ),
        by_number("sealed_summary"),
    )

    signature_id: UUID = Field(primary_key=True)
    session_id: UUID
    version: int
    content_digest: str
    size_bytes: int
    level: str
    key_digest: str
    sealed_at: datetime


class SummaryContentRow(SQLModel, table=True):
    """The bytes of a sealed summary, as they are served."""

    __tablename__ = "summary_content"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "signature_id"], ["signature.clinic_id", "signature.id"]
        ),
    )

    clinic_id: UUID = Field(primary_key=True)
    signature_id: UUID = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)
