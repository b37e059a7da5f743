"""Registers of controlled drugs, apart from any chart: logs, inventories, counts, losses, scans."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.custody_files import inventory_csv, inventory_pdf, log_csv, log_pdf, stock_csv
from api.dependencies import API, StrictRoute, acts, answer
from api.identity import Caller, SignedIn, moment
from api.schemas_registers import (
    CountRecordWithSecondIn,
    CountsOut,
    DueOut,
    InventoryOut,
    LogOut,
    LogPageIn,
    LogWindowIn,
    LossesOut,
    LossOut,
    ScanOut,
    ToCountOut,
)
from protocol.commands import counting, custody_log, loss_reporting
from protocol.commands.custody_log import Inventory
from protocol.commands.witnessing import witness
from protocol.rules.actions import Action
from protocol.rules.counts import Count, CountAbandonIn, CountIn
from protocol.rules.gs1 import ScanIn
from protocol.rules.losses import FilingIn, LossIn
from reports.listing import Printed

router = APIRouter(prefix=f"{API}/custody", tags=["registers"], route_class=StrictRoute)
_CSV: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}}
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_LOG, _INVENTORY = "/locations/{location_id}/log", "/locations/{location_id}/inventory"


@router.get(_LOG, **acts(Action.CUSTODY_VIEW, gives=LogOut, name="custody_log"))
def log(location_id: UUID, caller: SignedIn, page: Annotated[LogPageIn, Query()]) -> Response:
    """A page of the location's controlled-substance log, in the order of the ledger."""
    now = moment()
    clinic, actor = caller.identified(now)
    wanted = page.wanted(location_id, page.after, page.limit + 1)
    return answer(LogOut.of(custody_log.log(clinic, actor, wanted, now=now), page.limit))


@router.get(f"{_LOG}.csv", **acts(Action.CUSTODY_EXPORT, content=_CSV, name="custody_log_csv"))
def export_log(
    location_id: UUID, caller: SignedIn, window: Annotated[LogWindowIn, Query()]
) -> Response:
    """The location's log as CSV: every entry, and nothing else of any chart."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_log.log(
        clinic, actor, window.wanted(location_id), now=now, action=Action.CUSTODY_EXPORT
    )
    return _csv(log_csv(found), "controlled-substance-log.csv")


@router.get(f"{_LOG}.pdf", **acts(Action.CUSTODY_PRINT, content=_PDF, name="custody_log_pdf"))
def print_log(
    location_id: UUID, caller: SignedIn, window: Annotated[LogWindowIn, Query()]
) -> Response:
    """The location's log on paper."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_log.log(
        clinic, actor, window.wanted(location_id), now=now, action=Action.CUSTODY_PRINT
    )
    content = log_pdf(found, Printed(now, actor.name, found.page_size))
    return _pdf(content, "controlled-substance-log.pdf")


@router.get(_INVENTORY, **acts(Action.CUSTODY_VIEW, gives=InventoryOut, name="custody_inventory"))
def inventory(location_id: UUID, caller: SignedIn, count_id: UUID | None = None) -> Response:
    """What the location holds by the ledger, and its newest count or the one asked for."""
    found, _ = _inventory(caller, location_id, count_id, Action.CUSTODY_VIEW)
    return answer(InventoryOut.of(found))


@router.get(
    f"{_INVENTORY}.csv", **acts(Action.CUSTODY_EXPORT, content=_CSV, name="custody_inventory_csv")
)
def export_inventory(location_id: UUID, caller: SignedIn, count_id: UUID | None = None) -> Response:
    """The location's newest count, or the one asked for, as CSV."""
    found, _ = _inventory(caller, location_id, count_id, Action.CUSTODY_EXPORT)
    return _csv(inventory_csv(found), "controlled-substance-inventory.csv")


@router.get(
    f"{_INVENTORY}.pdf", **acts(Action.CUSTODY_PRINT, content=_PDF, name="custody_inventory_pdf")
)
def print_inventory(location_id: UUID, caller: SignedIn, count_id: UUID | None = None) -> Response:
    """The location's newest count, or the one asked for, and its stock, on paper."""
    found, printed = _inventory(caller, location_id, count_id, Action.CUSTODY_PRINT)
    return _pdf(inventory_pdf(found, printed), "controlled-substance-inventory.pdf")


@router.get(
    "/locations/{location_id}/stock.csv",
    **acts(Action.CUSTODY_EXPORT, content=_CSV, name="custody_stock_csv"),
)
def export_stock(location_id: UUID, caller: SignedIn) -> Response:
    """What the location holds by the ledger, container by container, as CSV."""
    found, _ = _inventory(caller, location_id, None, Action.CUSTODY_EXPORT)
    return _csv(stock_csv(found), "controlled-substance-stock.csv")


