"""The printed sheet: real PDFs, read back with other people's tools."""

import logging
import re
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from reports import printing
from reports.printing import PdfUnavailable, sheet_html, summary_pdf
from reports.sheet import Ink
from tests.reports import examples
from tests.reports.reading_sheets import bare, pages_of, pdf_of, runs_of, sheet_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_warning(caplog):
    """A warning of WeasyPrint's is something that did not reach the paper as meant."""
    caplog.set_level(logging.WARNING)
    yield
    assert [one.getMessage() for one in caplog.records if one.name.startswith("weasyprint")] == []


@pytest.fixture(scope="module")
def printed() -> dict[str, bytes]:
    names = ("empty", "full", "signed", "amended", "hostile")
    return {name: pdf_of(getattr(examples, name)()) for name in names}


@pytest.mark.parametrize("name", ["empty", "full", "signed", "amended", "hostile"])
def test_every_page_says_who_the_patient_is_and_where_it_stands_in_the_document(printed, name):
    sheet = sheet_of(getattr(examples, name)())
    pages = pages_of(printed[name])
    for number, page in enumerate(pages, 1):
        for known in (
            "14-Jul-1985", "Female", "00123456", "EX-77-1001", sheet.status, *sheet.foot,
            sheet.demonstration, sheet.banner.name, sheet.banner.allergies,
            f"Page {number} of {len(pages)}",
        ):  # fmt: skip
            assert bare(known) in page, (number, known)


@pytest.mark.parametrize("name", ["empty", "full", "signed", "amended"])
def test_every_string_of_the_summary_reaches_the_paper(printed, name):
    sheet = sheet_of(getattr(examples, name)())
    whole = "".join(pages_of(printed[name]))
    # The moment of printing and the whole digest are in the file's data, not on its pages.
    said = [run.text for run in runs_of(sheet._replace(printed_at="", page_size=""))]
    lacking = [one for one in said if bare(one).lower() not in whole.lower()]
    assert lacking == []


def test_nothing_that_hostile_hands_typed_is_lost(printed):
    whole = "".join(pages_of(printed["hostile"]))
    assert whole.count("w") >= 10_000
    assert whole.count("n" * 20) >= 400
    assert "END-OF-ACTION" in whole
    assert whole.count("longlong") >= 1_900
    assert bare(examples.MARKUP) in whole
    assert examples.HEBREW.split()[1] in whole or examples.HEBREW.split()[1][::-1] in whole
    for number in range(40):
        assert f"substance{number}y" in whole


def test_struck_originals_are_on_the_paper_and_drawn_struck(printed):
    whole = "".join(pages_of(printed["full"]))
    assert "221121" in whole
    assert bare("Left with her brother.") in whole
    sheet = sheet_of(examples.full())
    originals = [run.text for run in runs_of(sheet) if run.ink is Ink.STRUCK]
    assert sheet_html(sheet).count("<del>") == len(originals) == 8
    css = (printing.TEMPLATES / "summary.css").read_text()
    assert re.search(r"\bdel \{[^}]*line-through", css)


def test_the_same_record_gives_the_same_bytes(printed):
    assert pdf_of(examples.full()) == printed["full"]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_bytes_do_not_depend_on_the_process(printed, seed):
    program = (
        "import hashlib; from tests.reports import examples; "
        "from tests.reports.reading_sheets import pdf_of; "
        "print(hashlib.sha256(pdf_of(examples.full())).hexdigest())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True,
        env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": f"EST{seed}"},
    )  # fmt: skip
    assert ran.stdout.strip() == sha256(printed["full"]).hexdigest()


def test_another_printing_is_another_file(printed):
    other = summary_pdf(examples.full(), printed_at=examples.PRINTED_AT, printed_by="BERG, Ilse, RN")
    first, second = (PdfReader(BytesIO(one)).trailer["/ID"][0] for one in (other, printed["full"]))
    assert first != second


@pytest.mark.parametrize(("size", "points"), [("A4", (595, 842)), ("Letter", (612, 792))])
def test_the_paper_is_the_clinics(size, points):
    record = examples.record_of(examples.Chart(), policy=examples.policy_document(page_size=size))
    box = PdfReader(BytesIO(pdf_of(record))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points


def test_markup_stays_text_and_nothing_is_fetched(monkeypatch):
    from weasyprint.urls import URLFetcher

    asked: list[str] = []
    monkeypatch.setattr(URLFetcher, "fetch", lambda self, url, headers=None: asked.append(url))
    chart = examples.Chart()
    chart.add("10:00", examples.Note(text='<img src="file:///etc/passwd"><link href="http://x.y">'))
    chart.vitals("10:01", "1 1 1 1 1", '<style>@import "http://x.y/z.css"</style>')
    record = examples.record_of(chart, series="<script>")
    html = sheet_html(sheet_of(record))
    assert not re.search(r"<(img|script|link)\b", html)
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
    html = sheet_html(sheet_of(examples.empty())).replace("<h1>", f'<img src="file://{secret}"><h1>')
    monkeypatch.setattr(printing, "sheet_html", lambda sheet: html)
    assert "SECRET" not in "".join(pages_of(pdf_of(examples.empty())))
    assert "disallowed protocol" in caplog.text
    caplog.clear()


def test_the_file_is_tagged_titled_and_in_a_language(printed):
    reader = PdfReader(BytesIO(printed["full"]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata.title == "Infusion session summary, EXAMPLE, Robin"
    assert reader.metadata.get("/CreationDate") == "D:20261120120700+00'00"


def test_a_tool_that_we_did_not_write_finds_the_file_sound(printed, program, tmp_path):
    for name, pdf in printed.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(pdf)
        ran = subprocess.run([program("qpdf"), "--check", path], capture_output=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        fonts = subprocess.run(
            [program("pdffonts"), path], capture_output=True, check=True, text=True
        ).stdout.splitlines()[2:]
        assert fonts
        assert all(" yes yes yes " in one for one in fonts), fonts


def test_a_table_repeats_its_head_and_splits_no_row(printed):
    pages = pages_of(printed["hostile"])
    rows = [f"{100 + minute}70" for minute in range(90)]
    spread = [page for page in pages if any(row in page for row in rows[5:])]
    assert len(spread) > 2
    assert all("SystolicbloodpressuremmHg" in page for page in spread)


def test_no_letter_is_smaller_than_six_and_a_half_points():
    css = (printing.TEMPLATES / "summary.css").read_text()
    sizes = [float(one) for one in re.findall(r"font(?:-size)?:[^;]*?([\d.]+)pt", css)]
    assert len(sizes) > 10
    assert min(sizes) >= 6.5


def test_a_word_without_end_is_set_in_time_and_keeps_every_letter():
    word = "a&<" * 3_000
    broken = str(printing.breakable(word))
    assert broken.count("<wbr>") == 112
    assert broken.replace("<wbr>", "") == word.replace("&", "&amp;").replace("<", "&lt;")
    assert printing.breakable("a word and another") == "a word and another"


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
