"""The log and the inventory of controlled drugs on paper, read back with another's tools."""

import logging
import re
import subprocess
from io import BytesIO

import pytest
from pypdf import PdfReader

from protocol.rules.custody import EntryKind
from reports.custody_report import _SAID, log_report
from reports.inventory_report import inventory_report
from reports.listing import Printed
from reports.markup import listing_html
from reports.printing import listing_pdf
from reports.sheet import Ink, Listing
from tests.reports.hand import PRINTED_AT
from tests.reports.reading_sheets import bare, pages_of, runs_of, said
from tests.reports.registers import (
    CLASSES,
    CLINIC,
    HEBREW,
    LOCATION,
    LONG,
    MARKUP,
    PATIENT,
    PRINTED,
    a_count,
    a_day,
    a_hostile_day,
    a_line,
    a_stock,
)


@pytest.fixture(autouse=True)
def _no_warning(caplog):
    """A warning of WeasyPrint's is something that did not reach the paper as meant."""
    caplog.set_level(logging.WARNING)
    yield
    called = caplog.get_records("call")
    assert [one.getMessage() for one in called if one.name.startswith("weasyprint")] == []


def log_of(lines, printed: Printed = PRINTED, **changes) -> Listing:
    asked = {"since": None, "until": None, "classes": CLASSES, "profile": "Inventia, version 1"}
    return log_report(CLINIC, LOCATION, lines, printed=printed, **(asked | changes))


def inventory_of(count=None, printed: Printed = PRINTED) -> Listing:
    return inventory_report(
        CLINIC, a_stock(), count, classes=CLASSES, profile=None, printed=printed
    )


def rows_of(sheet: Listing, section: int = 0, table: int = 0) -> list[list[str]]:
    return [
        [said(cell) for cell in row.cells] for row in sheet.sections[section].tables[table].rows
    ]


def test_every_kind_of_entry_has_a_word():
    assert set(_SAID) == set(EntryKind)


def test_a_line_has_every_field_that_the_law_names():
    brought, received, drawn, wasted, *_, carried = rows_of(log_of(a_day()))
    assert (brought[2], brought[-1]) == ("Brought forward", "0 mg")
    assert (carried[2], carried[-1]) == ("Carried forward", "0 mg")
    assert received[6] == "Invented Supply2 Invented RoadRegistration  S-77Order  PO-12"
    number, when, what, container, came, went, whom, who, balance = drawn
    assert (number, when) == ("2", "20-Nov-2026 03:21entered 03:24")
    assert what == "Drawn NEW CONTAINER OPENEDas entered  94 mg"
    assert container == "Lot  LOT-7Expiry  28-Feb-2033Id  da1ab70baee2"
    assert (came, went, balance) == ("", "94 mg", "423 mg")
    assert whom == "EXAMPLE, RobinRecord number  001234563 Invented Lane\n9998 Inventon"
    assert who == "Nora Nurse, RN"
    assert wasted[2] == "Wasted LATE WASTE12.5 mg of what was drawnManner  into the sink"
    assert wasted[4:6] == ["", ""]
    assert wasted[7] == "Nora Nurse, RNWitness  Wim Witness, RN"


def test_the_full_name_and_strength_stand_over_their_entries():
    title = said(log_of(a_day()).sections[0].tables[0].title)
    assert title == (
        "examplamine hydrochloride · solution for injection · 47 mg per mL · container of  11 mL"
        " · Class Y"
    )


def test_a_reversed_entry_stays_unstruck_and_both_name_each_other():
    sheet = log_of(a_day())
    wrong, reversal = rows_of(sheet)[4:6]
    assert wrong[2].startswith("Drawn EXPIRED REVERSED BY No. 5")
    assert reversal[2].startswith("Reversal of No. 4")
    assert [run for run in runs_of(sheet) if run.ink is Ink.STRUCK] == []


