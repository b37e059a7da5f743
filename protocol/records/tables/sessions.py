"""Sessions, the states they went through, and their signatures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import Sealed, by_number


class SessionRow(Sealed, table=True):
    """A session, pinned to approved versions of its protocol and policy (decision 7)."""

    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        ForeignKeyConstraint(
            ["clinic_id", "protocol_version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_session_protocol_version",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "policy_version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_session_policy_version",
        ),
        by_number("session"),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(index=True)
    protocol_version_id: UUID
    policy_version_id: UUID
    series: str | None = None
    content_digest: str


class SessionStatusRow(Sealed, table=True):
    """The session's status from this entry on; the latest holds."""

    __tablename__ = "session_status"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        by_number("session_status"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    status: str
    action: str
    changed_at: datetime
    changed_offset_min: int
    recorded_at: datetime
    author_id: UUID
    author: str
    reason: str | None = Field(default=None, sa_type=Text)


class SignatureRow(Sealed, table=True):
    """A signature over the digest of one version of the record (R26)."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("clinic_id", "session_id", "meaning", "record_digest"),
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        by_number("signature"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(index=True)
    signer_id: UUID
    signer: str
    meaning: str
    signed_at: datetime
    record_digest: str
    protocol_version_id: UUID
    policy_version_id: UUID
    anchor_size: int | None = None
    anchor_root: str | None = None
    statement_digest: str | None = None
