"""Charted entries: the entry itself, and one table for each kind of content.

A content field that is a quantity takes two columns (`rate_value`, `rate_unit`); a time takes its
instant and `…_offset_min`. `records/contents.py` is the one place that folds and unfolds them.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlmodel import Field

from protocol.records.columns import ExactText, Sealed, by_number


class EntryRow(Sealed, table=True):
    """What all charted facts share: two times, the author, what it replaces and why (R55, R58)."""

    __tablename__ = "entry"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        ForeignKeyConstraint(
            ["clinic_id", "replaces_id"], ["entry.clinic_id", "entry.id"], name="fk_entry_replaces"
        ),
        Index("ix_entry_session", "clinic_id", "session_id", "kind"),
        by_number("entry"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID
    kind: str
    observed_at: datetime
    observed_offset_min: int
    recorded_at: datetime
    author_id: UUID
    author: str
    second_person: str | None = None
    confirmed: str = "[]"
    reason: str | None = Field(default=None, sa_type=Text)
    replaces_id: UUID | None = None
    source: str
    weight_id: UUID | None = None
    content_digest: str


def _of_entry(table: str) -> tuple[ForeignKeyConstraint, Index]:
    return (
        ForeignKeyConstraint(["clinic_id", "entry_id"], ["entry.clinic_id", "entry.id"]),
        by_number(table),
    )


class ObservationRow(Sealed, table=True):
    """One measured value of a reading, with its unit and digits as entered (R121)."""

    __tablename__ = "observation"
    __table_args__ = (
        *_of_entry("observation"),
        Index("ix_observation_latest", "clinic_id", "session_id", "observed_at"),
    )

    entry_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    session_id: UUID
    observed_at: datetime
    measure: str
    value: Decimal = Field(sa_type=ExactText)
    unit: str
    site: str | None = None
    context: str | None = None


class DosingEventRow(Sealed, table=True):
    """A dosing event of one drug line."""

    __tablename__ = "dosing_event"
    __table_args__ = (
        *_of_entry("dosing_event"),
        CheckConstraint(
            "event IN ('start','rate-change','bolus','pause','resume','stop')", name="event"
        ),
    )

    entry_id: UUID = Field(primary_key=True)
    event: str
    drug_line: str
    rate_value: Decimal | None = Field(default=None, sa_type=ExactText)
    rate_unit: str | None = None
    dose_value: Decimal | None = Field(default=None, sa_type=ExactText)
    dose_unit: str | None = None
    note: str | None = Field(default=None, sa_type=Text)


class AdverseEventRow(Sealed, table=True):
    """An adverse event (R104)."""

    __tablename__ = "adverse_event"
    __table_args__ = _of_entry("adverse_event")

    entry_id: UUID = Field(primary_key=True)
    what: str
    onset_at: datetime
    onset_offset_min: int
    resolved_at: datetime | None = None
    resolved_offset_min: int | None = None
    severity: str
    action_taken: str | None = Field(default=None, sa_type=Text)
    outcome: str
    relatedness: str | None = None


class AdjunctRow(Sealed, table=True):
    """A medicine beside the drug lines."""

    __tablename__ = "adjunct"
    __table_args__ = _of_entry("adjunct")

    entry_id: UUID = Field(primary_key=True)
    medicine: str
    dose_value: Decimal = Field(sa_type=ExactText)
    dose_unit: str
    route: str
    indication: str | None = None


class TextRow(Sealed, table=True):
    """The words of a note, an addendum or a retraction."""

    __tablename__ = "text_entry"
    __table_args__ = _of_entry("text_entry")

    entry_id: UUID = Field(primary_key=True)
    words: str = Field(sa_type=Text)


class MissedRoundRow(Sealed, table=True):
    """Why a due round was not charted (R63)."""

    __tablename__ = "missed_round"
    __table_args__ = _of_entry("missed_round")

    entry_id: UUID = Field(primary_key=True)
    phase: str
    round: str
    due_at: datetime
    due_offset_min: int
    reason: str = Field(sa_type=Text)


class PhaseRow(Sealed, table=True):
    """The session entered a phase."""

    __tablename__ = "phase_entry"
    __table_args__ = _of_entry("phase_entry")

    entry_id: UUID = Field(primary_key=True)
    phase: str


class PlanRow(Sealed, table=True):
    """A physician's plan."""

    __tablename__ = "plan"
    __table_args__ = _of_entry("plan")

    entry_id: UUID = Field(primary_key=True)
    drug_line: str
    dose_value: Decimal | None = Field(default=None, sa_type=ExactText)
    dose_unit: str | None = None
    rate_value: Decimal | None = Field(default=None, sa_type=ExactText)
    rate_unit: str | None = None
    duration_min: Decimal | None = Field(default=None, sa_type=ExactText)
    note: str | None = Field(default=None, sa_type=Text)


class BreachRow(Sealed, table=True):
    """A number beyond a bound, with the bound and its source as they were then (R113)."""

    __tablename__ = "breach"
    __table_args__ = _of_entry("breach")

    id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(index=True)
    session_id: UUID = Field(index=True)
    limit_code: str
    limit_on: str
    severity: str
    label: str
    value: Decimal = Field(sa_type=ExactText)
    unit: str
    direction: str
    bound: Decimal = Field(sa_type=ExactText)
    bound_unit: str
    source: str
    version_id: UUID
    note: str | None = Field(default=None, sa_type=Text)


class OverrideRow(Sealed, table=True):
    """The reason given for a breach after it was charted."""

    __tablename__ = "override"
    __table_args__ = (
        *_of_entry("override"),
        ForeignKeyConstraint(["clinic_id", "breach_id"], ["breach.clinic_id", "breach.id"]),
    )

    entry_id: UUID = Field(primary_key=True)
    breach_id: UUID
    reason: str = Field(sa_type=Text)
