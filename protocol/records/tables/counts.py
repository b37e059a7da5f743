"""Counts of controlled drugs, and thefts and losses with what was filed (R79, R81)."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import ExactText, Sealed, by_number


def _to(column: str, table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["clinic_id", column], [f"{table}.clinic_id", f"{table}.id"])


class CountRow(Sealed, table=True):
    """A count that began: where, which, and whether it is blind. `ledger_number` is the last entry
    of the ledger at that moment."""

    __tablename__ = "custody_count"
    __table_args__ = (
        _to("location_id", "custody_location"),
        CheckConstraint("kind IN ('initial','periodic','spot')", name="kind"),
        CheckConstraint("business IN ('opening','close')", name="business"),
        Index("ix_custody_count_location", "clinic_id", "location_id"),
        by_number("custody_count"),
    )

    id: UUID = Field(primary_key=True)
    location_id: UUID
    kind: str
    blind: bool
    business: str
    counted_on: date
    began_at: datetime
    ledger_number: int
    author_id: UUID
    author: str
    content_digest: str


class CountEndRow(Sealed, table=True):
    """The one end of a count: recorded with its lines, or abandoned for a reason."""

    __tablename__ = "custody_count_end"
    __table_args__ = (
        _to("count_id", "custody_count"),
        UniqueConstraint("clinic_id", "count_id"),
        CheckConstraint("ending IN ('recorded','abandoned')", name="ending"),
        by_number("custody_count_end"),
    )

    id: UUID = Field(primary_key=True)
    count_id: UUID
    ending: str
    observed_at: datetime | None = None
    observed_offset_min: int | None = None
    recorded_at: datetime
    people: str = Field(sa_type=Text)
    found: str = Field(sa_type=Text)
    note: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    content_digest: str


class CountLineRow(Sealed, table=True):
    """One container as counted, beside the book of that moment."""

    __tablename__ = "custody_count_line"
    __table_args__ = (
        _to("count_id", "custody_count"),
        _to("container_id", "container"),
        CheckConstraint("method IN ('exact','estimated')", name="method"),
        by_number("custody_count_line"),
    )

    count_id: UUID = Field(primary_key=True)
    container_id: UUID = Field(primary_key=True)
    entered_value: Decimal | None = Field(default=None, sa_type=ExactText)
    entered_unit: str | None = None
    counted: Decimal = Field(sa_type=ExactText)
    book: Decimal = Field(sa_type=ExactText)
    unit: str
    method: str
    moved: bool


class LossReportRow(Sealed, table=True):
    """A theft or loss as reported, with the clocks that its discovery set going."""

    __tablename__ = "loss_report"
    __table_args__ = (
        _to("location_id", "custody_location"),
        _to("container_id", "container"),
        _to("discrepancy_id", "discrepancy"),
        ForeignKeyConstraint(
            ["clinic_id", "replaces_id"],
            ["loss_report.clinic_id", "loss_report.id"],
            name="fk_loss_report_replaces",
        ),
        UniqueConstraint("clinic_id", "replaces_id"),
        CheckConstraint("kind IN ('theft','loss','unexplained')", name="kind"),
        by_number("loss_report"),
    )

    id: UUID = Field(primary_key=True)
    location_id: UUID
    kind: str
    discovered_at: datetime
    discovered_offset_min: int
    drug: str
    amount_value: Decimal | None = Field(default=None, sa_type=ExactText)
    amount_unit: str | None = None
    container_id: UUID | None = None
    discrepancy_id: UUID | None = None
    facts: str = Field(sa_type=Text)
    factors: str = Field(sa_type=Text)
    clocks: str = Field(sa_type=Text)
    replaces_id: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str


class LossFilingRow(Sealed, table=True):
    """What the clinic says it has handed in about a loss."""

    __tablename__ = "loss_filing"
    __table_args__ = (
        _to("report_id", "loss_report"),
        CheckConstraint("filing IN ('written-notice','electronic-report')", name="filing"),
        Index("ix_loss_filing_report", "clinic_id", "report_id"),
        by_number("loss_filing"),
    )

    id: UUID = Field(primary_key=True)
    report_id: UUID
    filing: str
    filed_at: datetime
    filed_offset_min: int
    reference: str | None = None
    note: str | None = Field(default=None, sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str
