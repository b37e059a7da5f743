"""Looking up reports of thefts and losses, and what the clinic says it has filed (R81)."""

from collections import defaultdict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.lookups import person, table
from protocol.rules.errors import NotFound
from protocol.rules.losses import Filed, LossClock, LossFactors, LossReport
from protocol.rules.quantity import Quantity

LOSS, FILING = table(tables.LossReportRow), table(tables.LossFilingRow)
_NEWER = LOSS.alias("newer")
CLOCKS: TypeAdapter[tuple[LossClock, ...]] = TypeAdapter(tuple[LossClock, ...])


def loss_reports(
    connection: Connection, clinic: Clinic, *conditions: ColumnElement[bool]
) -> list[LossReport]:  # fmt: skip
    """Reports in the order made, each with its filings and the report that corrects it."""
    replaced_by = (
        select(_NEWER.c.id)
        .where(_NEWER.c.clinic_id == LOSS.c.clinic_id, _NEWER.c.replaces_id == LOSS.c.id)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(LOSS, replaced_by.label("replaced_by"))
        .where(LOSS.c.clinic_id == clinic.id, *conditions)
        .order_by(LOSS.c.audit_number)
    ).all()
    filed = _filed(connection, clinic) if rows else {}
    return [
        LossReport(
            id=row.id, location_id=row.location_id, kind=row.kind,
            discovered_at=with_offset(row.discovered_at, row.discovered_offset_min), drug=row.drug,
            amount=None if row.amount_value is None else Quantity(
                value=row.amount_value, unit=row.amount_unit
            ),
            container_id=row.container_id, discrepancy_id=row.discrepancy_id, facts=row.facts,
            factors=LossFactors.model_validate_json(row.factors), replaces=row.replaces_id,
            reason=row.reason, recorded_at=row.recorded_at, recorded_by=person(row.author),
            clocks=CLOCKS.validate_json(row.clocks), filed=tuple(filed.get(row.id, ())),
            replaced_by=row.replaced_by,
        )
        for row in rows
    ]  # fmt: skip


def _filed(connection: Connection, clinic: Clinic) -> dict[UUID, list[Filed]]:
    rows = connection.execute(
        select(FILING).where(FILING.c.clinic_id == clinic.id).order_by(FILING.c.audit_number)
    ).all()
    found: dict[UUID, list[Filed]] = defaultdict(list)
    for row in rows:
        found[row.report_id].append(
            Filed(
                id=row.id, filing=row.filing,
                filed_at=with_offset(row.filed_at, row.filed_offset_min), reference=row.reference,
                note=row.note, recorded_at=row.recorded_at, recorded_by=person(row.author),
            )
        )  # fmt: skip
    return found


def loss_report(connection: Connection, clinic: Clinic, report_id: UUID) -> LossReport:
    """One report. Raises NotFound."""
    found = loss_reports(connection, clinic, LOSS.c.id == report_id)
    if not found:
        raise NotFound("There is no such report at this clinic.", report=str(report_id))
    return found[0]
