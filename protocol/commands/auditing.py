"""Looking at the audit trail, reporting it, and verifying that nothing in it was altered."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from protocol.records import audit_search, keeping, verifying, windows
from protocol.records.audit_search import NEWEST_FIRST, AuditLine, Order, Page, Sought
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.records.verifying import Verified
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import TooWide

# A sheet's cost is its cells; a longer report is a file, which has no bound.
PRINTED_MAX = 2_000


class Verification(NamedTuple):
    """The clinic's chain, and what is wrong with the database or its guards."""

    chain: Verified
    database_faults: list[str]

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.chain.fault is None and not self.database_faults


class Report(NamedTuple):
    """A report of the trail: what was sought, its order, the entry it goes up to, its lines.

    The lines are read as they are taken, so a report of any length is written in bounded memory.
    """

    clinic: Clinic
    sought: Sought
    order: Order
    up_to: int
    page_size: str
    lines: Iterator[AuditLine]


def find_entries(
    clinic: Clinic, actor: Actor, sought: Sought, *, now: datetime, order: Order = NEWEST_FIRST,
    after: int | None = None, limit: int = 50,
) -> Page:  # fmt: skip
    """A page of entries; the search is an act of its own (R10). Raises NotFound, TooWide."""
    with reading(
        clinic, actor, Action.AUDIT_SEARCH, now, detail=_said(sought, order)
    ) as connection:
        return audit_search.find(connection, clinic, sought, order, after=after, limit=limit)


def export_entries(
    clinic: Clinic, actor: Actor, sought: Sought, *, now: datetime, order: Order = NEWEST_FIRST
) -> Report:
    """Every entry that is sought, to be written to a file (R15). Raises TooWide."""
    return _report(clinic, actor, Action.AUDIT_EXPORT, sought, order, now)


def print_entries(
    clinic: Clinic, actor: Actor, sought: Sought, *, now: datetime, order: Order = NEWEST_FIRST
) -> Report:
    """Every entry that is sought, to be printed: PRINTED_MAX at most. Raises TooWide."""
    return _report(clinic, actor, Action.AUDIT_PRINT, sought, order, now, most=PRINTED_MAX)


def _report(
    clinic: Clinic, actor: Actor, action: Action, sought: Sought, order: Order, now: datetime,
    *, most: int | None = None,
) -> Report:  # fmt: skip
    with reading(clinic, actor, action, now, detail=_said(sought, order)) as connection:
        up_to = windows.last_number(connection, clinic)
        page_size = keeping.page_size_in_force(connection, clinic)
        audit_search.require_sortable(connection, clinic, sought, order, up_to)
        if most is not None:
            found = audit_search.counted(connection, clinic, sought, up_to=up_to, most=most)
            if found > most:
                raise TooWide(
                    f"A printed report holds up to {most:,} entries; what is sought has more.",
                    most=most,
                )
    lines = audit_search.every(clinic, sought, order, up_to=up_to)
    return Report(clinic, sought, order, up_to, page_size, lines)


def _said(sought: Sought, order: Order) -> dict[str, object]:
    return {**sought.said(), "sort": order.by, "descending": order.descending}


def verify(clinic: Clinic, actor: Actor, *, now: datetime) -> Verification:
    """Walk the chain and every row that it seals; of other clinics' chains nothing is told."""
    with reading(clinic, actor, Action.AUDIT_VERIFY, now):
        chains = verifying.verify(clinic.database)
        faults = verifying.database_faults(clinic.database)
    return Verification(next(one for one in chains if one.clinic_id == clinic.id), faults)
