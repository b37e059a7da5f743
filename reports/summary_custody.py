"""Drug custody as printed: what was drawn from which container, what became of it, what remains.

Custody stands beside the chart (R80); the balance of each drug is the last table (R78, R151).
"""

from collections.abc import Sequence
from decimal import Decimal

from protocol.rules.custody import Container, CustodyEntry, EntryKind
from protocol.rules.custody_balance import SessionBalance, SessionCustody
from protocol.rules.custody_states import standing
from protocol.rules.discrepancies import Discrepancy, DiscrepancyState
from reports.formats import (
    computed,
    concentration,
    counted,
    day,
    dose,
    person,
    quantity,
    sentence_case,
    unit,
    with_unit,
    words,
)
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Row,
    RowKind,
    Run,
    Section,
    Table,
    joined,
    text,
    typed,
)
from reports.view import View

_SAID = {
    EntryKind.DRAW: "Drawn", EntryKind.WASTE: "Wasted", EntryKind.GIVE_BACK: "Returned",
    EntryKind.BREAK: "Broken", EntryKind.LOSE: "Lost", EntryKind.REVERSE: "Reversed",
}  # fmt: skip
_ABOUT = (
    "From the clinic's ledger; no signature covers it. Given is computed by the infusion's own"
    " arithmetic, and the remainder with it; both are shown at 4 significant digits."
)


def custody_in_brief(view: View) -> tuple[Labelled, ...]:
    """One line for the first page, where a drug of the session is in custody."""
    custody = view.record.custody
    if custody is None:
        return ()
    said = [_brief(one) for one in custody.balances]
    waiting = [one for one in custody.discrepancies if one.state is not DiscrepancyState.CLOSED]
    if waiting:
        said.append(text(counted(len(waiting), "open discrepancy", "open discrepancies"), Ink.MARK))
    return (Labelled("Drug custody", joined(*said)),) if said else ()


def _brief(one: SessionBalance) -> Cell:
    drug = (*typed(one.drug), Run(" "))
    if one.running:
        return (*drug, Run("running"))
    if not one.remainder:
        return (*drug, Run("balance closes"))
    return (*drug, Run(f"remainder {with_unit(computed(one.remainder), one.unit)}", Ink.MARK))


def drug_custody(view: View) -> Section | None:
    """Containers, the session's entries of the ledger, the balances, and the discrepancies."""
    custody = view.record.custody
    if custody is None:
        return None
    tables = [_balances(custody)]
    if custody.entries:
        tables = [_containers(custody), _entries(view, custody), *tables]
    told = tuple(_told(view, one) for one in custody.discrepancies)
    return Section("Drug custody", (_ABOUT,), tuple(tables), told)


def _containers(custody: SessionCustody) -> Table:
    columns = (
        Column("Container", 34), Column("Lot", 14), Column("Expires", 13),
        Column("Drawn", 13, numeric=True), Column("Wasted", 13, numeric=True),
        Column("Returned", 13, numeric=True),
    )  # fmt: skip
    held = standing(custody.entries)
    rows = [
        Row(
            (
                _named(one), typed(one.lot), text(day(one.expires_on)),
                *(
                    text(_sum(one, held, kind))
                    for kind in (EntryKind.DRAW, EntryKind.WASTE, EntryKind.GIVE_BACK)
                ),
            )
        )
        for one in custody.containers
    ]  # fmt: skip
    return Table(columns, tuple(rows))


def _named(container: Container) -> Cell:
    product = container.product
    called = [typed(one) for one in (container.label, container.serial) if one]
    return joined(
        typed(product.drug), text(f"{concentration(product.strength)}, {quantity(product.size)}"),
        typed(product.form), *called,
    )  # fmt: skip


def _sum(container: Container, held: Sequence[CustodyEntry], kind: EntryKind) -> str:
    found = [one.amount for one in held if one.container_id == container.id and one.kind is kind]
    return with_unit(dose(sum(found, Decimal(0))), container.product.unit) if found else ""


