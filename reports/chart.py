"""The trend chart of a session: everything that was charted over one axis of time (R147 to R149).

A pure function from the record's view to places and words; the template `chart.svg` only writes
them, for paper and for the screen. Points are what was charted, joined by straight lines between
neighbours and never across a missed round; nothing is smoothed, averaged or filled in.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from protocol.rules.schedule import DueRound
from reports.chart_axes import Tick, TimeAxis, close_together, rate_scale, time_ticks
from reports.chart_labels import ems, in_lines
from reports.chart_lanes import Keys, bands, discs, lane_below, phase_labels
from reports.chart_limits import bounds_on, bounds_on_rate, gutter
from reports.chart_panes import NAME_EMS, Frame, height_ems, trend_pane
from reports.chart_rate_panes import HEIGHT_EMS, rate_height_ems, rate_pane
from reports.chart_rates import Rates, all_rates
from reports.chart_said import description, notes
from reports.chart_shapes import PAPER, Chart, Label, Pane, Size, Tone
from reports.chart_trends import Trend, trends, within
from reports.formats import dose
from reports.view import View

_AXIS_EMS = 2.0  # Three digits: no fixed axis has more.
_GAP_EMS = 1.0
_NAME_LINES_MAX = 4
_STRETCH = (0.6, 1.2)
# A clock that was wrong by a day, or a session that nobody closed, leaves the rest readable.
_SILENCE = timedelta(hours=24)
_LEAST_SPAN = timedelta(minutes=20)
_LOOKED_AHEAD = timedelta(minutes=30)
_IDLE = timedelta(minutes=30)


class Plotted(NamedTuple):
    """What is drawn: drug lines and measures, each with its name in lines."""

    rates: tuple[tuple[Rates, list[str]], ...]
    trends: tuple[tuple[Trend, list[str]], ...]

    def height_ems(self, stretch: float) -> float:
        """How high the panes are together, with the gaps between them."""
        heights = [rate_height_ems(one, name, stretch) for one, name in self.rates]
        heights += [height_ems(one, name, stretch) for one, name in self.trends]
        return sum(heights) + _GAP_EMS * (len(heights) - 1)


def chart(view: View, size: Size = PAPER, due: Sequence[DueRound] | None = None) -> Chart | None:
    """The chart of a record up to `view.as_of`; nothing where nothing was charted that it shows.

    With `due`, be it empty, that moment is marked as now, and after it what is due (look.md).
    """
    drawn, rates = trends(view), all_rates(view)
    if not drawn and not rates:
        return None
    em, time, keys = size.em, _time_axis(view, drawn, rates, due, size), Keys()
    shown = [one for trend in drawn if (one := within(trend, time)).observed]
    plotted = Plotted(
        tuple((one, _name_lines(one.line.drug, keys)) for one in rates),
        tuple((one, _name_lines(one.name, keys)) for one in shown),
    )
    numbered, heading = discs(view, time, em), phase_labels(view, time, keys, em)
    strip = max((one.y for one in heading), default=0.0) + 0.5 * em
    top = strip + (2.0 if numbered else 0.2) * em
    ticks = time_ticks(time, view.clock, 4.2 * em)
    under = (2.75 if any(one.day for one in ticks) else 1.65) * em
    stretch = _stretch(
        plotted, None if size.room is None else size.room - top - under - 0.2 * em, em
    )
    panes = tuple(_panes(Frame(view, time, em, stretch), plotted, top))
    bottom = panes[-1].bottom
    now = None if due is None else time.x(view.as_of)
    lane = lane_below(view, due or (), time, now, bottom + under, size)
    return Chart(
        size, bottom + under + lane.height + 0.2 * em, time, strip, bottom, bands(view, time),
        tuple(ticks), panes, numbered, strip + 0.95 * em, now, lane.ahead,
        labels=(*heading, *_times(ticks, bottom, em), *lane.labels),
        notes=tuple(notes(view, drawn, shown, panes, keys)),
        description=description(view, shown, rates, time),
    )  # fmt: skip


def _stretch(plotted: Plotted, room: float | None, em: float) -> float:
    """How much higher or lower than usual the panes are drawn to fill the room, within reason."""
    if room is None:
        return 1.0
    low, high = _STRETCH
    if plotted.height_ems(low) * em >= room:
        return low
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if plotted.height_ems(middle) * em <= room else (low, middle)
    return low


def _panes(frame: Frame, plotted: Plotted, top: float) -> Iterator[Pane]:
    for rates, name in plotted.rates:
        pane = rate_pane(frame, rates, name, top)
        top = pane.bottom + _GAP_EMS * frame.em
        yield pane
    for trend, name in plotted.trends:
        pane = trend_pane(frame, trend, name, top)
        top = pane.bottom + _GAP_EMS * frame.em
        yield pane


def _name_lines(name: str, keys: Keys) -> list[str]:
    """A name in lines beside its pane; a letter for it where it is too long (R125: never cut)."""
    lines = in_lines(name, NAME_EMS)
    if len(lines) <= _NAME_LINES_MAX and all(ems(line) <= NAME_EMS for line in lines):
        return lines
    return [keys.letter(name)]


def _times(ticks: Sequence[Tick], bottom: float, em: float) -> Iterator[Label]:
    for tick in ticks:
        yield Label(tick.x, bottom + 1.3 * em, tick.said, Tone.SOFT, "middle")
        if tick.day:
            yield Label(tick.x, bottom + 2.4 * em, tick.day, Tone.SOFT, "middle")


def _time_axis(
    view: View,
    drawn: Sequence[Trend],
    rates: Sequence[Rates],
    due: Sequence[DueRound] | None,
    size: Size,
) -> TimeAxis:
    start, end = _window(view, drawn, rates, looked=due is not None)
    ends = [end, *(one.due_at for one in due or () if end < one.due_at <= end + _LOOKED_AHEAD)]
    span = max(max(ends) - start, _LEAST_SPAN)
    em = size.em
    left, right = (
        (NAME_EMS + _axis_ems(rates) + 0.5) * em,
        size.width - _gutter(view, drawn, rates, size) * em,
    )
    spare = span * (0.8 * em / (right - left))
    return TimeAxis(start - spare, start + span + spare, left, right)


def _axis_ems(rates: Sequence[Rates]) -> float:
    """Room for the numbers beside the axes: those of a rate have as many digits as it has."""
    highest = [dose(rate_scale(one.values).high) for one in rates if one.values]
    return max((_AXIS_EMS, *(ems(one) + 0.1 for one in highest)))


def _gutter(view: View, drawn: Sequence[Trend], rates: Sequence[Rates], size: Size) -> float:
    """Room beside the plot for the limits' labels, in ems."""
    least = 1.0 if size.room is None else _STRETCH[0]
    said = [gutter(bounds_on(view, one), height_ems(one, (), least)) for one in drawn]
    said += [gutter(bounds_on_rate(view, one), HEIGHT_EMS * least) for one in rates]
    return max(1.4, 1.3 + max(said))


def _window(
    view: View, drawn: Sequence[Trend], rates: Sequence[Rates], *, looked: bool
) -> tuple[datetime, datetime]:
    """From the first to the last of what was charted; where a silence of a day parts it, the part
    with the most in it. It goes on to the moment of looking while something runs or is looked at,
    and else to the session's end where that is not long after."""
    moments = [one.at for trend in drawn for one in trend.observed]
    moments += [at for each in rates for at in moments_of(each)]
    moments += [one.start for one in view.spans]
    most = max(close_together(moments, _SILENCE), key=len)
    start, last, until = most[0], most[-1], view.as_of
    runs = any(one.end is None for each in rates for one in each.stretches)
    longest = _SILENCE if looked or runs else max(_IDLE, last - start)
    return start, until if last <= until <= last + longest else last


def moments_of(rates: Rates) -> list[datetime]:
    """When a drug line's rate or dose was charted."""
    found = [at for one in rates.stretches for at in (one.start, one.end) if at is not None]
    return [*found, *(one.at for one in rates.boluses)]
