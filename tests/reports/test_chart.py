"""Every place on the chart is a charted value at its time, and every word on it is the record's."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.charting import DosingKind, PhaseEntered, Reading, Retraction
from protocol.rules.record import SessionRecord
from reports.chart import chart
from reports.chart_labels import Box, Room
from reports.chart_panes import points_of
from reports.chart_shapes import Chart as Drawn
from reports.chart_shapes import Marker, Pane, Point, Tone
from reports.chart_trends import Trend, trends
from reports.formats import dose, measured, quantity
from reports.view import View, view_of
from tests.reports import charts, examples
from tests.reports.charts import clock
from tests.reports.hand import PRINTED_AT, Chart, observation, record_of
from tests.reports.hand import quantity as amount

ENDS = (("07:50", "preparation"), ("8:00", "in-progress"), ("12:10", "completed"))
MINUTES = st.lists(st.integers(0, 240), unique=True, max_size=25).map(sorted)
OFTEN = ("systolic", "diastolic", "heart-rate", "spo2", "respiratory-rate", "pain-rest", "sedation")
VALUES = {
    "systolic": (60, 400), "diastolic": (10, 60), "heart-rate": (0, 400), "spo2": (0, 100),
    "respiratory-rate": (0, 100), "pain-rest": (0, 10), "sedation": (0, 3),
}  # fmt: skip


@st.composite
def sessions(draw: st.DrawFn) -> SessionRecord:
    """Readings of any measures at any times, some corrected or retracted, on a rate that changes,
    pauses and stops; the protocol's rounds are due every ten minutes."""
    made = Chart()
    made.add("08:00", PhaseEntered(phase="infusion"))
    for minute in draw(MINUTES):
        measures = draw(st.lists(st.sampled_from(OFTEN), min_size=1, unique=True))
        taken = [observation(one, str(draw(st.integers(*VALUES[one])))) for one in measures]
        entry = made.add(clock(minute), Reading(observations=tuple(taken)))
        fate = draw(st.sampled_from(("stands", "stands", "stands", "corrected", "retracted")))
        if fate == "corrected":
            taken = [one.model_copy(update={"value": Decimal(9)}) for one in taken]
            made.add(
                clock(minute + 1), Reading(observations=tuple(taken)), replaces=entry.id,
                reason="mistyped",
            )  # fmt: skip
        elif fate == "retracted":
            made.add(clock(minute), Retraction(reason="wrong patient"), replaces=entry.id)
    _doses(draw, made)
    return record_of(made, (), ENDS)


def _doses(draw: st.DrawFn, made: Chart) -> None:
    kinds = {
        "idle": ("start", "bolus"), "running": ("rate-change", "pause", "stop", "bolus"),
        "paused": ("resume", "stop", "bolus"),
    }  # fmt: skip
    after = {"start": "running", "resume": "running", "pause": "paused", "stop": "idle"}
    flow = "idle"
    for minute in draw(st.lists(st.integers(0, 240), unique=True, max_size=10).map(sorted)):
        kind = draw(st.sampled_from(kinds[flow]))
        flow = after.get(kind, flow)
        number = draw(st.decimals("0.1", "90", places=1))
        more = {"rate": amount(str(number), "mL/h")} if kind in ("start", "rate-change") else {}
        if kind == "bolus":
            more = {"dose": amount(str(number), "mg")}
        made.dose(clock(minute), DosingKind(kind), "line-1", **more)


def drawn_of(record: SessionRecord) -> tuple[View, Drawn | None]:
    view = view_of(record, PRINTED_AT + timedelta(hours=3))
    return view, chart(view)


def each_trend(view: View, drawn: Drawn) -> list[tuple[Trend, Pane]]:
    every = trends(view)
    panes = [one for one in drawn.panes if one.marker is not Marker.STEP]
    return list(zip(every, panes, strict=True))


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_every_point_is_a_charted_value_at_its_time_and_none_is_left_out(record):
    view, drawn = drawn_of(record)
    charted = Counter(
        (one.observed_at, observed.measure, observed.value)
        for one in record.of(Reading)
        for observed in one.content.observations
    )
    plotted: Counter[tuple[object, str, Decimal]] = Counter()
    for trend, pane in each_trend(view, drawn) if drawn else []:
        if pane.bars:
            for bar in pane.bars:
                for series, point in zip(trend.series, bar, strict=True):
                    if point is not None:
                        plotted[point.at, series.measure, point.value] += 1
        for point in (one for run in pane.lines for one in run):
            plotted[point.at, trend.series[0].measure, point.value] += 1
    assert plotted == charted


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_time_is_proportional_and_a_value_lies_where_its_axis_says(record):
    _, drawn = drawn_of(record)
    if drawn is None:
        return
    time = drawn.time
    for pane in drawn.panes:
        for point in points_of(pane):
            share = (point.at - time.start) / (time.end - time.start)
            assert point.x == pytest.approx(time.left + share * (time.right - time.left))
            assert pane.axis is not None
            assert pane.axis.top <= point.y <= pane.axis.bottom
            assert_on_axis(pane, point)
        xs = [one.x for run in pane.lines for one in run]
        assert xs == sorted(xs)


