"""What was done about the audit trail itself: reviews, purges of detail and their tombstones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Text
from sqlmodel import Field

from protocol.records.columns import Sealed, by_number


class AuditReviewRow(Sealed, table=True):
    """A signed review of a window of the trail, as the trail stood then (R20)."""

    __tablename__ = "audit_review"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "reviewer_id"], ["person.clinic_id", "person.id"]),
        by_number("audit_review"),
    )

    id: UUID = Field(primary_key=True)
    since: datetime
    until: datetime
    seen: str = Field(sa_type=Text)
    remark: str = Field(sa_type=Text)
    reviewer_id: UUID
    reviewer: str
    reviewed_at: datetime
    content_digest: str


class PurgeRow(Sealed, table=True):
    """A lawful purge of audit detail: by whom, with whom, why, on what ground (R51)."""

    __tablename__ = "purge"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        by_number("purge"),
    )

    id: UUID = Field(primary_key=True)
    record_class: str
    since: datetime | None = None
    until: datetime
    patient_id: UUID | None = None
    reason: str = Field(sa_type=Text)
    legal_basis: str
    purged: int
    held: int
    purged_at: datetime
    author: str
    second_person: str
    content_digest: str


class TombstoneRow(Sealed, table=True):
    """Stands for one purged detail: the entry's number and the salted digest that it sealed.

    The guard lets a detail go where its tombstone stands, and nowhere else.
    """

    __tablename__ = "tombstone"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "purge_id"], ["purge.clinic_id", "purge.id"]),
        by_number("tombstone"),
    )

    number: int = Field(primary_key=True)
    purge_id: UUID
    detail_digest: str
