"""Numbers, times and names are written one way, and no adversarial value makes them lie."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol.rules.quantity import UNITS, Quantity
from protocol.rules.values import EXACT_PATTERN
from reports import formats

EXACT = st.from_regex(EXACT_PATTERN, fullmatch=True).map(Decimal)


def digits(said: str) -> Decimal:
    return Decimal(said.replace(",", ""))


@given(EXACT)
@example(Decimal("0.10"))
@example(Decimal("100"))
@example(Decimal("1E+2"))
@example(Decimal("-0.000"))
@example(Decimal("999999999999999.999999999999999"))
@example(Decimal("0.000000000000001"))
def test_a_dose_has_no_trailing_zero_no_exponent_and_a_leading_zero(value):
    said = formats.dose(value)
    assert re.fullmatch(r"-?(0|[1-9]\d{0,2}(,\d{3})*)(\.\d*[1-9])?", said)
    assert digits(said) == value
    assert said != "-0"


@given(EXACT)
@example(Decimal("37.0"))
@example(Decimal("0.50"))
def test_a_measurement_keeps_the_digits_it_was_recorded_with(value):
    said = formats.measured(value)
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?", said)
    assert digits(said).as_tuple().exponent == value.as_tuple().exponent
    assert digits(said) == value


@given(EXACT)
@example(Decimal("12345.6"))
@example(Decimal("9.9995"))
@example(Decimal("0.00004"))
def test_a_computed_amount_is_off_by_less_than_half_its_last_digit_and_never_a_whole_unit(value):
    off = abs(digits(formats.computed(value)) - value)
    assert off <= Decimal("0.5")
    assert off <= abs(value) * Decimal("0.0005")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1.00050", "1"), ("1.0015", "1.002"), ("0.382857142857", "0.3829"), ("12345.6", "12,346"),
        ("28.0", "28"), ("0", "0"), ("0.00071425", "0.0007142"),
    ],
)  # fmt: skip
def test_a_computed_amount_has_four_significant_digits_half_to_even(value, said):
    assert formats.computed(Decimal(value)) == said


@pytest.mark.parametrize("code", sorted(UNITS))
def test_no_unit_is_printed_with_a_slash_a_bracket_or_a_mistakable_sign(code):
    said = formats.unit(code).replace("\u00a0", " ")
    assert not re.search(r"[/\[\]{}µμ]|IU|\bug\b|\bcc\b|^ | $", said)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ug/kg/min", "mcg per kg per min"), ("mL/h", "mL per h"), ("mm[Hg]", "mmHg"),
        ("/min", "per min"), ("[iU]/kg/h", "units per kg per h"), ("Cel", "°C"), ("{score}", ""),
    ],
)  # fmt: skip
def test_units_are_printed_in_words(code, said):
    assert formats.unit(code).replace("\u00a0", " ") == said


def test_a_number_never_parts_from_its_unit_at_the_end_of_a_line():
    said = formats.quantity(Quantity(value=Decimal("1234.50"), unit="ug/kg"))
    assert said == "1,234.5\u00a0mcg\u00a0per\u00a0kg"


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(1985, 7, 14), "41 y"), (date(1985, 11, 21), "40 y"), (date(1985, 11, 20), "41 y"),
        (date(2024, 11, 20), "2 y"), (date(2024, 11, 21), "23 months"),
        (date(2026, 10, 20), "1 month"), (date(2026, 10, 21), "30 days"),
        (date(2026, 11, 19), "1 day"), (date(2026, 11, 20), "0 days"),
    ],
)  # fmt: skip
def test_an_age_is_in_whole_years_months_or_days(born, said):
    assert formats.age(born, date(2026, 11, 20)).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=57), "57 min"), (timedelta(minutes=80), "1 h 20 min"),
        (timedelta(hours=2), "2 h"), (timedelta(seconds=930), "15 min 30 s"),
        (timedelta(), "0 min"), (timedelta(hours=26, seconds=1), "26 h 1 s"),
    ],
)  # fmt: skip
def test_a_duration_is_in_whole_units(length, said):
    assert formats.duration(length).replace("\u00a0", " ") == said


def test_dates_are_written_alike_whatever_the_locale():
    assert formats.day(date(2026, 5, 3)) == "03-May-2026"


def test_a_time_is_on_the_clinics_wall_and_names_its_day_only_where_it_differs():
    clock = formats.clock_of("Europe/Berlin", datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert clock.time(datetime(2026, 11, 20, 9, 5, 59, tzinfo=UTC)) == "10:05"
    assert clock.time(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)) == "21-Nov-2026 00:30"
    assert clock.moment(datetime(2026, 11, 20, 9, 5, tzinfo=UTC)) == "20-Nov-2026 10:05"
    signed = clock.zoned(datetime(2026, 11, 20, 9, 5, tzinfo=UTC))
    assert signed == "20-Nov-2026 10:05 UTC+01:00 (Europe/Berlin)"


def test_the_hour_that_comes_twice_says_which_one_it_is():
    clock = formats.clock_of("Europe/Berlin", datetime(2026, 10, 25, 0, tzinfo=UTC))
    first = clock.time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second = clock.time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert (first, second) == ("02:30 UTC+02:00", "02:30 UTC+01:00")
    assert clock.time(datetime(2026, 10, 25, 2, 30, tzinfo=UTC)) == "03:30"


def test_the_hour_that_summer_time_skips_is_no_hour_that_comes_twice():
    clock = formats.clock_of("Europe/Berlin", datetime(2026, 3, 29, 0, tzinfo=UTC))
    assert clock.time(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == "01:59"
    assert clock.time(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "03:00"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "Europe", ""])
def test_a_zone_that_is_unknown_is_printed_as_utc_and_says_so(zone):
    clock = formats.clock_of(zone, datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert clock.zone == ZoneInfo("UTC")
    assert clock.said == f"UTC, as the zone {zone} is unknown here"


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "UTC+00:00"), (330, "UTC+05:30"), (-210, "UTC-03:30")]
)
def test_an_offset_is_written_with_its_sign_and_minutes(minutes, said):
    local = datetime(2026, 11, 20, tzinfo=timezone(timedelta(minutes=minutes)))
    assert formats.offset(local) == said


def test_terms_of_the_record_are_printed_as_words():
    assert formats.words("entered-in-error") == "entered in error"
    assert formats.words("resolvedWithSequelae") == "resolved with sequelae"
