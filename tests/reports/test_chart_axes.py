"""The chart's axes: fixed, of one time, and with room for every word beside them."""

from datetime import timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.charting import DosingKind
from protocol.rules.record import SessionRecord
from reports.chart import chart
from reports.chart_labels import Box, Room, in_lines, spread
from reports.chart_shapes import PAPER, Label, Marker, Pane, Size
from reports.chart_shapes import Chart as Drawn
from reports.view import view_of
from tests.reports import charts, examples
from tests.reports.hand import (
    PRINTED_AT,
    Chart,
    at,
    quantity,
    record_of,
)


def drawn_of(record: SessionRecord, size: Size = PAPER) -> Drawn:
    drawn = chart(view_of(record, PRINTED_AT + timedelta(hours=24)), size)
    assert drawn is not None
    return drawn


def pane_of(drawn: Drawn, marker: Marker) -> Pane:
    return next(one for one in drawn.panes if one.marker is marker)


def said(labels: tuple[Label, ...]) -> list[str]:
    return [one.said.replace("\u00a0", " ") for one in labels]


def test_an_axis_is_fixed_and_not_fitted_to_the_data():
    made = Chart()
    made.vitals("10:00", "121 79 70 97 14")
    made.vitals("10:10", "122 80 71 97 14")
    drawn = drawn_of(record_of(made))
    ends = [(int(one.axis.low), int(one.axis.high)) for one in drawn.panes if one.axis]
    assert ends == [(40, 200), (40, 160), (80, 100), (0, 40)]
    assert not any("wider" in note for note in drawn.notes)


def test_an_axis_is_made_wider_by_whole_steps_for_a_value_outside_and_that_is_said():
    made = Chart()
    made.vitals("10:00", "213 79 38 97 14")
    drawn = drawn_of(record_of(made))
    pressure, heart = pane_of(drawn, Marker.BAR), pane_of(drawn, Marker.CIRCLE)
    assert pressure.axis is not None
    assert heart.axis is not None
    assert [pressure.axis.low, pressure.axis.high] == [40, 240]
    assert [heart.axis.low, heart.axis.high] == [0, 160]
    note = drawn.notes[0]
    assert note == (
        "Axes made wider for a value outside of the usual ones:"
        " Blood pressure 40 to 240, Heart rate 0 to 160."
    )


def test_a_value_beyond_the_widest_axis_stands_at_its_end_with_an_arrow():
    made = Chart()
    made.vitals("10:00", "120 70 999 31 14")
    made.vitals("10:10", "120 70 80 97 14")
    drawn = drawn_of(record_of(made))
    heart, oxygen = pane_of(drawn, Marker.CIRCLE), pane_of(drawn, Marker.SQUARE)
    assert heart.lines[0][0].y == heart.top
    assert oxygen.lines[0][0].y == oxygen.bottom
    assert "↑999" in said(heart.labels)
    assert "↓31" in said(oxygen.labels)


def test_midnight_has_its_date_and_the_end_of_summer_time_its_offset():
    days = [one.day for one in drawn_of(charts.over_midnight()).ticks if one.day]
    assert days == ["20-Nov-2026", "21-Nov-2026"]
    ticks = drawn_of(charts.over_summer_s_end()).ticks
    twice = [(one.said, one.day) for one in ticks if one.said == "02:00"]
    assert twice == [("02:00", ""), ("02:00", "UTC+01:00")]
    assert all(a.x < b.x for a, b in pairwise(ticks))


def test_a_value_of_another_day_is_said_and_does_not_bend_the_axis():
    made = Chart()
    made.vitals("10:00", "120 70 60 97 14")
    made.vitals("10:10", "120 70 60 97 14")
    entry = made.vitals("10:20", "120 70 60 97 14")
    far = entry.model_copy(update={"observed_at": at("10:20") - timedelta(days=30)})
    record = record_of(made).model_copy(update={"entries": (*made.entries[:2], far)})
    drawn = drawn_of(record)
    assert drawn.time.end - drawn.time.start < timedelta(hours=3)
    assert any(note.startswith("5 values of another time") for note in drawn.notes)


def test_a_chart_fills_its_room_within_reason_and_never_lowers_a_name():
    record = examples.full()
    plain = drawn_of(record).height
    low = drawn_of(record, PAPER._replace(room=plain * 0.9)).height
    high = drawn_of(record, PAPER._replace(room=plain * 1.1)).height
    assert plain * 0.85 < low <= plain * 0.9
    assert plain * 1.05 < high <= plain * 1.1
    assert drawn_of(record, PAPER._replace(room=10)).height > plain * 0.6


@given(st.lists(st.floats(0, 100), max_size=12).map(sorted))
def test_places_are_spread_in_order_and_apart(wanted):
    placed = spread(wanted, 7.0, 0.0, 100.0)
    assert len(placed) == len(wanted)
    assert all(b - a >= 7.0 - 1e-6 for a, b in pairwise(placed))
    if len(wanted) <= 15:
        assert all(-1e-6 <= one <= 100 + 1e-6 for one in placed)


def test_words_are_parted_at_spaces_alone():
    assert in_lines("Pain at rest, lower back", 8.7) == ["Pain at rest,", "lower back"]
    assert in_lines("Pneumonoultramicroscopic", 3) == ["Pneumonoultramicroscopic"]


def test_a_long_unit_and_a_rate_of_many_digits_keep_beside_their_pane():
    made = Chart()
    made.dose("10:00", DosingKind.START, rate=quantity("123456.7", "ug/kg/min"))
    drawn = drawn_of(record_of(made))
    pane = drawn.panes[0]
    words = said(pane.labels)
    assert words[:5] == ["examplamine", "mcg per kg", "per min", "0", "100,000"]
    room = Room(Box(0, 0, 0, 0), drawn.size.em)
    boxes = [room.box(one.said, one.x, one.y, one.anchor) for one in pane.labels]
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
