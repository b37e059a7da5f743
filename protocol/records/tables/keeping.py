"""What the clinic keeps beside the chart: disclosures, requests to amend, holds (R49 to R51)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import Sealed, by_number


def _of_patient(table: str) -> tuple[ForeignKeyConstraint, ForeignKeyConstraint, Index]:
    return (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        Index(f"ix_{table}_patient", "clinic_id", "patient_id"),
    )


class DisclosureRow(Sealed, table=True):
    """To whom something of a patient's record was given, what, why and when (R50)."""

    __tablename__ = "disclosure"
    __table_args__ = (
        *_of_patient("disclosure"),
        ForeignKeyConstraint(
            ["clinic_id", "replaces_id"], ["disclosure.clinic_id", "disclosure.id"],
            name="fk_disclosure_replaces",
        ),
        UniqueConstraint("clinic_id", "replaces_id"),
        by_number("disclosure"),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    patient_id: UUID
    session_id: UUID | None = None
    disclosed_at: datetime
    disclosed_offset_min: int
    recipient: str
    recipient_address: str | None = Field(default=None, sa_type=Text)
    what: str = Field(sa_type=Text)
    purpose: str = Field(sa_type=Text)
    replaces_id: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str


class AmendmentRequestRow(Sealed, table=True):
    """A patient's request to amend the record, with the clinic's clock as it was then (R49)."""

    __tablename__ = "amendment_request"
    __table_args__ = (*_of_patient("amendment_request"), by_number("amendment_request"))

    id: UUID = Field(primary_key=True)
    patient_id: UUID
    session_id: UUID | None = None
    received_at: datetime
    received_offset_min: int
    what: str = Field(sa_type=Text)
    why: str | None = Field(default=None, sa_type=Text)
    answer_due_at: datetime | None = None
    recorded_at: datetime
    author: str
    content_digest: str


def _of_request(table: str) -> tuple[ForeignKeyConstraint, Index]:
    return (
        ForeignKeyConstraint(
            ["clinic_id", "request_id"], ["amendment_request.clinic_id", "amendment_request.id"]
        ),
        by_number(table),
    )


class AmendmentAnswerRow(Sealed, table=True):
    """The clinic's one answer to a request."""

    __tablename__ = "amendment_answer"
    __table_args__ = (
        *_of_request("amendment_answer"),
        UniqueConstraint("clinic_id", "request_id"),
        ForeignKeyConstraint(["clinic_id", "entry_id"], ["entry.clinic_id", "entry.id"]),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID
    accepted: bool
    reason: str | None = Field(default=None, sa_type=Text)
    entry_id: UUID | None = None
    recorded_at: datetime
    author: str
    content_digest: str


class AmendmentStatementRow(Sealed, table=True):
    """A statement of disagreement, or the clinic's rebuttal of it."""

    __tablename__ = "amendment_statement"
    __table_args__ = (
        *_of_request("amendment_statement"),
        Index("ix_amendment_statement_request", "clinic_id", "request_id"),
    )

    id: UUID = Field(primary_key=True)
    request_id: UUID
    kind: str
    words: str = Field(sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str


class HoldRow(Sealed, table=True):
    """A hold on a patient, or without one on the whole clinic (R51)."""

    __tablename__ = "hold"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        by_number("hold"),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID | None = None
    matter: str
    reason: str = Field(sa_type=Text)
    placed_at: datetime
    author: str
    content_digest: str


class HoldLiftRow(Sealed, table=True):
    """That a hold was lifted."""

    __tablename__ = "hold_lift"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "hold_id"], ["hold.clinic_id", "hold.id"]),
        by_number("hold_lift"),
    )

    hold_id: UUID = Field(primary_key=True)
    reason: str = Field(sa_type=Text)
    lifted_at: datetime
    author: str
