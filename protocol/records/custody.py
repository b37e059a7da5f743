"""Looking up custody: locations, products, containers, and entries of the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, select
from sqlmodel import SQLModel

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.lookups import person, table
from protocol.rules.charting import PersonRef
from protocol.rules.custody import Container, CustodyEntry, Location, Mark, Product, Supplier
from protocol.rules.custody_states import opened_at
from protocol.rules.errors import NotFound
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity

LOCATION, PRODUCT = table(tables.CustodyLocationRow), table(tables.CustodyProductRow)
RECEIPT, CONTAINER = table(tables.CustodyReceiptRow), table(tables.ContainerRow)
LEDGER = table(tables.CustodyEntryRow)
_PEOPLE: TypeAdapter[tuple[PersonRef, ...]] = TypeAdapter(tuple[PersonRef, ...])
MARKS: TypeAdapter[tuple[Mark, ...]] = TypeAdapter(tuple[Mark, ...])
# An engine takes only so many values in one IN.
_IDS_MAX = 500


class Kept(NamedTuple):
    """A container with all its entries, in the order of the ledger."""

    container: Container
    entries: tuple[CustodyEntry, ...]


def locations(connection: Connection, clinic: Clinic) -> list[Location]:
    """Every location as it stands, in the order registered."""
    rows = connection.execute(
        select(LOCATION).where(LOCATION.c.clinic_id == clinic.id).order_by(LOCATION.c.audit_number)
    ).all()
    latest = {row.location_id: row for row in rows}
    first = dict.fromkeys(row.location_id for row in rows)
    return [_location(latest[one]) for one in first]


def location(connection: Connection, clinic: Clinic, location_id: UUID) -> Location:
    """A location as it stands. Raises NotFound."""
    row = connection.execute(
        select(LOCATION)
        .where(LOCATION.c.clinic_id == clinic.id, LOCATION.c.location_id == location_id)
        .order_by(LOCATION.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("There is no such location at this clinic.", location=str(location_id))
    return _location(row)


def _location(row: Row[Any]) -> Location:
    return Location(
        id=row.location_id, version=row.version, name=row.name, address=row.address,
        registration=row.registration, recorded_at=row.recorded_at, recorded_by=person(row.author),
    )  # fmt: skip


def products(connection: Connection, clinic: Clinic, up_to: int | None = None) -> list[Product]:
    """Every product, in the order registered, as of an entry of the trail."""
    statement = select(PRODUCT).where(PRODUCT.c.clinic_id == clinic.id)
    if up_to is not None:
        statement = statement.where(PRODUCT.c.audit_number <= up_to)
    rows = connection.execute(statement.order_by(PRODUCT.c.audit_number)).all()
    return [_product(row, row.id, row.author, row.recorded_at) for row in rows]


def product(connection: Connection, clinic: Clinic, product_id: UUID) -> Product:
    """A product. Raises NotFound."""
    row = connection.execute(
        select(PRODUCT).where(PRODUCT.c.clinic_id == clinic.id, PRODUCT.c.id == product_id)
    ).first()
    if row is None:
        raise NotFound("There is no such product at this clinic.", product=str(product_id))
    return _product(row, row.id, row.author, row.recorded_at)


def _product(row: Row[Any], product_id: UUID, author: str, recorded_at: datetime) -> Product:
    return Product(
        id=product_id, drug=row.drug, form=row.form,
        strength=Concentration(
            amount=Quantity(value=row.strength_value, unit=row.strength_unit),
            volume=Quantity(value=row.volume_value, unit=row.volume_unit),
        ),
        size=Quantity(value=row.size_value, unit=row.size_unit), gtin=row.gtin,
        schedule=row.schedule, recorded_at=recorded_at, recorded_by=person(author),
    )  # fmt: skip


def entries(
    connection: Connection, clinic: Clinic, *conditions: ColumnElement[bool],
    up_to: int | None = None, limit: int | None = None,
) -> list[CustodyEntry]:  # fmt: skip
    """Entries of the ledger in its order, as of an entry of the trail."""
    statement: Select[Any] = select(LEDGER).where(LEDGER.c.clinic_id == clinic.id, *conditions)
    if up_to is not None:
        statement = statement.where(LEDGER.c.audit_number <= up_to)
    rows = connection.execute(statement.order_by(LEDGER.c.number).limit(limit)).all()
    return [_entry(row) for row in rows]


def entry(connection: Connection, clinic: Clinic, entry_id: UUID) -> CustodyEntry:
    """An entry of the ledger. Raises NotFound."""
    found = entries(connection, clinic, LEDGER.c.id == entry_id)
    if not found:
        raise NotFound("The clinic's ledger has no such entry.", entry=str(entry_id))
    return found[0]


def act_entries(
    connection: Connection, clinic: Clinic, kept_as: str, id_: UUID
) -> list[CustodyEntry]:
    """The entries that an act wrote, which left a row of this id in a table."""
    one = SQLModel.metadata.tables[kept_as]
    number = select(one.c.audit_number).where(one.c.clinic_id == clinic.id, one.c.id == id_)
    return entries(connection, clinic, LEDGER.c.audit_number == number.scalar_subquery())


def _entry(row: Row[Any]) -> CustodyEntry:
    entered = row.entered_value
    recipient = row.recipient
    return CustodyEntry(
        id=row.id, number=row.number, kind=row.kind, container_id=row.container_id,
        product_id=row.product_id, location_id=row.location_id, session_id=row.session_id,
        draw_id=row.draw_id, reverses_id=row.reverses_id, moved_with_id=row.moved_with_id,
        entered=None if entered is None else Quantity(value=entered, unit=row.entered_unit),
        amount=row.amount, unit=row.unit, change=row.change, container_after=row.container_after,
        location_after=row.location_after,
        observed_at=with_offset(row.observed_at, row.observed_offset_min),
        recorded_at=row.recorded_at, recorded_by=person(row.author),
        witnesses=_PEOPLE.validate_json(row.witnesses), reason=row.reason, manner=row.manner,
        recipient=None if recipient is None else Supplier.model_validate_json(recipient),
        marks=MARKS.validate_json(row.marks), source=row.source, audit_number=row.audit_number,
    )  # fmt: skip


def kept(
    connection: Connection, clinic: Clinic, container_id: UUID, up_to: int | None = None
) -> Kept:
    """A container with its entries. Raises NotFound, for another clinic's too."""
    found = kept_many(connection, clinic, [container_id], up_to)
    if not found:
        raise NotFound("There is no such container at this clinic.", container=str(container_id))
    return found[0]


