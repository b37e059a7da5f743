"""Every printed number is the attached record's, and none else is printed (R163)."""

from functools import cache
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from protocol.rules.record import SessionRecord
from reports.archive import RECORD_FILE
from reports.markup import drawn_words, sheet_html
from reports.reprinted import _NUMBER, differences
from reports.summary import summary
from tests.reports import examples
from tests.reports.hand import PRINTED_AT, PRINTED_BY
from tests.reports.reading_sheets import pdf_of


@cache
def printed(name: str) -> tuple[str, list[str], list[str]]:
    """A sheet of the record that is attached to the file, and the text of the file's pages."""
    file = PdfReader(BytesIO(pdf_of(getattr(examples, name)())))
    record = SessionRecord.model_validate_json(file.attachments[RECORD_FILE][0])
    sheet = summary(record, printed_at=PRINTED_AT, printed_by=PRINTED_BY)
    pages = [one.extract_text() for one in file.pages]
    return sheet_html(sheet), pages, drawn_words(sheet)


@pytest.mark.parametrize("name", ["empty", "full", "signed", "amended", "hostile"])
def test_every_printed_number_is_derived_again_from_the_attachment(name):
    html, pages, drawn = printed(name)
    assert differences(html, pages, drawn) == []


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_printed_digit_that_is_another_is_found(data):
    html, pages, drawn = printed("signed")
    number = data.draw(st.integers(0, len(pages) - 1))
    places = [one.start() for one in _NUMBER.finditer(pages[number])]
    place = data.draw(st.sampled_from(places))
    other = str((int(pages[number][place]) + data.draw(st.integers(1, 9))) % 10)
    altered = [*pages]
    altered[number] = pages[number][:place] + other + pages[number][place + 1 :]
    assert differences(html, altered, drawn)


def test_a_number_that_is_nobodys_is_found_and_so_is_one_that_is_left_out():
    html, pages, drawn = printed("full")
    assert differences(html, [*pages[:-1], pages[-1] + " 47 mg"], drawn)
    assert differences(html, pages[:-1], drawn)
