"""What went in: exact arithmetic on what was charted, with its factors shown (R2)."""

from datetime import timedelta
from typing import NamedTuple

from protocol.rules.charting import DosingKind, Plan
from protocol.rules.dosing import (
    Dosed,
    Flow,
    Given,
    Segment,
    flow_after,
    running_time,
    segments,
    total_given,
)
from protocol.rules.errors import Refusal
from protocol.rules.protocols import DrugLine
from protocol.rules.quantity import unit_named
from reports.formats import (
    COMPUTED_DIGITS,
    NOT_RECORDED,
    computed,
    concentration,
    dose,
    duration,
    kilograms,
    quantity,
    unit,
    with_unit,
)
from reports.sheet import Cell, Column, Figure, Ink, Row, RowKind, Table, joined, text, typed
from reports.view import View


class LineTotal(NamedTuple):
    """One drug line's segments and sum, or the sentence that says why there is no sum."""

    line: DrugLine
    flow: Flow
    parts: tuple[Segment, ...]
    given: Given | None
    why_not: str = ""


def line_totals(view: View) -> list[LineTotal]:
    """Per drug line with dosing events: what was given. Where rate and unit cannot be summed the
    events are printed all the same: a sheet is never refused over a fact (R112)."""
    lines = view.record.protocol.drug_lines
    events = [(line, view.record.dosed_on(line.code)) for line in lines]
    return [_line_total(view, line, dosed) for line, dosed in events if dosed]


def _line_total(view: View, line: DrugLine, events: list[Dosed]) -> LineTotal:
    flow = flow_after(events)
    try:
        parts = segments(events, line.concentration, view.as_of)
    except Refusal as refusal:
        return LineTotal(line, flow, (), None, refusal.sentence)
    return LineTotal(line, flow, parts, total_given(parts, line.concentration))


def given_table(view: View, total: LineTotal, given: Given) -> Table:
    """A drug line's segments, one rate each (R131), and their sum."""
    columns = (
        Column("From", 10), Column("To", 14), Column("Computed from", 40),
        Column("Given", 12, unit(given.unit), numeric=True),
        Column("Volume", 12, "mL", numeric=True),
        Column("Per kg", 12, unit(f"{given.unit}/kg"), numeric=True),
    )  # fmt: skip
    rows = [Row(_segment(view, part)) for part in total.parts]
    ran = running_time(total.parts, view.as_of)
    said = f"{duration(ran)} running, pauses left out" if ran else "no running time"
    rows.append(Row((text("Total"), (), text(said), *_amounts(given)), RowKind.TOTAL))
    return Table(columns, tuple(rows), _line_said(total.line))


def _line_said(line: DrugLine) -> Cell:
    parts = joined(
        text(line.drug, Ink.STRONG), text(concentration(line.concentration)),
        typed(line.diluent), typed(line.route), by=", ",
    )  # fmt: skip
    return (*parts, *text(" · given, computed", Ink.SOFT))


HOW_COMPUTED = (
    "Computed: rate × time, or the bolus; × weight where the unit counts per kg. Shown at"
    f" {COMPUTED_DIGITS} significant digits, half to even; the record keeps and adds up the exact"
    " values."
)


def _segment(view: View, part: Segment) -> tuple[Cell, ...]:
    start = text(view.clock.time(part.start), Ink.STRONG)
    entered = part.rate or part.dose
    factors = [] if entered is None else [quantity(entered)]
    if entered is not None and "kg" in unit_named(entered.unit).per:
        factors.append(NOT_RECORDED if part.weight_kg is None else kilograms(part.weight_kg))
    if part.event is DosingKind.BOLUS:
        return start, text("bolus", Ink.SOFT), text(" × ".join(factors)), *_amounts(part.given)
    until = part.end or view.as_of
    factors.append(duration(max(until - part.start, timedelta())))
    end = text(view.clock.time(until))
    if part.end is None:
        end = joined(end, text("no stop recorded", Ink.SOFT), by=" ")
    return start, end, text(" × ".join(factors)), *_amounts(part.given)


def _amounts(given: Given | None) -> tuple[Cell, Cell, Cell]:
    if given is None:
        unknown = text(NOT_RECORDED, Ink.SOFT)
        return unknown, unknown, unknown
    per_kg = given.amount_per_kg
    return (
        text(computed(given.amount), Ink.STRONG),
        text(computed(given.volume_ml)),
        text("No weight", Ink.SOFT) if per_kg is None else text(computed(per_kg)),
    )


def given_figures(view: View, planned: dict[str, Plan]) -> list[Figure]:
    """Given of planned, one figure per drug line with a plan or an event (look.md)."""
    totals = {one.line.code: one for one in line_totals(view)}
    found = []
    for line in view.record.protocol.drug_lines:
        total, plan = totals.get(line.code), planned.get(line.code)
        if total is not None and total.given is not None:
            found.append(_figure(view, total, total.given, plan))
        elif total is not None:
            found.append(Figure(f"{line.drug}, given", "Not computed", text(total.why_not)))
        elif plan is not None:
            found.append(Figure(f"{line.drug}, given", "None", _planned(plan)))
    return found


def _figure(view: View, total: LineTotal, given: Given, plan: Plan | None) -> Figure:
    amounts = {
        given.unit: given.amount, f"{given.unit}/kg": given.amount_per_kg, "mL": given.volume_ml,
    }  # fmt: skip
    said = {code: computed(value) for code, value in amounts.items() if value is not None}
    dosed = None if plan is None else plan.dose
    more: Cell = text("no plan") if plan is None else _planned(plan)
    if dosed is not None and dosed.unit in said:
        label, more = f"{total.line.drug}, given of planned", ()
        value = f"{said.pop(dosed.unit)} of {quantity(dosed)}"
    else:
        label, value = f"{total.line.drug}, given", with_unit(said.pop(given.unit), given.unit)
    others = [text(with_unit(number, code)) for code, number in said.items()]
    return Figure(label, value, joined(text("computed"), *others, _ran(view, total), more))


def _ran(view: View, total: LineTotal) -> Cell:
    length = running_time(total.parts, view.as_of)
    if total.flow is not Flow.IDLE:
        counted = f"no stop recorded, counted to {view.clock.time(view.as_of)}"
        return text(f"{duration(length)} running, {counted}")
    return text(f"{duration(length)} running") if length else ()


def _planned(plan: Plan) -> Cell:
    parts = [quantity(one) for one in (plan.dose, plan.rate) if one is not None]
    if plan.duration_min is not None:
        parts.append(f"over {with_unit(dose(plan.duration_min), 'min')}")
    return text(f"planned {', '.join(parts)}")
