"""The log and the stock of a location, and when its inventories are due: each look is audited, and
none shows anything of a chart but who was given what (R79, R80)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.commands.proving import today_at
from protocol.commands.scanning import scanned
from protocol.records import counts, custody, custody_log, custody_totals, keeping
from protocol.records.clinics import Clinic
from protocol.records.counts import COUNT, require_book_shown
from protocol.records.custody_log import LogWanted
from protocol.records.reading import reading
from protocol.rules.actions import Action, Actor
from protocol.rules.counts import Count, CountEnding
from protocol.rules.custody import Location, Product
from protocol.rules.custody_log import LogLine, Stock
from protocol.rules.errors import NotFound, TooWide
from protocol.rules.gs1 import ScanIn, ScannedContainer
from protocol.rules.inventories import InventoryDue, inventory_due
from protocol.rules.jurisdiction import DrugClass, JurisdictionDocument
from protocol.rules.record import ClinicRef

PRINTED_MAX = 5_000


class CustodyLog(NamedTuple):
    """A part of a location's log, with what a sheet of it says besides."""

    clinic: ClinicRef
    location: Location
    wanted: LogWanted
    lines: list[LogLine]
    classes: dict[UUID, DrugClass]
    profile: str | None
    page_size: str


class Inventory(NamedTuple):
    """A location's stock, with its newest inventory and what a sheet of it says besides."""

    clinic: ClinicRef
    stock: Stock
    counted: Count | None
    classes: dict[UUID, DrugClass]
    profile: str | None
    page_size: str


class ScanView(NamedTuple):
    """What a symbol says, and what the clinic itself has registered under its product number."""

    scanned: ScannedContainer
    products: list[Product]
    expired: bool


def log(
    clinic: Clinic, actor: Actor, wanted: LogWanted, *, now: datetime,
    action: Action = Action.CUSTODY_VIEW,
) -> CustodyLog:  # fmt: skip
    """The entries of a location's ledger in their order. Raises NotFound, BookHidden, and TooWide
    where a sheet would hold more than PRINTED_MAX."""
    subject = wanted.location_id
    with reading(clinic, actor, action, now, subject=subject, detail=_sought(wanted)) as connection:
        location = custody.location(connection, clinic, wanted.location_id)
        require_book_shown(connection, clinic, actor, location.id)
        there = custody_log.how_many(connection, clinic, wanted)
        if action is Action.CUSTODY_PRINT and there > PRINTED_MAX:
            raise TooWide(
                f"{there:,} entries are more than one sheet holds ({PRINTED_MAX:,}); CSV has no"
                " bound.", entries=there, most=PRINTED_MAX,
            )  # fmt: skip
        lines = custody_log.log_lines(connection, clinic, wanted)
        products = {one.product.id: one.product for one in lines}
        profile = custody_totals.profile_named(connection, clinic, now)
        return CustodyLog(
            clinic.ref, location, wanted, lines, _classes(profile, list(products.values())),
            None if profile is None else profile[1], keeping.page_size_in_force(connection, clinic),
        )  # fmt: skip


def inventory(
    clinic: Clinic, actor: Actor, location_id: UUID, *, now: datetime,
    action: Action = Action.CUSTODY_VIEW, count_id: UUID | None = None,
) -> Inventory:  # fmt: skip
    """What a location holds by the ledger, and the count that is asked for or its newest one.

    Raises NotFound, BookHidden.
    """
    with reading(clinic, actor, action, now, subject=location_id) as connection:
        location = custody.location(connection, clinic, location_id)
        require_book_shown(connection, clinic, actor, location.id)
        stock = custody_log.stock_of(connection, clinic, location)
        of = counts.counts(connection, clinic, COUNT.c.location_id == location_id)
        done = [one for one in of if one.ending is CountEnding.RECORDED]
        if count_id is not None and all(one.id != count_id for one in done):
            raise NotFound("The location has no such recorded count.", count=str(count_id))
        count = next((one for one in reversed(done) if count_id in (None, one.id)), None)
        profile = custody_totals.profile_named(connection, clinic, now)
        return Inventory(
            clinic.ref, stock, count, _classes(profile, [one.product for one in stock.lines]),
            None if profile is None else profile[1], keeping.page_size_in_force(connection, clinic),
        )  # fmt: skip


def found_counts(
    clinic: Clinic, actor: Actor, *, now: datetime, location_id: UUID | None = None
) -> list[Count]:
    """The counts of a location, or of the clinic, in the order begun."""
    of = () if location_id is None else (COUNT.c.location_id == location_id,)
    with reading(clinic, actor, Action.COUNT_VIEW, now, subject=location_id) as connection:
        return counts.counts(connection, clinic, *of)


def due(clinic: Clinic, actor: Actor, *, now: datetime) -> list[InventoryDue]:
    """When each location's next inventory is due, by the profile in force and the clinic's day."""
    with reading(clinic, actor, Action.COUNT_VIEW, now) as connection:
        profile = custody_totals.profile_named(connection, clinic, now)
        today = today_at(clinic, now)
        return [
            inventory_due(
                (one.id, one.name),
                counts.counts(connection, clinic, COUNT.c.location_id == one.id),
                counts.held_since(connection, clinic, one.id), today, profile,
            )
            for one in custody.locations(connection, clinic)
        ]  # fmt: skip


def scan(clinic: Clinic, actor: Actor, wanted: ScanIn, *, now: datetime) -> ScanView:
    """What a GS1 text says, with the clinic's own products of that number; none ships.

    Raises NotGs1, ScanCutShort, CheckDigitWrong, Impossible.
    """
    today = today_at(clinic, now)
    with reading(clinic, actor, Action.CUSTODY_SCAN, now, detail={"text": wanted.text}) as looking:
        found = scanned(wanted.text, today)
        number = found.gtin.lstrip("0")
        known = [
            one
            for one in custody.products(looking, clinic)
            if one.gtin is not None and one.gtin.lstrip("0") == number
        ]
    expired = found.expires_on is not None and today > found.expires_on
    return ScanView(found, known, expired)


def _classes(
    profile: tuple[JurisdictionDocument, str] | None, products: list[Product]
) -> dict[UUID, DrugClass]:
    if profile is None:
        return {}
    named = {one.id: profile[0].class_of(one.drug) for one in products}
    return {one: known for one, known in named.items() if known is not None}


def _sought(wanted: LogWanted) -> dict[str, str]:
    return {name: str(value) for name, value in wanted._asdict().items() if value is not None}