def _entries(view: View, custody: SessionCustody) -> Table:
    columns = (
        Column("Time", 10), Column("What", 14), Column("Container", 18),
        Column("Amount", 20, numeric=True), Column("By", 38),
    )  # fmt: skip
    undone = {one.reverses_id: one for one in custody.entries if one.reverses_id is not None}
    rows: list[Row] = []
    for one in custody.entries:
        if one.kind is EntryKind.REVERSE:
            continue
        by = undone.get(one.id)
        rows.append(Row(_cells(view, custody, one, struck=by is not None)))
        if by is not None:
            rows.append(Row((_reversal(view, by),), RowKind.REMARK))
    return Table(columns, tuple(rows))


def _cells(
    view: View, custody: SessionCustody, one: CustodyEntry, *, struck: bool
) -> tuple[Cell, ...]:
    container = custody.container(one.container_id)
    ink = Ink.STRUCK if struck else Ink.STRONG
    amount = with_unit(dose(one.amount), one.unit)
    entered = one.entered
    as_entered = "" if entered is None or entered.unit == one.unit else quantity(entered)
    marks = text(", ".join(words(each).upper() for each in one.marks), Ink.MARK)
    return (
        text(view.clock.time(one.observed_at), ink),
        joined(text(_SAID[one.kind], Ink.PLAIN), typed(one.manner), marks if one.marks else ()),
        joined(typed(container.label or container.serial), typed(container.lot)),
        joined(text(amount, ink), text(as_entered) if as_entered else ()),
        joined(
            typed(person(one.recorded_by)),
            *((Run("witness "), *typed(person(each))) for each in one.witnesses),
            (Run("reason "), *typed(one.reason)) if one.reason else (),
            view.late(one.observed_at, one.recorded_at),
        ),
    )  # fmt: skip


def _reversal(view: View, by: CustodyEntry) -> Cell:
    return (
        Run("REVERSED", Ink.MARK), Run(f" {view.clock.time(by.recorded_at)} by "),
        *typed(person(by.recorded_by)), Run(": "), *typed(by.reason),
    )  # fmt: skip


def _balances(custody: SessionCustody) -> Table:
    heads = ("Drawn", "Given", "Wasted", "Returned", "Broken", "Lost", "Remainder")
    columns = (Column("Balance", 23), *(Column(one, 11, numeric=True) for one in heads))
    rows = [Row(_balance(one), RowKind.TOTAL) for one in custody.balances]
    return Table(columns, tuple(rows))


def _balance(one: SessionBalance) -> tuple[Cell, ...]:
    remainder = "running" if one.running else computed(one.remainder)
    exact = (one.wasted, one.returned, one.broken, one.lost)
    return (
        joined(typed(one.drug), text(unit(one.unit))), text(dose(one.drawn)),
        text(computed(one.given)), *(text(dose(value)) for value in exact),
        text(remainder, Ink.STRONG),
    )  # fmt: skip


def _told(view: View, one: Discrepancy) -> Cell:
    clock = view.clock
    head = joined(
        text(f"Discrepancy {with_unit(computed(one.remainder), one.unit)}", Ink.STRONG),
        typed(one.drug), text(sentence_case(one.state), Ink.MARK),
        text(f"opened {clock.moment(one.opened_at)}"), typed(person(one.opened_by)),
    )  # fmt: skip
    said: list[Run] = [*head]
    for each in one.explanations:
        by = text(f"{clock.moment(each.recorded_at)}")
        said += [Run("", Ink.LINE), *joined(by, typed(person(each.recorded_by)), typed(each.text))]
    if one.closing is not None:
        by = text(f"Closed {clock.moment(one.closing.recorded_at)}", Ink.STRONG)
        closed = joined(by, typed(person(one.closing.recorded_by)), typed(one.closing.conclusion))
        said += [Run("", Ink.LINE), *closed]
    return tuple(said)
