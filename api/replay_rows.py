"""Reading a file of charted infusions: CSV, one row a constant-rate segment.

Every infusion is read whole or refused whole, by its name and the line of the file, so that one
spoiled row never becomes half an infusion in the record.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from typing import NamedTuple

from api.documents import shaped
from protocol.rules.dosing import amount_of, amount_over
from protocol.rules.errors import Impossible, InvalidShape, Refusal, UnitMismatch
from protocol.rules.quantity import Quantity, unit_named
from protocol.rules.values import Exact, Line, Shape, plain

COLUMNS = (
    "infusion", "segment", "drug", "start", "end", "rate", "rate_unit", "weight_kg", "amount_unit",
)  # fmt: skip
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
# A source that computes writes floats: 5e-05 is taken for the number that it is.
_FLOAT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
_DECIMALS = Decimal("1E-15")
_NOISE = Decimal("1E-9")
_SEGMENT = re.compile(r"[1-9][0-9]{0,5}")


class NotAFile(Exception):
    """The file as a whole cannot be read: no header, no text, no CSV."""


class Row(Shape):
    """One segment as the file has it; `zoned` says whether its times came with a zone."""

    line: int
    infusion: Line
    segment: int
    drug: Line
    start: datetime
    end: datetime
    zoned: bool
    rate: Quantity
    weight_kg: Exact | None
    amount_unit: str
    ended_as: str
    note: str | None


class Infusion(NamedTuple):
    """An infusion in the order of its segments."""

    name: str
    rows: tuple[Row, ...]


class Refused(NamedTuple):
    """An infusion that is not taken: where in the file, and why."""

    name: str
    line: int
    refusal: Refusal


def read_infusions(content: bytes) -> list[Infusion | Refused]:
    """Every infusion of a file, in the order in which the file first names it. Raises NotAFile."""
    cells: dict[str, list[tuple[int, dict[str, str] | None]]] = {}
    for line, name, values in cells_of(content, COLUMNS):
        cells.setdefault(name, []).append((line, values))
    return [_infusion(name, rows) for name, rows in cells.items()]


def cells_of(
    content: bytes, columns: Sequence[str]
) -> Iterator[tuple[int, str, dict[str, str] | None]]:
    """Each row of a CSV with its line, its infusion, and its cells by column; None for a row of
    another length than the header. Raises NotAFile."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = [one.strip() for one in next(reader, [])]
        wrong = [one for one in columns if header.count(one) != 1]
        if wrong:
            raise NotAFile(f"line 1: the header lacks or repeats the column {', '.join(wrong)}")
        line = reader.line_num + 1
        for fields in reader:
            values = dict(zip(header, (one.strip() for one in fields), strict=False))
            if any(values.values()):
                whole = values if len(fields) == len(header) else None
                yield line, values.get("infusion", ""), whole
            line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise NotAFile(f"it is not UTF-8 text (byte {error.start})") from error
    except csv.Error as error:
        raise NotAFile(f"line {reader.line_num}: it is not CSV: {error}") from error


def _infusion(name: str, cells: list[tuple[int, dict[str, str] | None]]) -> Infusion | Refused:
    rows: list[Row] = []
    line = cells[0][0]
    try:
        for number, values in cells:
            line = number
            rows.append(_row(number, values))
        rows.sort(key=lambda row: row.segment)
        for place, row in enumerate(rows):
            line = row.line
            _require_follows(rows[place - 1] if place else None, row)
    except Refusal as refusal:
        return Refused(name, line, refusal)
    return Infusion(name, tuple(rows))


