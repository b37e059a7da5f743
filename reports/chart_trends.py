"""What the chart plots: each measure's charted values by their time, and each drug line's rates.

Plain values of the record and no places yet. Corrected and retracted entries are not plotted; the
tables show them (R56).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from protocol.rules.charting import Entry, Reading
from protocol.rules.measures import MeasureKind, Observation
from protocol.rules.protocols import ProtocolDocument
from protocol.rules.schedule import RoundState
from reports.chart_axes import AxisRange, TimeAxis, score_scale
from reports.chart_shapes import Marker
from reports.summary_readings import PAIN_LOINC, Series, name_of, observed, scale_of
from reports.view import View

_SITES_MAX = 2
_PAINS_MAX = 4
_GAPS = (RoundState.MISSED, RoundState.EXPLAINED)


class Observed(NamedTuple):
    """A charted value at its moment, and whether it is beyond a limit."""

    at: datetime
    value: Decimal
    crossed: bool


class Pressure(NamedTuple):
    """A blood pressure at one moment: what was charted of it."""

    systolic: Observed | None
    diastolic: Observed | None


class Trend(NamedTuple):
    """One pane's measure: its values in runs that no missed round parts."""

    name: str
    unit: str
    marker: Marker
    scale: AxisRange
    series: tuple[Series, ...]
    runs: tuple[tuple[Observed, ...], ...] = ()
    pressures: tuple[Pressure, ...] = ()
    missed: tuple[datetime, ...] = ()
    pain: bool = False

    @property
    def observed(self) -> list[Observed]:
        """Every value, by its time."""
        ends = [one for pressure in self.pressures for one in pressure if one is not None]
        return ends or [one for run in self.runs for one in run]


def _scale(low: int, high: int, step: int, least: int, most: int) -> AxisRange:
    return AxisRange(*map(Decimal, (low, high, step, least, most)))


# How each is drawn where nothing lies outside; the last two are as far as an axis ever goes.
_PRESSURE = _scale(40, 200, 40, 0, 320)
_SINGLE = (
    ("heart-rate", Marker.CIRCLE, _scale(40, 160, 40, 0, 320)),
    ("spo2", Marker.SQUARE, _scale(80, 100, 10, 50, 100)),
    ("respiratory-rate", Marker.CROSS, _scale(0, 40, 20, 0, 80)),
)
_SEDATION = "sedation"


def readings_of(view: View) -> list[Entry]:
    """The readings that stand, by the time observed."""
    return [one.latest for one in view.of(Reading) if one.retraction is None]


def trends(view: View) -> list[Trend]:
    """What is drawn, from the top: pressure, heart, oxygen, breathing, pain, sedation."""
    values = _by_series(view)
    found = list(_pressures(view, values))
    found += [
        _trend(view, series, values[series], marker, scale)
        for measure, marker, scale in _SINGLE
        for series in _sites(values, measure)
    ]
    pains = [one for one in values if _is_pain(view, one)]
    often = sorted(pains, key=lambda one: -len(values[one]))[:_PAINS_MAX]
    for series in [*(one for one in pains if one in often), *_sites(values, _SEDATION)]:
        of = clinic_scale(view, series.measure)
        if of is not None:
            pain = _is_pain(view, series)
            marker = Marker.DIAMOND if pain else Marker.BOX
            trend = _trend(view, series, values[series], marker, of)
            found.append(trend._replace(pain=pain))
    return found


def within(trend: Trend, time: TimeAxis) -> Trend:
    """The trend with what lies on the axis of time alone."""
    runs = (tuple(one for one in run if time.holds(one.at)) for run in trend.runs)
    return trend._replace(
        runs=tuple(run for run in runs if run),
        pressures=tuple(
            one
            for one in trend.pressures
            if any(end is not None and time.holds(end.at) for end in one)
        ),
    )


def not_drawn(view: View, drawn: Iterable[Trend]) -> list[str]:
    """The names of what was charted and is in the tables alone."""
    shown = {series for one in drawn for series in one.series}
    return list(dict.fromkeys(name_of(view, one) for one in _by_series(view) if one not in shown))


