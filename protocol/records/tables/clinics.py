"""Clinics and their people: accounts, what each may do, and secrets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from protocol.records.columns import Sealed, by_number


class ClinicRow(SQLModel, table=True):
    """A clinic; whether it is a demonstration is fixed for ever (R143)."""

    __tablename__ = "clinic"
    __table_args__ = (by_number("clinic"),)

    clinic_id: UUID = Field(primary_key=True)
    audit_number: int = 0
    name: str
    zone: str
    purpose: str
    founded_at: datetime


class PersonRow(Sealed, table=True):
    """An account: never reused, never renamed to another person (R28)."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("clinic_id", "username"),
        ForeignKeyConstraint(["clinic_id"], ["clinic.clinic_id"]),
        by_number("person"),
    )

    id: UUID = Field(primary_key=True)
    username: str
    name: str
    content_digest: str


class PersonStandingRow(Sealed, table=True):
    """What a person is from this entry on: roles, credential, active or not, and until when; the
    latest holds."""

    __tablename__ = "person_standing"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], ["person.clinic_id", "person.id"]),
        by_number("person_standing"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    roles: str
    credential: str
    active: bool
    ends_at: datetime | None = None


class SecretRow(Sealed, table=True):
    """An argon2 hash of a person's secret; the latest holds (R47). A temporary one was set by
    somebody else, and proves nobody until its owner changed it (R28)."""

    __tablename__ = "secret"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], ["person.clinic_id", "person.id"]),
        by_number("secret"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    hashed: str
    temporary: bool | None = None
