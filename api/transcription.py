"""Entering a downtime sheet: a table with the protocol's own rows, filled in and charted (R153).

`entry_table` is the counterpart of the printed sheet: one row for each measure of each round, and
empty ones for the rest. What is left empty is not charted, nothing is preset. `acts_of` turns the
filled rows into the acts of `session replay`: same commands, marked as transcribed, and with ids
that come from what was written, so that the same table entered twice charts nothing twice.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from protocol.rules.actions import Action
from protocol.rules.charting import DOSING_ACTIONS, DosingKind
from protocol.rules.measures import BUILT_IN
from protocol.rules.protocols import PolicyDocument, ProtocolDocument

COLUMNS = (
    "kind", "date", "time", "phase", "round", "measure", "value", "unit", "site", "event",
    "drug_line", "rate", "rate_unit", "dose", "dose_unit", "text", "reason", "by",
)  # fmt: skip
# What a row says by its form alone; with nothing else in it, it was not written on.
_PRINTED = frozenset({"kind", "phase", "round", "measure", "unit", "drug_line"})
_SPARE_ROWS = 6
_STATUS = {
    "begin": Action.SESSION_BEGIN, "complete": Action.SESSION_COMPLETE,
    "stop": Action.SESSION_STOP,
}  # fmt: skip


class NotATable(ValueError):
    """The file, or one row of it, is not such a table; `str()` is a plain line."""


class Act(NamedTuple):
    """One act for the replay, and the row of the table that it begins in."""

    row: int
    line: dict[str, Any]
    by: str = ""


def entry_table(protocol: ProtocolDocument, policy: PolicyDocument) -> str:
    """The table to fill in, as CSV: one row a round's measure, then spare rows of each kind."""
    units = {
        **{code: one.units[0] for code, one in BUILT_IN.items()},
        **{one.code: one.units[0] for one in (*policy.measures, *protocol.measures)},
    }
    text = StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for phase in protocol.phases:
        writer.writerow({"kind": "phase", "phase": phase.code})
        for one in phase.rounds:
            for measure in one.measures:
                writer.writerow(
                    {"kind": "reading", "phase": phase.code, "round": one.code,
                     "measure": measure, "unit": units.get(measure, "")}
                )  # fmt: skip
    for line in protocol.drug_lines:
        writer.writerows({"kind": "dosing", "drug_line": line.code} for _ in range(_SPARE_ROWS))
    writer.writerows({"kind": "note"} for _ in range(_SPARE_ROWS))
    writer.writerows({"kind": kind} for kind in _STATUS)
    return text.getvalue()


def acts_of(content: bytes, session_id: UUID, zone: str) -> list[Act]:
    """The acts of a filled table, in the order of their times. Raises NotATable.

    Times without an offset are of the clinic's zone; one that the clocks show twice or never, at a
    change of summer time, is refused and takes its offset.
    """
    rows = _rows(content)
    groups: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        groups.setdefault(row.together, []).append(row)
    acts = [_act(group, session_id, ZoneInfo(zone)) for group in groups.values()]
    return sorted(acts, key=lambda one: datetime.fromisoformat(one.line["at"]).astimezone(UTC))


def remark(acts: Iterable[Act], session_id: UUID, source: str, at: str) -> Act:
    """A note of the source and of the hands in it, beside what was entered from it."""
    hands = sorted({one.by for one in acts if one.by})
    said = f"Transcribed from {source}." + (f" Written by {', '.join(hands)}." if hands else "")
    body = {"id": str(uuid5(session_id, f"{source} {hands}")), "content": {"text": said}}
    line = {
        "act": Action.NOTE_RECORD, "session": str(session_id), "at": at, "body": body,
    }  # fmt: skip
    return Act(0, line)


def as_json_lines(acts: Iterable[Act]) -> bytes:
    """The acts as `session replay` reads them."""
    return "".join(f"{json.dumps(one.line, ensure_ascii=False)}\n" for one in acts).encode()


