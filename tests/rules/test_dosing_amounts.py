"""How much went in: segments, exact sums, and an oracle of its own in fractions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from protocol.rules.charting import DosingKind
from protocol.rules.dosing import (
    Dosed,
    Given,
    Segment,
    amount_over,
    running_time,
    segments,
    total_given,
)
from protocol.rules.dosing import given as went_in
from protocol.rules.errors import UnitMismatch
from protocol.rules.values import Instant, plain
from tests.rules.examples import a_concentration, at, dosed, quantity
from tests.rules.histories import histories, shuffled

HALF_STEP = Fraction(1, 2 * 10**12)
PER_ML = Fraction(7, 3)
LATER = at(2_000)
PAUSING = (DosingKind.PAUSE, DosingKind.STOP)


def mg_per_minute(text: str, weight: Fraction) -> Fraction:
    value, unit = text.split(" ")
    factor = {
        "mL/h": PER_ML / 60,
        "mL/min": PER_ML,
        "mg/h": Fraction(1, 60),
        "ug/kg/min": weight / 1000,
        "mg/kg/h": weight / 60,
    }[unit]
    return Fraction(value) * factor


def mg_at_once(text: str, weight: Fraction) -> Fraction:
    value, unit = text.split(" ")
    factor = {"mg": Fraction(1), "ug": Fraction(1, 1000), "mL": PER_ML, "mg/kg": weight}[unit]
    return Fraction(value) * factor


def minutes(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 60_000_000)


def expected(events: list[Dosed]) -> Fraction:
    """What went in by LATER: event by event, minute by minute, apart from the code."""
    running, rate, weight = False, "0 mg/h", Fraction(1)
    amount, since = Fraction(), events[0].observed_at
    for one in [*events, None]:
        until = LATER if one is None else one.observed_at
        if running:
            amount += mg_per_minute(rate, weight) * minutes(until - since)
        since = until
        if one is None:
            break
        if one.event.dose is not None:
            amount += mg_at_once(str(one.event.dose), Fraction(one.weight_kg or 0))
            continue
        running, weight = one.event.event not in PAUSING, Fraction(one.weight_kg or 0)
        rate = str(one.event.rate or rate)
    return amount


def parts_of(events: list[Dosed], as_of: datetime | None = LATER) -> tuple[Segment, ...]:
    return segments(events, a_concentration(), as_of)


def total_of(events: list[Dosed], as_of: datetime | None = LATER) -> Given:
    return total_given(parts_of(events, as_of), a_concentration())


def amounts(events: list[Dosed], as_of: datetime | None = LATER) -> list[str]:
    return [plain(part.given.amount) for part in parts_of(events, as_of) if part.given]


@given(histories())
@settings(max_examples=30)
def test_given_is_rate_times_weight_times_time(events: list[Dosed]) -> None:
    # Two pieces of one rate cannot be told from one in the oracle: a bolus splits its stretch.
    error = HALF_STEP * (len(events) + 1)
    assert abs(Fraction(total_of(events).amount) - expected(events)) <= error


@given(histories())
@settings(max_examples=25)
def test_the_total_is_the_exact_sum_of_the_segments(events: list[Dosed]) -> None:
    parts, total = parts_of(events), total_of(events)
    given_parts = [part.given for part in parts if part.given is not None]
    assert Fraction(total.amount) == sum(Fraction(one.amount) for one in given_parts)
    assert Fraction(total.volume_ml) == sum(Fraction(one.volume_ml) for one in given_parts)


@given(histories())
@settings(max_examples=25)
def test_volume_and_amount_agree_by_the_concentration(events: list[Dosed]) -> None:
    for part in parts_of(events):
        assert part.given is not None
        difference = Fraction(part.given.volume_ml) * PER_ML - Fraction(part.given.amount)
        assert abs(difference) <= HALF_STEP * (1 + PER_ML)


@given(histories())
@settings(max_examples=30)
def test_segments_are_contiguous_except_over_pauses(events: list[Dosed]) -> None:
    stretches = [part for part in parts_of(events) if part.event is not DosingKind.BOLUS]
    gaps = [one for one in events if one.event.event in PAUSING]
    for before, after in pairwise(stretches):
        assert before.end is not None
        assert before.end <= after.start
        if before.end != after.start:
            assert any(before.end == gap.observed_at for gap in gaps)
    assert all(part.end is not None for part in stretches[:-1])


@given(histories(gap_min=1), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_what_was_given_does_not_depend_on_the_order_of_charting(events, chance) -> None:
    assert parts_of(shuffled(events, chance)) == parts_of(events)


def test_a_pause_stops_the_given_amount() -> None:
    paused = [dosed(1, "start", 0, rate="60 mg/h"), dosed(2, "pause", 10)]
    assert total_of(paused, at(10)) == total_of(paused, at(500))
    assert amounts(paused) == ["10"]


def test_a_resume_without_a_rate_runs_on_at_the_rate_before() -> None:
    line = [
        dosed(1, "start", 0, rate="60 mg/h"),
        dosed(2, "rate-change", 5, rate="120 mg/h"),
        dosed(3, "pause", 10),
        dosed(4, "resume", 30),
        dosed(5, "stop", 40),
    ]
    assert amounts(line) == ["5", "10", "20"]
    assert str(parts_of(line)[-1].rate) == "120 mg/h"


def test_a_resume_with_a_rate_runs_at_its_own() -> None:
    line = [
        dosed(1, "start", 0, rate="60 mg/h"),
        dosed(2, "pause", 10),
        dosed(3, "resume", 30, rate="6 mg/h"),
        dosed(4, "stop", 40),
    ]
    assert amounts(line) == ["10", "1"]


def test_a_bolus_adds_to_what_runs_and_interrupts_nothing() -> None:
    line = [dosed(1, "start", 0, rate="60 mg/h"), dosed(2, "bolus", 5, dose="3 mg")]
    line.append(dosed(3, "stop", 10))
    assert sorted(amounts(line)) == ["10", "3"]
    assert plain(total_of(line).volume_ml) == "5.571428571428"


def test_a_bolus_alone_is_all_that_was_given() -> None:
    total = total_of([dosed(1, "bolus", 5, dose="2 mg/kg", weight="50")])
    assert (plain(total.amount), total.unit) == ("100", "mg")
    assert total.amount_per_kg == 2


def test_a_rate_of_zero_gives_nothing_and_is_a_segment() -> None:
    line = [dosed(1, "start", 0, rate="0 mL/h"), dosed(2, "stop", 60)]
    assert amounts(line) == ["0"]
    assert running_time(parts_of(line), None) == timedelta(hours=1)


def test_two_events_of_one_moment_make_a_segment_of_no_time() -> None:
    line = [dosed(1, "start", 0), dosed(2, "rate-change", 0, rate="60 mg/h"), dosed(3, "stop", 1)]
    assert amounts(line) == ["0", "1"]


def test_a_running_segment_counts_up_to_the_moment_asked_and_never_below_zero() -> None:
    line = [dosed(1, "start", 0, rate="60 mg/h")]
    assert amounts(line, at(7)) == ["7"]
    assert amounts(line, at(-7)) == ["0"]
    assert parts_of(line, None)[0].given is None
    assert plain(total_of(line, None).amount) == "0"
    assert running_time(parts_of(line), at(7)) == timedelta(minutes=7)
    assert running_time(parts_of(line), at(-7)) == timedelta()


def test_the_running_time_leaves_pauses_and_boluses_out() -> None:
    line = [dosed(1, "start", 0), dosed(2, "pause", 10), dosed(3, "bolus", 15)]
    line += [dosed(4, "resume", 20), dosed(5, "stop", 25)]
    assert running_time(parts_of(line), None) == timedelta(minutes=15)


def test_each_segment_keeps_the_weight_that_was_in_force() -> None:
    line = [
        dosed(1, "start", 0, rate="1 mg/kg/h", weight="50"),
        dosed(2, "rate-change", 60, rate="1 mg/kg/h", weight="70"),
        dosed(3, "stop", 120, weight="70"),
    ]
    assert amounts(line) == ["50", "70"]
    assert total_of(line).amount_per_kg == 2


def test_the_amount_per_kg_is_unknown_where_one_weight_is() -> None:
    line = [dosed(1, "bolus", 0, weight="50"), dosed(2, "bolus", 5, weight=None)]
    assert [part.given and part.given.amount_per_kg for part in parts_of(line)][1] is None
    assert total_of(line).amount_per_kg is None


def test_an_event_out_of_order_gives_nothing() -> None:
    line = [dosed(1, "start", 0, rate="60 mg/h"), dosed(2, "start", 5, rate="600 mg/h")]
    assert amounts([*line, dosed(3, "stop", 10)]) == ["10"]
    assert amounts([dosed(1, "stop", 0), dosed(2, "pause", 1)]) == []


def test_the_amount_is_in_the_unit_of_the_drug_line() -> None:
    part = segments([dosed(1, "bolus", 0, dose="3 mg")], a_concentration("7000 ug", "1 mL"), None)
    assert part[0].given is not None
    assert (plain(part[0].given.amount), part[0].given.unit) == ("3000", "ug")


def test_nothing_given_is_zero_of_the_unit() -> None:
    total = total_given([], a_concentration())
    assert (plain(total.amount), total.unit, total.amount_per_kg) == ("0", "mg", None)


def test_an_amount_of_another_family_is_refused() -> None:
    with pytest.raises(UnitMismatch, match="in mg, not in"):
        went_in(Fraction(1), "[iU]", a_concentration(), None)


def test_the_largest_rate_that_can_be_entered_still_adds_up() -> None:
    line = [dosed(1, "start", 0, rate=f"{'9' * 15} L/min"), dosed(2, "stop", 10_000)]
    given_ml = total_of(line).volume_ml
    assert given_ml == Decimal("9" * 15) * 1000 * 10_000
    assert Given.model_validate_json(total_of(line).model_dump_json()) == total_of(line)


def test_an_infusion_over_a_change_to_summer_time_is_counted_in_true_hours() -> None:
    berlin, instant = ZoneInfo("Europe/Berlin"), TypeAdapter(Instant)
    start = instant.validate_python(datetime(2031, 3, 30, 1, 0, tzinfo=berlin))
    stop = instant.validate_python(datetime(2031, 3, 30, 4, 0, tzinfo=berlin))
    line = [dosed(1, "start", 0, rate="60 mg/h"), dosed(2, "stop", 0)]
    line = [line[0]._replace(observed_at=start), line[1]._replace(observed_at=stop)]
    assert amounts(line) == ["120"]
    assert stop.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=2)


@pytest.mark.parametrize("unit", ["mg", "mg/mL", "/min", "mg/kg", "h"])
def test_what_is_no_rate_gives_no_amount_over_time(unit: str) -> None:
    with pytest.raises(UnitMismatch, match="is not a rate"):
        amount_over(quantity(f"1 {unit}"), Decimal(1), timedelta(hours=1))
