"""What proves a person beside the secret, what the person shows to be, and emergency access; with
the bookkeeping of sign-ins, which is no record and changes."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from protocol.records.columns import Sealed, by_number

_PERSON = ["person.clinic_id", "person.id"]


class CredentialRow(Sealed, table=True):
    """A professional credential as it stands from this entry on; of one title the latest holds."""

    __tablename__ = "credential"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], _PERSON),
        by_number("credential"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    title: str
    number: str | None = None
    issuer: str | None = None
    expires_on: date | None = None
    withdrawn: bool


class SecondFactorRow(Sealed, table=True):
    """A step of a second factor: offered, confirmed, ended; the latest but the offers holds.

    The shared secret of RFC 6238 has to be read to check a code. Who can read it here can read the
    record itself; it opens nothing without the person's own secret.
    """

    __tablename__ = "second_factor"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], _PERSON),
        by_number("second_factor"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    factor_id: UUID
    step: str
    shared_secret: str | None = None


class RecoveryCodeRow(Sealed, table=True):
    """The hash of a code that stands in for the second factor, once; valid with its batch."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], _PERSON),
        by_number("recovery_code"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    batch_id: UUID
    hashed: str


class EmergencyAccessRow(Sealed, table=True):
    """Emergency access as it was begun: by whom, why, until when (R43)."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], _PERSON),
        by_number("emergency_access"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(index=True)
    person: str = Field(sa_type=Text)
    workstation: str
    reason: str
    began_at: datetime
    ends_at: datetime
    without_second_factor: bool


class EmergencyClosureRow(Sealed, table=True):
    """What followed an emergency access: it was ended before its time, or reviewed."""

    __tablename__ = "emergency_closure"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "access_id"], ["emergency_access.clinic_id", "emergency_access.id"]
        ),
        by_number("emergency_closure"),
    )

    id: UUID = Field(primary_key=True)
    access_id: UUID = Field(index=True)
    step: str
    at: datetime
    author_id: UUID
    author: str = Field(sa_type=Text)
    words: str


class SignInRow(SQLModel, table=True):
    """A signed-in token or a program's, by its hash. Bookkeeping: it is seen, locked and ended.

    `idle_s` is the policy's as it stood at signing in; `held` and `scopes` are its ceiling.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "person_id"], _PERSON),
        UniqueConstraint("clinic_id", "id"),
        Index("ix_sign_in_person", "clinic_id", "person_id"),
    )

    token_hash: str = Field(primary_key=True)
    clinic_id: UUID
    id: UUID
    person_id: UUID
    workstation: str
    label: str
    second_factor: bool
    signed_in_at: datetime
    expires_at: datetime
    seen_at: datetime
    idle_s: int | None = None
    locked_at: datetime | None = None
    ended_at: datetime | None = None
    held: str
    scopes: str = Field(sa_type=Text)
    emergency_id: UUID | None = None
    emergency_reason: str | None = None
    emergency_ends_at: datetime | None = None


class DraftRow(SQLModel, table=True):
    """What was typed at a session and not saved, encrypted for its sign-in (R42). Bookkeeping: it
    is replaced, and goes with the sign-in."""

    __tablename__ = "draft"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        ForeignKeyConstraint(["token_hash"], ["sign_in.token_hash"]),
    )

    clinic_id: UUID = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    encrypted: bytes = Field(sa_type=LargeBinary)
    kept_at: datetime


class LockOutRow(SQLModel, table=True):
    """Failures counted for one account or at one workstation. Bookkeeping: it changes."""

    __tablename__ = "lock_out"

    clinic_id: UUID = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    failures: int
    since: datetime | None = None
    locked_until: datetime | None = None


class CodeUseRow(SQLModel, table=True):
    """The last time step of a second factor that was used, or that a recovery code was (R27).

    Bookkeeping: it changes. One row, so that of two requests with one code one finds it taken.
    """

    __tablename__ = "code_use"

    clinic_id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True)
    last_step: int = Field(sa_type=BigInteger)
