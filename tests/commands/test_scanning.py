"""A GS1 text from a scanner: what it says, and each way in which it says nothing sure."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.commands.scanning import scanned
from protocol.rules.custody_errors import CheckDigitWrong, NotGs1, ScanCutShort
from protocol.rules.errors import Impossible, Refusal
from protocol.rules.gs1 import ScanIn, expiry

TODAY = date(2031, 5, 6)
GTIN = "07032069804988"
GS = "\x1d"
WHOLE = f"01{GTIN}1733020010LOT-7{GS}21S9"
SAID = (GTIN, "LOT-7", date(2033, 2, 28), "S9")


def said(text: str) -> tuple[str, str | None, date | None, str | None]:
    found = scanned(ScanIn(text=text).text, TODAY)
    return found.gtin, found.lot, found.expires_on, found.serial


@pytest.mark.parametrize("mark", [GS, "<GS>", "{GS}", "[GS]", "^]", "|", "~", "\u241d"])
@pytest.mark.parametrize("before", ["", "]d2", "]d2\x1d", "]C1", "]Q3"])
def test_a_symbol_is_read_whatever_stands_in_for_its_separator(mark: str, before: str) -> None:
    assert said(before + WHOLE.replace(GS, mark) + "\r\n") == SAID


@pytest.mark.parametrize(
    "text",
    [
        f"(01){GTIN}(17)330200(10)LOT-7(21)S9", f"(01) {GTIN} (17) 330200 (10) LOT-7 (21) S9",
        f"(10)LOT-7(21)S9(17)330228(01){GTIN}", f"10LOT-7{GS}21S9{GS}1733022801{GTIN}",
    ],
)  # fmt: skip
def test_the_printed_text_and_another_order_say_the_same(text: str) -> None:
    assert said(text) == SAID


def test_what_a_symbol_does_not_say_is_absent() -> None:
    assert said(f"01{GTIN}") == (GTIN, None, None, None)
    assert said(f"01{GTIN}11250101172512313010") == (GTIN, None, date(2025, 12, 31), None)


@pytest.mark.parametrize(
    ("text", "refusal", "sentence"),
    [
        ("01070320698049", ScanCutShort, "(01) ends after 12 characters"),
        (f"01{GTIN}172512", ScanCutShort, "(17) ends after 4 characters"),
        (f"01{GTIN}10", ScanCutShort, "(10) ends after 0 characters"),
        (f"(01){GTIN}(1", ScanCutShort, "no whole GS1 text"),
        ("1733020010LOT-7", ScanCutShort, "no product number (01)"),
        ("]d2", ScanCutShort, "no product number (01)"),
        ("0107032069804987", CheckDigitWrong, "its check digit is 8"),
        (f"01{GTIN}17330230", Impossible, "The expiry 330230"),
        (f"01{GTIN}17331300", Impossible, "The expiry 331300"),
        (f"01{GTIN}17330032", Impossible, "The expiry 330032"),
        ("hello", NotGs1, "hello is no GS1 text"),
        (f"]d1{WHOLE}", NotGs1, "]d1 is not of a GS1 symbol"),
        (f"]E0{GTIN[1:]}", NotGs1, "]E0 is not of a GS1 symbol"),
        (f"01{GTIN}10{'A' * 21}", NotGs1, "longer than it may be"),
        (f"01{GTIN}10A{GS}10B", NotGs1, "twice with different values"),
        ("01\uff10" + GTIN[1:], NotGs1, "no GS1 text"),
        (f"(01){GTIN}(10)A(B", NotGs1, "no whole GS1 text"),
        (f"(01){GTIN}(17)33022", ScanCutShort, "(17) ends after 5 characters"),
        (f"(01){GTIN}9(10)A", NotGs1, "no GS1 element"),
        (f"(99999){GTIN}", NotGs1, "no whole GS1 text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_was_read(
    text: str, refusal: type[Refusal], sentence: str
) -> None:
    with pytest.raises(refusal) as refused:
        said(text)
    assert sentence in refused.value.sentence
    assert text.replace(GS, "\u241d")[:14] in refused.value.sentence


@given(st.integers(0, len(WHOLE) - 1))
def test_a_text_cut_anywhere_says_nothing_that_the_whole_does_not(end: int) -> None:
    cut = WHOLE[:end]
    try:
        gtin, lot, expires_on, serial = said(cut) if cut else (None,) * 4
    except (ScanCutShort, NotGs1):
        return
    assert gtin in (None, GTIN)
    assert expires_on in (None, SAID[2])
    assert "LOT-7".startswith(lot or "")
    assert "S9".startswith(serial or "")


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(Refusal, ValidationError):
        said(text)


@pytest.mark.parametrize("text", ["", " ", GS, "a\x00b", "a\nb", "x" * 401, "\ud800"])
def test_a_text_with_other_control_characters_or_none_at_all_is_no_scan(text: str) -> None:
    with pytest.raises(ValidationError):
        ScanIn(text=text)


@pytest.mark.parametrize(
    ("digits", "today", "year"),
    [
        ("810101", date(2031, 1, 1), 2081), ("820101", date(2031, 1, 1), 1982),
        ("010101", date(2060, 1, 1), 2101), ("110101", date(2060, 1, 1), 2011),
        ("100101", date(2060, 1, 1), 2110), ("311231", date(2031, 1, 1), 2031),
    ],
)  # fmt: skip
def test_the_century_is_that_of_the_nearest_year(digits: str, today: date, year: int) -> None:
    assert expiry(digits, today, digits).year == year
