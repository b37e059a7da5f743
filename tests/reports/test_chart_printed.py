"""The chart and the letterhead on paper: where they stand, what a reader is told, what is drawn."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from protocol.rules.letterhead import Letterhead
from protocol.rules.record import SessionRecord
from reports import markup, printing
from reports.chart_svg import chart_svg
from reports.identity import CODE_SAID
from reports.printing import sheet_pdf
from tests.reports import charts, examples
from tests.reports.hand import policy_document
from tests.reports.reading_sheets import bare, labels_of, pages_of, pdf_of, runs_of, sheet_of
from tests.rules.test_letterhead import LOGO, letterhead

HEAD = Letterhead(
    lines=("North Clinic", "1 Invented Street", "+00 000"), logo=letterhead(LOGO).logo
)


def figures_of(pdf: bytes) -> list[str]:
    """The alternative texts of a tagged file's figures."""
    found = []

    def walk(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(str(node.get("/Alt")))
            walk(node.get("/K", []))

    walk(PdfReader(BytesIO(pdf)).root_object["/StructTreeRoot"])
    return found


def with_policy(record: SessionRecord, **changes: object) -> SessionRecord:
    policy = record.policy.model_copy(update=changes)
    return record.model_copy(update={"policy": policy})


@pytest.mark.parametrize("size", ["A4", "Letter"])
@pytest.mark.parametrize("head", [None, HEAD], ids=["plain", "letterhead"])
@pytest.mark.parametrize("name", ["full", "signed"])
def test_the_whole_chart_stands_on_page_one(name, head, size):
    record = with_policy(getattr(examples, name)(), page_size=size, letterhead=head)
    sheet = sheet_of(record)
    first = pages_of(sheet_pdf(sheet))[0]
    assert sheet.chart is not None
    assert [one.said for one in labels_of(sheet.chart) if bare(one.said) not in first] == []
    assert all(bare(note) in first for note in sheet.chart.notes)


@pytest.mark.parametrize("kind", charts.KINDS, ids=lambda kind: kind.__name__)
def test_the_chart_of_every_kind_of_session_stands_on_page_one(kind):
    sheet = sheet_of(kind())
    assert sheet.chart is not None
    first = pages_of(sheet_pdf(sheet))[0]
    assert [one.said for one in labels_of(sheet.chart) if bare(one.said) not in first] == []


def test_who_cannot_see_the_chart_is_told_what_it_shows():
    sheet = sheet_of(charts.stopped_early())
    assert sheet.chart is not None
    assert figures_of(sheet_pdf(sheet)) == [CODE_SAID, sheet.chart.description]


def test_a_sheet_without_a_chart_has_no_picture_and_no_heading_for_one():
    sheet = sheet_of(charts.nothing())
    assert figures_of(sheet_pdf(sheet)) == [CODE_SAID]
    assert "<h2>Chart</h2>" not in markup.sheet_html(sheet)


def test_words_set_whole_are_the_words_that_weasyprint_s_own_text_sets(monkeypatch):
    sheet = sheet_of(charts.one_point())
    ours = pages_of(sheet_pdf(sheet))
    monkeypatch.setattr(
        printing,
        "chart_svg",
        lambda drawn, unit, text, faces: chart_svg(drawn, unit=unit, faces=faces),
    )
    assert sorted(ours[0]) == sorted(pages_of(sheet_pdf(sheet))[0])


def test_the_numbers_of_the_chart_are_repeated_in_the_tables():
    sheet = sheet_of(examples.full())
    discs = [run.text for run in runs_of(sheet.sections) if run.ink == "disc"]
    assert set(discs) == {str(number) for number in range(1, 9)}
    html = markup.sheet_html(sheet)
    assert re.search(r'<span class="disc">8</span> <strong>10:40</strong>', html)


def test_the_letterhead_stands_at_the_head_of_page_one_alone():
    head = Letterhead(
        lines=("North Clinic", "1 Invented Street", "+00 000"), logo=letterhead(LOGO).logo
    )
    record = with_policy(examples.full(), letterhead=head)
    pdf = pdf_of(record)
    first, *others = pages_of(pdf)
    assert all(bare(line) in first for line in HEAD.lines)
    assert not any("InventedStreet" in page for page in others)
    assert figures_of(pdf)[0] == "Logo of the clinic"
    (image,) = PdfReader(BytesIO(pdf)).pages[0].images
    assert image.image is not None
    assert image.image.size == (2, 2)


def test_a_letterhead_of_text_alone_needs_no_picture():
    record = with_policy(examples.empty(), letterhead=Letterhead(lines=("<b>North</b> & sons",)))
    pdf = pdf_of(record)
    assert bare("<b>North</b> & sons") in pages_of(pdf)[0]
    assert figures_of(pdf) == [CODE_SAID]
    assert policy_document().letterhead is None
