"""Patients: versions of their details, and their weights."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field

from protocol.records.columns import ExactText, Sealed, by_number


class PatientRow(Sealed, table=True):
    """A patient of the clinic; the details stand in versions."""

    __tablename__ = "patient"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinic.clinic_id"]),
        by_number("patient"),
    )

    id: UUID = Field(primary_key=True)
    enrolled_at: datetime
    content_digest: str


class PatientVersionRow(Sealed, table=True):
    """A patient's details from this entry on; the latest holds, the earlier stay (R55)."""

    __tablename__ = "patient_version"
    __table_args__ = (
        UniqueConstraint("clinic_id", "patient_id", "version"),
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        CheckConstraint("version > 0", name="version"),
        by_number("patient_version"),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID
    version: int
    first_system: str
    first_value: str = Field(index=True)
    second_system: str
    second_value: str = Field(index=True)
    family: str
    given: str
    born_on: date
    sex: str
    allergy_state: str
    allergies: str = Field(sa_type=Text)
    recorded_at: datetime
    address: str | None = Field(default=None, sa_type=Text)


class WeightRow(Sealed, table=True):
    """A weight in kg with method and time (R126)."""

    __tablename__ = "weight"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patient.clinic_id", "patient.id"]),
        by_number("weight"),
    )

    id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(index=True)
    value_kg: Decimal = Field(sa_type=ExactText)
    method: str
    measured_at: datetime
    measured_offset_min: int
    content_digest: str
