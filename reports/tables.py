"""From threads of entries to the rows of a table: corrections struck through beside what stands,
retracted entries as a marker (R55, R56, R60)."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from protocol.rules.charting import Entry
from reports.formats import NOT_RECORDED, person
from reports.sheet import Cell, Column, Ink, Row, RowKind, Run, Table, joined, text, typed
from reports.view import Thread, View, reason_of


class Field(NamedTuple):
    """A column with what it says of an entry, in which ink, and which limits it crossed."""

    column: Column
    of: Callable[[Entry], str]
    ink: Ink = Ink.PLAIN
    lacking: str = NOT_RECORDED
    marks: Callable[[Entry], Sequence[str]] = lambda _: ()
    disc: Callable[[Entry], Cell] = lambda _: ()


def time_field(view: View, share: int = 10, head: str = "Time") -> Field:
    """When it was observed, after its number on the chart where it is an event there."""
    return Field(
        Column(head, share), lambda one: view.clock.time(one.observed_at), Ink.STRONG,
        disc=lambda one: view.disc(one.id),
    )  # fmt: skip


def thread_table(
    view: View, threads: Iterable[Thread], fields: Sequence[Field], by: Field | None = None
) -> Table:
    """One table of threads, with who charted them at the right."""
    left = 100 - sum(field.column.share for field in fields)
    last = Column("By", left) if by is None else by.column._replace(share=left)
    rows = tuple(row for thread in threads for row in thread_rows(view, thread, fields, by))
    return Table((*(field.column for field in fields), last), rows)


def thread_rows(
    view: View, thread: Thread, fields: Sequence[Field], by: Field | None = None
) -> list[Row]:
    """The thread's row and the remark about its correction, or the marker of its retraction.

    What `by` says of the entry stands behind the name of who charted it.
    """
    if thread.retraction is not None:
        return [Row((retracted(view, thread, thread.retraction),), RowKind.REMARK)]
    aside = () if by is None else versions_cell(thread, by)
    row = Row((*(versions_cell(thread, one) for one in fields), joined(aside, view.by(thread))))
    if len(thread.versions) == 1:
        return [row]
    return [row, Row((corrected(view, thread),), RowKind.REMARK)]


def versions_cell(thread: Thread, field: Field) -> Cell:
    """What stands, after every earlier version that differs from the one that followed it."""
    said = [(one, field.of(one)) for one in thread.versions]
    runs: list[Run] = []
    for (one, words), (_, after) in pairwise(said):
        if words and words != after:
            runs += [Run(words, Ink.STRUCK), *_marks(field, one), Run(" ")]
    last, words = said[-1]
    runs += field.disc(last)
    if words:
        ink = Ink.STRONG if field.marks(last) else field.ink
        runs += [Run(words, ink), *_marks(field, last)]
    elif field.lacking:
        runs.append(Run(field.lacking, Ink.SOFT))
    return tuple(runs)


def _marks(field: Field, entry: Entry) -> list[Run]:
    return [part for mark in field.marks(entry) for part in (Run(" "), Run(mark, Ink.MARK))]


def corrected(view: View, thread: Thread) -> Cell:
    """Who corrected it, when and why (R56, R57)."""
    return joined(*(_correction(view, one) for one in thread.versions[1:]))


def _correction(view: View, by: Entry) -> Cell:
    return (
        Run("CORRECTED", Ink.MARK), Run(f" {view.clock.time(by.recorded_at)} by "),
        *typed(person(by.recorded_by)), Run(": "), *typed(reason_of(by), NOT_RECORDED),
    )  # fmt: skip


def retracted(view: View, thread: Thread, by: Entry) -> Cell:
    """The marker that stays in a retracted entry's place (R60)."""
    return (
        Run(view.clock.time(thread.latest.observed_at), Ink.STRONG), Run("  "),
        Run("RETRACTED", Ink.MARK), Run(f" {view.clock.time(by.recorded_at)} by "),
        *typed(person(by.recorded_by)), Run(": "), *typed(reason_of(by), NOT_RECORDED),
        *text(". What was charted stands struck through under Corrections."),
    )  # fmt: skip
