"""The handover sheet: what whoever takes over a session needs to know, on paper, at one moment.

It says what is running, what is due, what was last observed, what crossed a limit, and what still
blocks a signature; the whole record is the summary's.
"""

from protocol.rules.charting import PhaseEntered, Reading
from protocol.rules.dosing import Flow, Given
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import DueRound, RoundState
from reports.formats import computed, measured, quantity, sentence_case, with_unit, words
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    RowKind,
    Section,
    Table,
    joined,
    letters,
    text,
    typed,
)
from reports.summary import allergies_said
from reports.summary_course import adverse_events, notes
from reports.summary_doses import adjuncts, plan
from reports.summary_exceptions import blocking, limits_crossed, missed_rounds
from reports.summary_given import line_totals
from reports.summary_readings import all_series, name_of, observed
from reports.view import View, view_of

TITLE = "Handover sheet"
_AHEAD = 6
_OPEN = (RoundState.DUE, RoundState.OVERDUE, RoundState.UPCOMING)


def handover_sheet(record: SessionRecord, printed: Printed) -> Listing:
    """The sheet as of the moment of printing."""
    view = view_of(record, printed.at)
    sections = (
        _running(view), _rounds(view), _last(view), limits_crossed(view), adverse_events(view),
        plan(view), adjuncts(view), missed_rounds(view), blocking(view), notes(view), _hands(),
    )  # fmt: skip
    found = tuple(one for one in sections if one is not None)
    told = Told(TITLE, _facts(view), found, view.digest, record.patient)
    return listing(record.clinic, told, printed)


def _facts(view: View) -> tuple[Labelled, ...]:
    record, last = view.record, view.record.history[-1]
    status = joined(
        text(sentence_case(words(record.status)), Ink.STRONG),
        text(f"since {view.clock.time(last.at)}"), _phase(view),
    )  # fmt: skip
    version = record.protocol_version
    protocol = joined(typed(version.name), text(f"version {version.number}"))
    return (
        Labelled("Status", status), Labelled("Protocol", protocol),
        Labelled("Allergies", typed(allergies_said(record.patient))),
    )  # fmt: skip


def _phase(view: View) -> Cell:
    entered = [one for one in view.of(PhaseEntered) if one.retraction is None]
    content = entered[-1].latest.content if entered else None
    if not isinstance(content, PhaseEntered):
        return ()
    at = view.clock.time(entered[-1].latest.observed_at)
    return text(f"phase {view.phase(content.phase)} since {at}")


def _running(view: View) -> Section:
    rows = []
    for total in line_totals(view):
        events = view.record.dosed_on(total.line.code)
        at = view.clock.time(events[-1].observed_at)
        rates = [one.event.rate for one in events if one.event.rate is not None]
        rate = quantity(rates[-1]) if rates and total.flow is not Flow.IDLE else ""
        given = total.why_not if total.given is None else _amounts(total.given)
        rows.append(
            Row((
                text(total.line.drug, Ink.STRONG), text(total.flow.value), text(rate),
                text(f"{words(events[-1].event.event)} {at}"), text(given),
            ))
        )  # fmt: skip
    columns = (
        Column("Drug", 26), Column("Now", 12), Column("Rate", 16), Column("Last event", 20),
        Column("Given so far, computed", 26),
    )  # fmt: skip
    about = () if rows else ("No dosing event is recorded.",)
    return Section("Dosing", about, (Table(columns, tuple(rows)),) if rows else ())


def _amounts(given: Given) -> str:
    amounts = ((given.amount, given.unit), (given.volume_ml, "mL"))
    return ", ".join(with_unit(computed(value), code) for value, code in amounts)


def _rounds(view: View) -> Section | None:
    due = [one for one in view.due if one.state in _OPEN][:_AHEAD]
    if not due or view.record.ended_at is not None:
        return None
    columns = (Column("Due", 14), Column("Round", 30), Column("State", 14), Column("Lacking", 42))
    return Section("Rounds", (), (Table(columns, tuple(_round(view, one) for one in due)),))


def _round(view: View, one: DueRound) -> Row:
    lacking = ", ".join(view.measure(code) for code in one.lacking)
    return Row((
        text(view.clock.time(one.due_at), Ink.STRONG), typed(one.label), text(one.state.value),
        text(lacking),
    ))  # fmt: skip


def _last(view: View) -> Section | None:
    """The latest value of each measure, each with its own time (R59)."""
    rows = []
    for series in all_series(view):
        latest = None
        for entry in view.record.of(Reading):
            latest = (entry, observed(entry)[series]) if series in observed(entry) else latest
        if latest is not None:
            entry, one = latest
            value = with_unit(measured(one.value), one.unit)
            marks = text(" ".join(view.marks(entry, one)))
            crossed = marks if letters(marks) else ()
            rows.append(
                Row((
                    text(name_of(view, series)), joined(text(value, Ink.STRONG), crossed),
                    text(view.clock.time(entry.observed_at)),
                ))
            )  # fmt: skip
    columns = (Column("Measure", 46), Column("Last", 28), Column("At", 26))
    return Section("Last observed", (), (Table(columns, tuple(rows)),)) if rows else None


def _hands() -> Section:
    names = ("Handed over by", "Taken over by", "Date and time")
    columns = tuple(Column(name, 33) for name in names)
    return Section("Handover", (), (Table(columns, (Row(((), (), ()), RowKind.BLANK),)),))
