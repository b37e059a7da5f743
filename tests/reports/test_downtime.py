"""The blank sheet: every round, measure, drug line, limit and item of a version, and no number."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from api.demo_documents import policy, protocol
from protocol.rules.forms import FormDocument
from protocol.rules.schedule import offsets_min
from reports.downtime import Version, downtime_sheet
from reports.listing import Printed
from reports.printing import listing_pdf
from reports.sheet import RowKind, letters
from tests.reports import examples
from tests.reports.hand import at

FORM = FormDocument.model_validate(
    {
        "name": "checklist", "title": "Invented checklist", "purpose": "pre-session",
        "items": [
            {"code": "consent", "label": "Consent verified", "kind": "yes-no"},
            {"code": "access", "label": "Access", "kind": "one-of",
             "options": [{"code": "left", "label": "Left arm"}, {"code": "none", "label": "None"}]},
        ],
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def sheet():
    record = examples.empty()
    version = Version(record.protocol_version, protocol(), policy(), (FORM,))
    return downtime_sheet(record.clinic, version, 3, Printed(at("09:00"), "Nora Sample"))


@pytest.fixture(scope="module")
def pages(sheet):
    return [one.extract_text() for one in PdfReader(BytesIO(listing_pdf(sheet))).pages]


def test_each_round_is_laid_out_with_its_measures_to_the_end_of_the_hours(sheet):
    infusion = next(one for one in sheet.sections if one.title == "Phase: Infusion")
    phase = protocol().phase("infusion")
    assert phase is not None
    wanted = phase.rounds
    assert len(infusion.tables) == 1 + len(wanted)
    for table, one in zip(infusion.tables[1:], wanted, strict=True):
        due = [letters(row.cells[0]) for row in table.rows if row.cells[0]]
        times = [minutes for minutes in offsets_min(one) if minutes <= 180]
        assert due == [f"+{minutes // 60}:{minutes % 60:02d}" for minutes in times]
        assert len(table.columns) == len(one.measures) + 3


def test_nothing_is_filled_in_where_something_is_written_by_hand(sheet):
    blank = [
        cell
        for section in sheet.sections
        for table in section.tables
        for row in table.rows
        if row.kind is RowKind.BLANK
        for cell in row.cells[1:]
    ]
    filled = {letters(cell) for cell in blank if cell}
    assert filled == {"yes, no", "Left arm; None"}


def test_every_page_has_a_place_for_the_patient_s_name(pages):
    assert len(pages) > 3
    assert all(re.search(r"Patient _+", page) and "Identifier" in page for page in pages)


def test_the_clinic_s_own_limits_stop_notes_and_items_are_on_the_paper(pages):
    paper = " ".join(" ".join(pages).split())
    for one in protocol().stop_notes:
        assert one.text in paper
    for item in FORM.items:
        assert item.label in paper
    limits = len(protocol().limits) + len(policy().limits)
    assert paper.count(" hard") + paper.count(" soft") >= limits
