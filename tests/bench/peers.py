"""The content of a summary as other engines print it: the same strings, plainly set.

For WeasyPrint and Chromium, bordered tables and a circle for every point that was charted; for
typst the same tables in its own markup, and the same chart.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

from protocol.rules.charting import Reading
from protocol.rules.record import SessionRecord
from reports.sheet import Cell, Summary, Table, letters
from tests.conftest import CHROMIUM_ARGUMENTS, CHROMIUMS

_STYLE = (
    "@page{size:A4;margin:24mm 15mm 18mm;@top-left{content:element(banner)}"
    "@bottom-right{content:'Page 'counter(page)' of 'counter(pages)}}"
    "body{font:8.5pt/1.35 Inter}header{position:running(banner)}"
    "table{border-collapse:collapse;width:100%;font-size:7.5pt}"
    "td,th{border:.5pt solid #999;padding:.75mm 1mm;text-align:left}h2{font-size:10.5pt}"
)
_WIDTH, _HEIGHT = 500, 160
Engine = Callable[[Summary, str], bytes]


def chart_of_circles(record: SessionRecord) -> str:
    """Every charted value as a circle, by its time."""
    readings = [(entry.observed_at, entry.content) for entry in record.of(Reading)]
    first, last = readings[0][0], readings[-1][0]
    span = (last - first).total_seconds() or 1.0
    circles = "".join(
        f'<circle cx="{(at - first).total_seconds() / span * _WIDTH:.1f}"'
        f' cy="{_HEIGHT - float(one.value) % _HEIGHT:.1f}" r="2"/>'
        for at, content in readings
        if isinstance(content, Reading)
        for one in content.observations
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}">{circles}</svg>'
    )


def plain_html(sheet: Summary, chart: str) -> str:
    """The sheet's strings in plain bordered tables."""
    facts = "".join(
        f"<p>{escape(one.label)} {escape(letters(one.value))}</p>" for one in sheet.facts
    )
    figures = "".join(
        f"<td>{escape(one.label)}<br>{escape(one.value)}<br>{escape(letters(one.detail))}</td>"
        for one in sheet.figures
    )
    sections = "".join(
        f"<h2>{escape(section.title)}</h2>"
        + "".join(map(_html_table, section.tables))
        + "".join(f"<p>{escape(letters(one))}</p>" for one in section.paragraphs)
        for section in sheet.sections
    )
    signed = "".join(f"<p>{escape(one.meaning)} {escape(one.name)}</p>" for one in sheet.signatures)
    return (
        f"<html lang='en'><title>{escape(sheet.title)}</title><style>{_STYLE}</style>"
        f"<header>{escape(sheet.banner.name)}</header><h1>{escape(sheet.title)}</h1>{facts}"
        f"<table><tr>{figures}</tr></table>{chart}{sections}{signed}</html>"
    )


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{escape(one.head)} {escape(one.unit)}</th>" for one in table.columns)
    across = len(table.columns)
    rows = "".join(
        f"<tr>{''.join(_html_cell(cell, across // len(row.cells)) for cell in row.cells)}</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _html_cell(cell: Cell, columns: int) -> str:
    across = f' colspan="{columns}"' if columns > 1 else ""
    return f"<td{across}>{escape(letters(cell))}</td>"


def weasyprint_plain(sheet: Summary, chart: str) -> bytes:
    """WeasyPrint, as it comes."""
    import weasyprint

    return bytes(weasyprint.HTML(string=plain_html(sheet, chart)).write_pdf())


def typst_engine() -> Engine:
    """A compiler that is kept, as its users keep it; every document differs from the last."""
    import typst

    compiler = typst.Compiler()

    def render(sheet: Summary, chart: str) -> bytes:
        found = compiler.compile(_typst(sheet, chart).encode(), format="pdf")
        assert isinstance(found, bytes)
        return found

    return render


def _typst(sheet: Summary, chart: str) -> str:
    parts = [
        (
            '#set page(paper: "a4", margin: (x: 15mm, top: 24mm, bottom: 18mm),'
            f' header: {_typst_text(sheet.banner.name)}, numbering: "1 of 1")'
        ),
        '#set text(font: "Inter", size: 8.5pt)',
        f"= #{_typst_text(sheet.title)}",
        *(f"#{_typst_text(f'{one.label} {letters(one.value)}')}\\" for one in sheet.facts),
        *(
            f"#{_typst_text(f'{one.label} {one.value} {letters(one.detail)}')}\\"
            for one in sheet.figures
        ),
        f"#image(bytes({_typst_string(chart)}), width: 100%)",
    ]
    for section in sheet.sections:
        parts.append(f"== #{_typst_text(section.title)}")
        parts += [_typst_table(one) for one in section.tables]
        parts += [f"#{_typst_text(letters(one))}\n" for one in section.paragraphs]
    parts += [f"#{_typst_text(f'{one.meaning} {one.name}')}\n" for one in sheet.signatures]
    return "\n".join(parts)


def _typst_table(table: Table) -> str:
    heads = ", ".join(_typst_text(f"{one.head} {one.unit}") for one in table.columns)
    across = len(table.columns)
    cells = ", ".join(
        _typst_text(letters(cell))
        if len(row.cells) == across
        else f"table.cell(colspan: {across}, {_typst_text(letters(cell))})"
        for row in table.rows
        for cell in row.cells
    )
    shares = ", ".join(f"{one.share}fr" for one in table.columns)
    return f"#table(columns: ({shares},), table.header({heads}), {cells})"


def _typst_text(words: str) -> str:
    return f"text({_typst_string(words)})"


def _typst_string(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@contextmanager
def chromium_engine() -> Iterator[Engine]:
    """A browser that is kept open, headless, with a page that is filled anew for each document."""
    from playwright.sync_api import sync_playwright

    found = next(path for path in map(shutil.which, CHROMIUMS) if path)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=found, args=[*CHROMIUM_ARGUMENTS, *sandbox]
        )
        page = browser.new_page()

        def render(sheet: Summary, chart: str) -> bytes:
            page.set_content(plain_html(sheet, chart))
            return page.pdf(format="A4", tagged=True, prefer_css_page_size=True)

        yield render
        browser.close()
