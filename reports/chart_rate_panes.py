"""A drug line's pane: its rates as steps, pauses as gaps, boluses as triangles with amounts."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from reports import chart_limits
from reports.chart_axes import ValueAxis, rate_scale
from reports.chart_labels import Box, Room, ems
from reports.chart_limits import bounds_on_rate
from reports.chart_panes import Frame, beside, guides, words_ems
from reports.chart_rates import Rates
from reports.chart_shapes import Bolus, Label, Marker, Pane, Pause, Step, Tone
from reports.formats import dose, duration, quantity, unit

HEIGHT_EMS, _LANE_EMS, _HEAD_EMS = 5.4, 1.5, 1.0


def rate_pane(frame: Frame, rates: Rates, name: Sequence[str], top: float) -> Pane:
    """The rates over time, on an axis from nothing up; a line of boluses alone has no axis."""
    em = frame.em
    lane = _lane_ems(rates)
    bottom = top + rate_height_ems(rates, name, frame.stretch) * em
    boluses = tuple(
        Bolus(one.at, frame.time.x(one.at), top + 0.72 * em, quantity(one.dose))
        for one in rates.boluses
        if frame.time.holds(one.at)
    )
    drawn = bounds_on_rate(frame.view, rates)
    axis = None
    if rates.stretches:
        scale = rate_scale(rates.values)
        axis = ValueAxis(scale.low, scale.high, scale.step, top + lane * em, bottom)
    sides = beside(frame, name, _unit(rates), top, axis, drawn)
    pane = Pane(
        Marker.STEP, top, bottom, axis, boluses=boluses, leaders=sides.leaders,
        steps=() if axis is None else tuple(_steps(frame, rates, axis)),
        pauses=tuple(_pauses(frame, rates)), half=0.36 * em, unlabelled=sides.dropped,
        bounds=() if axis is None else chart_limits.bounds(frame.view, drawn, axis, frame.time),
    )  # fmt: skip
    return pane._replace(labels=(*sides.labels, *_words(frame, pane)))


def rate_height_ems(rates: Rates, name: Sequence[str], stretch: float) -> float:
    """How high a drug line's pane is: the rates below a lane of boluses."""
    height = _lane_ems(rates) + (HEIGHT_EMS * stretch if rates.stretches else 0.2)
    return max(height, words_ems(name, _unit(rates)))


def _unit(rates: Rates) -> str:
    return unit(rates.unit) or "boluses"


def _lane_ems(rates: Rates) -> float:
    return _LANE_EMS if rates.boluses else _HEAD_EMS


def _steps(frame: Frame, rates: Rates, axis: ValueAxis) -> Iterator[Step]:
    for one in rates.stretches:
        end = _until(frame, one.end)
        if end >= frame.time.start and one.start <= frame.time.end:
            yield Step(
                one.start, end, one.rate.value, frame.time.x(one.start), frame.time.x(end),
                axis.y(one.rate.value), open=one.end is None,
            )  # fmt: skip


def _until(frame: Frame, end: datetime | None) -> datetime:
    return min(end or frame.view.as_of, frame.time.end)


def _pauses(frame: Frame, rates: Rates) -> Iterator[Pause]:
    for one in rates.pauses:
        end = _until(frame, one.end)
        if end >= frame.time.start and one.start <= frame.time.end:
            x, until = frame.time.x(one.start), frame.time.x(end)
            yield Pause(one.start, end, x, until)


def _words(frame: Frame, pane: Pane) -> Iterator[Label]:
    """Each bolus' amount, the rate at each change, and what the gaps are; where there is room."""
    em, time = frame.em, frame.time
    room = Room(Box(time.left, pane.top - 0.4 * em, time.right, pane.bottom), em)
    room.take(Box(one.x - pane.half, one.y - pane.half, one.x + pane.half, one.y + pane.half)
              for one in pane.boluses)  # fmt: skip
    room.avoid(guides(frame, pane))
    for one in pane.boluses:
        base, side = one.y + 0.32 * em, pane.half + 0.2 * em
        places = [(one.x + side, base, "start"), (one.x - side, base, "end")]
        yield from _placed(room, one.said, places, Tone.VALUE)
    for step in pane.steps:
        room.avoid([Box(step.x, step.y - 0.1 * em, step.until, step.y + 0.1 * em)])
    for step in pane.steps:
        yield from _placed(room, dose(step.rate), _about_step(step, em), Tone.VALUE)
    for gap in pane.pauses:
        yield from _gap_said(room, pane, gap, em)


def _about_step(step: Step, em: float) -> list[tuple[float, float, str]]:
    above, below = step.y - 0.28 * em, step.y + 0.98 * em
    middle = (step.x + step.until) / 2
    return [
        (step.x + 0.2 * em, above, "start"), (middle, above, "middle"),
        (step.x + 0.2 * em, below, "start"), (middle, below, "middle"),
    ]  # fmt: skip


def _placed(
    room: Room, said: str, places: Sequence[tuple[float, float, str]], tone: Tone
) -> Iterator[Label]:
    spot = room.place(said, places)
    if spot is not None:
        yield Label(spot[0], spot[1], said, tone, spot[2])


def _gap_said(room: Room, pane: Pane, gap: Pause, em: float) -> Iterator[Label]:
    """Inside of the gap, in one line or two, or above it."""
    assert pane.axis is not None
    middle, centre = (gap.x + gap.until) / 2, (pane.axis.top + pane.bottom) / 2 + 0.36 * em
    width = (gap.until - gap.x) / em - 0.3
    length = duration(gap.length)
    if ems(f"pause {length}") <= width:
        yield Label(middle, centre, f"pause {length}", Tone.SOFT, "middle")
    elif max(ems("pause"), ems(length)) <= width:
        yield Label(middle, centre - 0.58 * em, "pause", Tone.SOFT, "middle")
        yield Label(middle, centre + 0.58 * em, length, Tone.SOFT, "middle")
    else:
        above = pane.axis.top - 0.3 * em
        yield from _placed(room, "pause", [(middle, above, "middle")], Tone.SOFT)
