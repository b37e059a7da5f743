"""A sheet's strings as HTML, every one escaped (R168); no layout engine is needed for it."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from reports import archive
from reports.chart_drawing import words
from reports.identity import code_svg
from reports.margins import NAME_MAX, banner_mm, foot_lines, margins_mm
from reports.sheet import Listing, Summary

CHART_URL, LOGO_URL = "chairside:chart", "chairside:logo"
TEMPLATES = Path(__file__).parent / "templates"
WORD_MAX = 80
_LONG_WORD = re.compile(rf"\S{{{WORD_MAX}}}[\u0300-\u036f\u200d\ufe0f]*(?=\S)")
_COLLAPSING = re.compile(r"\s\s|[^\S ]|^\s|\s$")


def sheet_html(sheet: Summary) -> str:
    """The sheet as HTML."""
    top, bottom = margins_mm(sheet.banner, sheet.foot)
    return _template("summary.html").render(
        sheet=sheet, top_mm=top, bottom_mm=bottom, long_name=len(sheet.banner.name) > NAME_MAX,
        chart_url=CHART_URL, logo_url=LOGO_URL,
    )  # fmt: skip


def drawn_words(sheet: Summary | Listing) -> list[str]:
    """The words of the chart, in the order in which they are drawn."""
    if isinstance(sheet, Listing) or sheet.chart is None:
        return []
    return [label.said for group in words(sheet.chart) for label in group.labels]


def listing_html(sheet: Listing) -> str:
    """The list as HTML."""
    banner = 0 if sheet.banner is None else banner_mm(sheet.banner)
    return _template("listing.html").render(
        sheet=sheet, top_mm=20 + banner, bottom_mm=12 + 3 * foot_lines(sheet.foot)
    )


@cache
def _template(name: str) -> Template:
    places = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    places.filters["breakable"] = breakable
    places.filters["code"] = lambda words: Markup(code_svg(words))  # noqa: S704 - ours
    places.tests["straight"] = straight
    places.globals["release"] = archive.RELEASE
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
