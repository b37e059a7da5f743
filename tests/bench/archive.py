"""What archive quality and the seal add to a sheet, in ms of the processor and by the median."""

from collections.abc import Callable
from datetime import datetime
from statistics import median
from time import process_time

from protocol.records import seal_key
from protocol.rules.record import SessionRecord
from reports import printing
from reports.fonts import typeset
from reports.markup import sheet_html
from reports.printing import summary_pdf
from reports.sealing import seal
from reports.summary import summary

ROUNDS = 7


def measure(record: SessionRecord, now: datetime, rounds: int = ROUNDS) -> dict[str, float]:
    """`plain_ms`: the same sheet as untagged PDF without attachment. `archive_adds_ms`: tags, the
    marks of PDF/A-3a and PDF/UA-1, the record attached. `seal_adds_ms`: a seal of level B-B."""
    sheet = summary(record, printed_at=now, printed_by="Bench")
    key = seal_key.made("Bench", now)
    content = summary_pdf(record, printed_at=now, printed_by="Bench")
    found: dict[str, list[float]] = {"plain": [], "whole": [], "seal": []}
    for _ in range(rounds):
        found["plain"].append(_ms(lambda: _plain(sheet_html(sheet))))
        found["whole"].append(_ms(lambda: summary_pdf(record, printed_at=now, printed_by="Bench")))
        found["seal"].append(_ms(lambda: seal(content, key, clinic_name="Bench", at=now)))
    plain, whole, sealing = (median(each) for each in found.values())
    return {"plain_ms": plain, "archive_adds_ms": whole - plain, "seal_adds_ms": sealing}


def _plain(html: str) -> bytes:
    fonts, styles = printing._fonts_of(typeset(html))
    page = printing._page_class()(string=html, url_fetcher=printing._fetcher())
    return bytes(page.render(font_config=fonts, stylesheets=styles).write_pdf())


def _ms(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return 1_000 * (process_time() - began)
