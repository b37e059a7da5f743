"""Names in every script that a font here has are printed; of others the sheet says which (R164)."""

from io import BytesIO
from typing import cast

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from reports import markup
from reports.fonts import BOX, SCRIPTS, lacking_said, typeset
from reports.printing import summary_printed
from reports.verification import verify
from tests.reports.hand import PRINTED_AT, PRINTED_BY, Chart, record_of
from tests.reports.reading_sheets import bare, sheet_of

# Javanese: no font of the packages has it, and none of Debian's here either.
NOBODYS = "\ua997\ua9b8"


def named(family: str):
    record = record_of(Chart())
    return record.model_copy(update={"patient": record.patient.model_copy(
        update={"family": family})})  # fmt: skip


def print_of(record):
    return summary_printed(record, printed_at=PRINTED_AT, printed_by=PRINTED_BY)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_name_in_each_script_has_all_its_letters(script):
    done = print_of(named(SCRIPTS[script]))
    assert done.lacking == ()
    fonts = set()
    for page in PdfReader(BytesIO(done.content)).pages:
        known = cast("DictionaryObject", page["/Resources"])["/Font"].get_object()
        for one in cast("DictionaryObject", known).values():
            name = cast("DictionaryObject", one.get_object())["/BaseFont"]
            fonts.add(str(name).partition("+")[2])
    assert fonts
    assert all(one.startswith("Chairside") for one in fonts), fonts


def test_a_letter_that_no_font_has_is_named_on_the_sheet():
    done = print_of(named(NOBODYS))
    assert set(done.lacking) == set(NOBODYS)
    first = PdfReader(BytesIO(done.content)).pages[0].extract_text()
    assert bare(lacking_said(done.lacking)) in bare(first)
    assert "U+A997" in lacking_said(done.lacking)
    assert BOX * 2 in first
    assert verify(done.content).digest == named(NOBODYS).digest()


def test_the_same_letters_are_cut_to_the_same_bytes():
    from reports import fonts

    text = "".join(SCRIPTS.values())
    first = typeset(text)
    for kept in (fonts._typeset, fonts._inter):
        kept.cache_clear()
    assert typeset(text) == first
    assert typeset("").lacking == ()


def test_the_sheet_of_plain_letters_is_set_without_cutting_any():
    assert typeset(markup.sheet_html(sheet_of(record_of(Chart())))) == typeset("")
