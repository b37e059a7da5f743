"""What the chart says in words: to those who cannot see it, and what no drawing can show."""

from collections.abc import Iterator, Sequence

from protocol.rules.limits import LimitOn
from reports.chart_axes import TimeAxis
from reports.chart_lanes import Keys
from reports.chart_rates import Rates, all_rates
from reports.chart_shapes import Pane
from reports.chart_trends import Observed, Trend, not_drawn
from reports.formats import counted, dose, measured, quantity, unit, with_unit
from reports.view import View

_NAMED_MAX = 8
_RATES_MAX = 12
LEGEND = "Blood pressure bars go from diastolic to systolic; dashed lines are the limits named."


def notes(
    view: View, drawn: Sequence[Trend], shown: Sequence[Trend], panes: Sequence[Pane], keys: Keys
) -> Iterator[str]:
    """What is to be known about the drawing: `shown` is what of `drawn` is in the chart's time."""
    yield from keys.said()
    widened = [
        f"{trend.name} {dose(pane.axis.low)} to {dose(pane.axis.high)}"
        for trend, pane in zip(shown, panes[len(panes) - len(shown) :], strict=True)
        if pane.axis is not None and pane.axis.widened
    ]
    if widened:
        yield f"Axes made wider for a value outside of the usual ones: {', '.join(widened)}."
    dropped = sum(one.unlabelled for one in panes)
    if dropped:
        yield f"{counted(dropped, 'limit')} beside which no label fits: in the documents."
    yield from _undrawn_rate_limits(view)
    outside = sum(len(one.observed) for one in drawn) - sum(len(one.observed) for one in shown)
    if outside:
        yield f"{counted(outside, 'value')} of another time, far from the session's: in the tables."
    others = not_drawn(view, drawn)
    if others:
        more = len(others) - _NAMED_MAX
        named = ", ".join(others[:_NAMED_MAX])
        yield f"In the tables alone: {named}{f' and {more} more' if more > 0 else ''}."
    if any(one.pressures for one in shown):
        yield LEGEND


def _undrawn_rate_limits(view: View) -> Iterator[str]:
    units = {one.unit for one in all_rates(view) if one.unit}
    limits = (*view.record.protocol.limits, *view.record.policy.limits)
    others = [
        unit(one.unit) for one in limits if one.on is LimitOn.RATE and one.unit not in units
    ]  # fmt: skip
    if others and units:
        named = ", ".join(dict.fromkeys(others))
        yield f"Limits on a rate in {named} are not drawn: no rate was charted in it."


def description(view: View, drawn: Sequence[Trend], rates: Sequence[Rates], time: TimeAxis) -> str:
    """The chart in words: each series with its first, lowest, highest and last value."""
    clock = view.clock
    first = min((one.start for one in view.spans), default=time.start)
    parts = [f"Trend chart from {clock.time(max(first, time.start))} to {clock.time(view.as_of)}."]
    parts += [f"{one.phase.label} from {clock.time(one.start)}." for one in view.spans]
    parts += [_rates_said(view, one) for one in rates]
    parts += [_trend_said(view, one) for one in drawn]
    if view.events:
        parts.append(f"{counted(len(view.events), 'numbered event')}, repeated in the tables.")
    parts.append("Every value is in the tables that follow.")
    return " ".join(parts)


def _rates_said(view: View, rates: Rates) -> str:
    said = [
        f"{with_unit(dose(one.rate.value), one.rate.unit)} from {view.clock.time(one.start)}"
        for one in rates.stretches[:_RATES_MAX]
    ]
    if len(rates.stretches) > _RATES_MAX:
        said.append(f"{len(rates.stretches) - _RATES_MAX} more changes")
    said += [f"paused {view.clock.time(one.start)}" for one in rates.pauses[:_RATES_MAX]]
    said += [
        f"bolus {quantity(one.dose)} {view.clock.time(one.at)}"
        for one in rates.boluses[:_RATES_MAX]
    ]
    return f"{rates.line.drug}: {', '.join(said)}."


def _trend_said(view: View, trend: Trend) -> str:
    named = f"{trend.name}, {trend.unit}" if trend.unit else trend.name
    if trend.pressures:
        systolic = [one.systolic for one in trend.pressures if one.systolic is not None]
        diastolic = [one.diastolic for one in trend.pressures if one.diastolic is not None]
        said = [
            f"{name} {_ends_said(view, values)}"
            for name, values in (("systolic", systolic), ("diastolic", diastolic))
            if values
        ]
        return f"{named}: {'; '.join(said)}."
    return f"{named}: {_ends_said(view, trend.observed)}."


def _ends_said(view: View, values: Sequence[Observed]) -> str:
    least = min(values, key=lambda one: one.value)
    most = max(values, key=lambda one: one.value)
    ends = (("first", values[0]), ("lowest", least), ("highest", most), ("last", values[-1]))
    said = [f"{name} {measured(one.value)} {view.clock.time(one.at)}" for name, one in ends]
    return f"{counted(len(values), 'value')}, {', '.join(said)}"
