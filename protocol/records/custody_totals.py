"""The running totals of the ledger: a balance is its last entry, found by one index range.

All acts of a clinic pass its door one by one, so a total is always that of the entry before.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, tuple_

from protocol.records.clinics import Clinic
from protocol.records.custody import LEDGER, PRODUCT
from protocol.records.prepared import Prepared, ask_all, asking
from protocol.records.versions import active_jurisdiction
from protocol.rules.custody_terms import CustodyTerms
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.jurisdiction_terms import terms_of

_LAST = Prepared(
    select(func.max(LEDGER.c.number)).where(LEDGER.c.clinic_id == bindparam("clinic_id"))
)
_KEY = (LEDGER.c.clinic_id, LEDGER.c.location_id, LEDGER.c.product_id)
# Compared as a row and ordered by the whole key: with equalities PostgreSQL may walk the clinic's
# ledger backwards by its numbers instead, however long ago this product last moved here.
STOCK = (
    select(*_KEY, LEDGER.c.location_after, LEDGER.c.number, LEDGER.c.unit)
    .where(tuple_(*_KEY) <= tuple_(*(bindparam(one.name, type_=one.type) for one in _KEY)))
    .order_by(*(one.desc() for one in (*_KEY, LEDGER.c.number)))
    .limit(1)
)
_STOCK = Prepared(STOCK)


class StockBalance(NamedTuple):
    """What a location holds of a product, by which entry of the ledger."""

    product_id: UUID
    amount: Decimal
    unit: str
    number: int


def last_number(connection: Connection, clinic: Clinic) -> int:
    """The number of the clinic's last entry, 0 before the first."""
    ((found,),) = ask_all(connection, [asking(_LAST, clinic_id=clinic.id)])[0]
    return int(found or 0)


def stock(
    connection: Connection, clinic: Clinic, location_id: UUID, product_id: UUID
) -> StockBalance | None:
    """What a location holds of a product; nothing where it never held any."""
    asked = asking(_STOCK, clinic_id=clinic.id, location_id=location_id, product_id=product_id)
    rows = ask_all(connection, [asked])[0]
    if not rows or rows[0][:3] != (clinic.id, location_id, product_id):
        return None  # the entry found is of what stands before it in the index
    amount, number, unit = rows[0][3:]
    return StockBalance(product_id, amount, unit, number)


def location_balances(
    connection: Connection, clinic: Clinic, location_id: UUID
) -> list[StockBalance]:
    """What a location holds, product by product: one index range each."""
    ids = select(PRODUCT.c.id).where(PRODUCT.c.clinic_id == clinic.id)
    found = [
        stock(connection, clinic, location_id, one)
        for one in connection.execute(ids.order_by(PRODUCT.c.audit_number)).scalars().all()
    ]
    return [one for one in found if one is not None]


def terms_in_force(
    connection: Connection, clinic: Clinic, now: datetime, drug: str | None = None
) -> CustodyTerms:
    """What the clinic's jurisdiction says of custody, of a drug where one is named; plain terms
    where no profile is in force."""
    return terms_of(profile_in_force(connection, clinic, now), drug)


def profile_in_force(
    connection: Connection, clinic: Clinic, now: datetime
) -> JurisdictionDocument | None:
    """The jurisdiction profile that holds at a moment, if the clinic has one."""
    active = active_jurisdiction(connection, clinic, now)
    found = None if active is None else active.document
    return found if isinstance(found, JurisdictionDocument) else None


def profile_named(
    connection: Connection, clinic: Clinic, now: datetime
) -> tuple[JurisdictionDocument, str] | None:
    """The profile in force with its name and version, as what stands on it names it."""
    active = active_jurisdiction(connection, clinic, now)
    if active is None or not isinstance(active.document, JurisdictionDocument):
        return None
    return active.document, f"{active.name}, version {active.number}"
