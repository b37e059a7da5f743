"""Pages of the ledger, and what is at a location: keyset-paged, along the ledger's own indexes."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from protocol.records.clinics import Clinic
from protocol.records.custody import LEDGER, entries, kept_many
from protocol.rules.custody import Container, CustodyEntry


class Wanted(NamedTuple):
    """Which part of the ledger is asked for."""

    location_id: UUID | None = None
    product_id: UUID | None = None
    container_id: UUID | None = None
    session_id: UUID | None = None

    @property
    def subject(self) -> UUID | None:
        """What a look at it is about."""
        return self.container_id or self.session_id or self.location_id or self.product_id


def ledger_page(
    connection: Connection, clinic: Clinic, wanted: Wanted, after: int, limit: int
) -> list[CustodyEntry]:
    """Entries after a number, in the ledger's order."""
    conditions = [
        LEDGER.c[name] == value for name, value in wanted._asdict().items() if value is not None
    ]
    return entries(connection, clinic, LEDGER.c.number > after, *conditions, limit=limit)


def containers_at(
    connection: Connection, clinic: Clinic, location_id: UUID, after: UUID | None, limit: int
) -> list[Container]:
    """The containers whose last entry is at a location and left something in them, by id."""
    later = LEDGER.alias("later")
    last = (
        select(func.max(later.c.number))
        .where(
            later.c.clinic_id == LEDGER.c.clinic_id,
            later.c.container_id == LEDGER.c.container_id,
        )
        .scalar_subquery()
    )
    here = select(LEDGER.c.container_id, LEDGER.c.container_after).where(
        LEDGER.c.clinic_id == clinic.id, LEDGER.c.location_id == location_id,
        LEDGER.c.number == last,
    )  # fmt: skip
    if after is not None:
        here = here.where(LEDGER.c.container_id > after)
    rows = connection.execute(here.order_by(LEDGER.c.container_id)).all()
    ids = [row.container_id for row in rows if row.container_after][:limit]
    return [one.container for one in kept_many(connection, clinic, ids)]
