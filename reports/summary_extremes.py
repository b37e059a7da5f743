"""The extremes of the vital signs at a glance, each with its time (look.md)."""

from collections.abc import Callable
from decimal import Decimal

from protocol.rules.charting import Entry
from protocol.rules.measures import Observation
from reports.formats import measured, unit, with_unit
from reports.sheet import Cell, Figure, joined, text
from reports.summary_readings import Series, all_series, observed, points
from reports.view import View

Charted = tuple[Entry, Observation]


def extreme_figures(view: View) -> list[Figure]:
    """Lowest SpO2, blood pressure, heart and respiratory rate: what was charted of them."""
    made = (_oxygen(view), _pressure(view), _range(view, "heart-rate"),
            _range(view, "respiratory-rate"))  # fmt: skip
    return [one for one in made if one is not None]


def _every(view: View, measure: str) -> list[Charted]:
    """A measure's values at every site, by the time observed."""
    found = [one for series in all_series(view) if series.measure == measure
             for one in points(view, series)]  # fmt: skip
    return sorted(found, key=lambda one: (one[0].observed_at, one[0].number))


def _oxygen(view: View) -> Figure | None:
    values = _every(view, "spo2")
    if not values:
        return None
    least = min(values, key=_value)
    last = joined(text("last"), _said(view, values[-1]), by=" ")
    detail = joined(text(view.clock.time(least[0].observed_at)), last)
    return Figure("Lowest SpO2", _number(least), detail)


def _range(view: View, measure: str) -> Figure | None:
    values = _every(view, measure)
    if not values:
        return None
    least, most = min(values, key=_value), max(values, key=_value)
    low, high = measured(least[1].value), measured(most[1].value)
    value = low if low == high else f"{low} to {high}"
    times = (text(f"lowest {view.clock.time(least[0].observed_at)}"),
             text(f"highest {view.clock.time(most[0].observed_at)}"))  # fmt: skip
    label = f"{view.measure(measure)} {unit(least[1].unit)}".strip()
    return Figure(label, value, joined(*times))


def _pressure(view: View) -> Figure | None:
    """The readings with the highest and the lowest systolic pressure, each with its diastolic."""
    values = _every(view, "systolic")
    if not values:
        return None
    said: Callable[[Charted], str] = _with_diastolic
    most, least = max(values, key=_value), min(values, key=_value)
    lowest = f"lowest {said(least)} {view.clock.time(least[0].observed_at)}"
    detail = joined(text(view.clock.time(most[0].observed_at)), text(lowest))
    return Figure("Highest blood pressure", with_unit(said(most), most[1].unit), detail)


def _with_diastolic(one: Charted) -> str:
    entry, systolic = one
    beside = observed(entry).get(Series("diastolic", systolic.site or "", systolic.unit))
    low = "not recorded" if beside is None else measured(beside.value)
    return f"{measured(systolic.value)}/{low}"


def _value(one: Charted) -> Decimal:
    return one[1].value


def _number(one: Charted) -> str:
    return with_unit(measured(one[1].value), one[1].unit)


def _said(view: View, one: Charted) -> Cell:
    return text(f"{_number(one)} {view.clock.time(one[0].observed_at)}")