def assert_on_axis(pane: Pane, point: Point) -> None:
    axis = pane.axis
    assert axis is not None
    assert point.beyond == (point.value > axis.high) - (point.value < axis.low)
    if not point.beyond:
        height = (axis.bottom - point.y) / (axis.bottom - axis.top)
        value = float(axis.low) + height * float(axis.high - axis.low)
        assert value == pytest.approx(float(point.value))


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_lines_join_neighbours_and_none_goes_across_a_missed_round(record):
    view, drawn = drawn_of(record)
    for trend, pane in each_trend(view, drawn) if drawn else []:
        every = [one.at for one in trend.observed]
        missed = [one.due_at for one in pane.missed]
        for run in pane.lines:
            for before, after in pairwise(run):
                assert not any(before.at < at < after.at for at in every)
                assert not any(before.at <= at <= after.at for at in missed)
        for (*_, last), (first, *_) in pairwise(pane.lines):
            assert any(last.at <= at <= first.at for at in missed)


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_steps_are_the_segments_that_the_rules_sum_and_pauses_have_none(record):
    view, drawn = drawn_of(record)
    parts = [part for total in record.totals(view.as_of) for part in total.parts]
    panes = [one for one in drawn.panes if one.marker is Marker.STEP] if drawn else []
    steps = [(one.start, one.end, one.rate) for pane in panes for one in pane.steps]
    assert steps == [(p.start, p.end or view.as_of, p.rate.value) for p in parts if p.rate]
    boluses = [(one.at, one.said) for pane in panes for one in pane.boluses]
    assert boluses == [(p.start, quantity(p.dose)) for p in parts if p.dose]
    for pane in panes:
        for gap in pane.pauses:
            assert not any(one.start < gap.end and gap.start < one.end for one in pane.steps)


@given(sessions())
@settings(max_examples=60, deadline=None)
def test_every_value_that_is_said_is_the_record_s_and_no_two_stand_on_one_another(record):
    view, drawn = drawn_of(record)
    if drawn is None:
        return
    for trend, pane in each_trend(view, drawn):
        said = [one for one in pane.labels if one.tone in (Tone.VALUE, Tone.PAIN)]
        values = {measured(one.value) for one in trend.observed}
        for one in said:
            assert {part.lstrip("↑↓") for part in one.said.split("/")} <= values | {"–"}
        room = Room(Box(0, 0, 0, 0), drawn.size.em)
        boxes = [room.box(one.said, one.x, one.y, one.anchor) for one in said]
        assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    for pane in drawn.panes:
        if pane.marker is Marker.STEP:
            rates = {dose(one.rate) for one in pane.steps} | {one.said for one in pane.boluses}
            assert {one.said for one in pane.labels if one.tone is Tone.VALUE} <= rates


def test_what_was_corrected_or_retracted_is_not_plotted():
    _, drawn = drawn_of(examples.full())
    assert drawn is not None
    pressures = next(pane for pane in drawn.panes if pane.bars)
    highs = [measured(bar.high.value) for bar in pressures.bars if bar.high]
    assert "221" not in highs
    assert "99" not in highs
    assert "121" in highs


def test_nothing_charted_gives_no_chart():
    assert drawn_of(charts.nothing())[1] is None
    assert drawn_of(examples.empty())[1] is None


@pytest.mark.parametrize("kind", charts.KINDS, ids=lambda kind: kind.__name__)
def test_every_word_lies_on_the_drawing(kind):
    record = kind()
    view = view_of(record, record.entries[-1].observed_at + timedelta(minutes=12))
    drawn = chart(view, due=view.due)
    assert drawn is not None
    room = Room(Box(0, 0, 0, 0), drawn.size.em)
    for one in (*drawn.labels, *(label for pane in drawn.panes for label in pane.labels)):
        box = room.box(one.said, one.x, one.y, one.anchor)
        assert box.within(Box(-1, -1, drawn.size.width + 1, drawn.height + 1)), one
