"""The clinic's limits as lines on the chart, each labelled with its source at the right end."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from protocol.rules.limits import AppliesTo, Limit, LimitOn, Severity
from reports.chart_axes import TimeAxis, ValueAxis
from reports.chart_labels import ems, spread
from reports.chart_rates import Rates
from reports.chart_shapes import Bound, Label, Tone
from reports.chart_trends import Trend
from reports.formats import measured
from reports.view import View

_ENDS = {"systolic": " sys", "diastolic": " dia"}
APART_EMS = 1.08


class Drawn(NamedTuple):
    """One bound of a limit: where it holds, and what stands at its right end."""

    value: Decimal
    severity: Severity
    phase: str | None
    said: str
    source: str


def bounds_on(view: View, trend: Trend) -> list[Drawn]:
    """The bounds of every limit on a trend's measures that facts are held against."""
    wanted = {one.measure: one.unit for one in trend.series}
    return [
        one
        for limit, source in _in_force(view)
        if limit.on is LimitOn.MEASURE and limit.measure in wanted
        if limit.unit == wanted[limit.measure]
        for one in _both(limit, source, _ENDS.get(limit.measure, ""))
    ]


def bounds_on_rate(view: View, rates: Rates) -> list[Drawn]:
    """The bounds on a drug line's rate that are in the unit it is drawn in."""
    return [
        one
        for limit, source in _in_force(view)
        if limit.on is LimitOn.RATE and limit.drug_line in (None, rates.line.code)
        if limit.unit == rates.unit
        for one in _both(limit, source, "")
    ]


def _in_force(view: View) -> list[tuple[Limit, str]]:
    record = view.record
    documents = (
        (record.protocol.limits, f"protocol v{record.protocol_version.number}"),
        (record.policy.limits, f"policy v{record.policy_version.number}"),
    )
    return [
        (limit, source)
        for limits, source in documents
        for limit in limits
        if limit.applies_to is not AppliesTo.PLAN
    ]


def _both(limit: Limit, source: str, which: str) -> list[Drawn]:
    values = [one for one in (limit.high, limit.low) if one is not None]
    return [
        Drawn(
            value, limit.severity, limit.phase, f"{limit.severity} {measured(value)}{which}", source
        )
        for value in values
    ]  # fmt: skip


def bounds(
    view: View, drawn: Sequence[Drawn], axis: ValueAxis, time: TimeAxis
) -> tuple[Bound, ...]:
    """The lines: over the whole time, or over the limit's own phase; none outside of the axis."""
    return tuple(
        Bound(
            one.value, one.severity, axis.y(one.value),
            () if axis.beyond(one.value) else _spans(view, one.phase, time),
        )
        for one in drawn
    )  # fmt: skip


def _spans(view: View, phase: str | None, time: TimeAxis) -> tuple[tuple[float, float], ...]:
    if phase is None:
        return ((time.left, time.right),)
    return tuple(
        (time.x(span.start), time.x(span.end or time.end))
        for span in view.spans
        if span.phase.code == phase
    )


class Beside(NamedTuple):
    """The limits' labels beside the plot, from where to where their leaders go, and how many
    labels found no room."""

    labels: tuple[Label, ...]
    leaders: tuple[tuple[float, float], ...]
    dropped: int


def beside(drawn: Sequence[Drawn], axis: ValueAxis, right: float, em: float) -> Beside:
    """Labels apart from one another, each over its source, or before it where room is short; hard
    limits come first where it is shorter still."""
    line = APART_EMS * em
    low, high = axis.top + 0.3 * em, axis.bottom + 0.3 * em
    over = 2 * line * (len(drawn) - 1) + line <= high - low
    apart = 2 * line + 0.1 * em if over else line
    ranked = sorted(drawn, key=lambda one: one.severity is not Severity.HARD)
    kept = sorted(ranked[: int((high - low) / line) + 1], key=lambda one: -one.value)
    wanted = [axis.y(one.value) for one in kept]
    last = high - line if over else high
    placed = spread([y + 0.36 * em for y in wanted], apart, low, last)
    x, found = right + 0.9 * em, []
    for one, y in zip(kept, placed, strict=True):
        said = f"{_ARROWS[axis.beyond(one.value)]}{one.said}"
        found.append(Label(x, y, said if over else f"{said}, {one.source}", Tone.SOFT))
        if over:
            found.append(Label(x, y + line, one.source, Tone.SOFT))
    leaders = tuple((y, to - 0.36 * em) for y, to in zip(wanted, placed, strict=True))
    return Beside(tuple(found), leaders, len(drawn) - len(kept))


def gutter(drawn: Sequence[Drawn], height_ems: float) -> float:
    """How wide the labels of a pane of that height are, in ems."""
    over = 2 * APART_EMS * (len(drawn) - 1) + APART_EMS <= height_ems
    said = [
        max(ems(one.said), ems(one.source)) if over else ems(f"{one.said}, {one.source}")
        for one in drawn
    ]
    return max(said, default=0.0)


_ARROWS = {0: "", 1: "↑ ", -1: "↓ "}
