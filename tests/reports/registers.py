"""A location's day for the sheets of custody: an invented drug, hostile names, a reversal."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from protocol.rules.actions import Role
from protocol.rules.charting import PersonRef
from protocol.rules.counts import BusinessMoment, Count, CountEnding, CountKind, CountLine, FoundIn
from protocol.rules.custody import (
    Container,
    CustodyEntry,
    EntryKind,
    Location,
    Mark,
    Product,
    Supplier,
)
from protocol.rules.custody_log import LogLine, LogPatient, Stock, StockLine
from protocol.rules.jurisdiction import DrugClass, Opened
from protocol.rules.patients import Identifier
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity
from protocol.rules.record import ClinicRef
from reports.listing import Printed
from tests.reports.hand import PRINTED_AT

SPACE = UUID(int=7)
MARKUP = "<b>Bold & </td></tr><script>x</script>"
HEBREW = "שלום עולם 123"
LONG = "Longname" * 50
CLINIC = ClinicRef(id=uuid5(SPACE, "clinic"), name="Invented Clinic", zone="Europe/Paris",
                   demonstration=False)  # fmt: skip
PRINTED = Printed(PRINTED_AT, "BERG, Ilse")


def an_id(name: str) -> UUID:
    return uuid5(SPACE, name)


def a_person(name: str) -> PersonRef:
    return PersonRef(id=an_id(name), name=name, credential="RN", roles=(Role.NURSE,))


def mg(text: str) -> Quantity:
    return Quantity.model_validate({"value": text, "unit": "mg"})


def a_product(drug: str = "examplamine hydrochloride") -> Product:
    ml = {"value": "1", "unit": "mL"}
    return Product(
        id=an_id(drug), drug=drug, form="solution for injection",
        strength=Concentration(amount=mg("47"), volume=Quantity.model_validate(ml)),
        size=Quantity.model_validate({"value": "11", "unit": "mL"}), recorded_at=PRINTED_AT,
        recorded_by=a_person("Ada"),
    )  # fmt: skip


LOCATION = Location(
    id=an_id("safe"), version=1, name="Safe, room 2", address="1 Invented Street\n9999 Inventon",
    registration="R-1234567", recorded_at=PRINTED_AT, recorded_by=a_person("Ada"),
)  # fmt: skip
SUPPLIER = Supplier(name="Invented Supply", address="2 Invented Road", registration="S-77")
PATIENT = LogPatient(
    id=an_id("patient"), name="EXAMPLE, Robin", address="3 Invented Lane\n9998 Inventon",
    identifier=Identifier(system="Record number", value="00123456"),
)  # fmt: skip


def a_line(
    number: int, kind: EntryKind, change: str, after: str, product: Product | None = None,
    **more: Any,
) -> LogLine:  # fmt: skip
    product = product or a_product()
    beside = {name: more.pop(name) for name in set(more) & set(LogLine.model_fields)}
    at = PRINTED_AT - timedelta(minutes=600 - 7 * number)
    entry = {
        "id": an_id(f"entry {number}"), "number": number, "kind": kind,
        "container_id": an_id("container"), "product_id": product.id, "location_id": LOCATION.id,
        "amount": Decimal(change).copy_abs(), "unit": "mg", "change": change,
        "container_after": after, "location_after": after, "observed_at": at,
        "recorded_at": at + timedelta(minutes=3), "recorded_by": a_person("Nora Nurse"),
        "audit_number": number, **more,
    }  # fmt: skip
    return LogLine(
        entry=CustodyEntry.model_validate(entry), product=product, lot="LOT-7",
        expires_on=date(2033, 2, 28), **beside,
    )  # fmt: skip


def a_day() -> list[LogLine]:
    """A receipt, a draw, its waste, a draw by mistake with its reversal, a lost vial."""
    return [
        a_line(1, EntryKind.RECEIVE, "517", "517", counterpart=SUPPLIER, order="PO-12"),
        a_line(2, EntryKind.DRAW, "-94", "423", patient=PATIENT, opened=True, entered=mg("94"),
               session_id=an_id("session")),
        a_line(3, EntryKind.WASTE, "0", "423", patient=PATIENT, amount="12.5",
               manner="into the sink", witnesses=(a_person("Wim Witness"),),
               marks=(Mark.LATE_WASTE,)),
        a_line(4, EntryKind.DRAW, "-47", "376", patient=PATIENT, reversed_by=5,
               marks=(Mark.EXPIRED,), reason="No other was there"),
        a_line(5, EntryKind.REVERSE, "47", "423", patient=PATIENT, reverses=4,
               reason="Another patient's"),
        a_line(6, EntryKind.LOSE, "-423", "0", reason="Not in the safe"),
    ]  # fmt: skip


def a_hostile_day(lines: int = 30) -> list[LogLine]:
    """Names with markup, right-to-left, and of four hundred characters, on many lines."""
    names = (MARKUP, HEBREW, LONG)
    found = []
    for number in range(1, lines + 1):
        name = names[number % 3]
        patient = PATIENT.model_copy(update={
            "name": name, "address": f"{name}\n{name}",
            "identifier": Identifier(system=name, value=name),
        })  # fmt: skip
        found.append(
            a_line(number, EntryKind.DRAW, "-1", str(1000 - number), product=a_product(LONG),
                   patient=patient, reason=name, witnesses=(a_person(name),),
                   recorded_by=a_person(name), label=name, serial=name)
        )  # fmt: skip
    return found


CLASSES = {
    one.id: DrugClass(code="y", label="Class Y", opened=Opened.ESTIMATED)
    for one in (a_product(), a_product(LONG))
}


def a_container(number: int, left: str, drug: str = "examplamine hydrochloride") -> Container:
    return Container(
        id=an_id(f"container {number}"), product=a_product(drug), receipt_id=an_id("receipt"),
        lot=f"LOT-{number}", expires_on=date(2033, 2, 28), supplier=SUPPLIER, label=f"V{number}",
        received_at=PRINTED_AT - timedelta(days=3), received_by=a_person("Nora Nurse"),
        location_id=LOCATION.id, left=Decimal(left),
        opened_at=None if number % 2 else PRINTED_AT - timedelta(days=1),
    )  # fmt: skip


def a_stock(containers: int = 5) -> Stock:
    held = tuple(a_container(number, "517") for number in range(containers))
    book = Decimal(517 * containers)
    return Stock(
        location=LOCATION, number=77,
        lines=(StockLine(product=a_product(), containers=held, book=book),),
    )  # fmt: skip


def a_count(containers: int = 5, recorded_at: datetime = PRINTED_AT) -> Count:
    lines = tuple(
        CountLine(
            container_id=an_id(f"container {number}"), product_id=a_product().id,
            drug=a_product().drug, lot=f"LOT-{number}", book=Decimal(517),
            counted=Decimal(517 - 7 * (number % 3)), unit="mg", moved=number == 1,
            method=Opened.EXACT if number % 2 else Opened.ESTIMATED,
        )
        for number in range(containers)
    )  # fmt: skip
    return Count(
        id=an_id("count"), location_id=LOCATION.id, kind=CountKind.PERIODIC, blind=True,
        business=BusinessMoment.CLOSE, counted_on=date(2026, 11, 19), began_at=recorded_at,
        begun_by=a_person("Nora Nurse"), ending=CountEnding.RECORDED, observed_at=recorded_at,
        recorded_at=recorded_at, lines=lines, number=70, note="Counted twice",
        counted_by=(a_person("Nora Nurse"), a_person("Wim Witness")),
        found=(FoundIn(drug="inventol", amount=mg("7"), words="without a label"),),
    )  # fmt: skip
