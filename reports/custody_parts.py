"""What the sheets of custody share: how a location, a product and an amount are printed."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from protocol.rules.custody import Location, Product, Supplier
from protocol.rules.jurisdiction import DrugClass
from reports.formats import Clock, concentration, day, dose, quantity, with_unit
from reports.sheet import Cell, Ink, Labelled, Run, joined, text, typed


def amount(value: Decimal, unit: str) -> str:
    """An amount of the ledger, exact and never rounded."""
    return with_unit(dose(value), unit)


def lines_of(*cells: Cell) -> Cell:
    """Several cells in one, each on a line of its own; empty ones are left out."""
    found: list[Run] = []
    for cell in cells:
        if cell:
            found += [Run("", Ink.LINE), *cell] if found else cell
    return tuple(found)


def soft(label: str, value: str | None) -> Cell:
    """A light label and what was typed, or nothing where nothing was."""
    return (Run(f"{label}  ", Ink.SOFT), Run(value, Ink.TYPED)) if value else ()


def location_facts(location: Location, profile: str | None) -> tuple[Labelled, ...]:
    """The registered place, and the profile in force (R80, R83)."""
    where = joined(
        typed(location.name), typed(location.address), soft("Registration", location.registration)
    )
    return (
        Labelled("Location", where),
        Labelled("Jurisdiction", typed(profile, "No profile in force")),
    )


def location_foot(location: Location) -> str:
    """The location as every page names it."""
    number = "" if location.registration is None else f", registration {location.registration}"
    return f"{location.name}{number}"


def product_title(product: Product, drug_class: DrugClass | None) -> Cell:
    """The full name, form and strength, and the class that the profile in force gives it (R72)."""
    named = None if drug_class is None else drug_class.label
    return joined(
        typed(product.drug), typed(product.form),
        text(concentration(product.strength), Ink.STRONG),
        (Run("container of  ", Ink.SOFT), Run(quantity(product.size))),
        typed(named or product.schedule),
    )  # fmt: skip


def container_cell(
    lot: str, expires_on: date, label: str | None, serial: str | None, container_id: UUID
) -> Cell:
    """Lot and expiry, and by what the container is told apart."""
    own = soft("Label", label) or (Run("Id  ", Ink.SOFT), Run(short_id(container_id)))
    return lines_of(
        soft("Lot", lot),
        (Run("Expiry  ", Ink.SOFT), Run(day(expires_on))),
        own,
        soft("Serial", serial),
    )


def short_id(container_id: UUID) -> str:
    """The last twelve digits of a container's id, for the eye; a file has the whole."""
    return str(container_id)[-12:]


def party(of: Supplier | None) -> Cell:
    """Who supplied or took a drug: name, address and registration (R73)."""
    if of is None:
        return ()
    return lines_of(typed(of.name), typed(of.address), soft("Registration", of.registration))


def moment_cell(clock: Clock, observed: datetime, recorded: datetime) -> Cell:
    """The time of the event, and the time of its entry below it."""
    same_day = clock.day(observed) == clock.day(recorded)
    entered = f"{clock.local(recorded):%H:%M}" if same_day else clock.moment(recorded)
    return (
        Run(clock.moment(observed), Ink.STRONG), Run("", Ink.LINE), Run("entered", Ink.SOFT),
        Run(" ") if same_day else Run("", Ink.LINE), Run(entered, Ink.SOFT),
    )  # fmt: skip
