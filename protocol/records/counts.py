"""Looking up counts, and what the ledger has at a location."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, func, select

from protocol.records import custody, tables
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.custody import CONTAINER, LEDGER, PRODUCT, RECEIPT
from protocol.records.lookups import person, table
from protocol.rules.actions import Actor
from protocol.rules.charting import PersonRef
from protocol.rules.counts import Count, CountLine, FoundIn
from protocol.rules.custody_errors import BookHidden
from protocol.rules.errors import NotFound

COUNT, COUNT_END = table(tables.CountRow), table(tables.CountEndRow)
COUNT_LINE = table(tables.CountLineRow)
_PEOPLE: TypeAdapter[tuple[PersonRef, ...]] = TypeAdapter(tuple[PersonRef, ...])
FOUND: TypeAdapter[tuple[FoundIn, ...]] = TypeAdapter(tuple[FoundIn, ...])


def counts(
    connection: Connection, clinic: Clinic, *conditions: ColumnElement[bool]
) -> list[Count]:  # fmt: skip
    """Counts in the order begun, each with its end and its lines."""
    own = (COUNT_END.c.clinic_id == COUNT.c.clinic_id) & (COUNT_END.c.count_id == COUNT.c.id)
    rows = connection.execute(
        select(
            COUNT, COUNT_END.c.ending, COUNT_END.c.observed_at, COUNT_END.c.observed_offset_min,
            COUNT_END.c.recorded_at, COUNT_END.c.people, COUNT_END.c.found, COUNT_END.c.note,
            COUNT_END.c.reason,
        )
        .select_from(COUNT.outerjoin(COUNT_END, own))
        .where(COUNT.c.clinic_id == clinic.id, *conditions)
        .order_by(COUNT.c.audit_number)
    ).all()  # fmt: skip
    lines = _lines(connection, clinic, conditions) if rows else {}
    return [_count(row, lines.get(row.id, [])) for row in rows]


def _lines(
    connection: Connection, clinic: Clinic, conditions: Sequence[ColumnElement[bool]]
) -> dict[UUID, list[CountLine]]:
    of = select(COUNT.c.id).where(COUNT.c.clinic_id == clinic.id, *conditions)
    rows = connection.execute(
        select(COUNT_LINE, RECEIPT.c.product_id, RECEIPT.c.lot, PRODUCT.c.drug)
        .join(CONTAINER, (CONTAINER.c.clinic_id == COUNT_LINE.c.clinic_id)
              & (CONTAINER.c.id == COUNT_LINE.c.container_id))
        .join(RECEIPT, (RECEIPT.c.clinic_id == CONTAINER.c.clinic_id)
              & (RECEIPT.c.id == CONTAINER.c.receipt_id))
        .join(PRODUCT, (PRODUCT.c.clinic_id == RECEIPT.c.clinic_id)
              & (PRODUCT.c.id == RECEIPT.c.product_id))
        .where(COUNT_LINE.c.clinic_id == clinic.id, COUNT_LINE.c.count_id.in_(of))
        .order_by(PRODUCT.c.audit_number, RECEIPT.c.lot, COUNT_LINE.c.container_id)
    ).all()  # fmt: skip
    found: dict[UUID, list[CountLine]] = defaultdict(list)
    for row in rows:
        found[row.count_id].append(
            CountLine(
                container_id=row.container_id, product_id=row.product_id, drug=row.drug,
                lot=row.lot, counted=row.counted, book=row.book, unit=row.unit,
                method=row.method, moved=row.moved,
            )
        )  # fmt: skip
    return found


def _count(row: Row[Any], lines: Sequence[CountLine]) -> Count:
    ended = row.ending is not None
    seen_at = row.observed_at
    return Count(
        id=row.id, location_id=row.location_id, kind=row.kind, blind=row.blind,
        business=row.business, counted_on=row.counted_on, began_at=row.began_at,
        begun_by=person(row.author), ending=row.ending, recorded_at=row.recorded_at,
        observed_at=None if seen_at is None else with_offset(seen_at, row.observed_offset_min),
        counted_by=_PEOPLE.validate_json(row.people) if ended else (),
        found=FOUND.validate_json(row.found) if ended else (), note=row.note, reason=row.reason,
        lines=tuple(lines), number=row.ledger_number,
    )  # fmt: skip


def count(connection: Connection, clinic: Clinic, count_id: UUID) -> Count:
    """One count. Raises NotFound."""
    found = counts(connection, clinic, COUNT.c.id == count_id)
    if not found:
        raise NotFound("There is no such count at this clinic.", count=str(count_id))
    return found[0]


def open_counts(connection: Connection, clinic: Clinic, location_id: UUID) -> list[Count]:
    """The counts of a location that have not ended."""
    found = counts(connection, clinic, COUNT.c.location_id == location_id)
    return [one for one in found if one.ending is None]


def blind_counts_of(connection: Connection, clinic: Clinic, person_id: UUID) -> list[Count]:
    """The blind counts that someone has begun and not ended."""
    found = counts(
        connection, clinic, COUNT.c.author_id == person_id, COUNT.c.blind,
        COUNT.c.id.not_in(select(COUNT_END.c.count_id).where(COUNT_END.c.clinic_id == clinic.id)),
    )  # fmt: skip
    return [one for one in found if one.ending is None]


def held_since(connection: Connection, clinic: Clinic, location_id: UUID) -> date | None:
    """The day at the clinic on which the ledger of a location begins."""
    first: datetime | None = connection.execute(
        select(func.min(LEDGER.c.observed_at)).where(
            LEDGER.c.clinic_id == clinic.id, LEDGER.c.location_id == location_id
        )
    ).scalar()
    return None if first is None else first.astimezone(ZoneInfo(clinic.zone)).date()


def require_book_shown(
    connection: Connection, clinic: Clinic, actor: Actor, location_id: UUID | None
) -> None:
    """Refuse with BookHidden while the actor counts a location blind; without a location, while
    the actor counts any (R79)."""
    for one in blind_counts_of(connection, clinic, actor.person_id):
        if location_id in (None, one.location_id):
            name = custody.location(connection, clinic, one.location_id).name
            raise BookHidden(
                f"A blind count of {name} by {one.begun_by.name} began at"
                f" {one.began_at.isoformat(timespec='seconds')} and has not ended: until it has,"
                " its counter is shown no book value of the location.",
                count=str(one.id), location=str(one.location_id),
            )  # fmt: skip
