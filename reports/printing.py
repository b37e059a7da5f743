"""From a summary to PDF bytes: the only place that knows WeasyPrint.

WeasyPrint is imported when the first sheet is printed, so that everything else runs on a machine
without Pango. The same record, printed at the same moment by the same person, gives the same
bytes (R164): the file's identifier and dates come from the input, never from a clock or chance,
and its letters from our own fonts (fonts.py).
"""

import atexit
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from protocol.rules.audit import canonical_json
from protocol.rules.errors import Refusal
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Signature
from reports import archive
from reports.chart_svg import chart_svg
from reports.fonts import BOX, Face, Typeset, lacking_said, typeset
from reports.markup import CHART_URL, LOGO_URL, TEMPLATES, drawn_words, listing_html, sheet_html
from reports.sheet import Ink, Labelled, Listing, Summary, text
from reports.summary import summary

if TYPE_CHECKING:
    from weasyprint import CSS, HTML, Attachment, Document
    from weasyprint.css import ColorProfile
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

WORDS = "words"
DEBIAN_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0"
_ONE_AT_A_TIME = Lock()
_Sheet = TypeVar("_Sheet", Summary, Listing)


class PdfUnavailable(Refusal):
    """This machine lacks the libraries that set the type; the record itself is untouched."""

    code, kind, title = "pdf-unavailable", "unavailable", "Printing not available"


class Printed(NamedTuple):
    """A sheet as PDF, and the letters for which this machine has no font."""

    content: bytes
    lacking: tuple[str, ...] = ()


def summary_pdf(record: SessionRecord, *, printed_at: datetime, printed_by: str) -> bytes:
    """The summary as PDF, A4 or Letter as the clinic's policy says, with its record attached.

    Raises PdfUnavailable where Pango does not load.
    """
    return summary_printed(record, printed_at=printed_at, printed_by=printed_by).content


def summary_printed(
    record: SessionRecord, *, printed_at: datetime, printed_by: str,
    superseded_by: Signature | None = None,
) -> Printed:  # fmt: skip
    """The same, or of a version that another followed, with the letters that no font here has."""
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
        content, _ = _set(sheet, html(sheet), attached, lacking)
    return Printed(content, lacking)


def _set(
    sheet: Summary | Listing, html: str, attached: bytes | None, lacking: Sequence[str] = ()
) -> tuple[bytes, tuple[str, ...]]:
    boxed = dict.fromkeys(map(ord, lacking), BOX)
    html = html.translate(boxed)
    named = sha256("\n".join((sheet.identifier, sheet.printed_at, *sheet.foot)).encode())
    faces = typeset(html + "".join(drawn_words(sheet)))
    fetcher = _fetcher(_pictures(sheet, _listed(faces), boxed))
    # Pango's fonts are not for several threads at once, and Python sets one sheet at a time anyway.
    with _ONE_AT_A_TIME:
        fonts, styles = _fonts_of(faces)
        document: Document = _page_class()(string=html, url_fetcher=fetcher).render(
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


def _pictures(
    sheet: Summary | Listing, faces: str, boxed: Mapping[int, str]
) -> dict[str, tuple[str, bytes]]:
    """What a sheet shows that is no text, by the only names that its fetcher knows."""
    if not isinstance(sheet, Summary):
        return {}
    found = {}
    if sheet.chart is not None:
        draw_whole_words()
        drawn = chart_svg(sheet.chart, unit="pt", text=WORDS, faces=faces)
        found[CHART_URL] = ("image/svg+xml", drawn.translate(boxed).encode())
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
    return _plain_fonts() if faces == typeset("") else _loaded(faces)


@cache
def _plain_fonts() -> "tuple[FontConfiguration, list[CSS]]":
    # Its folder of font files goes with it, which at the very end of a process is too late.
    atexit.register(_plain_fonts.cache_clear)
    return _loaded(typeset(""))


def _listed(faces: Typeset) -> str:
    """The families as a style names them, in the order in which a letter is looked for."""
    return ", ".join(f"'{one}'" for one in (*faces.families, "DejaVu Sans"))


def _loaded(faces: Typeset) -> "tuple[FontConfiguration, list[CSS]]":
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    rules = "".join(
        f'@font-face {{ font-family: "{one.family}"; font-weight: {one.weight};'
        f" src: url(face:{place}) }}\n"
        for place, one in enumerate(faces.faces)
    )
    own = (TEMPLATES / "summary.css").read_text("utf-8").replace("var(--faces)", _listed(faces))
    return fonts, [
        CSS(string=rules + own, url_fetcher=_face_fetcher(faces.faces), font_config=fonts)
    ]


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
