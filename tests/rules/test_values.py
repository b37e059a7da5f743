"""What a value must look like to get in: numbers, text, codes, moments and days."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from protocol.rules.values import Code, Computed, Day, Exact, Instant, Line, Prose, plain

EXACT: TypeAdapter[Decimal] = TypeAdapter(Exact)
NOON = datetime(1961, 2, 3, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def refusal(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return str(caught.value.errors()[0]["type"])


def refusal_of_json(kind: Any, text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_json(text)
    return str(caught.value.errors()[0]["type"])


@pytest.mark.parametrize("value", [1, 1.5, float("nan"), float("inf"), True, None, b"2", [1]])
def test_a_number_that_is_not_text_is_refused(value: object) -> None:
    assert refusal(Exact, value) == "number_not_text"


@pytest.mark.parametrize("text", ["1", "1.5", "1e400", "NaN", "Infinity", "null"])
def test_a_json_number_is_refused_for_an_exact_value(text: str) -> None:
    assert refusal_of_json(Exact, text) == "number_not_text"


@pytest.mark.parametrize("text", ["1,5", "1,500", ",5", "1.000,5"])
def test_a_comma_is_ambiguous_and_never_guessed(text: str) -> None:
    assert refusal(Exact, text) == "ambiguous_separator"


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1E2", "1e-2", "", " ", " 1", "1 ",
        "1\n", ".5", "5.", "+1", "--1", "0x1", "1_000", "١٢", "1" * 16, "1." + "0" * 16, "1\x00",
    ],
)  # fmt: skip
def test_text_that_is_not_a_plain_decimal_is_refused(text: str) -> None:
    assert refusal(Exact, text) == "not_a_decimal"


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
def test_a_decimal_without_a_finite_value_is_refused(text: str) -> None:
    assert refusal(Exact, Decimal(text)) == "not_a_decimal"


@given(st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", fullmatch=True))
@settings(max_examples=30)
def test_the_digits_come_back_as_they_were_entered(text: str) -> None:
    value = EXACT.validate_python(text)
    written = plain(value)
    assert Decimal(written) == Decimal(text)
    assert "E" not in written.upper()
    assert EXACT.validate_python(written) == value
    assert written.partition(".")[2] == text.partition(".")[2]


def test_a_trailing_zero_is_kept() -> None:
    assert plain(EXACT.validate_python("1.10")) == "1.10"


def test_a_hundred_is_written_without_an_exponent() -> None:
    assert plain(EXACT.validate_python(Decimal("1E+2"))) == "100"


@pytest.mark.parametrize(("text", "written"), [("-0", "0"), ("-0.00", "0.00"), ("-1", "-1")])
def test_there_is_no_negative_zero(text: str, written: str) -> None:
    assert plain(EXACT.validate_python(text)) == written


def test_a_computed_value_may_have_more_digits_than_an_entered_one() -> None:
    many = "9" * 40
    assert TypeAdapter(Computed).validate_python(many) == Decimal(many)
    assert refusal(Exact, many) == "not_a_decimal"
    assert refusal(Computed, float("inf")) == "number_not_text"


@pytest.mark.parametrize("kind", [Line, Prose], ids=["line", "prose"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "control_character"),
        ("a\x1bb", "control_character"),
        ("a\x85b", "control_character"),
        ("a\rb", "control_character"),
        ("a\ud800b", "lone_surrogate"),
        ("", "blank"),
        (" \u00a0 ", "blank"),
        ("\u200b", "blank"),
    ],
)
def test_text_that_cannot_be_kept_or_read_is_refused(kind: Any, text: str, code: str) -> None:
    assert refusal(kind, text) == code


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\u2028b", "a\u2029b"])
def test_a_line_has_one_line(text: str) -> None:
    assert refusal(Line, text) == "control_character"


def test_prose_has_several_lines_however_a_page_ends_them() -> None:
    prose: TypeAdapter[str] = TypeAdapter(Prose)
    assert prose.validate_python("one\n\ttwo") == "one\n\ttwo"
    assert prose.validate_python("one\r\ntwo") == "one\ntwo"


def test_text_has_a_longest_length() -> None:
    assert refusal(Line, "x" * 401) == "too_long"
    assert refusal(Prose, "x" * 20_001) == "too_long"


@pytest.mark.parametrize("code", ["A", "a b", "a--b", "-a", "a-", "a_b", "a\n", "", "é", "a" * 81])
def test_a_code_is_lower_case_and_hyphenated(code: str) -> None:
    assert refusal(Code, code) == "not_a_code"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1_700_000_000, "time_not_text"),
        (1.7e9, "time_not_text"),
        ("1700000001", "time_not_text"),
        ("-5", "time_not_text"),
        (None, "time_not_text"),
        ("yesterday", "time_not_text"),
        ("2031-05-06T09:00", "timezone_aware"),
        ("2031-05-06", "timezone_aware"),
        (datetime(2031, 5, 6), "timezone_aware"),  # noqa: DTZ001 - the naive time is the point
        ("1899-12-31T23:59:59Z", "year_out_of_range"),
        ("2201-01-01T00:00:00Z", "year_out_of_range"),
        ("2031-13-06T09:00Z", "datetime_from_date_parsing"),
    ],
)
def test_a_moment_is_iso_text_with_its_zone_in_a_plausible_year(value: object, code: str) -> None:
    assert refusal(Instant, value) == code


def test_a_moment_keeps_the_zone_that_it_was_entered_with() -> None:
    moment = TypeAdapter(Instant).validate_python("2031-05-06T09:00+05:30")
    assert moment.utcoffset() == timedelta(hours=5, minutes=30)


def test_a_zone_offset_with_seconds_is_refused() -> None:
    moment = datetime(1900, 1, 1, tzinfo=ZoneInfo("Africa/Monrovia"))
    assert refusal(Instant, moment) == "zone_not_in_minutes"


def test_two_moments_are_true_time_apart_over_a_change_to_summer_time() -> None:
    instant = TypeAdapter(Instant)
    before = instant.validate_python(datetime(2031, 3, 30, 1, 30, tzinfo=BERLIN))
    after = instant.validate_python(datetime(2031, 3, 30, 3, 30, tzinfo=BERLIN))
    assert after - before == timedelta(hours=1)
    autumn = datetime(2031, 10, 26, 2, 30, tzinfo=BERLIN)
    second = instant.validate_python(autumn.replace(fold=1))
    assert second - instant.validate_python(autumn) == timedelta(hours=1)
    assert second == autumn.replace(fold=1).astimezone(UTC)


@pytest.mark.parametrize("value", [0, 19_785_600, "86400", "1961-02-03T00:00:00", 1.0, None, NOON])
def test_a_day_that_is_not_a_calendar_day_is_refused(value: object) -> None:
    assert refusal(Day, value) == "day_not_text"
