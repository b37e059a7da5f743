"""The trend chart of a session: everything that was charted over one axis of time (R147 to R149).

A pure function from the record's view to places and words; the template `chart.svg` only writes
them, for paper and for the screen. Points are what was charted, joined by straight lines between
neighbours and never across a missed round; nothing is smoothed, averaged or filled in.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from protocol.rules.schedule import DueRound
from reports.chart_axes import Tick, TimeAxis, close_together, time_ticks
from reports.chart_labels import ems, in_lines
from reports.chart_lanes import Keys, ahead, bands, discs, lane_below, phase_labels
from reports.chart_limits import bounds_on, bounds_on_rate, gutter
from reports.chart_panes import NAME_EMS, Frame, height_ems, trend_pane
from reports.chart_rate_panes import HEIGHT_EMS, rate_pane
from reports.chart_rates import Rates, all_rates
from reports.chart_said import description, notes
from reports.chart_shapes import PAPER, Chart, Label, Pane, Size, Tone
from reports.chart_trends import Trend, trends, within
from reports.view import View

_LEFT_EMS = NAME_EMS + 2.3
_GAP_EMS = 1.15
_NAME_LINES_MAX = 4
# A clock that was wrong by a day, or a session that nobody closed, leaves the rest readable.
_SILENCE = timedelta(hours=12)
_LEAST_SPAN = timedelta(minutes=20)
_LOOKED_AHEAD = timedelta(minutes=30)
_IDLE = timedelta(hours=2)


def chart(view: View, size: Size = PAPER, due: Sequence[DueRound] = ()) -> Chart | None:
    """The chart of a record up to `view.as_of`; nothing where nothing was charted that it shows.

    With `due` it ends after that moment, with the rounds marked that are due (look.md).
    """
    drawn, rates = trends(view), all_rates(view)
    if not drawn and not rates:
        return None
    em, running = size.em, view.record.ended_at is None
    time = _time_axis(view, drawn, rates, due, size)
    shown = [one for trend in drawn if (one := within(trend, time)).observed]
    frame, keys = Frame(view, time, em, size.stretch), Keys()
    numbered = discs(view, time, em)
    heading = phase_labels(view, time, keys, em)
    strip = max((one.y for one in heading), default=0.0) + 0.5 * em
    disc_y = strip + 0.95 * em
    top = strip + (2.0 if numbered else 0.2) * em
    panes = tuple(_panes(frame, rates, shown, keys, top))
    bottom = panes[-1].bottom
    ticks = time_ticks(time, view.clock, 4.2 * em)
    below = bottom + (2.6 if any(one.day for one in ticks) else 1.5) * em
    looked = running and time.holds(view.as_of)
    now = time.x(view.as_of) if looked and due else None
    said_now = f"now {view.clock.time(view.as_of)}"
    lane = lane_below(view, due, time, now, said_now, below, em)
    return Chart(
        size, below + lane.height + 0.2 * em, time, strip, bottom, bands(view, time),
        tuple(ticks), panes, numbered, disc_y, now, ahead(due, time), bottom,
        labels=(*heading, *_times(ticks, bottom, em), *lane.labels),
        notes=tuple(notes(view, drawn, shown, panes, keys)),
        description=description(view, shown, rates, time),
    )  # fmt: skip


def _panes(
    frame: Frame, rates: Sequence[Rates], drawn: Sequence[Trend], keys: Keys, top: float
) -> Iterator[Pane]:
    for one in rates:
        pane = rate_pane(frame, one, _name_lines(one.line.drug, keys), top)
        top = pane.bottom + _GAP_EMS * frame.em
        yield pane
    for trend in drawn:
        pane = trend_pane(frame, trend, _name_lines(trend.name, keys), top)
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
        yield Label(tick.x, bottom + 1.15 * em, tick.said, Tone.SOFT, "middle")
        if tick.day:
            yield Label(tick.x, bottom + 2.25 * em, tick.day, Tone.SOFT, "middle")


def _time_axis(
    view: View, drawn: Sequence[Trend], rates: Sequence[Rates], due: Sequence[DueRound], size: Size
) -> TimeAxis:
    start, end = _window(view, drawn, rates)
    ends = [end, *(one.due_at for one in due if end < one.due_at <= end + _LOOKED_AHEAD)]
    span = max(max(ends) - start, _LEAST_SPAN)
    em = size.em
    left, right = _LEFT_EMS * em, size.width - _gutter(view, drawn, rates, size) * em
    spare = span * (0.8 * em / (right - left))
    return TimeAxis(start - spare, start + span + spare, left, right)


def _gutter(view: View, drawn: Sequence[Trend], rates: Sequence[Rates], size: Size) -> float:
    """Room beside the plot for the limits' labels, in ems."""
    said = [gutter(bounds_on(view, one), height_ems(one) * size.stretch) for one in drawn]
    said += [gutter(bounds_on_rate(view, one), HEIGHT_EMS * size.stretch) for one in rates]
    return max(1.4, 1.3 + max(said))


def _window(
    view: View, drawn: Sequence[Trend], rates: Sequence[Rates]
) -> tuple[datetime, datetime]:
    """From the first to the last of what was charted; where a silence of half a day parts it, the
    part with the most in it. It goes on to the session's end, or to the moment of looking."""
    moments = [one.at for trend in drawn for one in trend.observed]
    moments += [at for each in rates for at in moments_of(each)]
    moments += [one.start for one in view.spans]
    groups = close_together(moments, _SILENCE)
    most = max(groups, key=len)
    start, last = most[0], most[-1]
    until = view.as_of
    idle = max(_IDLE, last - start)
    return start, until if last <= until <= last + idle else last


def moments_of(rates: Rates) -> list[datetime]:
    """When a drug line's rate or dose was charted."""
    found = [at for one in rates.stretches for at in (one.start, one.end) if at is not None]
    return [*found, *(one.at for one in rates.boluses)]
