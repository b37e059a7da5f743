"""Custody: locations, products, containers, the ledger, and what reconciling found (R70 to R85)."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import ExactText, Sealed, by_number


def _to(column: str, table: str, name: str | None = None) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["clinic_id", column], [f"{table}.clinic_id", f"{table}.id"], name=name
    )


class CustodyLocationRow(Sealed, table=True):
    """A version of a location; the first has the location's own id (R80)."""

    __tablename__ = "custody_location"
    __table_args__ = (
        UniqueConstraint("clinic_id", "location_id", "version"),
        _to("location_id", "custody_location", "fk_custody_location_first"),
        by_number("custody_location"),
    )

    id: UUID = Field(primary_key=True)
    location_id: UUID
    version: int
    name: str
    address: str = Field(sa_type=Text)
    registration: str | None = None
    recorded_at: datetime
    author: str
    content_digest: str


class CustodyProductRow(Sealed, table=True):
    """A finished form of a drug as it is supplied."""

    __tablename__ = "custody_product"
    __table_args__ = (
        Index("ix_custody_product_gtin", "clinic_id", "gtin"),
        by_number("custody_product"),
    )

    id: UUID = Field(primary_key=True)
    drug: str
    form: str
    strength_value: Decimal = Field(sa_type=ExactText)
    strength_unit: str
    volume_value: Decimal = Field(sa_type=ExactText)
    volume_unit: str
    size_value: Decimal = Field(sa_type=ExactText)
    size_unit: str
    gtin: str | None = None
    schedule: str | None = None
    recorded_at: datetime
    author: str
    content_digest: str


class CustodyReceiptRow(Sealed, table=True):
    """A receipt (R73); its containers are rows of their own."""

    __tablename__ = "custody_receipt"
    __table_args__ = (
        _to("location_id", "custody_location"),
        _to("product_id", "custody_product"),
        by_number("custody_receipt"),
    )

    id: UUID = Field(primary_key=True)
    location_id: UUID
    product_id: UUID
    lot: str
    expires_on: date
    supplier: str
    supplier_address: str | None = Field(default=None, sa_type=Text)
    supplier_registration: str | None = None
    order_number: str | None = None
    received_at: datetime
    received_offset_min: int
    recorded_at: datetime
    author: str
    content_digest: str


class ContainerRow(Sealed, table=True):
    """A container that came with a receipt."""

    __tablename__ = "container"
    __table_args__ = (
        _to("receipt_id", "custody_receipt"),
        Index("ix_container_receipt", "clinic_id", "receipt_id"),
        by_number("container"),
    )

    id: UUID = Field(primary_key=True)
    receipt_id: UUID
    label: str | None = None
    serial: str | None = None


