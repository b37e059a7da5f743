"""The readings: time down and oldest first, a column per measure; first, extremes and last."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from protocol.rules.charting import Entry, Reading
from protocol.rules.measures import Observation
from reports.formats import change, measured, unit
from reports.sheet import Cell, Column, Figure, Ink, Row, Run, Section, Table, joined, text, typed
from reports.tables import Field, thread_table, time_field, versions_cell
from reports.view import Thread, View

# The NRS as a patient states it (requirements 10): the pain that the first page begins with.
PAIN_LOINC = "72514-3"
# With "Not recorded" on one line at 6.5 pt a column takes 9 % of A4's or Letter's text width.
_MEASURE_SHARE = 9
_TIME_SHARE = 10
_FIRST_COLUMNS = 7
_MORE_COLUMNS = 10
# More pains than this stand in the table of measures alone, or they would fill the first page.
_PAIN_FIGURES_MAX = 4


class Series(NamedTuple):
    """What may stand in one column: a measure at a site in one unit, never mixed (R123)."""

    measure: str
    site: str
    unit: str


def series_of(observation: Observation) -> Series:
    """The series an observation belongs to."""
    return Series(observation.measure, observation.site or "", observation.unit)


def observed(entry: Entry) -> dict[Series, Observation]:
    """A reading's observations by their series."""
    content = entry.content
    assert isinstance(content, Reading)
    return {series_of(one): one for one in content.observations}


def all_series(view: View) -> list[Series]:
    """Every series of the readings that were not retracted, in the order of the measures."""
    order = {code: place for place, code in enumerate(view.measures)}
    versions = [one for thread in _shown(view) for one in thread.versions]
    found = {series for one in versions for series in observed(one)}
    return sorted(found, key=lambda one: (order.get(one.measure, len(order)), *one))


def _shown(view: View) -> list[Thread]:
    return [one for one in view.of(Reading) if one.retraction is None]


def name_of(view: View, series: Series) -> str:
    """A series' printed name."""
    name = view.measure(series.measure)
    return f"{name}, {series.site}" if series.site else name


def scale_of(view: View, series: Series) -> str:
    """A series' unit; for a score the clinic's scale, as in "0 to 10" (R98)."""
    scale = view.record.policy.scales.get(series.measure)
    if series.unit == "{score}" and scale is not None:
        return f"{measured(scale.low)} to {measured(scale.high)}"
    return unit(series.unit)


def readings(view: View) -> Section | None:
    """Every reading with every value, corrections struck through, gaps said (R63, R151)."""
    if not view.of(Reading):
        return None
    groups = _groups(view, all_series(view))
    tables = [_table(view, group, first=not place) for place, group in enumerate(groups)]
    about = ["Oldest first. L with a number marks a value beyond a limit, listed above."]
    if len(groups) > 1:
        about.append(
            f"The measures stand in {len(groups)} tables; a later table leaves out the readings"
            " that have none of its measures."
        )
    return Section("Readings", (" ".join(about), *_anchors(view)), tuple(tables))