def _row(line: int, values: dict[str, str] | None) -> Row:
    if values is None:
        raise InvalidShape("The line has more or fewer fields than the header.")
    if not _SEGMENT.fullmatch(values["segment"]):
        raise InvalidShape(f"The segment {values['segment']!r} is not a number from 1.")
    for name in ("rate_unit", "amount_unit"):
        unit_named(values[name])
    rate, weight = _number(values["rate"]), _number(values["weight_kg"])
    kept = [text for text, number in ((values["rate"], rate), (values["weight_kg"], weight))
            if number != text and Decimal(number) != Decimal(text)]  # fmt: skip
    if zoned(values["start"]) is not zoned(values["end"]):
        raise some_zoned()
    row = shaped(
        Row,
        {
            **{name: values[name] for name in ("infusion", "drug", "amount_unit")},
            "line": line,
            "segment": int(values["segment"]),
            "start": moment_of("start", values["start"]),
            "end": moment_of("end", values["end"]),
            "zoned": zoned(values["start"]),
            "rate": {"value": rate, "unit": values["rate_unit"]},
            "weight_kg": weight or None,
            "ended_as": values.get("ended_as", ""),
            "note": f"The source has {' and '.join(kept)}." if kept else None,
        },
    )
    _require_computable(row)
    return row


def _number(text: str) -> str:
    """A number in plain digits. What a float has beyond the record's fifteen decimals is noise:
    it is rounded off where that changes nothing that counts, and the entry's note tells it."""
    if not _FLOAT.fullmatch(text):
        return text
    exact = Decimal(text)
    kept = exact
    with localcontext() as context:
        context.prec = 200
        if exact % _DECIMALS:
            kept = exact.quantize(_DECIMALS)
        if abs(kept - exact) > abs(exact) * _NOISE:
            return text
    return plain(kept) if kept != exact or "e" in text.lower() else text


def moment_of(name: str, text: str) -> datetime:
    """A moment; one without a zone is read as UTC, which keeps every interval."""
    if not _TIME.fullmatch(text):
        raise InvalidShape(f"The {name} {text!r} is not a date and a time.", field=name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidShape(f"The {name} {text!r} is no moment: {error}.", field=name) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def zoned(text: str) -> bool:
    """Whether a moment's text says its zone."""
    found = _TIME.fullmatch(text)
    return bool(found and found[3])


def some_zoned() -> InvalidShape:
    """Times of which some have a zone have no order."""
    return InvalidShape("Some times have a zone, and some have none.", field="start")


def _require_computable(row: Row) -> None:
    """Refuse what no amount follows from, before anything of the infusion is charted."""
    if row.rate.value < 0:
        raise Impossible(f"The rate {row.rate} is negative.", field="rate")
    if row.end <= row.start:
        raise Impossible("The segment ends at or before its start.", field="end")
    _, family = amount_over(row.rate, row.weight_kg, timedelta())
    due = unit_named(row.amount_unit)
    amount_of(Quantity(value=row.rate.value, unit=row.amount_unit), None)
    if due.amount != family:
        raise UnitMismatch(
            f"No amount in {row.amount_unit} follows from a rate in {row.rate.unit}: the file"
            " names no concentration.", unit=row.rate.unit, due=row.amount_unit,
        )  # fmt: skip


def _require_follows(before: Row | None, row: Row) -> None:
    """Segments are numbered from 1 without gaps, in order of start, and do not overlap."""
    number = before.segment if before else 0
    if row.segment == number:
        raise InvalidShape(f"Segment {row.segment} is there twice.", field="segment")
    if row.segment != number + 1:
        raise InvalidShape(f"Segment {number + 1} is missing.", field="segment")
    if before is None:
        return
    if row.drug != before.drug:
        raise InvalidShape(f"The drug was {before.drug}, and is {row.drug}.", field="drug")
    if row.zoned is not before.zoned:
        raise some_zoned()
    if row.start < before.end:
        raise Impossible(
            f"Segment {row.segment} starts before segment {before.segment} ends.", field="start"
        )
    if unit_named(row.amount_unit).amount != unit_named(before.amount_unit).amount:
        raise UnitMismatch(
            f"The amount was in {before.amount_unit}, and is in {row.amount_unit}.",
            unit=row.amount_unit, due=before.amount_unit,
        )  # fmt: skip
