"""A form on paper: who answered what and when, how a score came about, and what is lacking."""

import re

import pytest

from tests.reports import examples
from tests.reports.form_sheets import CHECKLIST, LEAVING, formed, pinned, response
from tests.reports.hand import Chart, record_of
from tests.reports.reading_sheets import (
    bare,
    pages_of,
    pdf_of,
    rows_said,
    runs_of,
    said,
    section,
    sheet_of,
)

SHEET = sheet_of(formed())
CHECK = section(SHEET, "Before we begin")
LEAVE = section(SHEET, "Before you leave")


def answer_to(label: str) -> list[str]:
    return next(row for row in rows_said(CHECK) if row[0] == label)


def test_a_form_says_its_version_who_approved_it_and_what_waits_for_it():
    assert CHECK.about[0].replace("\u00a0", " ") == (
        "Form before-we-begin, version 4, approved by OKAFOR, Samuel, MD, digest 9cd0 9cd0."
        " The beginning of the session waits for it."
    )
    assert CHECK.about[1:] == (
        "Answers are about the last week.", "Source: Written by the clinic.",
        "Licence: The clinic's own.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("label", "row"),
    [
        ("Name and day of birth asked", ["yes", "09:40", "WRIGHT, Dana, RN"]),
        ("Consent signed", ["no · NOT MET", "09:40", "WRIGHT, Dana, RN"]),
        ("Has eaten", ["yes, at 07:30", "09:40", "WRIGHT, Dana, RN"]),
        ("Who", ["her sister, <b>Ruth</b>", "09:45", "BERG, Ilse, RN · LATE, recorded 10:40"]),
        ("Drunk since morning", ["250.0 mL", "09:42", "WRIGHT, Dana, RN"]),
        ("Pregnancy excluded",
         ["asked, declined · LACKING", "09:45", "BERG, Ilse, RN · LATE, recorded 10:40"]),
        ("Access at", ["left forearm", "09:45", "BERG, Ilse, RN · LATE, recorded 10:40"]),
        ("Placed on", ["18-Nov-2026", "09:45", "BERG, Ilse, RN · LATE, recorded 10:40"]),
        ("Pump looked at", ["Not recorded · LACKING", "–", "–"]),
    ],
)  # fmt: skip
def test_an_item_has_its_answer_with_who_and_when(label, row):
    assert [one.replace("\u00a0", " ") for one in answer_to(label)[1:]] == row


def test_an_answer_that_was_given_before_stays_to_be_read():
    answer = answer_to("Came with")[1]
    assert answer.startswith("A relative")
    assert re.search("09:40 +Nobody, WRIGHT, Dana, RN", answer.replace("\u00a0", " "))


def test_an_item_that_is_not_asked_is_not_printed():
    labels = [row[0] for row in rows_said(CHECK)]
    assert "Who" in labels
    assert "Home alone tonight" not in labels
    assert [row for row in labels if row in ("Identity", "Today", "Access")] == [
        "Identity", "Today", "Access",
    ]  # fmt: skip


def test_an_answer_that_another_one_hides_since_is_said_below_the_items():
    assert said(CHECK.paragraphs[-1]) == (
        "Answered at 09:40 and not asked now  Home alone tonight: yes · WRIGHT, Dana, RN"
    )


def test_a_score_says_its_method_its_count_and_why_it_is_not_there():
    ready, share = rows_said(LEAVE, 1)
    assert ready == [
        "Readiness", "No score · LACKING", "mean, computed; from 3 answers up",
        "2 of 3 items, sum 3 of 4",
    ]  # fmt: skip
    assert [one.replace("\u00a0", " ") for one in share] == [
        "Share of what can be had", "75 %",
        "percent of answered maximum, computed; from 1 answer up",
        "2 of 2 items, sum 3 of 4",
    ]  # fmt: skip


def test_a_score_has_its_band_only_where_there_is_one():
    chart = Chart()
    values = {code: {"value": "2"} for code in ("walks", "knows", "drinks")}
    chart.add("11:40", response(LEAVING, **values))
    sheet = sheet_of(record_of(chart, forms=pinned(LEAVING)))
    assert rows_said(section(sheet, "Before you leave"), 1)[0][1] == "2 · Well"


def test_what_is_lacking_stands_with_the_reason_or_with_its_want():
    words = [said(one) for one in CHECK.paragraphs]
    assert words[0] == "No reason given · Pump looked at: not answered."
    assert words[1].startswith("09:57  Went on without Consent signed, Pregnancy excluded: Consent")
    assert words[1].endswith("OKAFOR, Samuel, MD")
    facts = {one.label: said(one.value) for one in SHEET.facts}
    assert facts["Forms"] == (
        "Before we begin 3 lacking, 2 with a reason · Before you leave 1 lacking, 1 with a reason"
    )
    assert "Pump looked at: not answered. No reason was given." in said(
        section(SHEET, "What blocks a signature")
    )


def test_a_form_that_nobody_answered_lacks_everything_and_meets_nothing():
    sheet = sheet_of(record_of(Chart(), forms=pinned(CHECKLIST)))
    rows = rows_said(section(sheet, "Before we begin"))
    assert {row[1] for row in rows if len(row) > 1} == {"Not recorded · LACKING"}
    assert any(row[0].startswith("Not recorded: ") for row in rows)


def test_a_corrected_response_is_struck_under_corrections():
    (row,) = rows_said(section(SHEET, "Corrections and retractions"))
    assert "Drunk since morning: 2,500 mL" in row[1].replace("\u00a0", " ")
    assert "Drunk since morning: 250.0 mL" in row[2].replace("\u00a0", " ")


def test_every_word_of_a_form_reaches_the_paper():
    paper = "".join(pages_of(pdf_of(formed())))
    lacking = [run.text for run in runs_of(SHEET.sections) if bare(run.text) not in paper]
    assert lacking == []


def test_two_forms_of_one_title_are_two_sections():
    twin = {**CHECKLIST, "name": "another"}
    sheet = sheet_of(record_of(Chart(), forms=pinned(CHECKLIST, twin)))
    assert [one.title for one in sheet.sections].count("Before we begin") == 2


def test_a_session_without_forms_says_nothing_of_them():
    assert "Forms" not in {one.label for one in sheet_of(examples.full()).facts}
