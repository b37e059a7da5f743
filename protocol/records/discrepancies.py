"""Looking up reconciliations, and discrepancies with all that came of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Table, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.custody import MARKS
from protocol.records.lookups import person, table
from protocol.rules.discrepancies import (
    Closing,
    Discrepancy,
    Explanation,
    Figure,
    Reconciliation,
)
from protocol.rules.errors import NotFound
from protocol.rules.quantity import Quantity

RECONCILIATION, DISCREPANCY = table(tables.ReconciliationRow), table(tables.DiscrepancyRow)
EXPLANATION = table(tables.DiscrepancyExplanationRow)
CLOSING = table(tables.DiscrepancyClosingRow)
_FIGURES: TypeAdapter[tuple[Figure, ...]] = TypeAdapter(tuple[Figure, ...])


def _rows(
    connection: Connection, clinic: Clinic, one: Table, conditions: Iterable[ColumnElement[bool]],
    up_to: int | None,
) -> Sequence[Row[Any]]:  # fmt: skip
    statement = select(one).where(one.c.clinic_id == clinic.id, *conditions)
    if up_to is not None:
        statement = statement.where(one.c.audit_number <= up_to)
    return connection.execute(statement.order_by(one.c.audit_number, one.c.id)).all()


def reconciliations(
    connection: Connection, clinic: Clinic, *conditions: ColumnElement[bool],
    up_to: int | None = None,
) -> list[Reconciliation]:  # fmt: skip
    """Reconciliations in the order recorded, as of an entry of the trail."""
    return [
        Reconciliation(
            id=row.id, session_id=row.session_id, container_id=row.container_id,
            seen=None if row.seen_value is None else Quantity(
                value=row.seen_value, unit=row.seen_unit
            ),
            figures=_FIGURES.validate_json(row.figures), marks=MARKS.validate_json(row.marks),
            note=row.note, observed_at=with_offset(row.observed_at, row.observed_offset_min),
            recorded_at=row.recorded_at, recorded_by=person(row.author), source=row.source,
            audit_number=row.audit_number,
        )
        for row in _rows(connection, clinic, RECONCILIATION, conditions, up_to)
    ]  # fmt: skip


def discrepancies(
    connection: Connection, clinic: Clinic, *conditions: ColumnElement[bool],
    up_to: int | None = None,
) -> list[Discrepancy]:  # fmt: skip
    """Discrepancies in the order opened, with what came of each by an entry of the trail."""
    rows = _rows(connection, clinic, DISCREPANCY, conditions, up_to)
    if not rows:
        return []
    own = select(DISCREPANCY.c.id).where(DISCREPANCY.c.clinic_id == clinic.id, *conditions)
    said: dict[UUID, list[Explanation]] = defaultdict(list)
    of = EXPLANATION.c.discrepancy_id.in_(own)
    for row in _rows(connection, clinic, EXPLANATION, [of], up_to):
        said[row.discrepancy_id].append(
            Explanation(
                id=row.id, text=row.words, recorded_at=row.recorded_at,
                recorded_by=person(row.author),
            )
        )  # fmt: skip
    closed = {
        row.discrepancy_id: Closing(
            id=row.id, conclusion=row.words, marks=MARKS.validate_json(row.marks),
            recorded_at=row.recorded_at, recorded_by=person(row.author),
        )
        for row in _rows(connection, clinic, CLOSING, [CLOSING.c.discrepancy_id.in_(own)], up_to)
    }  # fmt: skip
    return [
        Discrepancy(
            id=row.id, found_by=row.found_by, found_id=row.found_id, session_id=row.session_id,
            container_id=row.container_id, location_id=row.location_id, drug=row.drug,
            unit=row.unit, remainder=row.remainder, opened_at=row.recorded_at,
            opened_by=person(row.author), explanations=tuple(said[row.id]),
            closing=closed.get(row.id), audit_number=row.audit_number,
        )
        for row in rows
    ]  # fmt: skip


def discrepancy(connection: Connection, clinic: Clinic, discrepancy_id: UUID) -> Discrepancy:
    """One discrepancy. Raises NotFound."""
    found = discrepancies(connection, clinic, DISCREPANCY.c.id == discrepancy_id)
    if not found:
        raise NotFound(
            "There is no such discrepancy at this clinic.", discrepancy=str(discrepancy_id)
        )
    return found[0]
