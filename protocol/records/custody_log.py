"""The controlled-substance log of a location: every entry of its ledger with what the law has it
say, and nothing else of any chart (R72 to R75, R80)."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from protocol.records import custody, custody_holdings, custody_totals
from protocol.records.clinics import Clinic
from protocol.records.custody import CONTAINER, LEDGER, RECEIPT
from protocol.records.lookups import PATIENT_VERSION, SESSION
from protocol.rules.custody import CustodyEntry, EntryKind, Location, Product, Supplier
from protocol.rules.custody_log import LogLine, LogPatient, Stock, StockLine
from protocol.rules.patients import Identifier

EVERYTHING = 1_000_000
_OPENING = (EntryKind.OPEN.value, EntryKind.DRAW.value)
_EARLIER, _ORIGINAL, _REVERSAL = (LEDGER.alias(name) for name in ("earlier", "original", "undone"))
_NEWER = PATIENT_VERSION.alias("newer_version")


class LogWanted(NamedTuple):
    """Which part of a location's log: recorded from one moment to before another, of a product.

    By the time of recording, so that the lines of a product follow on from each other and the
    running balance has no gap; the time of the event stands beside it.
    """

    location_id: UUID
    since: datetime | None = None
    until: datetime | None = None
    product_id: UUID | None = None
    after: int | None = None
    limit: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on the ledger."""
        found = [LEDGER.c.location_id == self.location_id]
        if self.since is not None:
            found.append(LEDGER.c.recorded_at >= self.since)
        if self.until is not None:
            found.append(LEDGER.c.recorded_at < self.until)
        if self.product_id is not None:
            found.append(LEDGER.c.product_id == self.product_id)
        if self.after is not None:
            found.append(LEDGER.c.number > self.after)
        return found


def how_many(connection: Connection, clinic: Clinic, wanted: LogWanted) -> int:
    """How many entries there are of what is wanted."""
    conditions = wanted.conditions()
    return connection.execute(
        select(func.count()).select_from(LEDGER).where(LEDGER.c.clinic_id == clinic.id, *conditions)
    ).scalar_one()


def log_lines(connection: Connection, clinic: Clinic, wanted: LogWanted) -> list[LogLine]:
    """The entries in the order of the ledger; a reversal is an entry of its own."""
    conditions = wanted.conditions()
    entries = custody.entries(connection, clinic, *conditions, limit=wanted.limit)
    if not entries:
        return []
    conditions.append(LEDGER.c.number <= entries[-1].number)
    products = {one.id: one for one in custody.products(connection, clinic)}
    more = {
        row.entry_id: row
        for row in connection.execute(_beside().where(LEDGER.c.clinic_id == clinic.id, *conditions))
    }
    return [_line(one, products[one.product_id], more[one.id]) for one in entries]


def _beside() -> Select[Any]:
    """What a line says beside its entry: one statement over every entry that is wanted."""

    def of(other: Any, *pairs: tuple[Any, Any]) -> ColumnElement[bool]:  # noqa: ANN401 - a table
        return and_(other.c.clinic_id == LEDGER.c.clinic_id, *(a == b for a, b in pairs))

    version = PATIENT_VERSION
    newest = (
        select(func.max(_NEWER.c.version))
        .where(
            _NEWER.c.clinic_id == version.c.clinic_id, _NEWER.c.patient_id == version.c.patient_id
        )
        .scalar_subquery()
    )
    earlier = select(_EARLIER.c.id).where(
        of(_EARLIER, (_EARLIER.c.container_id, LEDGER.c.container_id)),
        _EARLIER.c.kind.in_(_OPENING), _EARLIER.c.number < LEDGER.c.number,
    )  # fmt: skip
    original, reversal = _ORIGINAL, _REVERSAL
    session_of = of(SESSION, (SESSION.c.id, LEDGER.c.session_id))
    source = (
        LEDGER.join(CONTAINER, of(CONTAINER, (CONTAINER.c.id, LEDGER.c.container_id)))
        .join(RECEIPT, of(RECEIPT, (RECEIPT.c.id, CONTAINER.c.receipt_id)))
        .outerjoin(SESSION, session_of)
        .outerjoin(
            version,
            of(version, (version.c.patient_id, SESSION.c.patient_id), (version.c.version, newest)),
        )
        .outerjoin(original, of(original, (original.c.id, LEDGER.c.reverses_id)))
        .outerjoin(reversal, of(reversal, (reversal.c.reverses_id, LEDGER.c.id)))
    )
    return select(
        LEDGER.c.id.label("entry_id"), CONTAINER.c.label, CONTAINER.c.serial, RECEIPT.c.lot,
        RECEIPT.c.expires_on, RECEIPT.c.order_number, RECEIPT.c.supplier,
        RECEIPT.c.supplier_address, RECEIPT.c.supplier_registration, version.c.patient_id,
        version.c.family, version.c.given, version.c.address, version.c.first_system,
        version.c.first_value, original.c.number.label("reverses"),
        reversal.c.number.label("reversed_by"), (~earlier.exists()).label("first_opening"),
    ).select_from(source)  # fmt: skip


def _line(entry: CustodyEntry, product: Product, row: Row[Any]) -> LogLine:
    received = entry.kind is EntryKind.RECEIVE
    supplier = Supplier(
        name=row.supplier, address=row.supplier_address, registration=row.supplier_registration
    )
    return LogLine(
        entry=entry, product=product, lot=row.lot, expires_on=row.expires_on, label=row.label,
        serial=row.serial, order=row.order_number if received else None,
        counterpart=supplier if received else entry.recipient, patient=_patient(row),
        opened=entry.kind.value in _OPENING and bool(row.first_opening), reverses=row.reverses,
        reversed_by=row.reversed_by,
    )  # fmt: skip


def _patient(row: Row[Any]) -> LogPatient | None:
    if row.patient_id is None:
        return None
    return LogPatient(
        id=row.patient_id, name=f"{row.family.upper()}, {row.given}"[:400], address=row.address,
        identifier=Identifier(system=row.first_system, value=row.first_value),
    )  # fmt: skip


def stock_of(connection: Connection, clinic: Clinic, location: Location) -> Stock:
    """What a location holds, product by product, with its containers."""
    containers = custody_holdings.containers_at(connection, clinic, location.id, None, EVERYTHING)
    products = {one.id: one for one in custody.products(connection, clinic)}
    totals = custody_totals.location_balances(connection, clinic, location.id)
    return Stock(
        location=location, number=custody_totals.last_number(connection, clinic),
        lines=tuple(
            StockLine(
                product=products[one.product_id], book=one.amount,
                containers=tuple(
                    sorted(
                        (each for each in containers if each.product.id == one.product_id),
                        key=lambda each: (each.expires_on, each.lot, each.received_at, each.id),
                    )
                ),
            )
            for one in totals
        ),
    )  # fmt: skip
