"""The printed sheet: real PDFs, read back with other people's tools."""

import logging
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from protocol.rules.charting import DosingKind, Note
from reports import markup, printing
from reports.markup import CHART_URL, sheet_html
from reports.printing import PdfUnavailable, summary_pdf
from reports.sheet import Ink
from tests.reports import examples
from tests.reports.hand import PRINTED_AT, Chart, policy_document, quantity, record_of
from tests.reports.reading_sheets import bare, labels_of, pages_of, pdf_of, runs_of, sheet_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_warning(caplog):
    """A warning of WeasyPrint's is something that did not reach the paper as meant."""
    caplog.set_level(logging.WARNING)
    yield
    called = caplog.get_records("call")
    assert [one.getMessage() for one in called if one.name.startswith("weasyprint")] == []


@cache
def printed(name: str) -> bytes:
    return pdf_of(getattr(examples, name)())


@cache
def pages(name: str) -> list[str]:
    return pages_of(printed(name))


@pytest.mark.parametrize("name", ["empty", "full", "signed", "amended", "hostile"])
def test_every_page_says_who_the_patient_is_and_where_it_stands_in_the_document(name):
    sheet = sheet_of(getattr(examples, name)())
    said = pages(name)
    for number, page in enumerate(said, 1):
        for known in (
            "14-Jul-1985", "Female", "00123456", "EX-77-1001", sheet.status, *sheet.foot,
            sheet.demonstration, sheet.banner.allergies, f"Page {number} of {len(said)}",
        ):  # fmt: skip
            assert bare(known) in page, (number, known)
        # Letters alone: a reader gives right-to-left words back in another order.
        assert not Counter(bare(sheet.banner.name)) - Counter(page)


@pytest.mark.parametrize("name", ["empty", "full", "signed", "amended"])
def test_every_string_of_the_summary_reaches_the_paper(name):
    sheet = sheet_of(getattr(examples, name)())
    whole = "".join(pages(name))
    # The moment of printing is in the file's data, and what the QR code says is drawn.
    words = [
        run.text
        for run in runs_of(sheet._replace(printed_at="", page_size="", code="", chart=None))
    ]
    if sheet.chart is not None:
        words += [*sheet.chart.notes, *(one.said for one in labels_of(sheet.chart))]
    lacking = [one for one in words if bare(one).lower() not in whole.lower()]
    assert lacking == []


def test_nothing_that_hostile_hands_typed_is_lost():
    whole = "".join(pages("hostile"))
    assert whole.count("w") >= 10_000
    assert whole.count("n") >= 3_000
    assert "END-OF-ACTION" in whole
    assert whole.count("long") >= 1_200
    assert bare(examples.MARKUP) in whole
    assert examples.HEBREW.split()[1] in whole or examples.HEBREW.split()[1][::-1] in whole
    for number in range(examples.ALLERGIES):
        assert f"substance{number}y" in whole


def test_struck_originals_are_on_the_paper_and_drawn_struck():
    whole = "".join(pages("full"))
    assert "221121" in whole
    assert bare("Left with her brother.") in whole
    sheet = sheet_of(examples.full())
    originals = [run.text for run in runs_of(sheet) if run.ink is Ink.STRUCK]
    assert sheet_html(sheet).count("<del>") == len(originals) == 8
    css = (markup.TEMPLATES / "summary.css").read_text()
    assert re.search(r"\bdel \{[^}]*line-through", css)


def test_the_same_record_gives_the_same_bytes():
    assert pdf_of(examples.full()) == printed("full")


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_bytes_do_not_depend_on_the_process(seed):
    program = (
        "import hashlib; from tests.reports import examples; "
        "from tests.reports.reading_sheets import pdf_of; "
        "print(hashlib.sha256(pdf_of(examples.full())).hexdigest())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True,
        env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": f"EST{seed}"},
    )  # fmt: skip
    assert ran.stdout.strip() == sha256(printed("full")).hexdigest()


def test_printing_in_threads_gives_the_same_bytes():
    with ThreadPoolExecutor(4) as pool:
        files = set(pool.map(pdf_of, [examples.empty()] * 8))
    assert files == {printed("empty")}


def test_another_printing_is_another_file():
    other = summary_pdf(examples.full(), printed_at=PRINTED_AT, printed_by="BERG, Ilse, RN")
    first, second = (PdfReader(BytesIO(one)).trailer["/ID"] for one in (other, printed("full")))
    assert first != second