def clinic_scale(view: View, measure: str) -> AxisRange | None:
    """A score's scale as the clinic or the protocol set it."""
    record = view.record
    protocol: ProtocolDocument = record.protocol
    of = record.policy.scales.get(measure) or protocol.scales.get(measure)
    return None if of is None or of.low >= of.high else score_scale(of.low, of.high, of.step)


def _is_pain(view: View, series: Series) -> bool:
    measure = view.measures.get(series.measure)
    return (
        measure is not None
        and measure.loinc == PAIN_LOINC
        and measure.kind is MeasureKind.SCORE
        and clinic_scale(view, series.measure) is not None
    )


def _by_series(view: View) -> dict[Series, list[Observed]]:
    order = {code: place for place, code in enumerate(view.measures)}
    crossing = {one.entry_id for one in view.record.breaches}
    values: dict[Series, list[Observed]] = {}
    for entry in readings_of(view):
        for series, one in observed(entry).items():
            crossed = entry.id in crossing and bool(view.marks(entry, one))
            values.setdefault(series, []).append(Observed(entry.observed_at, one.value, crossed))
    ranked = sorted(values, key=lambda one: (order.get(one.measure, len(order)), *one))
    return {one: values[one] for one in ranked}


def _sites(values: dict[Series, list[Observed]], measure: str) -> list[Series]:
    """A measure's series by site, the most charted first."""
    found = [one for one in values if one.measure == measure]
    return sorted(found, key=lambda one: (-len(values[one]), one.site))[:_SITES_MAX]


def _trend(
    view: View, series: Series, values: Sequence[Observed], marker: Marker, scale: AxisRange
) -> Trend:
    missed = _missed(view, {series.measure})
    return Trend(
        name_of(view, series), scale_of(view, series), marker, scale, (series,),
        runs=tuple(joined_runs(values, missed)), missed=missed,
    )  # fmt: skip


def joined_runs(
    values: Sequence[Observed], missed: Sequence[datetime]
) -> Iterator[tuple[Observed, ...]]:
    """Values that straight lines may join: a run ends where a round was missed (R147)."""
    run: list[Observed] = list(values[:1])
    for before, after in pairwise(values):
        if any(before.at <= one <= after.at for one in missed):
            yield tuple(run)
            run = []
        run.append(after)
    if run:
        yield tuple(run)


def _missed(view: View, measures: set[str]) -> tuple[datetime, ...]:
    gaps = [one for one in view.due if one.state in _GAPS and measures & set(one.lacking)]
    return tuple(sorted({one.due_at for one in gaps}))


def _pressures(view: View, values: dict[Series, list[Observed]]) -> Iterator[Trend]:
    either = [one for one in values if one.measure in ("systolic", "diastolic")]
    counts: dict[tuple[str, str], int] = {}
    for one in either:
        place = one.site, one.unit
        counts[place] = max(counts.get(place, 0), len(values[one]))
    for site, unit in sorted(counts, key=lambda one: (-counts[one], one))[:_SITES_MAX]:
        pair = Series("systolic", site, unit), Series("diastolic", site, unit)
        name = f"Blood pressure, {site}" if site else "Blood pressure"
        yield Trend(
            name, scale_of(view, pair[0]), Marker.BAR, _PRESSURE, pair,
            pressures=tuple(_paired(view, pair)),
            missed=_missed(view, {"systolic", "diastolic"}),
        )  # fmt: skip


def _paired(view: View, pair: tuple[Series, Series]) -> Iterator[Pressure]:
    for entry in readings_of(view):
        found = observed(entry)
        high, low = (found.get(one) for one in pair)
        if high is not None or low is not None:
            yield Pressure(_observed(view, entry, high), _observed(view, entry, low))


def _observed(view: View, entry: Entry, one: Observation | None) -> Observed | None:
    if one is None:
        return None
    return Observed(entry.observed_at, one.value, bool(view.marks(entry, one)))
