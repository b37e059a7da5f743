"""Reading a sheet back: every string of a summary, and the text of a printed page."""

import re
from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO

from pypdf import PdfReader

from protocol.rules.record import SessionRecord
from reports.chart_drawing import words
from reports.chart_shapes import Chart, Label
from reports.printing import summary_pdf
from reports.sheet import Ink, Run, Section, Summary, letters
from reports.summary import summary
from tests.reports.hand import PRINTED_AT, PRINTED_BY


def sheet_of(record: SessionRecord) -> Summary:
    return summary(record, printed_at=PRINTED_AT, printed_by=PRINTED_BY)


def pdf_of(record: SessionRecord) -> bytes:
    return summary_pdf(record, printed_at=PRINTED_AT, printed_by=PRINTED_BY)


def pages_of(pdf: bytes) -> list[str]:
    """Each page's text with every space left out: a line may end anywhere."""
    return [bare(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def bare(words: str) -> str:
    return re.sub(r"\s+", "", words)


def runs_of(part: object) -> Iterator[Run]:
    """Every run of text inside a part of a sheet."""
    if isinstance(part, Run):
        yield part
    elif isinstance(part, str) and not isinstance(part, StrEnum):
        yield Run(part)
    elif isinstance(part, tuple):
        for one in part:
            yield from runs_of(one)


def labels_of(chart: Chart) -> list[Label]:
    """Every word that stands on a chart."""
    return [one for group in words(chart) for one in group.labels]


def said(part: object) -> str:
    """A part's text, one run after the other."""
    return "".join(run.text for run in runs_of(part)).replace("\u00a0", " ")


def own_words(part: object) -> list[str]:
    """What we wrote, without what was typed."""
    return [run.text for run in runs_of(part) if run.ink not in (Ink.TYPED, Ink.STRUCK)]


def section(sheet: Summary, title: str) -> Section:
    return next(one for one in sheet.sections if one.title == title)


def rows_said(part: Section, table: int = 0) -> list[list[str]]:
    """The cells of a section's table, as text."""
    return [
        [letters(cell).replace("\u00a0", " ") for cell in row.cells]
        for row in part.tables[table].rows
    ]


def struck(part: object) -> list[str]:
    return [run.text.replace("\u00a0", " ") for run in runs_of(part) if run.ink is Ink.STRUCK]


def figure(sheet: Summary, label: str) -> tuple[str, str]:
    found = next(one for one in sheet.figures if one.label == label)
    return found.value.replace("\u00a0", " "), said(found.detail)
