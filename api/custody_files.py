"""The controlled-substance log and inventory as files: CSV and PDF, apart from any chart (R80)."""

from collections.abc import Iterable, Iterator, Sequence

from api.report_files import csv_rows
from protocol.commands.custody_log import CustodyLog, Inventory
from protocol.rules.counts import CountLine
from protocol.rules.custody import Container
from protocol.rules.custody_log import LogLine
from protocol.rules.values import plain
from reports.custody_report import log_report
from reports.inventory_report import inventory_report
from reports.listing import Printed
from reports.printing import listing_pdf

LOG_FIELDS = (
    "number", "observed_at", "recorded_at", "location", "registration", "drug", "form", "strength",
    "class", "lot", "expires_on", "container_id", "label", "serial", "kind", "amount", "unit",
    "entered", "in", "out", "balance", "left_in_container", "new_container_opened", "patient",
    "patient_identifier", "patient_address", "counterpart", "counterpart_address",
    "counterpart_registration", "order", "by", "witnesses", "manner", "reason", "marks", "reverses",
    "reversed_by", "source", "id",
)  # fmt: skip
INVENTORY_FIELDS = (
    "location", "registration", "inventory", "blind", "business", "counted_on", "counted_by",
    "recorded_at", "drug", "lot", "container_id", "counted", "method", "book", "short", "over",
    "unit", "moved",
)  # fmt: skip
STOCK_FIELDS = (
    "location", "registration", "drug", "form", "strength", "class", "lot", "expires_on",
    "container_id", "label", "serial", "received_at", "opened_at", "left", "unit",
)  # fmt: skip


def log_csv(found: CustodyLog) -> Iterator[bytes]:
    """The log as CSV, an entry a row, in the order of the ledger."""

    def rows() -> Iterator[Sequence[object]]:
        yield LOG_FIELDS
        for line in found.lines:
            yield _log_values(found, line)

    return csv_rows(rows())


def _log_values(found: CustodyLog, line: LogLine) -> Sequence[object]:
    entry, product, patient, other = line.entry, line.product, line.patient, line.counterpart
    named = found.classes.get(product.id)
    change = entry.change
    moved = plain(change.copy_abs())
    return (
        entry.number, entry.observed_at.isoformat(), entry.recorded_at.isoformat(),
        found.location.name, found.location.registration, product.drug, product.form,
        f"{product.strength.amount} in {product.strength.volume}",
        product.schedule if named is None else named.label, line.lot, line.expires_on,
        entry.container_id, line.label, line.serial, entry.kind.value, plain(entry.amount),
        entry.unit, entry.entered, moved if change > 0 else None, moved if change < 0 else None,
        plain(entry.location_after), plain(entry.container_after), "yes" if line.opened else "",
        patient and patient.name,
        patient and f"{patient.identifier.system} {patient.identifier.value}",
        patient and patient.address, other and other.name, other and other.address,
        other and other.registration, line.order, entry.recorded_by.name,
        "; ".join(one.name for one in entry.witnesses), entry.manner, entry.reason,
        "; ".join(one.value for one in entry.marks), line.reverses, line.reversed_by,
        entry.source.value, entry.id,
    )  # fmt: skip


def inventory_csv(found: Inventory) -> Iterator[bytes]:
    """The newest inventory as CSV, a container a row; only the heads where there is none."""

    def rows() -> Iterator[Sequence[object]]:
        yield INVENTORY_FIELDS
        for line in () if found.counted is None else found.counted.lines:
            yield _counted_values(found, line)

    return csv_rows(rows())


def _counted_values(found: Inventory, line: CountLine) -> Sequence[object]:
    count, location = found.counted, found.stock.location
    assert count is not None
    difference = line.difference
    off = plain(difference.copy_abs())
    return (
        location.name, location.registration, count.kind.value, "yes" if count.blind else "",
        count.business.value, count.counted_on, "; ".join(one.name for one in count.counted_by),
        count.recorded_at and count.recorded_at.isoformat(), line.drug, line.lot,
        line.container_id, plain(line.counted), line.method.value, plain(line.book),
        off if difference < 0 else None, off if difference > 0 else None, line.unit,
        "yes" if line.moved else "",
    )  # fmt: skip


def stock_csv(found: Inventory) -> Iterator[bytes]:
    """The stock by the ledger as CSV, a container a row."""

    def rows() -> Iterator[Sequence[object]]:
        yield STOCK_FIELDS
        for one in _containers(found):
            yield _stock_values(found, one)

    return csv_rows(rows())


def _containers(found: Inventory) -> Iterable[Container]:
    return (one for line in found.stock.lines for one in line.containers)


def _stock_values(found: Inventory, one: Container) -> Sequence[object]:
    location, product = found.stock.location, one.product
    named = found.classes.get(product.id)
    return (
        location.name, location.registration, product.drug, product.form,
        f"{product.strength.amount} in {product.strength.volume}",
        product.schedule if named is None else named.label, one.lot, one.expires_on, one.id,
        one.label, one.serial, one.received_at.isoformat(),
        one.opened_at and one.opened_at.isoformat(), plain(one.left), product.unit,
    )  # fmt: skip


def log_pdf(found: CustodyLog, printed: Printed) -> bytes:
    """The log on paper, paged and tagged. Raises PdfUnavailable."""
    return listing_pdf(
        log_report(
            found.clinic, found.location, found.lines, since=found.wanted.since,
            until=found.wanted.until, classes=found.classes, profile=found.profile,
            printed=printed,
        )
    )  # fmt: skip


def inventory_pdf(found: Inventory, printed: Printed) -> bytes:
    """The inventory on paper. Raises PdfUnavailable."""
    return listing_pdf(
        inventory_report(
            found.clinic, found.stock, found.counted, classes=found.classes,
            profile=found.profile, printed=printed,
        )
    )  # fmt: skip