class _Row(NamedTuple):
    number: int
    cells: dict[str, str]

    @property
    def kind(self) -> str:
        return self.cells["kind"]

    @property
    def together(self) -> tuple[str, ...]:
        """Measures of one moment and one round are one reading; every other row stands alone."""
        if self.kind != "reading":
            return (str(self.number),)
        return ("reading", *(self.cells[name] for name in ("date", "time", "phase", "round")))

    def fault(self, sentence: str) -> NotATable:
        return NotATable(f"row {self.number}: {sentence}")


def _rows(content: bytes) -> list[_Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotATable(f"it is not UTF-8 text (byte {error.start})") from error
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise NotATable(f"the column {lacking[0]} is not there")
        return list(_written(reader))
    except csv.Error as error:
        raise NotATable(f"row {reader.line_num}: {error}") from error


def _written(reader: "csv.DictReader[str]") -> Iterator[_Row]:
    for cells in reader:
        if None in cells or None in cells.values():
            raise NotATable(f"row {reader.line_num}: it has not as many cells as there are columns")
        row = _Row(reader.line_num, {name: cells[name].strip() for name in COLUMNS})
        if any(value for name, value in row.cells.items() if name not in _PRINTED):
            yield row


def _act(group: list[_Row], session_id: UUID, zone: ZoneInfo) -> Act:
    row = group[0]
    written = json.dumps([one.cells for one in group], sort_keys=True)
    line: dict[str, Any] = {"session": str(session_id), "at": _at(row, zone)}
    if row.kind in _STATUS:
        body: dict[str, Any] = {"reason": row.cells["text"]} if row.cells["text"] else {}
        return Act(row.number, {**line, "act": _STATUS[row.kind], "body": body}, row.cells["by"])
    action, content = _content(group)
    body = {"id": str(uuid5(session_id, written)), "content": content}
    if row.cells["reason"]:
        body["reason"] = row.cells["reason"]
    return Act(row.number, {**line, "act": action, "body": body}, row.cells["by"])


def _content(group: list[_Row]) -> tuple[Action, dict[str, Any]]:
    row = group[0]
    cells = row.cells
    if row.kind == "reading":
        return Action.READING_RECORD, {"observations": [_observation(one) for one in group]}
    if row.kind == "dosing":
        return _dosing(row)
    if row.kind == "phase":
        return Action.PHASE_ENTER, {"phase": cells["phase"]}
    if row.kind == "note":
        return Action.NOTE_RECORD, {"text": cells["text"]}
    kinds = ", ".join(("reading", "dosing", "phase", "note", *_STATUS))
    raise row.fault(f"the kind {row.kind or '(none)'} is none of {kinds}")


def _observation(row: _Row) -> dict[str, Any]:
    found = {name: row.cells[name] for name in ("measure", "value", "unit", "site")}
    return {name: value for name, value in found.items() if value or name != "site"}


def _dosing(row: _Row) -> tuple[Action, dict[str, Any]]:
    cells = row.cells
    if cells["event"] not in set(DosingKind):
        raise row.fault(
            f"the event {cells['event'] or '(none)'} is none of {', '.join(DosingKind)}"
        )
    event = DosingKind(cells["event"])
    content: dict[str, Any] = {"event": event, "drug_line": cells["drug_line"]}
    for name in ("rate", "dose"):
        if cells[name]:
            content[name] = {"value": cells[name], "unit": cells[f"{name}_unit"]}
    return DOSING_ACTIONS[event], content | ({"note": cells["text"]} if cells["text"] else {})


def _at(row: _Row, zone: ZoneInfo) -> str:
    """The moment with its offset. Raises NotATable."""
    said = f"{row.cells['date']}T{row.cells['time']}"
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise row.fault(
            f"{said.replace('T', ' ')} is no date and time (2026-01-31, 09:05)"
        ) from None
    if found.tzinfo is not None:
        return found.isoformat()
    first, second = found.replace(tzinfo=zone), found.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        raise row.fault(f"{said.replace('T', ' ')} is shown twice or never in {zone.key};"
                        " with its offset, such as 02:30+01:00, it is one moment")  # fmt: skip
    return first.isoformat()
