"""The custody of one session, as of an entry of the trail: it stands beside the chart (R80)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records import custody, discrepancies
from protocol.records.clinics import Clinic
from protocol.records.custody import LEDGER
from protocol.records.discrepancies import DISCREPANCY, RECONCILIATION
from protocol.records.lookups import STATUS
from protocol.rules.custody_balance import SessionCustody, session_balances
from protocol.rules.record import ENDED, SessionRecord, given_drugs


def session_custody(
    connection: Connection, clinic: Clinic, record: SessionRecord, prepared: int,
    up_to: int | None = None,
) -> SessionCustody | None:  # fmt: skip
    """What there is of a session that was prepared at an entry of the trail; None without any.

    A drug that the clinic held in custody before the session is balanced though nothing was drawn.
    """
    known = custody.products(connection, clinic, up_to)
    if not known:
        return None
    session_id = record.id
    entries = custody.entries(connection, clinic, LEDGER.c.session_id == session_id, up_to=up_to)
    kept = custody.kept_many(connection, clinic, (one.container_id for one in entries), up_to)
    drawn = [one.container.product for one in kept]
    held = custody.products(connection, clinic, prepared)
    balances = session_balances(entries, [*drawn, *held], given_drugs(record))
    reconciled = discrepancies.reconciliations(
        connection, clinic, RECONCILIATION.c.session_id == session_id, up_to=up_to
    )
    if not (entries or balances or reconciled):
        return None
    return SessionCustody(
        entries=tuple(entries), containers=tuple(one.container for one in kept),
        balances=balances, reconciliations=tuple(reconciled),
        discrepancies=tuple(
            discrepancies.discrepancies(
                connection, clinic, DISCREPANCY.c.session_id == session_id, up_to=up_to
            )
        ),
    )  # fmt: skip


def ended_at(connection: Connection, clinic: Clinic, session_id: UUID) -> datetime | None:
    """When a session ended, once it has."""
    row = connection.execute(
        select(STATUS.c.status, STATUS.c.changed_at)
        .where(STATUS.c.clinic_id == clinic.id, STATUS.c.session_id == session_id)
        .order_by(STATUS.c.audit_number.desc())
        .limit(1)
    ).first()
    return row.changed_at if row is not None and row.status in ENDED else None
