"""Thefts and losses: reported with their facts, and what the clinic says it has filed (R81)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.commands.keeping import content_digest, repeats
from protocol.commands.proving import today_at
from protocol.records import custody, custody_totals, discrepancies, losses
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.keeping import Kept
from protocol.records.losses import CLOCKS
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import LossFilingRow, LossReportRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import AlreadyReplaced
from protocol.rules.jurisdiction import Filing
from protocol.rules.losses import (
    ClockState,
    FilingIn,
    LossIn,
    LossReport,
    clocks_from,
    require_filed,
    require_reportable,
)


class LossView(NamedTuple):
    """A report with where each of its clocks stands today."""

    report: LossReport
    states: dict[Filing, ClockState]


def report_loss(clinic: Clinic, actor: Actor, wanted: LossIn, *, now: datetime) -> LossView:
    """A theft or loss, or with `replaces` the correction of a report; the clocks are those of the
    profile in force. Raises NotFound, Impossible, ReasonMissing, AlreadyReplaced."""
    digest = content_digest(wanted)
    with work(clinic, actor, Action.LOSS_REPORT, now, attempt=wanted) as act:
        act.about(subject=wanted.id, location=str(wanted.location_id))
        if not repeats(act, Kept.LOSS, wanted.id, digest):
            require_reportable(wanted, now)
            _require_there(act, wanted)
            act.add(_row(act, wanted, digest))
    return _found(clinic, wanted.id, now)


def note_filing(
    clinic: Clinic, actor: Actor, report_id: UUID, wanted: FilingIn, *, now: datetime
) -> LossView:
    """What the clinic says it has handed in; the software files nothing.

    Raises NotFound, Impossible.
    """
    digest = content_digest(wanted, report_id)
    with work(clinic, actor, Action.LOSS_FILE, now, attempt=wanted) as act:
        act.about(subject=wanted.id, report=str(report_id))
        report = losses.loss_report(act.connection, clinic, report_id)
        if not repeats(act, Kept.FILING, wanted.id, digest):
            require_filed(report, wanted, now)
            act.add(
                new(LossFilingRow,
                    clinic_id=clinic.id, id=wanted.id, report_id=report_id,
                    filing=wanted.filing.value, filed_at=wanted.filed_at,
                    filed_offset_min=offset_min(wanted.filed_at), reference=wanted.reference,
                    note=wanted.note, recorded_at=now, author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    return _found(clinic, report_id, now)


def loss_reports(clinic: Clinic, actor: Actor, *, now: datetime) -> list[LossView]:
    """Every report, in the order made, with where its clocks stand today."""
    with reading(clinic, actor, Action.LOSS_VIEW, now) as connection:
        found = losses.loss_reports(connection, clinic)
    return [_view(clinic, one, now) for one in found]


def _require_there(act: Act, wanted: LossIn) -> None:
    """Everything that the report names is the clinic's. Raises NotFound, AlreadyReplaced."""
    connection, clinic = act.connection, act.clinic
    custody.location(connection, clinic, wanted.location_id)
    if wanted.container_id is not None:
        custody.kept(connection, clinic, wanted.container_id)
    if wanted.discrepancy_id is not None:
        discrepancies.discrepancy(connection, clinic, wanted.discrepancy_id)
    if wanted.replaces is not None:
        earlier = losses.loss_report(connection, clinic, wanted.replaces)
        if earlier.replaced_by is not None:
            raise AlreadyReplaced(
                "The report was corrected before.", entry=str(earlier.id),
                by=str(earlier.replaced_by),
            )  # fmt: skip


def _row(act: Act, wanted: LossIn, digest: str) -> New:
    discovered_on = today_at(act.clinic, wanted.discovered_at)
    profile = custody_totals.profile_named(act.connection, act.clinic, act.now)
    amount = wanted.amount
    return new(LossReportRow,
        clinic_id=act.clinic.id, id=wanted.id, location_id=wanted.location_id,
        kind=wanted.kind.value, discovered_at=wanted.discovered_at,
        discovered_offset_min=offset_min(wanted.discovered_at), drug=wanted.drug,
        amount_value=None if amount is None else amount.value,
        amount_unit=None if amount is None else amount.unit, container_id=wanted.container_id,
        discrepancy_id=wanted.discrepancy_id, facts=wanted.facts,
        factors=wanted.factors.model_dump_json(),
        clocks=CLOCKS.dump_json(clocks_from(discovered_on, profile)).decode(),
        replaces_id=wanted.replaces, reason=wanted.reason, recorded_at=act.now,
        author=act.author.model_dump_json(), content_digest=digest,
    )  # fmt: skip


def _found(clinic: Clinic, report_id: UUID, now: datetime) -> LossView:
    with clinic.database.looking() as connection:
        return _view(clinic, losses.loss_report(connection, clinic, report_id), now)


def _view(clinic: Clinic, report: LossReport, now: datetime) -> LossView:
    today = today_at(clinic, now)
    return LossView(report, {one.filing: report.state_of(one, today) for one in report.clocks})