def _groups(view: View, series: list[Series]) -> list[list[Series]]:
    """The measures charted most often first; each table in the order of the measures."""
    if len(series) <= _FIRST_COLUMNS:
        return [series]
    often = Counter(one for thread in _shown(view) for one in observed(thread.latest))
    ranked = sorted(series, key=lambda one: -often[one])
    chosen = set(ranked[:_FIRST_COLUMNS])
    rest = [one for one in series if one not in chosen]
    size = -(-len(rest) // -(-len(rest) // _MORE_COLUMNS))
    return [
        [one for one in series if one in chosen],
        *(rest[start : start + size] for start in range(0, len(rest), size)),
    ]


def _field(view: View, series: Series) -> Field:
    def of(entry: Entry) -> str:
        found = observed(entry).get(series)
        return "" if found is None else measured(found.value)

    def marks(entry: Entry) -> Sequence[str]:
        found = observed(entry).get(series)
        return () if found is None else view.marks(entry, found)

    head = name_of(view, series)
    column = Column(head, _MEASURE_SHARE, scale_of(view, series), numeric=True)
    return Field(column, of, marks=marks)


def _table(view: View, group: list[Series], *, first: bool) -> Table:
    fields = [_field(view, one) for one in group]
    time = time_field(view, _TIME_SHARE)
    rows: list[Row] = []
    if not first:
        for thread in _shown(view):
            if any(one in observed(entry) for entry in thread.versions for one in group):
                rows += [Row(tuple(versions_cell(thread, one) for one in [time, *fields]))]
        return Table(tuple(one.column for one in [time, *fields]), tuple(rows))
    # Site, position and device change what a value means, so they stand beside it (R150).
    context = Field(Column("Context, by", 0), _context, Ink.TYPED, lacking="")
    return thread_table(view, view.of(Reading), [time, *fields], context)


def _context(entry: Entry) -> str:
    content = entry.content
    return (content.context or "") if isinstance(content, Reading) else ""


def _anchors(view: View) -> list[str]:
    """The words of the scales that were charted on (R98)."""
    found = []
    for code in dict.fromkeys(one.measure for one in all_series(view)):
        scale = view.record.policy.scales.get(code)
        if scale is not None and scale.anchors:
            said = ", ".join(f"{number} {word}" for number, word in scale.anchors.items())
            found.append(f"{view.measure(code)}: {said}.")
    return found


def span(view: View) -> Table | None:
    """Each measure's first, lowest, highest and last value with its time."""
    rows = []
    for series in all_series(view):
        charted = points(view, series)
        if charted:
            rows.append(_span_row(view, series, charted))
    columns = (
        Column("Measure", 28), Column("First", 16), Column("Lowest", 16), Column("Highest", 16),
        Column("Last", 16), Column("Values", 8, numeric=True),
    )  # fmt: skip
    return Table(columns, tuple(rows)) if rows else None


def _span_row(view: View, series: Series, points: list[tuple[Entry, Observation]]) -> Row:
    least = min(points, key=lambda one: one[1].value)
    most = max(points, key=lambda one: one[1].value)
    name = typed(name_of(view, series))
    scale = scale_of(view, series)
    label: Cell = (*name, Run(f" {scale}", Ink.SOFT)) if scale else name
    shown = [_point(view, one) for one in (points[0], least, most, points[-1])]
    return Row((label, *shown, text(str(len(points)))))


def _point(view: View, point: tuple[Entry, Observation]) -> Cell:
    entry, observation = point
    return (
        Run(measured(observation.value), Ink.STRONG),
        Run(f" {view.clock.time(entry.observed_at)}", Ink.SOFT),
    )


def pain_figures(view: View) -> list[Figure]:
    """The first and the last of every pain score, with its scale and both times (look.md)."""
    found = []
    for series in all_series(view):
        measure = view.measures.get(series.measure)
        if measure is None or measure.loinc != PAIN_LOINC:
            continue
        charted = points(view, series)
        ends = [charted[0], charted[-1]] if len(charted) > 1 else charted
        if ends:
            values = " → ".join(measured(observation.value) for _, observation in ends)
            times = ", last ".join(view.clock.time(entry.observed_at) for entry, _ in ends)
            detail = joined(
                text(f"first {times}"), text(scale_of(view, series)),
                text(change(ends[0][1].value, ends[-1][1].value)) if len(ends) > 1 else (),
            )  # fmt: skip
            found.append(Figure(name_of(view, series), values, detail))
    return found[:_PAIN_FIGURES_MAX]


def points(view: View, series: Series) -> list[tuple[Entry, Observation]]:
    """A series' values with their entries, by the time observed."""
    latest = [thread.latest for thread in _shown(view)]
    return [(one, observed(one)[series]) for one in latest if series in observed(one)]
