"""Where a moment and a value lie on the chart: one axis of time, and a fixed axis per measure.

An axis is not fitted to the data (R147): it has its usual ends, and moves them by whole steps only
when a value lies outside. The ends say how a chart is drawn; they are no limit and no range (R1).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from reports.formats import Clock, day, dose, offset

_STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)


class TimeAxis(NamedTuple):
    """The chart's one axis of time: proportional, from `start` at `left` to `end` at `right`."""

    start: datetime
    end: datetime
    left: float
    right: float

    def x(self, at: datetime) -> float:
        """Where a moment lies; one outside of the axis lies at its end."""
        share = (at - self.start) / (self.end - self.start)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def holds(self, at: datetime) -> bool:
        """Whether a moment is on the axis."""
        return self.start <= at <= self.end


class Tick(NamedTuple):
    """A place on the axis of time: what stands below it, and below that where a day begins."""

    x: float
    said: str
    day: str = ""


class AxisRange(NamedTuple):
    """A measure's usual axis, its labelled step, and how far the axis goes for a value outside."""

    low: Decimal
    high: Decimal
    step: Decimal
    least: Decimal
    most: Decimal


class ValueAxis(NamedTuple):
    """A measure's axis as drawn: `low` at `bottom`, `high` at `top`, y downward."""

    low: Decimal
    high: Decimal
    step: Decimal
    top: float
    bottom: float
    widened: bool = False

    def y(self, value: Decimal) -> float:
        """Where a value lies; one beyond an end lies at that end."""
        share = float((value - self.low) / (self.high - self.low))
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def beyond(self, value: Decimal) -> int:
        """1 above the axis, -1 below it, 0 on it."""
        return (value > self.high) - (value < self.low)

    def ticks(self) -> list[tuple[Decimal, float]]:
        """The labelled values and where they lie, from the lowest."""
        count = int((self.high - self.low) / self.step)
        values = [self.low + self.step * number for number in range(count + 1)]
        return [(value, self.y(value)) for value in values]


def value_axis(scale: AxisRange, values: Iterable[Decimal], top: float, bottom: float) -> ValueAxis:
    """The usual axis, or the one that whole steps make wide enough, up to its widest."""
    low, high = scale.low, scale.high
    for value in values:
        while value < low and low > scale.least:
            low -= scale.step
        while value > high and high < scale.most:
            high += scale.step
    widened = (low, high) != (scale.low, scale.high)
    return ValueAxis(low, high, scale.step, top, bottom, widened)


def score_scale(low: Decimal, high: Decimal, step: Decimal) -> AxisRange:
    """The clinic's scale of a score is its axis, labelled at its ends and in the middle where a
    score can be there."""
    parts = int((high - low) / step)
    middle = parts % 2 == 0 and parts > 0
    return AxisRange(low, high, (high - low) / 2 if middle else high - low, low, high)


def rate_scale(values: Iterable[Decimal]) -> AxisRange:
    """From nothing to the next round number: a rate has as many units as there are protocols, and
    so no axis of its own."""
    highest = max(values, default=Decimal(0))
    if highest <= 0:
        highest = Decimal(1)
    unit = Decimal(1).scaleb(highest.adjusted())
    high = next(unit * part for part in (1, 2, 4, 5, 10) if unit * part >= highest)
    parts = 5 if high / unit == 5 else 2
    step = high / 2 if parts == 2 else high / 5
    return AxisRange(Decimal(0), high, step, Decimal(0), high)


def clock_step(axis: TimeAxis, gap: float) -> timedelta:
    """The shortest round step whose ticks stand at least a gap apart."""
    for minutes in _STEPS_MIN:
        step = timedelta(minutes=minutes)
        if step / (axis.end - axis.start) * (axis.right - axis.left) >= gap:
            return step
    days = 1
    while timedelta(days=days) / (axis.end - axis.start) * (axis.right - axis.left) < gap:
        days += 1
    return timedelta(days=days)


def whole_steps(axis: TimeAxis, step: timedelta, clock: Clock) -> list[datetime]:
    """The moments on the axis at which the clinic's clock shows a whole step: twice in the hour
    that the end of summer time repeats, never in the one that its beginning leaves out."""
    first = clock.local(axis.start).replace(tzinfo=None)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    shown = first - (first - midnight) % min(step, timedelta(days=1))
    found: set[datetime] = set()
    while shown <= first + (axis.end - axis.start) + timedelta(hours=2):
        for fold in (0, 1):
            at = shown.replace(tzinfo=clock.zone, fold=fold).astimezone(UTC)
            if clock.local(at).replace(tzinfo=None) == shown and axis.holds(at):
                found.add(at)
        shown += step
    return sorted(found)


def time_ticks(axis: TimeAxis, clock: Clock, gap: float) -> list[Tick]:
    """Whole steps of the clinic's clock. The date stands where a day begins, and the offset where
    the clock is put forward or back: the axis itself goes on evenly (R142)."""
    days = {clock.local(one).date() for one in (axis.start, axis.end)}
    found: list[Tick] = []
    before = clock.local(axis.start)
    for at in whole_steps(axis, clock_step(axis, gap), clock):
        local = clock.local(at)
        begins = len(days) > 1 and (not found or local.date() != before.date())
        moved = local.utcoffset() != before.utcoffset()
        below = (day(local.date()) if begins else "", offset(local) if moved else "")
        found.append(Tick(axis.x(at), f"{local:%H:%M}", " ".join(filter(None, below))))
        before = local
    return found


def shown_values(axis: ValueAxis, gap: float) -> list[tuple[str, float]]:
    """The labels of a value axis; its ends first, and between them those with a gap around."""
    ticks = axis.ticks()
    kept = [ticks[0], ticks[-1]] if len(ticks) > 1 else ticks
    for tick in ticks[1:-1]:
        if all(abs(tick[1] - other[1]) >= gap for other in kept):
            kept.append(tick)
    return [(dose(value), y) for value, y in sorted(kept, key=lambda one: -one[1])]


def close_together(moments: Iterable[datetime], apart: timedelta) -> list[list[datetime]]:
    """Moments in order, in groups with no silence longer than that inside."""
    ordered = sorted(moments)
    groups = [ordered[:1]] if ordered else []
    for before, after in pairwise(ordered):
        if after - before > apart:
            groups.append([])
        groups[-1].append(after)
    return groups