def test_an_entry_made_on_another_day_says_which_and_a_missing_address_that_it_is_missing():
    line = a_line(1, EntryKind.DRAW, "-1", "1",
                  patient=PATIENT.model_copy(update={"address": None}),
                  observed_at=PRINTED_AT.replace(day=11))  # fmt: skip
    [_, row, _] = rows_of(log_of([line]))
    assert row[1] == "11-Nov-2026 13:07entered20-Nov-2026 03:17"
    assert row[6].endswith("Address not recorded")


def test_an_empty_log_says_so():
    sheet = log_of([], since=PRINTED_AT)
    assert sheet.sections[0].about == ("Nothing was entered in this window.",)
    assert "from 20-Nov-2026 13:07 to before now" in said(sheet.facts)


def test_an_inventory_states_when_who_and_what_differs():
    sheet = inventory_of(a_count())
    facts = said(sheet.facts)
    for words in ("Periodic inventory, blind", "at close of business on 19-Nov-2026",
                  "Nora Nurse, RN; Wim Witness, RN"):  # fmt: skip
        assert words in facts
    counted = rows_of(sheet)
    assert [row[5] for row in counted] == [
        "none", "short by 7 mg MOVED", "short by 14 mg", "none", "short by 7 mg",
    ]  # fmt: skip
    assert counted[0][3] == "517 mg ESTIMATED"
    assert rows_of(sheet, 1) == [["inventol", "", "7 mg", "without a label"]]
    assert rows_of(sheet, 2)[-1] == ["5 containers", "", "Together", "2,585 mg"]
    assert "None of this location is recorded" in said(inventory_of().facts)


@pytest.mark.parametrize(("size", "points"), [("A4", (842, 595)), ("Letter", (792, 612))])
def test_the_sheets_are_tagged_and_on_the_clinic_s_paper(size, points):
    printed = PRINTED._replace(page_size=size)
    content = listing_pdf(log_of(a_day(), printed))
    reader = PdfReader(BytesIO(content))
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == points
    assert "'/Marked': True" in repr(reader.root_object["/MarkInfo"])
    assert repr(reader.root_object["/Lang"]) == "'en'"
    assert content == listing_pdf(log_of(a_day(), printed))
    upright = PdfReader(BytesIO(listing_pdf(inventory_of(a_count(), printed)))).pages[0].mediabox
    assert (round(upright.height), round(upright.width)) == points


def test_every_page_names_the_location_and_repeats_the_head():
    lines = [a_line(n, EntryKind.DRAW, "-1", str(900 - n), patient=PATIENT) for n in range(1, 60)]
    pages = pages_of(listing_pdf(log_of(lines)))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        for words in ("Saferoom2", "registrationR-1234567", "Patient,orfromandto", "Balance",
                      f"Page{number}of{len(pages)}"):  # fmt: skip
            assert words in page.replace(",room", "room"), (number, words)


@pytest.mark.parametrize("name", [MARKUP, HEBREW, LONG], ids=["markup", "hebrew", "long"])
def test_a_hostile_name_keeps_the_table_whole_with_its_head_on_every_page(name):
    patient = PATIENT.model_copy(update={"name": name})
    lines = [a_line(n, EntryKind.DRAW, "-1", str(900 - n), patient=patient) for n in range(1, 30)]
    pages = pages_of(listing_pdf(log_of(lines)))
    assert all("Patient,orfromandto" in page for page in pages)
    whole = "".join(pages)
    for n in range(1, 30):
        assert f"{900 - n}mg" in whole
    if name is not HEBREW:
        assert whole.count(bare(name)) == 29


def test_nothing_is_lost_where_every_field_is_hostile(program, tmp_path):
    content = listing_pdf(log_of(a_hostile_day(6)))
    whole = "".join(pages_of(content))
    # Ten fields a line, on two of six lines; the drug's own name; a word may end with its page.
    assert whole.count("Longname") >= 50 * (2 * 10 + 1) - 4
    assert whole.count(bare(MARKUP)) >= 2 * 9
    html = listing_html(log_of(a_hostile_day(6)))
    assert not re.search(r"<(script|img|link)\b", html)
    path = tmp_path / "log.pdf"
    path.write_bytes(content)
    ran = subprocess.run([program("qpdf"), "--check", path], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
