"""Proving the ledger's running totals against its entries, page by page, in the ledger's order."""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from protocol.records.raw import Raw
from protocol.rules.audit import Fault
from protocol.rules.ledger_proof import LedgerLine, LedgerProof
from protocol.rules.tampering import Tampering

_ENTRIES = (
    "SELECT e.audit_number, e.number, e.kind, e.container_id, e.location_id, e.product_id,"
    " e.draw_id, o.change, e.amount, e.change, e.container_after, e.location_after"
    " FROM custody_entry e LEFT JOIN custody_entry o"
    " ON o.clinic_id = e.clinic_id AND o.id = e.reverses_id AND o.number < e.number"
    " WHERE e.clinic_id = ? ORDER BY e.number"
)


def ledger_fault(connection: Connection, clinic_id: UUID) -> Fault | None:
    """The first entry of a clinic's ledger whose totals are not what its entries add up to."""
    raw, proof = Raw(connection), LedgerProof()
    kept: object = clinic_id.hex if raw.is_sqlite else clinic_id
    pages = raw.pages(_ENTRIES, kept)
    try:
        for page in pages:
            for row in page:
                what = _taken(proof, row)
                if what is not None:
                    return Fault(str(clinic_id), row[0], what, Tampering.WRONG_BALANCE)
    finally:
        pages.close()
    return None


def _taken(proof: LedgerProof, row: tuple[Any, ...]) -> str | None:
    _, number, kind, container, location, product, draw, undone, *amounts = row
    try:
        line = LedgerLine(
            number, kind, container, location, product, draw is not None,
            None if undone is None else Decimal(undone), *(Decimal(one) for one in amounts),
        )  # fmt: skip
        return proof.take(line)
    except (InvalidOperation, TypeError, ValueError) as error:
        return f"entry {number} of the ledger cannot be read: {error}"