@pytest.mark.parametrize(("size", "points"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_the_paper_is_the_clinics(size, points):
    record = record_of(Chart(), policy=policy_document(page_size=size))
    box = PdfReader(BytesIO(pdf_of(record))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points


def test_markup_stays_text_and_nothing_is_fetched(monkeypatch):
    from weasyprint.urls import URLFetcher

    asked: list[str] = []
    monkeypatch.setattr(URLFetcher, "fetch", lambda self, url, headers=None: asked.append(url))
    chart = Chart()
    chart.add("10:00", Note(text='<img src="file:///etc/passwd"><link href="http://x.y">'))
    chart.vitals("10:01", "1 1 1 1 1", '<style>@import "http://x.y/z.css"</style>')
    record = record_of(chart, series="<script>")
    html = sheet_html(sheet_of(record))
    assert re.findall(r"<(?:img|script|link)\b[^>]*?src=(\S+)", html) == [f'"{CHART_URL}"']
    assert not re.search(r"<(script|link)\b", html)
    whole = "".join(pages_of(pdf_of(record)))
    assert '<imgsrc="file:///etc/passwd"><linkhref="http://x.y">' in whole
    assert '<style>@import"http://x.y/z.css"</style>' in whole
    assert asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1/", "https://x.y/", "data:,x", "ftp://x.y/"]
)
def test_the_fetcher_refuses_every_scheme(url):
    with pytest.raises(ValueError, match="disallowed protocol"):
        printing._fetcher().fetch(url)


def test_an_image_in_a_template_would_not_be_read(monkeypatch, caplog, tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
    html = sheet_html(sheet_of(examples.empty())).replace(
        "<h1>", f'<img src="file://{secret}"><h1>'
    )
    monkeypatch.setattr(printing, "sheet_html", lambda sheet: html)
    assert "SECRET" not in "".join(pages_of(pdf_of(examples.empty())))
    assert "disallowed protocol" in caplog.text
    caplog.clear()


def test_the_file_is_tagged_titled_and_in_a_language():
    reader = PdfReader(BytesIO(printed("full")))
    root = reader.root_object
    assert "'/Marked': True" in repr(root["/MarkInfo"])
    assert repr(root["/Lang"]) == "'en'"
    data = repr(reader.metadata)
    assert "'/Title': 'Infusion session summary, EXAMPLE, Robin'" in data
    assert "D:20261120120700+00'00" in data


def test_a_tool_that_we_did_not_write_finds_the_file_sound(program, tmp_path):
    for name in ("empty", "amended", "hostile"):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(printed(name))
        ran = subprocess.run([program("qpdf"), "--check", path], capture_output=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        fonts = subprocess.run(
            [program("pdffonts"), path], capture_output=True, check=True, text=True
        ).stdout.splitlines()[2:]
        assert fonts
        assert all(" yes yes yes " in one for one in fonts), fonts


def test_a_table_repeats_its_head_on_every_page_and_splits_no_row():
    chart = Chart()
    contexts = [f"c{number} " + "tall row " * 25 + f"e{number}." for number in range(40)]
    for number, context in enumerate(contexts):
        chart.vitals(f"10:{number:02d}", f"{100 + number} 70 60 99 14", context)
    spread = [page for page in pages_of(pdf_of(record_of(chart))) if "tallrow" in page]
    assert len(spread) > 2
    assert all("SystolicbloodpressuremmHg" in page for page in spread)
    for context in contexts:
        assert sum(bare(context) in page for page in spread) == 1


@pytest.mark.parametrize("name", ["empty", "hostile"])
def test_a_banner_of_any_length_stands_above_the_page_and_not_over_it(name, program, tmp_path):
    path = tmp_path / "sheet.pdf"
    path.write_bytes(printed(name))
    command = [program("pdftotext"), "-f", "1", "-l", "1", "-bbox", path, "-"]
    found = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    words = re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(\w+)<', found)
    banner = min(float(bottom) for _, bottom, word in words if word == "Allergies")
    title = min(float(top) for top, _, word in words if word == "Infusion")
    assert banner + 4 < title


def test_no_letter_is_smaller_than_six_and_a_half_points():
    css = (markup.TEMPLATES / "summary.css").read_text()
    sizes = [float(one) for one in re.findall(r"font(?:-size)?:[^;]*?([\d.]+)pt", css)]
    assert len(sizes) > 10
    assert min(sizes) >= 6.5


def test_a_word_without_end_is_set_in_time_and_keeps_every_letter():
    word = "a&<" * 3_000
    broken = str(markup.breakable(word))
    assert broken.count("<wbr>") == 112
    assert broken.replace("<wbr>", "") == word.replace("&", "&amp;").replace("<", "&lt;")
    assert markup.breakable("a word and another") == "a word and another"


def test_without_pango_everything_but_paper_works_and_the_packages_are_named(monkeypatch):
    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    assert sheet_of(examples.full()).title == "Infusion session summary"
    with pytest.raises(PdfUnavailable) as refused:
        pdf_of(examples.full())
    assert (refused.value.code, refused.value.kind) == ("pdf-unavailable", "unavailable")
    assert "libpango-1.0-0 libpangoft2-1.0-0" in refused.value.sentence
    assert refused.value.facts["packages"] == printing.DEBIAN_PACKAGES


def test_importing_the_printing_does_not_load_pango():
    program = "import sys, reports.printing; print('weasyprint' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "False"


def test_the_small_sheet_of_elements_prints_what_weasyprint_s_own_would(monkeypatch):
    from weasyprint import HTML

    ours = pages_of(pdf_of(examples.full()))
    monkeypatch.setattr(printing, "_page_class", lambda: HTML)
    assert pages_of(pdf_of(examples.full())) == ours


def test_a_first_row_of_few_figures_cuts_off_none_of_a_longer_one():
    """A table of fixed layout has as many columns as its first row."""
    chart = Chart()
    chart.dose("10:00", DosingKind.START, rate=quantity("20", "mL/h"))
    sheet = sheet_of(record_of(chart))
    assert len([one for one in sheet.figures if not one.brief]) < 4
    page = pages_of(pdf_of(record_of(chart)))[0]
    for figure in sheet.figures:
        assert bare(figure.label + (figure.value if figure.brief else "")) in page
