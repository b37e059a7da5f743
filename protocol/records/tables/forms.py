"""Forms in a session: which versions it is pinned to, what was answered, what was overridden.

`records/form_contents.py` folds a response into its rows, one for each answer, and unfolds them.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Text
from sqlmodel import Field

from protocol.records.columns import ExactText, Sealed, by_number


class SessionFormRow(Sealed, table=True):
    """The version of a form that a session is pinned to, from its preparation on (R98)."""

    __tablename__ = "session_form"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "session_id"], ["session.clinic_id", "session.id"]),
        ForeignKeyConstraint(
            ["clinic_id", "version_id"],
            ["document_version.clinic_id", "document_version.id"],
            name="fk_session_form_version",
        ),
        by_number("session_form"),
    )

    session_id: UUID = Field(primary_key=True)
    form: str = Field(primary_key=True)
    version_id: UUID


class FormAnswerRow(Sealed, table=True):
    """One answer of a response: one value of its item's kind, or why there is none."""

    __tablename__ = "form_answer"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "entry_id"], ["entry.clinic_id", "entry.id"]),
        by_number("form_answer"),
    )

    entry_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    form: str
    item: str
    yes: bool | None = None
    chosen: str = Field(default="[]", sa_type=Text)
    value: Decimal | None = Field(default=None, sa_type=ExactText)
    unit: str | None = None
    words: str | None = Field(default=None, sa_type=Text)
    day: date | None = None
    site: str | None = None
    absent: str | None = None
    answered_at: datetime | None = None
    answered_offset_min: int | None = None


class FormOverrideRow(Sealed, table=True):
    """Why a step went on although items of a form were lacking (R102)."""

    __tablename__ = "form_override"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "entry_id"], ["entry.clinic_id", "entry.id"]),
        by_number("form_override"),
    )

    entry_id: UUID = Field(primary_key=True)
    form: str
    items: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
