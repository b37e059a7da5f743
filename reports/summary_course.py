"""The course of the session in words: status and phases, adverse events, notes, addenda."""

from datetime import datetime

from protocol.rules.charting import AdverseEvent, AdverseOutcome, Entry, Note, PhaseEntered
from protocol.rules.record import StatusChange
from reports.formats import NOT_RECORDED, person, words
from reports.sheet import Cell, Column, Ink, Row, Run, Section, Table, joined, text, typed
from reports.tables import Field, corrected, retracted, thread_rows, thread_table, time_field
from reports.view import Thread, View


def course(view: View) -> Section:
    """Status and phases in the order they came, with who and why (R152)."""
    rows: list[tuple[datetime, int, list[Row]]] = [
        (one.at, one.number, [_status_row(view, one)]) for one in view.record.history
    ]
    phase = Field(Column("", 0), lambda one: f"Phase: {view.phase(_phase(one))}")
    for thread in view.of(PhaseEntered):
        found = thread_rows(view, thread, [time_field(view), phase])
        rows.append((thread.latest.observed_at, thread.latest.number, found))
    ordered = sorted(rows, key=lambda one: one[:2])
    columns = (Column("Time", 10), Column("Status or phase", 60), Column("By", 30))
    return Section(
        "Course", (), (Table(columns, tuple(row for *_, found in ordered for row in found)),)
    )


def _phase(entry: Entry) -> str:
    assert isinstance(entry.content, PhaseEntered)
    return entry.content.phase


def _status_row(view: View, change: StatusChange) -> Row:
    why: Cell = (Run(": "), *typed(change.reason)) if change.reason else ()
    by = joined(typed(person(change.by)), view.late(change.at, change.recorded_at))
    return Row(
        (
            (*view.disc(change.number), *text(view.clock.time(change.at), Ink.STRONG)),
            (Run("Status: "), Run(words(change.status), Ink.STRONG), *why), by,
        )
    )  # fmt: skip


def adverse_events(view: View) -> Section | None:
    """Onset, severity, action, outcome and relatedness as a clinician judged them (R104)."""
    threads = view.of(AdverseEvent)
    fields = [
        Field(
            Column("Onset", 10),
            lambda one: view.clock.time(_event(one).onset_at),
            Ink.STRONG,
            disc=lambda one: view.disc(one.id),
        ),
        Field(Column("Event", 20), lambda one: _event(one).what, Ink.STRONG, marks=view.marks),
        Field(Column("Severity", 10), lambda one: words(_event(one).severity)),
        Field(Column("Action taken", 18), lambda one: _event(one).action_taken or "", Ink.TYPED),
        Field(Column("Outcome", 14), lambda one: _outcome(view, _event(one))),
        Field(Column("Relatedness", 12), lambda one: _event(one).relatedness or "", Ink.TYPED),
    ]
    table = thread_table(view, threads, fields)
    return Section("Adverse events", (), (table,)) if threads else None


def _event(entry: Entry) -> AdverseEvent:
    assert isinstance(entry.content, AdverseEvent)
    return entry.content


def _outcome(view: View, event: AdverseEvent) -> str:
    outcome = "" if event.outcome is AdverseOutcome.UNKNOWN else words(event.outcome)
    if event.resolved_at is None:
        return outcome
    ended = f"resolved {view.clock.time(event.resolved_at)}"
    return ended if outcome in ("", "resolved") else f"{outcome}, {ended}"


def notes(view: View) -> Section | None:
    """Free text as typed, each with its time and author."""
    threads = view.of(Note)
    said = [_note(view, one) for one in threads]
    return Section("Notes", (), (), tuple(said)) if threads else None


def _note(view: View, thread: Thread) -> Cell:
    if thread.retraction is not None:
        return retracted(view, thread, thread.retraction)
    field = Field(Column("", 0), _text, Ink.TYPED)
    parts = [*_note_head(view, thread), Run("", Ink.LINE)]
    for one in thread.versions[:-1]:
        parts += [Run(_text(one), Ink.STRUCK), Run("", Ink.LINE)]
    parts.append(Run(field.of(thread.latest), Ink.TYPED))
    if len(thread.versions) > 1:
        parts += [Run("", Ink.LINE), *corrected(view, thread)]
    return tuple(parts)


def _note_head(view: View, thread: Thread) -> Cell:
    time = Run(view.clock.time(thread.latest.observed_at), Ink.STRONG)
    return (time, Run("  "), *view.by(thread))


def _text(entry: Entry) -> str:
    content = entry.content
    return content.text if content.kind in ("note", "addendum") else NOT_RECORDED


def addenda(view: View) -> Section | None:
    """Text added after signing; what was signed stays as it was (R29)."""
    said = [_note(view, Thread((one,), None)) for one in view.record.addenda]
    about = ("Added after a signature. What was signed before stays as it was.",)
    return Section("Addenda", about, (), tuple(said)) if said else None
