"""Versions of the documents that a clinic writes, and the status each has had."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import Sealed, by_number


class DocumentVersionRow(Sealed, table=True):
    """One immutable version of a protocol or policy: canonical JSON and its digest (R115)."""

    __tablename__ = "document_version"
    __table_args__ = (
        UniqueConstraint("clinic_id", "kind", "name", "number"),
        ForeignKeyConstraint(["clinic_id"], ["clinic.clinic_id"]),
        CheckConstraint("number > 0", name="number"),
        by_number("document_version"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    name: str
    number: int
    content: str = Field(sa_type=Text)
    digest: str
    drafted_at: datetime
    author_id: UUID
    author: str


class VersionStatusRow(Sealed, table=True):
    """The status of a version from this entry on; the latest holds."""

    __tablename__ = "version_status"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "version_id"], ["document_version.clinic_id", "document_version.id"]
        ),
        by_number("version_status"),
    )

    id: UUID = Field(primary_key=True)
    version_id: UUID = Field(index=True)
    status: str
    recorded_at: datetime
    author_id: UUID
    author: str
