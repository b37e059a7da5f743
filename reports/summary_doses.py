"""What was intended and what was charted of it: plan, dosing events, other medicines."""

from protocol.rules.charting import Adjunct, DosingEvent, DosingKind, Entry, Plan
from protocol.rules.quantity import Quantity
from reports.formats import (
    dose,
    kilograms,
    quantity,
    sentence_case,
    weight,
    with_unit,
    words,
)
from reports.sheet import Column, Ink, Section
from reports.summary_given import HOW_COMPUTED, given_table, line_totals
from reports.tables import Field, thread_table, time_field
from reports.view import View

_WITH_NUMBER = {
    DosingKind.START: "Start at", DosingKind.RATE_CHANGE: "Rate changed to",
    DosingKind.RESUME: "Resumed at", DosingKind.BOLUS: "Bolus of",
}  # fmt: skip
_ALONE = {DosingKind.PAUSE: "Paused", DosingKind.RESUME: "Resumed", DosingKind.STOP: "Stopped"}


def planned(view: View) -> dict[str, Plan]:
    """The latest plan that stands, per drug line."""
    standing = [one.latest for one in view.of(Plan) if one.retraction is None]
    in_order = sorted(standing, key=lambda one: one.number)
    return {_plan(one).drug_line: _plan(one) for one in in_order}


def plan(view: View) -> Section | None:
    """What a physician intended (R90)."""
    fields = [
        time_field(view),
        Field(Column("Drug", 20), lambda one: view.drug(_plan(one).drug_line), Ink.STRONG),
        Field(
            Column("Dose", 14), lambda one: _entered(_plan(one).dose), Ink.STRONG,
            lacking="No dose", marks=view.marks,
        ),
        Field(Column("Rate", 15), lambda one: _entered(_plan(one).rate), Ink.STRONG, "No rate"),
        Field(Column("Over", 10), _over),
    ]  # fmt: skip
    note = Field(Column("Note, by", 0), lambda one: _plan(one).note or "", Ink.TYPED, lacking="")
    threads = view.of(Plan)
    return Section("Plan", (), (thread_table(view, threads, fields, note),)) if threads else None


def _plan(entry: Entry) -> Plan:
    assert isinstance(entry.content, Plan)
    return entry.content


def _entered(value: Quantity | None) -> str:
    return "" if value is None else quantity(value)


def _over(entry: Entry) -> str:
    minutes = _plan(entry).duration_min
    return "" if minutes is None else with_unit(dose(minutes), "min")


def dosing(view: View) -> Section | None:
    """Every dosing event as entered, then what it comes to, per drug line."""
    threads = view.of(DosingEvent)
    if not threads:
        return None
    fields = [
        time_field(view),
        Field(Column("Drug", 20), lambda one: view.drug(_event(one).drug_line), Ink.STRONG),
        Field(Column("Event as entered", 30), event_said, Ink.STRONG, marks=view.marks),
        Field(Column("Weight used", 10), _weight),
    ]
    note = Field(Column("Note, by", 0), lambda one: _event(one).note or "", Ink.TYPED, lacking="")
    totals = line_totals(view)
    given = [given_table(view, one, one.given) for one in totals if one.given is not None]
    about = [
        f"{one.line.drug}: amounts are not computed. {one.why_not}" for one in totals if one.why_not
    ]
    events = thread_table(view, threads, fields, note)
    return Section("Dosing", (*about, *([HOW_COMPUTED] if given else [])), (events, *given))


def _event(entry: Entry) -> DosingEvent:
    assert isinstance(entry.content, DosingEvent)
    return entry.content


def event_said(entry: Entry) -> str:
    """A dosing event with its rate or dose as entered."""
    event = _event(entry)
    entered = event.rate or event.dose
    if entered is None:
        return _ALONE.get(event.event, sentence_case(words(event.event)))
    return f"{_WITH_NUMBER[event.event]} {quantity(entered)}"


def _weight(entry: Entry) -> str:
    return "" if entry.weight is None else kilograms(entry.weight.value_kg)


def weights_used(view: View) -> list[str]:
    """Which weights the doses stand on, with method and time (R126)."""
    used = [one.latest.weight for one in view.of(DosingEvent)]
    return list(dict.fromkeys(weight(one, view.clock) for one in used if one is not None))


def adjuncts(view: View) -> Section | None:
    """Medicines beside the protocol's drug lines."""
    fields = [
        time_field(view),
        Field(Column("Medicine", 24), lambda one: _adjunct(one).medicine, Ink.STRONG),
        Field(
            Column("Dose", 14), lambda one: quantity(_adjunct(one).dose), Ink.STRONG,
            marks=view.marks,
        ),
        Field(Column("Route", 14), lambda one: _adjunct(one).route, Ink.TYPED),
        Field(Column("Indication", 20), lambda one: _adjunct(one).indication or "", Ink.TYPED),
    ]  # fmt: skip
    threads = view.of(Adjunct)
    if not threads:
        return None
    return Section("Other medicines", (), (thread_table(view, threads, fields),))


def _adjunct(entry: Entry) -> Adjunct:
    assert isinstance(entry.content, Adjunct)
    return entry.content
