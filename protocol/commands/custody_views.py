"""Looking at custody: every look is audited like any other (R10)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.records import custody, custody_holdings, custody_totals, discrepancies, lookups
from protocol.records.clinics import Clinic
from protocol.records.counts import require_book_shown
from protocol.records.custody import Kept
from protocol.records.custody_holdings import Wanted
from protocol.records.custody_totals import StockBalance
from protocol.records.discrepancies import DISCREPANCY, RECONCILIATION
from protocol.records.reading import reading
from protocol.records.session_record import load_record
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import Container, CustodyEntry, Location, Product
from protocol.rules.custody_balance import ContainerBalance, SessionCustody, container_balance
from protocol.rules.discrepancies import Discrepancy, Reconciliation


class ContainerView(NamedTuple):
    """A container with its ledger, its balance, and what reconciling it found."""

    kept: Kept
    balance: ContainerBalance
    reconciliations: list[Reconciliation]
    discrepancies: list[Discrepancy]


def locations(clinic: Clinic, actor: Actor, *, now: datetime) -> list[Location]:
    """The clinic's locations as they stand."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now) as connection:
        return custody.locations(connection, clinic)


def products(clinic: Clinic, actor: Actor, *, now: datetime) -> list[Product]:
    """The finished forms that the clinic holds or held."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now) as connection:
        return custody.products(connection, clinic)


def location_balances(
    clinic: Clinic, actor: Actor, location_id: UUID, *, now: datetime
) -> tuple[Location, list[StockBalance]]:
    """What a location holds by the ledger, product by product. Raises NotFound."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now, subject=location_id) as connection:
        found = custody.location(connection, clinic, location_id)
        require_book_shown(connection, clinic, actor, location_id)
        return found, custody_totals.location_balances(connection, clinic, location_id)


def containers(
    clinic: Clinic, actor: Actor, location_id: UUID, *, now: datetime,
    after: UUID | None = None, limit: int,
) -> list[Container]:  # fmt: skip
    """The containers at a location in which something is left, by id. Raises NotFound."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now, subject=location_id) as connection:
        custody.location(connection, clinic, location_id)
        require_book_shown(connection, clinic, actor, location_id)
        return custody_holdings.containers_at(connection, clinic, location_id, after, limit)


def container(clinic: Clinic, actor: Actor, container_id: UUID, *, now: datetime) -> ContainerView:
    """A container with all that is known of it. Raises NotFound."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now, subject=container_id) as connection:
        kept = custody.kept(connection, clinic, container_id)
        require_book_shown(connection, clinic, actor, kept.container.location_id)
        unit = kept.container.product.unit
        return ContainerView(
            kept, container_balance(container_id, unit, kept.entries),
            discrepancies.reconciliations(
                connection, clinic, RECONCILIATION.c.container_id == container_id
            ),
            discrepancies.discrepancies(
                connection, clinic, DISCREPANCY.c.container_id == container_id
            ),
        )  # fmt: skip


def ledger(
    clinic: Clinic, actor: Actor, wanted: Wanted, *, now: datetime, after: int, limit: int
) -> list[CustodyEntry]:
    """A page of the ledger, from the entry after a number on."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now, subject=wanted.subject) as connection:
        require_book_shown(connection, clinic, actor, wanted.location_id)
        return custody_holdings.ledger_page(connection, clinic, wanted, after, limit)


def of_session(clinic: Clinic, actor: Actor, session_id: UUID, *, now: datetime) -> SessionCustody:
    """The custody of a session: its draws, what left them, the balance. Raises NotFound."""
    with reading(clinic, actor, Action.CUSTODY_VIEW, now, session=session_id) as connection:
        lookups.session_state(connection, clinic, session_id)
        return load_record(connection, clinic, session_id).custody or SessionCustody()


def found_discrepancies(
    clinic: Clinic, actor: Actor, *, now: datetime, open_only: bool = False
) -> list[Discrepancy]:
    """The clinic's discrepancies, oldest first; those that are closed unless left out."""
    with reading(clinic, actor, Action.DISCREPANCY_VIEW, now) as connection:
        found = discrepancies.discrepancies(connection, clinic)
    return [one for one in found if not open_only or one.closing is None]
