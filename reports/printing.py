"""From a summary to PDF bytes: the only place that knows WeasyPrint.

WeasyPrint is imported when the first sheet is printed, so that everything else runs on a machine
without Pango. The same record, printed at the same moment by the same person, gives the same
bytes (R164): the file's identifier and dates come from the input, never from a clock or chance.
"""

from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from protocol.rules.errors import Refusal
from protocol.rules.record import SessionRecord
from reports.sheet import Cell, Summary
from reports.summary import summary

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.urls import URLFetcher

TEMPLATES = Path(__file__).parent / "templates"
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0"
_TEXT_WIDTH_MM = 180


class PdfUnavailable(Refusal):
    """This machine lacks the libraries that set the type; the record itself is untouched."""

    code, kind, title = "pdf-unavailable", "unavailable", "Printing not available"


def summary_pdf(record: SessionRecord, *, printed_at: datetime, printed_by: str) -> bytes:
    """The summary as PDF, A4 or Letter as the clinic's policy says.

    Raises PdfUnavailable where Pango does not load.
    """
    return sheet_pdf(summary(record, printed_at=printed_at, printed_by=printed_by))


def sheet_pdf(sheet: Summary) -> bytes:
    """A summary's strings, set and paged."""
    weasyprint = _weasyprint()
    page = weasyprint.HTML(string=sheet_html(sheet), url_fetcher=_fetcher())
    named = sha256("\n".join((sheet.identifier, sheet.printed_at, *sheet.foot)).encode())
    return bytes(
        page.write_pdf(
            stylesheets=[_styles()], pdf_identifier=named.hexdigest()[:32].encode(), pdf_tags=True
        )
    )


def sheet_html(sheet: Summary) -> str:
    """The sheet as HTML, every string escaped (R168)."""
    top, bottom = _margins(sheet)
    return _template("summary.html").render(sheet=sheet, top_mm=top, bottom_mm=bottom)


def _weasyprint() -> ModuleType:
    try:
        import weasyprint
    except OSError as missing:
        raise PdfUnavailable(
            f"A library of WeasyPrint does not load ({missing}). On Debian it is in the packages"
            f" {DEBIAN_PACKAGES}.",
            packages=DEBIAN_PACKAGES,
        ) from missing
    return weasyprint


def _fetcher() -> "URLFetcher":
    """Fetches nothing: no scheme is allowed, a file's and the network's included (R168)."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=())


@cache
def _styles() -> "CSS":
    from weasyprint import CSS

    return CSS(string=(TEMPLATES / "summary.css").read_text("utf-8"), url_fetcher=_fetcher())


@cache
def _template(name: str) -> Template:
    places = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    return places.get_template(name)


def _margins(sheet: Summary) -> tuple[int, int]:
    """Room for the banner and the foot in mm. CSS cannot grow a page's margin with what stands in
    it, and a long name is never cut off, so their lines are reckoned here, rather too many."""
    facts = " ".join(f"{one.label} {_letters(one.value)}" for one in sheet.banner.facts)
    who = _lines(sheet.banner.name, 4.6, facts, 3.0)
    allergies = _lines("", 0, sheet.banner.allergies, 3.0)
    foot = sum(_lines("", 0, line, 2.4) for line in sheet.foot)
    return 22 + 5 * who + 4 * allergies, 8 + 3 * foot


def _letters(cell: Cell) -> str:
    return "".join(run.text for run in cell)


def _lines(large: str, large_mm: float, small: str, small_mm: float) -> int:
    """How many lines two sizes of text take at most, one line at least."""
    width = _ems(large) * large_mm + _ems(small) * small_mm
    return 1 + int(width // _TEXT_WIDTH_MM)


def _ems(text: str) -> float:
    """Text width in ems: half for what is narrow, one for what may be as wide as it is high."""
    return sum(0.5 if one.islower() or one in " .,;·-0123456789" else 0.9 for one in text) + sum(
        0.6 for one in text if east_asian_width(one) in "WF"
    )