def kept_many(
    connection: Connection, clinic: Clinic, ids: Iterable[UUID], up_to: int | None = None
) -> list[Kept]:
    """Containers with their entries, in the order asked for; those not there are left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[UUID, Kept] = {}
    for start in range(0, len(wanted), _IDS_MAX):
        some = wanted[start : start + _IDS_MAX]
        of_each: dict[UUID, list[CustodyEntry]] = defaultdict(list)
        for one in entries(connection, clinic, LEDGER.c.container_id.in_(some), up_to=up_to):
            of_each[one.container_id].append(one)
        for row in connection.execute(_containers(clinic).where(CONTAINER.c.id.in_(some))).all():
            if row.id in of_each:
                found[row.id] = _kept(row, of_each[row.id])
    return [found[one] for one in wanted if one in found]


def _containers(clinic: Clinic) -> Select[Any]:
    own = (RECEIPT.c.clinic_id == CONTAINER.c.clinic_id) & (RECEIPT.c.id == CONTAINER.c.receipt_id)
    of = (PRODUCT.c.clinic_id == RECEIPT.c.clinic_id) & (PRODUCT.c.id == RECEIPT.c.product_id)
    receipt = [
        one
        for one in RECEIPT.c
        if one.name not in ("id", "clinic_id", "audit_number", "content_digest")
    ]
    strength = [
        one
        for one in PRODUCT.c
        if one.name not in ("id", "clinic_id", "audit_number", "content_digest", "author",
                            "recorded_at")
    ]  # fmt: skip
    return (
        select(
            CONTAINER, *receipt, *strength, PRODUCT.c.author.label("product_author"),
            PRODUCT.c.recorded_at.label("product_recorded_at"),
        )
        .select_from(CONTAINER.join(RECEIPT, own).join(PRODUCT, of))
        .where(CONTAINER.c.clinic_id == clinic.id)
    )  # fmt: skip


def _kept(row: Row[Any], own: Sequence[CustodyEntry]) -> Kept:
    supplier = Supplier(
        name=row.supplier, address=row.supplier_address, registration=row.supplier_registration
    )
    container = Container(
        id=row.id, receipt_id=row.receipt_id, lot=row.lot, expires_on=row.expires_on,
        product=_product(row, row.product_id, row.product_author, row.product_recorded_at),
        supplier=supplier, label=row.label, serial=row.serial, location_id=own[-1].location_id,
        received_at=with_offset(row.received_at, row.received_offset_min),
        received_by=person(row.author), opened_at=opened_at(own), left=own[-1].container_after,
    )  # fmt: skip
    return Kept(container, tuple(own))
