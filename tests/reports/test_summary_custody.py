"""The drug custody of a session on paper: containers, what became of each draw, the balance."""

from decimal import Decimal
from typing import Any

from protocol.rules.charting import DosingKind
from protocol.rules.custody import Container, CustodyEntry, EntryKind, Mark, Product, Supplier
from protocol.rules.custody_balance import SessionCustody, session_balances
from protocol.rules.custody_given import given_drugs
from protocol.rules.discrepancies import Discrepancy, Explanation, FoundBy
from protocol.rules.protocols import Concentration
from protocol.rules.record import SessionRecord
from tests.reports.hand import DOCTOR, NURSE, Chart, at, quantity, record_of, uid
from tests.reports.reading_sheets import (
    pages_of,
    pdf_of,
    rows_said,
    said,
    section,
    sheet_of,
    struck,
)

PRODUCT = Product(
    id=uid("product"), drug="Examplamine", form="vial",
    strength=Concentration(amount=quantity("10", "mg"), volume=quantity("1", "mL")),
    size=quantity("5", "mL"), recorded_at=at("08:00"), recorded_by=DOCTOR,
)  # fmt: skip
VIAL = Container(
    id=uid("vial"), product=PRODUCT, receipt_id=uid("receipt"), lot="<b>L-1</b>",
    expires_on=at("08:00").date(), supplier=Supplier(name="Invented"), label="V1",
    received_at=at("08:00"), received_by=DOCTOR, location_id=uid("cupboard"), left=Decimal(10),
)  # fmt: skip


def an_entry(name: str, kind: EntryKind, amount: str, clock: str, **more: object) -> CustodyEntry:
    values: dict[str, object] = {
        "id": uid(name), "number": 1, "kind": kind, "container_id": VIAL.id,
        "product_id": PRODUCT.id, "location_id": VIAL.location_id, "amount": amount, "unit": "mg",
        "change": "0", "container_after": "0", "location_after": "0", "observed_at": at(clock),
        "recorded_at": at(clock), "recorded_by": NURSE, "audit_number": 1, **more,
    }  # fmt: skip
    return CustodyEntry.model_validate(values)


def a_record(*entries: CustodyEntry, **more: Any) -> SessionRecord:
    chart = Chart()
    chart.dose("10:00", DosingKind.BOLUS, dose=quantity("7.5", "mg"))
    record = record_of(chart)
    drug = record.protocol.drug_lines[0].drug
    product = PRODUCT.model_copy(update={"drug": drug})
    custody = SessionCustody(
        entries=entries, containers=(VIAL,),
        balances=session_balances(entries, [product], given_drugs(record)), **more,
    )  # fmt: skip
    return record.model_copy(update={"custody": custody})


DRAWN = an_entry(
    "draw", EntryKind.DRAW, "20", "09:55", marks=[Mark.EXPIRED], reason="No other was there.",
    entered=quantity("2", "mL"),
)  # fmt: skip
WASTED = an_entry(
    "waste", EntryKind.WASTE, "10", "10:10", draw_id=DRAWN.id, witnesses=[DOCTOR], manner="sink"
)


def test_each_draw_and_waste_stands_with_its_container_and_its_people() -> None:
    part = section(sheet_of(a_record(DRAWN, WASTED)), "Drug custody")
    (container,) = rows_said(part, 0)
    assert container[1] == "<b>L-1</b>"
    assert container[3:] == ["20 mg", "10 mg", ""]
    drawn, wasted = rows_said(part, 1)
    assert drawn[1:4] == ["Drawn · EXPIRED", "V1 · <b>L-1</b>", "20 mg · 2 mL"]
    assert "reason No other was there." in drawn[4]
    assert wasted[1] == "Wasted · sink"
    assert "witness" in wasted[4]
    (balance,) = rows_said(part, 2)
    assert balance[1:] == ["20", "7.5", "10", "0", "0", "0", "2.5"]


def test_a_reversed_draw_is_struck_through_with_who_and_why() -> None:
    undone = an_entry(
        "undo", EntryKind.REVERSE, "20", "10:20", reverses_id=DRAWN.id, reason="Another's vial."
    )
    part = section(sheet_of(a_record(DRAWN, undone)), "Drug custody")
    assert "20 mg" in struck(part)
    assert "REVERSED" in said(part)
    assert "Another's vial." in said(part)
    assert rows_said(part, 2)[0][1:4] == ["0", "7.5", "0"]


def test_the_first_page_says_whether_the_balance_closes() -> None:
    sheet = sheet_of(a_record(DRAWN, WASTED))
    (brief,) = [said(one.value) for one in sheet.facts if one.label == "Drug custody"]
    assert "remainder 2.5 mg" in brief
    closed = an_entry("rest", EntryKind.BREAK, "2.5", "10:11", draw_id=DRAWN.id, reason="Fell.")
    sheet = sheet_of(a_record(DRAWN, WASTED, closed))
    (brief,) = [said(one.value) for one in sheet.facts if one.label == "Drug custody"]
    assert "balance closes" in brief


def test_a_discrepancy_is_told_with_what_was_said_of_it() -> None:
    found = Discrepancy(
        id=uid("discrepancy"), found_by=FoundBy.SESSION, found_id=uid("reconciled"),
        drug="Examplamine", unit="mg", remainder=Decimal("2.5"), opened_at=at("11:00"),
        opened_by=NURSE, audit_number=9, explanations=(
            Explanation(id=uid("said"), text="Dead space of the line.", recorded_at=at("11:05"),
                        recorded_by=NURSE),
        ),
    )  # fmt: skip
    record = a_record(DRAWN, WASTED, discrepancies=(found,))
    told = said(section(sheet_of(record), "Drug custody"))
    assert "Discrepancy 2.5 mg" in told
    assert "Dead space of the line." in told
    assert "1opendiscrepancy" in pages_of(pdf_of(record))[0]


def test_a_session_without_custody_has_no_such_part() -> None:
    sheet = sheet_of(record_of(Chart()))
    assert [one for one in sheet.sections if one.title == "Drug custody"] == []
    assert "drug custody" not in sheet.nothing
