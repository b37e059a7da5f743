"""From a summary to PDF bytes: the only place that knows WeasyPrint.

WeasyPrint is imported when the first sheet is printed, so that everything else runs on a machine
without Pango. The same record, printed at the same moment by the same person, gives the same
bytes (R164): the file's identifier and dates come from the input, never from a clock or chance,
and its letters from our own fonts (fonts.py).
"""

import atexit
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from protocol.rules.audit import canonical_json
from protocol.rules.errors import Refusal
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Signature
from reports import archive
from reports.fonts import BOX, Face, Typeset, lacking_said, typeset
from reports.identity import code_svg
from reports.margins import NAME_MAX, listing_margins, margins
from reports.sheet import Ink, Labelled, Listing, Summary, text
from reports.summary import summary

if TYPE_CHECKING:
    from weasyprint import CSS, HTML, Attachment, Document
    from weasyprint.css import ColorProfile
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

TEMPLATES = Path(__file__).parent / "templates"
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0"
WORD_MAX = 80
_LONG_WORD = re.compile(rf"\S{{{WORD_MAX}}}[\u0300-\u036f\u200d\ufe0f]*(?=\S)")
_COLLAPSING = re.compile(r"\s\s|[^\S ]|^\s|\s$")
_ONE_AT_A_TIME = Lock()
_Sheet = TypeVar("_Sheet", Summary, Listing)


class PdfUnavailable(Refusal):
    """This machine lacks the libraries that set the type; the record itself is untouched."""

    code, kind, title = "pdf-unavailable", "unavailable", "Printing not available"


class Printed(NamedTuple):
    """A sheet as PDF, and the letters for which this machine has no font."""

    content: bytes
    lacking: tuple[str, ...] = ()


def summary_pdf(
    record: SessionRecord, *, printed_at: datetime, printed_by: str,
    superseded_by: Signature | None = None,
) -> bytes:  # fmt: skip
    """The summary as PDF, A4 or Letter as the clinic's policy says, with its record attached.

    Raises PdfUnavailable where Pango does not load.
    """
    return summary_printed(
        record, printed_at=printed_at, printed_by=printed_by, superseded_by=superseded_by
    ).content


def summary_printed(
    record: SessionRecord, *, printed_at: datetime, printed_by: str,
    superseded_by: Signature | None = None,
) -> Printed:  # fmt: skip
    """The same, with the letters that had to be left out. Raises PdfUnavailable."""
    sheet = summary(
        record, printed_at=printed_at, printed_by=printed_by, superseded_by=superseded_by
    )
    return _printed(sheet, sheet_html, canonical_json(record.model_dump(mode="json")))


def sheet_pdf(sheet: Summary) -> bytes:
    """A summary's strings, set and paged; nothing is attached."""
    return _printed(sheet, sheet_html).content


def listing_pdf(sheet: Listing) -> bytes:
    """A list's strings, set and paged. Raises PdfUnavailable where Pango does not load."""
    return _printed(sheet, listing_html).content


def listing_html(sheet: Listing) -> str:
    """The list as HTML, every string escaped (R168)."""
    top, bottom = listing_margins(sheet)
    return _template("listing.html").render(sheet=sheet, top_mm=top, bottom_mm=bottom)


def _printed(
    sheet: _Sheet, html: Callable[[_Sheet], str], attached: bytes | None = None
) -> Printed:
    """Set once; where a letter is in no font here, once more with a box of our own in its place,
    for PDF/A has no glyph that means nothing, and with the line that says so."""
    loaded_weasyprint()
    content, lacking = _set(sheet, html(sheet), attached)
    if lacking:
        said = Labelled("Letters", text(lacking_said(lacking), Ink.MARK))
        sheet = sheet._replace(facts=(*sheet.facts, said))
        boxed = html(sheet).translate(dict.fromkeys(map(ord, lacking), BOX))
        content, _ = _set(sheet, boxed, attached)
    return Printed(content, lacking)


