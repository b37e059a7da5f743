"""From a measure's values to where they stand: one pane per measure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from reports import chart_limits
from reports.chart_axes import TimeAxis, ValueAxis, shown_values, value_axis
from reports.chart_labels import Box, Room, along, around, box_around, in_lines
from reports.chart_limits import Beside, Drawn
from reports.chart_shapes import Bar, Label, Marker, Missed, Pane, Point, Tone
from reports.chart_trends import Observed, Trend
from reports.formats import NO_BREAK, measured
from reports.view import View

NAME_EMS = 8.7
LINE_EMS = 1.15
_INDENT_EMS = 1.1
_HALF_EMS, _LEAST_HALF_EMS = 0.27, 0.13
_HEIGHT_EMS = {
    Marker.BAR: 9.6, Marker.CIRCLE: 6.4, Marker.SQUARE: 5.2, Marker.CROSS: 3.6,
    Marker.DIAMOND: 4.8, Marker.BOX: 2.8,
}  # fmt: skip


class Frame(NamedTuple):
    """What every pane is set in: the record, the axis of time, the letters, and the stretch."""

    view: View
    time: TimeAxis
    em: float
    stretch: float


def unit_lines(unit: str) -> list[str]:
    """A unit below its pane's name, in lines that fit."""
    return in_lines(unit.replace(NO_BREAK, " "), NAME_EMS - _INDENT_EMS) if unit else []


def words_ems(name: Sequence[str], unit: str) -> float:
    """How high the words beside a pane are."""
    return LINE_EMS * (len(name) + len(unit_lines(unit)))


def beside(
    frame: Frame, name: Sequence[str], unit: str, top: float, axis: ValueAxis | None,
    drawn: Sequence[Drawn],
) -> Beside:  # fmt: skip
    """A pane's name over its unit, the values of its axis, and its limits' labels."""
    em, first = frame.em, top + 0.76 * frame.em
    found = [
        Label(0, first + LINE_EMS * number * em, line, Tone.NAME)
        for number, line in enumerate(name)
    ]
    found += [
        Label(_INDENT_EMS * em, first + LINE_EMS * number * em, line, Tone.SOFT)
        for number, line in enumerate(unit_lines(unit), len(name))
    ]
    if axis is None:
        return Beside(tuple(found), (), len(drawn))
    at = frame.time.left - 0.45 * em
    found += [
        Label(at, y + 0.36 * em, said, Tone.SOFT, "end")
        for said, y in shown_values(axis, 1.05 * em)
    ]
    limits = chart_limits.beside(drawn, axis, frame.time.right, em)
    return limits._replace(labels=(*found, *limits.labels))


def height_ems(trend: Trend, name: Sequence[str], stretch: float) -> float:
    """How high a measure's pane is: never lower than the words beside it."""
    return max(_HEIGHT_EMS[trend.marker] * stretch, words_ems(name, trend.unit))


def trend_pane(frame: Frame, trend: Trend, name: Sequence[str], top: float) -> Pane:
    """A measure's pane, its name in lines that fit."""
    em = frame.em
    height = height_ems(trend, name, frame.stretch) * em
    axis = value_axis(trend.scale, [one.value for one in trend.observed], top, top + height)
    drawn = chart_limits.bounds_on(frame.view, trend)
    sides = beside(frame, name, trend.unit, top, axis, drawn)
    lines = tuple(tuple(_point(frame, one, axis) for one in run) for run in trend.runs)
    bars = tuple(
        Bar(*(None if one is None else _point(frame, one, axis) for one in pressure))
        for pressure in trend.pressures
    )
    pane = Pane(
        trend.marker, top, top + height, axis, lines=lines, bars=bars,
        bounds=chart_limits.bounds(frame.view, drawn, axis, frame.time), leaders=sides.leaders,
        missed=tuple(Missed(at, frame.time.x(at)) for at in trend.missed if frame.time.holds(at)),
        pain=trend.pain, half=_half(frame, lines, bars), unlabelled=sides.dropped,
    )  # fmt: skip
    return pane._replace(labels=(*sides.labels, *_words(frame, pane)))


def points_of(pane: Pane) -> list[Point]:
    """Every point of a pane."""
    ends = [one for bar in pane.bars for one in bar if one is not None]
    return [*ends, *(one for run in pane.lines for one in run)]


def _point(frame: Frame, one: Observed, axis: ValueAxis) -> Point:
    x, y = frame.time.x(one.at), axis.y(one.value)
    return Point(one.at, one.value, x, y, axis.beyond(one.value), one.crossed)