def _inventory(
    caller: Caller, location_id: UUID, count_id: UUID | None, action: Action
) -> tuple[Inventory, Printed]:
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_log.inventory(
        clinic, actor, location_id, now=now, action=action, count_id=count_id
    )
    return found, Printed(now, actor.name, found.page_size)


@router.get(
    "/inventories-due",
    **acts(Action.COUNT_VIEW, gives=DueOut, name="inventories_due", refuses=()),
)
def due(caller: SignedIn) -> Response:
    """When each location's next inventory is due, by the jurisdiction profile in force."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(DueOut(due=custody_log.due(clinic, actor, now=now)))


@router.post("/scans", **acts(Action.CUSTODY_SCAN, gives=ScanOut, refuses=()))
def scan(body: ScanIn, caller: SignedIn) -> Response:
    """What a GS1 text says, and which of the clinic's own products it names."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(ScanOut.of(custody_log.scan(clinic, actor, body, now=now), now))


@router.get("/counts", **acts(Action.COUNT_VIEW, gives=CountsOut, refuses=()))
def find_counts(caller: SignedIn, location_id: UUID | None = None) -> Response:
    """The counts of a location, or of the clinic, in the order begun."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = custody_log.found_counts(clinic, actor, now=now, location_id=location_id)
    return answer(CountsOut(counts=found))


@router.post("/counts", **acts(Action.COUNT_BEGIN, gives=Count, status=201))
def begin_count(body: CountIn, caller: SignedIn) -> Response:
    """A count begins; while it is blind its counter is shown no book value of the location."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(counting.begin_count(clinic, actor, body, now=now), 201)


@router.get(
    "/counts/{count_id}/containers",
    **acts(Action.COUNT_VIEW, gives=ToCountOut, name="count_containers"),
)
def to_count(count_id: UUID, caller: SignedIn) -> Response:
    """The containers to be counted; in a blind count without the book."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(ToCountOut(containers=counting.to_count(clinic, actor, count_id, now=now)))


@router.post("/counts/{count_id}/record", **acts(Action.COUNT_RECORD, gives=Count, status=201))
def record_count(count_id: UUID, body: CountRecordWithSecondIn, caller: SignedIn) -> Response:
    """What was counted, against the book; each difference opens a discrepancy."""
    now = moment()
    clinic, actor = caller.identified(now)
    named = body.second_person
    second = None
    if named is not None:
        second = witness(
            clinic, actor, named.username, named.secret, Action.COUNT_RECORD, now=now,
            code=named.one_time_code, subject=count_id,
        )  # fmt: skip
    done = counting.record_count(clinic, actor, count_id, body.wanted(), now=now, second=second)
    return answer(done, 201)


@router.post("/counts/{count_id}/abandon", **acts(Action.COUNT_ABANDON, gives=Count, status=201))
def abandon_count(count_id: UUID, body: CountAbandonIn, caller: SignedIn) -> Response:
    """A count that comes to nothing, for a reason; it stays in the list."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(counting.abandon_count(clinic, actor, count_id, body, now=now), 201)


@router.get("/loss-reports", **acts(Action.LOSS_VIEW, gives=LossesOut, refuses=()))
def find_losses(caller: SignedIn) -> Response:
    """Every report of a theft or loss, with where its clocks stand today."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(LossesOut.of_all(loss_reporting.loss_reports(clinic, actor, now=now)))


@router.post("/loss-reports", **acts(Action.LOSS_REPORT, gives=LossOut, status=201))
def report_loss(body: LossIn, caller: SignedIn) -> Response:
    """A theft or loss, with the clocks that its discovery sets going by the profile in force."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(LossOut.of(loss_reporting.report_loss(clinic, actor, body, now=now)), 201)


@router.post(
    "/loss-reports/{report_id}/filings", **acts(Action.LOSS_FILE, gives=LossOut, status=201)
)
def note_filing(report_id: UUID, body: FilingIn, caller: SignedIn) -> Response:
    """What the clinic says it has handed in; the server files nothing."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = loss_reporting.note_filing(clinic, actor, report_id, body, now=now)
    return answer(LossOut.of(found), 201)


def _csv(content: Any, file: str) -> Response:  # noqa: ANN401 - an iterator of bytes
    return StreamingResponse(
        content, media_type="text/csv; charset=utf-8; header=present", headers=_named(file)
    )


def _pdf(content: bytes, file: str) -> Response:
    return Response(content, media_type="application/pdf", headers=_named(file))


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}
