"""The handover sheet: what is running, due, last observed and open, at the moment of printing."""

from datetime import timedelta

from reports.formats import clock_of
from reports.handover import handover_sheet
from reports.listing import Printed
from reports.markup import listing_html
from reports.printing import listing_pdf
from reports.sheet import letters
from tests.reports import examples
from tests.reports.hand import at


def said(record, moment):
    """Every section by its title, each table row as its letters."""
    sheet = handover_sheet(record, Printed(moment, "Nora Sample"))
    return {
        one.title: [[letters(cell) for cell in row.cells] for t in one.tables for row in t.rows]
        for one in sheet.sections
    }


def test_what_was_given_so_far_counts_to_the_moment_of_printing():
    record = examples.full()
    running = record.model_copy(
        update={
            "history": record.history[:2],
            "entries": tuple(one for one in record.entries if not is_stop(one.content)),
        }
    )
    early, late = (said(running, at(one))["Dosing"][0] for one in ("12:30", "12:40"))
    assert (early[0], early[1]) == (late[0], "running")
    assert early[-1] != late[-1]


def is_stop(content):
    return content.kind == "dosing" and content.event == "stop"


def test_the_last_value_of_each_measure_has_its_own_time_and_its_limit_s_mark():
    record, moment = examples.full(), at("12:30")
    last = {row[0]: row[1:] for row in said(record, moment)["Last observed"]}
    standing = [one for one in record.standing if one.content.kind == "reading"]
    newest = max(standing, key=lambda one: one.observed_at)
    clock = clock_of(record.clinic.zone, moment)
    assert max(one[1] for one in last.values()) == clock.time(newest.observed_at)


def test_nothing_charted_is_said_and_not_left_blank():
    record = examples.empty()
    sheet = handover_sheet(record, Printed(at("09:40"), "Nora Sample"))
    assert "No dosing event is recorded." in listing_html(sheet)
    assert "What blocks a signature" in {one.title for one in sheet.sections}


def test_it_is_printed_whole_and_the_same_each_time():
    record, moment = examples.full(), at("12:30")
    sheets = [
        listing_pdf(handover_sheet(record, Printed(moment + timedelta(0), "Nora Sample")))
        for _ in range(2)
    ]
    assert sheets[0] == sheets[1]
    assert sheets[0].startswith(b"%PDF-")