def _half(frame: Frame, lines: tuple[tuple[Point, ...], ...], bars: tuple[Bar, ...]) -> float:
    """Half a mark's size: smaller where points stand closer than marks are wide."""
    points = [one for bar in bars for one in bar if one] + [one for run in lines for one in run]
    gaps = [b - a for a, b in pairwise(sorted({one.x for one in points}))]
    room = 0.45 * median(gaps) if gaps else frame.em
    return max(_LEAST_HALF_EMS * frame.em, min(_HALF_EMS * frame.em, room))


def _words(frame: Frame, pane: Pane) -> Iterator[Label]:
    """Values beside their marks, each where there is room and the most telling first: all of a
    pain, else those beyond a limit or the axis, and the extremes. Then the word for a gap."""
    em, room = frame.em, _room(frame, pane)
    tone = Tone.PAIN if pane.pain else Tone.VALUE
    for point, said in _telling(pane):
        spot = room.place(said, around(point.x, point.y, 1.3 * pane.half, em))
        if spot is not None:
            yield Label(spot[0], spot[1], said, tone, spot[2])
    for one in pane.missed:
        places = [
            (one.x + side * em, y, anchor)
            for y in (pane.bottom - 0.2 * em, pane.top + 0.85 * em)
            for side, anchor in ((0.3, "start"), (-0.3, "end"))
        ]
        spot = room.place("missed", places)
        if spot is not None:
            yield Label(spot[0], spot[1], "missed", Tone.SOFT, spot[2])


def guides(frame: Frame, pane: Pane) -> list[Box]:
    """The room of the lines that go down from the events' numbers."""
    half = 0.1 * frame.em
    xs = [frame.time.x(at) for at in frame.view.event_times.values() if frame.time.holds(at)]
    return [Box(x - half, pane.top - frame.em, x + half, pane.bottom) for x in xs]


def _room(frame: Frame, pane: Pane) -> Room:
    em, half, time = frame.em, pane.half, frame.time
    room = Room(Box(time.left, pane.top - 0.8 * em, time.right, pane.bottom + 0.3 * em), em)
    room.take(box_around(one.x, one.y, 1.15 * half) for one in points_of(pane))
    for bar in pane.bars:
        if bar.high is not None and bar.low is not None:
            room.take([Box(bar.high.x - half, bar.high.y, bar.high.x + half, bar.low.y)])
    room.avoid(guides(frame, pane))
    for run in pane.lines:
        room.avoid(along([(one.x, one.y) for one in run], 0.1 * em))
    for bound in pane.bounds:
        room.avoid(Box(a, bound.y - 0.1 * em, b, bound.y + 0.1 * em) for a, b in bound.spans)
    room.avoid(Box(one.x - 0.1 * em, pane.top, one.x + 0.1 * em, pane.bottom)
               for one in pane.missed)  # fmt: skip
    return room


def _telling(pane: Pane) -> Iterator[tuple[Point, str]]:
    """The points whose value is said, the most telling first, each once."""
    said = _pressures_said(pane) if pane.bars else _values_said(pane)
    seen: set[tuple[float, float]] = set()
    for point, words in said:
        if (point.x, point.y) not in seen:
            seen.add((point.x, point.y))
            yield point, words


def _values_said(pane: Pane) -> list[tuple[Point, str]]:
    points = [one for run in pane.lines for one in run]
    least = min(points, key=lambda one: one.value)
    most = max(points, key=lambda one: one.value)
    telling = [one for one in points if one.beyond]
    if pane.pain:
        changed = [b for a, b in pairwise(points) if a.value != b.value]
        telling += [points[0], points[-1], most, least, *changed, *points]
    elif pane.marker is not Marker.BOX:
        extremes = [least] if pane.marker is Marker.SQUARE else [most, least]
        telling += [*extremes, *(one for one in points if one.crossed)]
    else:
        telling += [one for one in points if one.crossed]
    return [(one, _arrowed(one)) for one in telling]


def _pressures_said(pane: Pane) -> list[tuple[Point, str]]:
    whole = [one for one in pane.bars if one.high is not None]
    by_value = sorted(whole, key=lambda one: one.high.value if one.high else 0)
    ends = [by_value[-1], by_value[0]] if by_value else []
    beyond = [one for one in pane.bars if any(end and end.beyond for end in one)]
    crossed = [one for one in pane.bars if any(end and end.crossed for end in one)]
    return [
        (point, _pressure_said(bar))
        for bar in (*beyond, *ends, *crossed)
        if (point := bar.high or bar.low) is not None
    ]


def _pressure_said(bar: Bar) -> str:
    return "/".join("–" if one is None else _arrowed(one) for one in bar)


def _arrowed(point: Point) -> str:
    return f"{ {0: '', 1: '↑', -1: '↓'}[point.beyond] }{measured(point.value)}"