def _set(
    sheet: Summary | Listing, html: str, attached: bytes | None
) -> tuple[bytes, tuple[str, ...]]:
    named = sha256("\n".join((sheet.identifier, sheet.printed_at, *sheet.foot)).encode())
    faces = typeset(html)
    # Pango's fonts are not for several threads at once, and Python sets one sheet at a time anyway.
    with _ONE_AT_A_TIME:
        fonts, styles = _fonts_of(faces)
        document: Document = _page_class()(string=html, url_fetcher=_fetcher()).render(
            font_config=fonts, stylesheets=styles
        )
        document.color_profiles["srgb"] = _srgb()
        content = document.write_pdf(
            finisher=archive.finish, output_intent="kept",
            pdf_identifier=named.hexdigest()[:32].encode(), pdf_variant=archive.VARIANT,
            attachments=list(_attached(attached, sheet.printed_at)),
        )  # fmt: skip
        return bytes(content), tuple(sorted(set(archive.missing_letters(document))))


def _srgb() -> "ColorProfile":
    """The output intent that PDF/A asks for, anew for each sheet: one that was asked for its name
    writes itself otherwise. WeasyPrint's own leaves the closing of its file to chance."""
    from weasyprint.css import ColorProfile

    components = (["r"], ["g"], ["b"])
    return ColorProfile(BytesIO(_profile()), "sRGB2014.icc", "relative-colorimetric", components)


@cache
def _profile() -> bytes:
    return files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()


def _attached(content: bytes | None, printed_at: str) -> "Iterator[Attachment]":
    from weasyprint import Attachment

    if content is not None:
        at = datetime.fromisoformat(printed_at).astimezone(UTC)
        yield Attachment(
            file_obj=BytesIO(content), name=archive.RECORD_FILE, description=archive.RECORD_SAID,
            created=at, modified=at, relationship="Data",
        )  # fmt: skip


def sheet_html(sheet: Summary) -> str:
    """The sheet as HTML, every string escaped (R168)."""
    top, bottom = margins(sheet)
    long_name = len(sheet.banner.name) > NAME_MAX
    return _template("summary.html").render(
        sheet=sheet, top_mm=top, bottom_mm=bottom, long_name=long_name
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


def _fetcher() -> "URLFetcher":
    """Fetches nothing: no scheme is allowed, a file's and the network's included (R168)."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=())


def _face_fetcher(faces: Sequence[Face]) -> "URLFetcher":
    """For our own style alone: gives the fonts that are in memory, by their place, and no more."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Faces(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ANN401
            return URLFetcherResponse(url, faces[int(url.removeprefix("face:"))].content)

    return Faces(allowed_protocols=())


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


def _fonts_of(faces: Typeset) -> "tuple[FontConfiguration, list[CSS]]":
    """The fonts and the styles of a sheet. Latin, Greek and Cyrillic ones are kept ready; letters
    beyond are cut for the one sheet."""
    if faces == typeset(""):
        return _plain_fonts()
    fonts, styles = _loaded(faces)
    return fonts, styles


@cache
def _plain_fonts() -> "tuple[FontConfiguration, list[CSS]]":
    # Its folder of font files goes with it, which at the very end of a process is too late.
    atexit.register(_plain_fonts.cache_clear)
    return _loaded(typeset(""))


def _loaded(faces: Typeset) -> "tuple[FontConfiguration, list[CSS]]":
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    families = ", ".join(f'"{one}"' for one in (*faces.families, "DejaVu Sans"))
    rules = "".join(
        f'@font-face {{ font-family: "{one.family}"; font-weight: {one.weight};'
        f" src: url(face:{place}) }}\n"
        for place, one in enumerate(faces.faces)
    )
    own = (TEMPLATES / "summary.css").read_text("utf-8").replace("var(--faces)", families)
    return fonts, [
        CSS(string=rules + own, url_fetcher=_face_fetcher(faces.faces), font_config=fonts)
    ]


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
