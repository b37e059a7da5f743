"""Column types that keep what was entered: exact decimals and codes as text, on both engines.

SQLite's NUMERIC is a float and PostgreSQL's rounds to its scale, so decimals are text (stack 0.3).
Instants are SQLModel's UTCDateTime; the zone they were entered with stands in `…_offset_min`.
"""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, Index, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from protocol.rules.values import plain


class ExactText(TypeDecorator[Decimal]):
    """A Decimal as its own digits: 1.10 comes back as 1.10."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ANN401
        """Refuse anything but a finite Decimal; the rules never hand over another type."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"an exact column takes a finite Decimal, not {value!r}")
        return plain(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """The digits as stored."""
        return None if value is None else Decimal(value)


class Sealed(SQLModel):
    """What every append-only row has: its clinic, and the audit entry that wrote and sealed it."""

    clinic_id: UUID = Field(primary_key=True)
    audit_number: int = Field(default=0, ge=0)


def by_number(table: str) -> Index:
    """The index along which `audit verify` walks a table beside the chain."""
    return Index(f"ix_{table}_sealed", "clinic_id", "audit_number")


def offset_min(moment: datetime) -> int:
    """The zone offset of an aware time in minutes east of UTC."""
    offset = moment.utcoffset()
    if offset is None:
        raise TypeError("a time without a zone cannot be kept")
    return int(offset.total_seconds() // 60)


def with_offset(moment: datetime, minutes: int) -> datetime:
    """A stored UTC instant, again as it was entered."""
    if minutes == 0:
        return moment.astimezone(UTC)
    return moment.astimezone(timezone(timedelta(minutes=minutes)))
