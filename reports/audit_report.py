"""A report of the audit trail on paper: who did what about whom, and what came of it (R15)."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from protocol.rules.audit import AuditEntry
from protocol.rules.record import ClinicRef
from reports.formats import Clock, clock_of, counted, sentence_case, words
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    Run,
    Section,
    Table,
    text,
    typed,
)

TITLE = "Audit report"
DETAIL_CHARACTERS_MAX = 240
_COLUMNS = (
    Column("No.", 5, numeric=True), Column("Time", 12), Column("Person", 16),
    Column("Act and outcome", 15), Column("About", 27), Column("Detail", 25),
)  # fmt: skip
_ABOUT = ("patient", "session", "subject")


def audit_report(
    clinic: ClinicRef, lines: Iterable[tuple[AuditEntry, str, str, Mapping[str, object] | None]],
    *, sought: Mapping[str, str], sort: str, descending: bool, up_to: int, printed: Printed,
) -> Listing:  # fmt: skip
    """The sheet of a report: each line is an entry, its hash, the person's name and its detail."""
    clock = clock_of(clinic.zone, printed.at)
    found = list(lines)
    rows = tuple(_row(clock, entry, name, detail) for entry, _, name, detail in found)
    field = "time" if sort == "at" else words(sort.replace("_", " "))
    order = f"{field}, {'last' if descending else 'first'} first"
    facts = (
        Labelled("Sought", _sought(clock, sought)),
        Labelled("Sorted by", text(order)),
        Labelled("Holds", text(f"{counted(len(found), 'entry', 'entries')} of the trail up to"
                               f" entry {up_to:,}")),
    )  # fmt: skip
    table = Table(_COLUMNS, rows)
    section = Section(
        "Entries", () if rows else ("Nothing in the trail is as sought.",), (table,) if rows else ()
    )
    newest = max((entry.number for entry, *_ in found), default=0)
    hashes = "".join(hashed for _, hashed, _, _ in found)
    told = Told(TITLE, facts, (section,), f"{newest} {hashes}", wide=True)
    return listing(clinic, told, printed)


def _sought(clock: Clock, sought: Mapping[str, str]) -> Cell:
    if not sought:
        return text("every entry")
    said = []
    for name, value in sought.items():
        if name in ("since", "until"):
            moment = datetime.fromisoformat(value)
            said.append(f"{'from' if name == 'since' else 'before'} {clock.moment(moment)}")
        else:
            said.append(f"{name.removesuffix('_id')} {value}")
    return text("; ".join(said))


def _row(clock: Clock, entry: AuditEntry, name: str, detail: Mapping[str, object] | None) -> Row:
    local = clock.local(datetime.fromisoformat(entry.at))
    when = f"{clock.day(local)} {local:%H:%M:%S}"
    what = [Run(entry.action, Ink.STRONG), Run("", Ink.LINE), Run(entry.outcome)]
    if entry.code:
        what.append(Run(f", {entry.code}"))
    return Row((
        text(f"{entry.number:,}"), text(when), _person(entry, name), tuple(what), _about(entry),
        typed(_detail(detail)),
    ))  # fmt: skip


def _person(entry: AuditEntry, name: str) -> Cell:
    runs: list[Run] = [Run(name, Ink.TYPED) if name else Run(entry.person_id, Ink.SOFT)]
    for more in (entry.roles, entry.workstation):
        if more:
            runs += [Run("", Ink.LINE), Run(more, Ink.SOFT)]
    return tuple(runs)


def _about(entry: AuditEntry) -> Cell:
    runs: list[Run] = []
    told = set()
    for name in _ABOUT:
        value = getattr(entry, f"{name}_id")
        if value and value not in told:
            told.add(value)
            runs += [*([Run("", Ink.LINE)] if runs else []),
                     Run(f"{sentence_case(name)}  ", Ink.SOFT), Run(value)]  # fmt: skip
    return tuple(runs)


def _detail(detail: Mapping[str, object] | None) -> str:
    if detail is None:
        return "Purged"
    if not detail:
        return ""
    said = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    if len(said) <= DETAIL_CHARACTERS_MAX:
        return said
    return f"{said[:DETAIL_CHARACTERS_MAX]}… ({len(said):,} characters)"