class CustodyEntryRow(Sealed, table=True):
    """An entry of the ledger, with the running totals that hold after it.

    `number` counts the clinic's ledger from 1 without gaps; with it the indexes of a container and
    of a location's product end in the entry whose total is the balance.
    """

    __tablename__ = "custody_entry"
    __table_args__ = (
        UniqueConstraint("clinic_id", "number"),
        UniqueConstraint("clinic_id", "reverses_id"),
        _to("container_id", "container"),
        _to("product_id", "custody_product"),
        _to("location_id", "custody_location"),
        _to("session_id", "session"),
        _to("draw_id", "custody_entry", "fk_custody_entry_draw"),
        _to("reverses_id", "custody_entry", "fk_custody_entry_reverses"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(
            "kind IN ('receive','open','draw','waste','give-back','break','transfer-out',"
            "'transfer-in','lose','find','destroy','reverse')",
            name="kind",
        ),
        Index("ix_custody_entry_container", "clinic_id", "container_id", "number"),
        Index("ix_custody_entry_stock", "clinic_id", "location_id", "product_id", "number"),
        Index("ix_custody_entry_session", "clinic_id", "session_id", "number"),
        by_number("custody_entry"),
    )

    id: UUID = Field(primary_key=True)
    number: int
    kind: str
    container_id: UUID
    product_id: UUID
    location_id: UUID
    session_id: UUID | None = None
    draw_id: UUID | None = None
    reverses_id: UUID | None = None
    moved_with_id: UUID | None = None
    entered_value: Decimal | None = Field(default=None, sa_type=ExactText)
    entered_unit: str | None = None
    amount: Decimal = Field(sa_type=ExactText)
    unit: str
    change: Decimal = Field(sa_type=ExactText)
    container_after: Decimal = Field(sa_type=ExactText)
    location_after: Decimal = Field(sa_type=ExactText)
    observed_at: datetime
    observed_offset_min: int
    recorded_at: datetime
    author_id: UUID
    author: str
    witnesses: str = "[]"
    reason: str | None = Field(default=None, sa_type=Text)
    manner: str | None = None
    recipient: str | None = Field(default=None, sa_type=Text)
    marks: str = "[]"
    source: str
    content_digest: str


class ReconciliationRow(Sealed, table=True):
    """An act of reconciling a session or a container, with its figures as they were then."""

    __tablename__ = "custody_reconciliation"
    __table_args__ = (
        _to("session_id", "session"),
        _to("container_id", "container"),
        Index("ix_custody_reconciliation_session", "clinic_id", "session_id"),
        Index("ix_custody_reconciliation_container", "clinic_id", "container_id"),
        by_number("custody_reconciliation"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID | None = None
    container_id: UUID | None = None
    seen_value: Decimal | None = Field(default=None, sa_type=ExactText)
    seen_unit: str | None = None
    figures: str = Field(sa_type=Text)
    marks: str = "[]"
    note: str | None = Field(default=None, sa_type=Text)
    observed_at: datetime
    observed_offset_min: int
    recorded_at: datetime
    author: str
    source: str
    content_digest: str


class DiscrepancyRow(Sealed, table=True):
    """A remainder that was found. `found_id` is the act's: a reconciliation or a count."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        _to("session_id", "session"),
        _to("container_id", "container"),
        _to("location_id", "custody_location"),
        CheckConstraint("found_by IN ('session','container','count')", name="found_by"),
        Index("ix_discrepancy_session", "clinic_id", "session_id"),
        Index("ix_discrepancy_container", "clinic_id", "container_id"),
        by_number("discrepancy"),
    )

    id: UUID = Field(primary_key=True)
    found_by: str
    found_id: UUID
    session_id: UUID | None = None
    container_id: UUID | None = None
    location_id: UUID | None = None
    drug: str
    unit: str
    remainder: Decimal = Field(sa_type=ExactText)
    recorded_at: datetime
    author: str


class DiscrepancyExplanationRow(Sealed, table=True):
    """What someone says of a discrepancy."""

    __tablename__ = "discrepancy_explanation"
    __table_args__ = (
        _to("discrepancy_id", "discrepancy", "fk_discrepancy_explanation_of"),
        Index("ix_discrepancy_explanation_of", "clinic_id", "discrepancy_id"),
        by_number("discrepancy_explanation"),
    )

    id: UUID = Field(primary_key=True)
    discrepancy_id: UUID
    words: str = Field(sa_type=Text)
    recorded_at: datetime
    author: str
    content_digest: str


class DiscrepancyClosingRow(Sealed, table=True):
    """The one closing of a discrepancy."""

    __tablename__ = "discrepancy_closing"
    __table_args__ = (
        _to("discrepancy_id", "discrepancy"),
        UniqueConstraint("clinic_id", "discrepancy_id"),
        by_number("discrepancy_closing"),
    )

    id: UUID = Field(primary_key=True)
    discrepancy_id: UUID
    words: str = Field(sa_type=Text)
    marks: str = "[]"
    recorded_at: datetime
    author: str
    content_digest: str
