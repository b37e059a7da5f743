"""What a printed sheet is made of: strings and their weight, no markup and no layout engine.

Every string that reaches paper is in one of these values, so that a screen, a test or another
sheet can read what a page says without rendering it.
"""

from enum import StrEnum
from typing import NamedTuple

from reports.chart_shapes import Chart


class Ink(StrEnum):
    """How a run of text is set. Typed is what a person wrote: set apart from our own words, so
    that its letters, directions and marks stay its own (R168)."""

    PLAIN = "plain"
    STRONG = "strong"
    SOFT = "soft"
    TYPED = "typed"
    STRUCK = "struck"
    MARK = "mark"
    DISC = "disc"
    LINE = "line"


class Run(NamedTuple):
    """A piece of text in one ink; LINE starts a line of its own."""

    text: str
    ink: Ink = Ink.PLAIN


Cell = tuple[Run, ...]


class Column(NamedTuple):
    """A table's column: its head, the unit below it, its share of the width, and its side."""

    head: str
    share: int
    unit: str = ""
    numeric: bool = False


class RowKind(StrEnum):
    """A row of cells, a total, or one cell over the whole width: a remark about the row above, or
    a heading of the rows below."""

    """A row of cells, a remark over the whole width about the row above, a total, or a row that is
    written on by hand."""

    PLAIN = "plain"
    REMARK = "remark"
    TOTAL = "total"
    HEADING = "heading"
    BLANK = "blank"


class Row(NamedTuple):
    """One row; a remark and a heading have one cell."""

    cells: tuple[Cell, ...]
    kind: RowKind = RowKind.PLAIN


class Table(NamedTuple):
    """Rows under columns, as wide as their shares of a hundred together; heads are repeated."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: Cell = ()


class Section(NamedTuple):
    """A headed part of the sheet: what is to be known about it, tables, paragraphs."""

    title: str
    about: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    paragraphs: tuple[Cell, ...] = ()


class Figure(NamedTuple):
    """One answer at a glance: what, how much, and the detail that qualifies it. A brief one is a
    count, set smaller below the others."""

    label: str
    value: str
    detail: Cell
    brief: bool = False


class LetterheadPrinted(NamedTuple):
    """The clinic's own head of the first page: its lines, and its logo as PNG."""

    lines: tuple[str, ...]
    logo: bytes | None


class Labelled(NamedTuple):
    """A label and what it labels; labels are lighter than values and have no colon."""

    label: str
    value: Cell


class Banner(NamedTuple):
    """Who the patient is, on every page (R140, R141)."""

    name: str
    facts: tuple[Labelled, ...]
    allergies: str
    allergies_known: bool


class SignaturePlace(NamedTuple):
    """A signature, or the place where one is lacking (R25)."""

    meaning: str
    signed: bool
    name: str
    lines: tuple[Cell, ...]


class Summary(NamedTuple):
    """The printed summary of one session, whole (R151)."""

    page_size: str
    title: str
    status: str
    status_detail: str
    demonstration: str
    banner: Banner
    facts: tuple[Labelled, ...]
    figures: tuple[Figure, ...]
    chart: Chart | None
    sections: tuple[Section, ...]
    nothing: str
    signing: tuple[str, ...]
    signatures: tuple[SignaturePlace, ...]
    foot: tuple[str, ...]
    identifier: str
    printed_at: str
    code: str = ""  # what the QR code says
    letterhead: LetterheadPrinted | None = None


class Listing(NamedTuple):
    """A printed list that is no session's: a report of the audit trail, or of disclosures."""

    page_size: str
    wide: bool
    title: str
    clinic: str
    demonstration: str
    banner: Banner | None
    facts: tuple[Labelled, ...]
    sections: tuple[Section, ...]
    foot: tuple[str, ...]
    identifier: str
    printed_at: str


def text(words: str, ink: Ink = Ink.PLAIN) -> Cell:
    """One run."""
    return (Run(words, ink),)


def typed(words: str | None, otherwise: str = "") -> Cell:
    """What a person wrote, or our own words where nobody did."""
    return text(words, Ink.TYPED) if words else text(otherwise, Ink.SOFT) if otherwise else ()


def joined(*cells: Cell, by: str = " · ") -> Cell:
    """Several cells in one, apart by a mark; empty ones are left out."""
    found: list[Run] = []
    for cell in cells:
        if cell:
            found += [Run(by), *cell] if found else cell
    return tuple(found)


def letters(cell: Cell) -> str:
    """A cell's text alone."""
    return "".join(run.text for run in cell)
