"""The controlled-substance log of a location on paper (R72 to R75, R80).

A register in its own order: nothing is left out or struck. An entry that was wrong stays as it is,
names the reversal, and is followed by it (R84).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from protocol.rules.custody import EntryKind, Location
from protocol.rules.custody_log import LogLine, LogPatient, ProductLog, by_product
from protocol.rules.jurisdiction import DrugClass
from protocol.rules.record import ClinicRef
from protocol.rules.signature import digest_of
from reports.custody_parts import (
    amount,
    container_cell,
    lines_of,
    location_facts,
    location_foot,
    moment_cell,
    party,
    product_title,
    soft,
)
from reports.formats import Clock, clock_of, counted, person, quantity
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    RowKind,
    Run,
    Section,
    Table,
    text,
    typed,
)

TITLE = "Controlled-substance log"
_COLUMNS = (
    Column("No.", 4, numeric=True), Column("Event", 11), Column("What", 13),
    Column("Container", 13), Column("In", 7, numeric=True), Column("Out", 7, numeric=True),
    Column("Patient, or from and to", 18), Column("By, and witness", 18),
    Column("Balance", 9, numeric=True),
)  # fmt: skip
_SAID = {
    EntryKind.RECEIVE: "Received", EntryKind.OPEN: "Opened", EntryKind.DRAW: "Drawn",
    EntryKind.WASTE: "Wasted", EntryKind.GIVE_BACK: "Returned", EntryKind.BREAK: "Broken",
    EntryKind.TRANSFER_OUT: "Moved out", EntryKind.TRANSFER_IN: "Moved in",
    EntryKind.LOSE: "Lost", EntryKind.FIND: "Found", EntryKind.DESTROY: "Destroyed",
    EntryKind.REVERSE: "Reversal",
}  # fmt: skip


def log_report(
    clinic: ClinicRef, location: Location, lines: Sequence[LogLine], *,
    since: datetime | None, until: datetime | None, classes: Mapping[UUID, DrugClass],
    profile: str | None, printed: Printed,
) -> Listing:  # fmt: skip
    """The log of one location, a table for each product, with what was brought and is carried
    forward."""
    clock = clock_of(clinic.zone, printed.at)
    begin = "the first" if since is None else clock.moment(since)
    end = "now" if until is None else clock.moment(until)
    facts = (
        *location_facts(location, profile),
        Labelled("Entered", text(f"from {begin} to before {end}")),
        Labelled("Holds", text(counted(len(lines), "entry", "entries"))),
        Labelled("Patients", text("named as the record has them on the day of printing")),
    )
    tables = tuple(_table(clock, part, classes) for part in by_product(list(lines)))
    none = () if tables else ("Nothing was entered in this window.",)
    digest = digest_of([one.entry.model_dump(mode="json") for one in lines])
    told = Told(
        TITLE, facts, (Section("Entries", none, tables),), f"{location.id} {digest}", wide=True
    )
    sheet = listing(clinic, told, printed)
    return sheet._replace(foot=(location_foot(location), *sheet.foot))


def _table(clock: Clock, part: ProductLog, classes: Mapping[UUID, DrugClass]) -> Table:
    product = part.product
    brought = _total("Brought forward", amount(part.brought_forward, product.unit))
    carried = _total("Carried forward", amount(part.carried_forward, product.unit))
    rows = (brought, *(_row(clock, one) for one in part.lines), carried)
    return Table(_COLUMNS, rows, product_title(product, classes.get(product.id)))


def _total(what: str, held: str) -> Row:
    empty: Cell = ()
    return Row((empty, empty, text(what), *[empty] * 5, text(held)), RowKind.TOTAL)


def _row(clock: Clock, line: LogLine) -> Row:
    entry = line.entry
    moved = amount(entry.change.copy_abs(), entry.unit) if entry.change else ""
    asides = amount(entry.amount, entry.unit) if entry.amount and not entry.change else ""
    return Row((
        text(f"{entry.number:,}"), moment_cell(clock, entry.observed_at, entry.recorded_at),
        _what(line, asides),
        container_cell(
            line.lot, line.expires_on, line.label, line.serial, entry.container_id
        ),
        text(moved) if entry.change > 0 else (), text(moved) if entry.change < 0 else (),
        _whom(line), _who(line), text(amount(entry.location_after, entry.unit), Ink.STRONG),
    ))  # fmt: skip


def _what(line: LogLine, aside: str) -> Cell:
    """The kind of event, what was entered, marks, manner and reason. What left a draw left the
    stock when it was drawn, so its amount stands here and not in a column of the balance."""
    entry = line.entry
    kind: list[Run] = [Run(_SAID[entry.kind], Ink.STRONG)]
    marks = [one.value.replace("-", " ").upper() for one in entry.marks]
    if line.opened:
        marks.append("NEW CONTAINER OPENED")
    if line.reversed_by is not None:
        marks.append(f"REVERSED BY No. {line.reversed_by:,}")
    if line.reverses is not None:
        kind.append(Run(f" of No. {line.reverses:,}"))
    for mark in marks:
        kind += [Run(" "), Run(mark, Ink.MARK)]
    entered = None if entry.entered is None else quantity(entry.entered)
    return lines_of(
        tuple(kind), text(f"{aside} of what was drawn") if aside else (),
        (Run("as entered  ", Ink.SOFT), Run(entered)) if entered and not aside else (),
        soft("Manner", entry.manner), soft("Reason", entry.reason),
    )  # fmt: skip


def _whom(line: LogLine) -> Cell:
    return lines_of(_patient(line.patient), party(line.counterpart), soft("Order", line.order))


def _patient(of: LogPatient | None) -> Cell:
    if of is None:
        return ()
    address = typed(of.address) if of.address else text("Address not recorded", Ink.SOFT)
    return lines_of(
        typed(of.name), (Run(f"{of.identifier.system}  ", Ink.SOFT),
                         Run(of.identifier.value, Ink.TYPED)), address,
    )  # fmt: skip


def _who(line: LogLine) -> Cell:
    entry = line.entry
    witnessed = [soft("Witness", person(one)) for one in entry.witnesses]
    return lines_of(typed(person(entry.recorded_by)), *witnessed)
