"""Reports as files: CSV or JSON Lines, written as they are read, and PDF (R15, R50).

CSV is safe to open in a spreadsheet: a cell that would run as a formula is made text (OWASP, CSV
injection). JSON is one object a line, so that a file of any length is read as it comes too.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO

from api.schemas_audit import ENTRY_FIELDS, entry_values
from protocol.commands.auditing import Report
from protocol.commands.disclosing import Accounting
from protocol.records.audit_search import AuditLine
from reports.audit_report import audit_report
from reports.disclosures_report import disclosures_report
from reports.listing import Printed
from reports.printing import listing_pdf

# Spreadsheets take the full-width forms of the same marks too.
_FORMULA = re.compile(r"[\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_FLUSHED_BYTES = 64 * 1024


def csv_rows(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Rows as CSV (RFC 4180 with LF), in pieces of bounded size."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([inert("" if value is None else str(value)) for value in row])
        if text.tell() >= _FLUSHED_BYTES:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def inert(text: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_of(lines: Iterable[AuditLine]) -> Iterator[bytes]:
    """The report as CSV, with the fields' names in the first row."""

    def rows() -> Iterator[Sequence[object]]:
        yield ENTRY_FIELDS
        for line in lines:
            detail = None if line.detail is None else _json(line.detail)
            yield (*line.entry, line.hash, line.person_name, detail)

    return csv_rows(rows())


def json_of(lines: Iterable[AuditLine]) -> Iterator[bytes]:
    """The report as JSON Lines."""
    for line in lines:
        yield f"{_json(entry_values(line))}\n".encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def audit_pdf(report: Report, printed: Printed) -> bytes:
    """The report on paper, paged and tagged. Raises PdfUnavailable."""
    lines = ((one.entry, one.hash, one.person_name, one.detail) for one in report.lines)
    sheet = audit_report(
        report.clinic.ref, lines, sought=report.sought.said(), sort=report.order.by,
        descending=report.order.descending, up_to=report.up_to, printed=printed,
    )  # fmt: skip
    return listing_pdf(sheet)


def accounting_pdf(accounting: Accounting, printed: Printed) -> bytes:
    """The accounting on paper. Raises PdfUnavailable."""
    return listing_pdf(
        disclosures_report(
            accounting.clinic, accounting.patient, accounting.disclosures,
            since=accounting.since, until=accounting.until, printed=printed,
        )
    )  # fmt: skip


FORMATS: dict[str, tuple[str, Callable[[Iterable[AuditLine]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8; header=present", csv_of),
    "json": ("application/jsonl", json_of),
}
