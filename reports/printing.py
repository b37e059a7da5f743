"""From a summary to PDF bytes: the only place that knows WeasyPrint.

WeasyPrint is imported when the first sheet is printed, so that everything else runs on a machine
without Pango. The same record, printed at the same moment by the same person, gives the same
bytes (R164): the file's identifier and dates come from the input, never from a clock or chance.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from protocol.rules.errors import Refusal
from protocol.rules.record import SessionRecord
from reports.chart_svg import chart_svg
from reports.margins import NAME_MAX, banner_mm, foot_lines, margins_mm
from reports.sheet import Listing, Summary
from reports.summary import summary

if TYPE_CHECKING:
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

CHART_URL, LOGO_URL = "chairside:chart", "chairside:logo"
WORDS = "words"
TEMPLATES = Path(__file__).parent / "templates"
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0"
WORD_MAX = 80
_LONG_WORD = re.compile(rf"\S{{{WORD_MAX}}}[\u0300-\u036f\u200d\ufe0f]*(?=\S)")
_COLLAPSING = re.compile(r"\s\s|[^\S ]|^\s|\s$")
_Sheet = TypeVar("_Sheet", Summary, Listing)


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
    return _pdf(sheet, sheet_html)


def listing_pdf(sheet: Listing) -> bytes:
    """A list's strings, set and paged. Raises PdfUnavailable where Pango does not load."""
    return _pdf(sheet, listing_html)


def listing_html(sheet: Listing) -> str:
    """The list as HTML, every string escaped (R168)."""
    banner = 0 if sheet.banner is None else banner_mm(sheet.banner)
    foot = foot_lines(sheet.foot)
    return _template("listing.html").render(
        sheet=sheet, top_mm=20 + banner, bottom_mm=12 + 3 * foot
    )


def _pdf(sheet: _Sheet, html: Callable[[_Sheet], str]) -> bytes:
    loaded_weasyprint()
    page = _page_class()(string=html(sheet), url_fetcher=_fetcher(_pictures(sheet)))
    named = sha256("\n".join((sheet.identifier, sheet.printed_at, *sheet.foot)).encode())
    return bytes(
        page.write_pdf(
            stylesheets=[_styles()], pdf_identifier=named.hexdigest()[:32].encode(), pdf_tags=True
        )
    )


def sheet_html(sheet: Summary) -> str:
    """The sheet as HTML, every string escaped (R168)."""
    top, bottom = margins_mm(sheet.banner, sheet.foot)
    long_name = len(sheet.banner.name) > NAME_MAX
    return _template("summary.html").render(
        sheet=sheet,
        top_mm=top,
        bottom_mm=bottom,
        long_name=long_name,
        chart_url=CHART_URL,
        logo_url=LOGO_URL,
    )


def loaded_weasyprint() -> ModuleType:
    """WeasyPrint, imported at first use. Raises PdfUnavailable where Pango does not load."""
    try:
        import weasyprint
    except OSError as missing:
        raise PdfUnavailable(
            f"A library of WeasyPrint does not load ({missing}). On Debian it is in the packages"
            f" {DEBIAN_PACKAGES}.",
            packages=DEBIAN_PACKAGES,
        ) from missing
    return weasyprint


def _pictures(sheet: Summary | Listing) -> dict[str, tuple[str, bytes]]:
    """What a sheet shows that is no text, by the only names that its fetcher knows."""
    if not isinstance(sheet, Summary):
        return {}
    found = {}
    if sheet.chart is not None:
        draw_whole_words()
        drawn = chart_svg(sheet.chart, unit="pt", text=WORDS)
        found[CHART_URL] = ("image/svg+xml", drawn.encode())
    if sheet.letterhead is not None and sheet.letterhead.logo is not None:
        found[LOGO_URL] = ("image/png", sheet.letterhead.logo)
    return found


def _fetcher(pictures: Mapping[str, tuple[str, bytes]] | None = None) -> "URLFetcher":
    """Hands out a sheet's own pictures from memory and fetches nothing: no scheme is allowed, a
    file's and the network's included (R168)."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    known = pictures or {}

    class FromMemory(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            if url in known:
                kind, content = known[url]
                return URLFetcherResponse(url, content, {"Content-Type": kind})
            return super().fetch(url, headers)

    return FromMemory(allowed_protocols=())


@cache
def _page_class() -> "type[HTML]":
    """A page on a small user-agent sheet of our own: WeasyPrint's whole one, matched against every
    element, takes a fifth of a rendering. `_ua_stylesheets` is WeasyPrint 70's own name for it;
    the version is pinned, and a test compares the sheet with one on WeasyPrint's defaults."""
    from weasyprint import CSS, HTML

    elements = CSS(string=(TEMPLATES / "elements.css").read_text("utf-8"), url_fetcher=_fetcher())

    class SmallPage(HTML):
        def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
            return [elements]

    return SmallPage


@cache
def draw_whole_words() -> None:
    """Teach WeasyPrint's SVG an element `words`, set as one line; `text` stays as it is.

    WeasyPrint 70 sets each letter of `text` by itself, twice: half of a chart's time, no letters
    joined in Arabic, no mark over its letter (R168), and figures that are not the sheet's tabular
    ones. `TAGS` is its own name, as above; a test compares what both elements print.
    """
    from weasyprint.css.properties import INITIAL_VALUES
    from weasyprint.draw.text import draw_emojis, draw_first_line
    from weasyprint.matrix import Matrix
    from weasyprint.svg import SVG, TAGS, Node
    from weasyprint.svg.text import Style, TextBox
    from weasyprint.svg.utils import color
    from weasyprint.text.ffi import FROM_UNITS, pango
    from weasyprint.text.line_break import create_layout, line_size

    def words(svg: SVG, node: Node, font_size: float) -> None:
        style = Style(INITIAL_VALUES)
        style.font_config = svg.font_config
        families = node.get("font-family", "sans-serif").split(",")
        style["font_family"] = [one.strip(" '\"") for one in families]
        style["font_weight"] = int(node.get("font-weight", 400))
        style["font_size"] = font_size
        style["font_feature_settings"] = (("tnum", 1), ("zero", 1))
        layout = create_layout(node.text, style, svg.context, None, 0)
        width, _ = line_size(layout.get_first_line()[0], style)
        x, y = float(node.get("x")), float(node.get("y"))
        x -= width * {"start": 0.0, "middle": 0.5, "end": 1.0}[node.get("text-anchor", "start")]
        svg.stream.set_color(color(node.get("fill")))
        svg.stream.begin_text()
        box = TextBox(layout, style)
        box.baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
        emojis = draw_first_line(svg.stream, box, "none", "none", Matrix(d=-1, e=x, f=y))
        svg.stream.end_text()
        draw_emojis(svg.stream, style, x, y, emojis)

    TAGS.setdefault(WORDS, words)


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
    places.filters["breakable"] = breakable
    places.tests["straight"] = straight
    return places.get_template(name)


def breakable(words: str) -> str:
    """The words with a place to break in every word of more than WORD_MAX letters.

    WeasyPrint 70 sets such a word again for each of its lines: ten thousand letters in a cell
    took 25 seconds. `<wbr>` leaves no letter in the file.
    """
    ends = [found.end() for found in _LONG_WORD.finditer(words)]
    if not ends:
        return words
    return Markup("<wbr>").join(words[a:b] for a, b in pairwise([0, *ends, len(words)]))


def straight(words: str) -> bool:
    """Whether typed words need no box of their own: one direction, no space that would collapse."""
    return words.isascii() and _COLLAPSING.search(words) is None
