"""An inventory of controlled drugs on paper: who counted what, when of the business day, against
the book (R79); and what the ledger has at the location now."""

from collections.abc import Mapping
from uuid import UUID

from protocol.rules.counts import Count, CountLine, FoundIn
from protocol.rules.custody import Container, Product
from protocol.rules.custody_log import Stock, StockLine
from protocol.rules.jurisdiction import DrugClass
from protocol.rules.record import ClinicRef
from protocol.rules.signature import digest_of
from reports.custody_parts import (
    amount,
    container_cell,
    location_facts,
    location_foot,
    product_title,
    short_id,
    soft,
)
from reports.formats import Clock, clock_of, counted, day, person, quantity, sentence_case
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    RowKind,
    Run,
    Section,
    Table,
    joined,
    text,
    typed,
)

TITLE = "Controlled-substance inventory"
_COUNTED = (
    Column("Drug", 24), Column("Lot", 20), Column("Container", 20),
    Column("Counted", 13, numeric=True), Column("Book", 11, numeric=True),
    Column("Difference", 12, numeric=True),
)  # fmt: skip
_STOCK = (
    Column("Container", 46), Column("Received", 18), Column("Opened", 18),
    Column("Left by the ledger", 18, numeric=True),
)  # fmt: skip
_FOUND = (Column("Drug", 30), Column("Lot", 15), Column("Amount", 15), Column("Words", 40))


def inventory_report(
    clinic: ClinicRef, stock: Stock, count: Count | None, *,
    classes: Mapping[UUID, DrugClass], profile: str | None, printed: Printed,
) -> Listing:  # fmt: skip
    """The inventory of one location."""
    clock = clock_of(clinic.zone, printed.at)
    facts = (*location_facts(stock.location, profile), *_count_facts(clock, count))
    tables = tuple(_stock_table(clock, one, classes) for one in stock.lines)
    now = Section(
        "Stock by the ledger", (f"As of entry {stock.number:,} of the clinic's ledger.",), tables
    )
    digest = digest_of([
        stock.model_dump(mode="json"), None if count is None else count.model_dump(mode="json")
    ])  # fmt: skip
    told = Told(TITLE, facts, (*_count_sections(count), now), f"{stock.location.id} {digest}")
    sheet = listing(clinic, told, printed)
    return sheet._replace(foot=(location_foot(stock.location), *sheet.foot))


def _count_facts(clock: Clock, count: Count | None) -> tuple[Labelled, ...]:
    if count is None or count.recorded_at is None:
        return (Labelled("Inventory", text("None of this location is recorded")),)
    when = {"opening": "opening of business", "close": "close of business"}[count.business.value]
    kind = "spot check" if count.kind.value == "spot" else f"{count.kind} inventory"
    counters = joined(*(typed(person(one)) for one in count.counted_by), by="; ")
    return (
        Labelled("Inventory", text(f"{sentence_case(kind)}, {'blind' if count.blind else 'open'}")),
        Labelled("Taken", text(f"at {when} on {day(count.counted_on)}", Ink.STRONG)),
        Labelled("Counted by", counters),
        Labelled("Recorded", text(clock.moment(count.recorded_at))),
    )


def _count_sections(count: Count | None) -> tuple[Section, ...]:
    if count is None:
        return ()
    differing = sum(bool(one.difference) for one in count.lines)
    many = counted(len(count.lines), "container")
    about = (
        f"{many} counted, {differing} of them with a difference.",
        "The book is the ledger's at the moment when the count was recorded.",
        "MOVED: the ledger has an entry about it since the count began or was taken.",
    )
    rows = tuple(_counted_row(one) for one in count.lines)
    note = (typed(count.note),) if count.note else ()
    sections = [Section("Counted", about, (Table(_COUNTED, rows),) if rows else (), note)]
    if count.found:
        found = Table(_FOUND, tuple(_found_row(one) for one in count.found))
        sections.append(Section("Found there and not in the book", (), (found,)))
    return tuple(sections)


def _counted_row(line: CountLine) -> Row:
    seen = [Run(amount(line.counted, line.unit), Ink.STRONG)]
    if line.method.value == "estimated":
        seen += [Run(" "), Run("ESTIMATED", Ink.MARK)]
    difference = line.difference
    sign = "" if not difference else "short by " if difference < 0 else "over by "
    said = [Run(f"{sign}{amount(difference.copy_abs(), line.unit)}" if difference else "none")]
    if line.moved:
        said += [Run(" "), Run("MOVED", Ink.MARK)]
    return Row((
        typed(line.drug), typed(line.lot), text(short_id(line.container_id)), tuple(seen),
        text(amount(line.book, line.unit)), tuple(said),
    ))  # fmt: skip


def _found_row(one: FoundIn) -> Row:
    return Row((typed(one.drug), typed(one.lot), text(quantity(one.amount)), typed(one.words)))


def _stock_table(clock: Clock, line: StockLine, classes: Mapping[UUID, DrugClass]) -> Table:
    product = line.product
    rows = [_stock_row(clock, one, product) for one in line.containers]
    held = counted(len(line.containers), "container")
    rows.append(
        Row((text(held), (), text("Together"), text(amount(line.book, product.unit))),
            RowKind.TOTAL)
    )  # fmt: skip
    return Table(_STOCK, tuple(rows), product_title(product, classes.get(product.id)))


def _stock_row(clock: Clock, one: Container, product: Product) -> Row:
    opened = text("no") if one.opened_at is None else text(clock.moment(one.opened_at))
    cell = joined(
        container_cell(one.lot, one.expires_on, one.label, one.serial, one.id),
        soft("From", one.supplier.name),
    )
    return Row((cell, text(clock.moment(one.received_at)), opened,
                text(amount(one.left, product.unit), Ink.STRONG)))  # fmt: skip
