"""The controlled-substance log, the stock, the due dates and the scan of a location (R72, R80)."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from protocol.commands import custody_log, enrolling
from protocol.records.custody_log import LogWanted
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.rules.actions import Action
from protocol.rules.custody_errors import CheckDigitWrong
from protocol.rules.custody_log import LogLine, by_product
from protocol.rules.errors import NotFound, SecondPersonMissing
from protocol.rules.gs1 import ScanIn
from protocol.rules.inventories import InventoryState
from protocol.rules.patients import PatientIn
from tests.commands.vault import (
    GTIN,
    a_location,
    a_product,
    a_profile,
    begun,
    counted,
    drawn,
    received,
    undone,
    wasted,
)
from tests.commands.world import PATIENT, World, at

Vault = tuple[World, UUID, list[UUID]]


@pytest.fixture
def vault(world: World) -> Vault:
    location = a_location(world)
    return world, location, received(world, location, a_product(world))


def lines(world: World, location: UUID, **wanted: object) -> list[LogLine]:
    sought = LogWanted(location, **wanted)  # type: ignore[arg-type]
    return custody_log.log(world.clinic, world.auditor, sought, now=at(90)).lines


def test_a_line_says_what_the_law_asks_and_nothing_else_of_the_chart(vault: Vault) -> None:
    world, location, (first, *_) = vault
    living = PATIENT | {"address": "3 Invented Lane"}
    enrolling.change_patient(
        world.clinic, world.nurse, world.patient, PatientIn.model_validate(living), now=at(0)
    )
    draw = drawn(world, first, "3 mL")
    wasted(world, draw, "4 mg")
    found = lines(world, location)
    assert [one.entry.kind.value for one in found] == ["receive"] * 3 + ["draw", "waste"]
    taken, gone = found[3:]
    assert taken.patient is not None
    assert (taken.patient.name, taken.patient.address) == ("INVENTED, Ida", "3 Invented Lane")
    assert (taken.product.drug, taken.lot, taken.opened) == ("examplamine", "LOT-7", True)
    assert (taken.entry.amount, taken.entry.location_after) == (Decimal(30), Decimal(120))
    assert taken.counterpart is None
    assert gone.patient == taken.patient
    assert (gone.entry.manner, [one.name for one in gone.entry.witnesses]) == (
        "into the sink", ["Second Nurse"],
    )  # fmt: skip
    receipt = found[0]
    assert receipt.patient is None
    assert receipt.counterpart is not None
    assert (receipt.counterpart.name, receipt.counterpart.registration) == (
        "Invented Supply", "R-77",
    )  # fmt: skip
    assert "allerg" not in str([one.model_dump(mode="json") for one in found])


def test_a_reversed_entry_stays_and_names_its_reversal(vault: Vault) -> None:
    world, location, (first, *_) = vault
    undone(world, drawn(world, first, "3 mL"))
    drawn(world, first, "1 mL", 4)
    wrong, reversal, again = lines(world, location)[3:]
    assert (wrong.reversed_by, reversal.reverses) == (reversal.entry.number, wrong.entry.number)
    assert [one.entry.location_after for one in (wrong, reversal, again)] == [120, 150, 140]
    assert (wrong.opened, again.opened) == (True, False)


def test_the_parts_of_a_log_follow_on_from_each_other(vault: Vault) -> None:
    world, location, (first, second, _) = vault
    (other,) = received(world, location, a_product(world, drug="inventol"), 1, -40)
    drawn(world, first, "3 mL", 1)
    drawn(world, second, "1 mL", 5, observed_at=at(2).isoformat())
    drawn(world, other, "1 mL", 6, reason="no other was there")
    early, late = (by_product(lines(world, location, **{name: at(4)})) for name in (
        "until", "since"
    ))  # fmt: skip
    assert [one.product.drug for one in early] == ["examplamine", "inventol"]
    for before, after in zip(early, late, strict=True):
        assert before.carried_forward == after.brought_forward
    assert early[0].brought_forward == 0
    [line] = late[0].lines
    assert (line.entry.observed_at, line.entry.recorded_at) == (at(2), at(5))
    assert len(lines(world, location, product_id=early[0].product.id)) == 5


def test_each_location_has_a_log_of_its_own(vault: Vault) -> None:
    world, location, _ = vault
    other = a_location(world, "Cart")
    assert lines(world, other) == []
    received(world, other, a_product(world), 1)
    assert len(lines(world, other)) == 1
    assert len(lines(world, location)) == 3
    with pytest.raises(NotFound):
        lines(world, uuid7())


def test_each_look_at_the_log_is_audited_with_what_was_sought(vault: Vault) -> None:
    world, location, _ = vault
    custody_log.log(
        world.clinic, world.nurse, LogWanted(location, since=at(0)), now=at(9),
        action=Action.CUSTODY_EXPORT,
    )  # fmt: skip
    with world.database.looking() as connection:
        last = select(ENTRIES.c.action, DETAILS.c.detail).join(
            DETAILS,
            (DETAILS.c.clinic_id == ENTRIES.c.clinic_id) & (DETAILS.c.number == ENTRIES.c.number),
        )
        found = connection.execute(last.order_by(ENTRIES.c.number.desc()).limit(1)).one()
    assert found.action == "custody:export"
    assert json.loads(found.detail) == {
        "location_id": str(location), "since": "2031-05-06 09:00:00+00:00"
    }  # fmt: skip


def test_a_waste_takes_the_witnesses_that_the_profile_asks_for(vault: Vault) -> None:
    world, _, (first, *_) = vault
    draw = drawn(world, first, "3 mL")
    a_profile(world, waste_witnesses=2)
    with pytest.raises(SecondPersonMissing, match="2 witnesses"):
        wasted(world, draw, "4 mg")
    a_profile(world, waste_witnesses=1)
    wasted(world, draw, "4 mg")


def test_without_a_profile_no_inventory_is_due(vault: Vault) -> None:
    world, _, _ = vault
    [one] = custody_log.due(world.clinic, world.nurse, now=at(60))
    assert (one.state, one.due_on, one.by) == (InventoryState.UNSCHEDULED, None, None)


def test_the_initial_inventory_is_due_when_the_keeping_begins_and_then_the_next(
    vault: Vault,
) -> None:
    world, location, ids = vault
    a_profile(world)
    a_location(world, "Cart")

    def state(days: float) -> tuple[str, str, str]:
        safe, cart = custody_log.due(world.clinic, world.nurse, now=at(60) + timedelta(days=days))
        assert cart.state is InventoryState.UNSCHEDULED
        return safe.state.value, str(safe.kind), str(safe.due_on)

    assert state(0) == ("due", "initial", "2031-05-06")
    assert state(1) == ("overdue", "initial", "2031-05-06")
    counted(world, begun(world, location), dict.fromkeys(ids))
    assert state(0)[0] == "due", "a spot check is no inventory"
    counted(world, begun(world, location, 21, kind="initial"), dict.fromkeys(ids), 22)
    assert state(0) == ("scheduled", "periodic", "2031-12-06")
    assert state(214) == ("due", "periodic", "2031-12-06")
    assert state(215) == ("overdue", "periodic", "2031-12-06")
    [safe, _] = custody_log.due(world.clinic, world.nurse, now=at(60))
    assert (str(safe.last_on), safe.by) == ("2031-05-06", "Inventia, version 1")


def test_the_stock_is_listed_by_container_and_its_sum_is_the_book(vault: Vault) -> None:
    world, location, (first, second, third) = vault
    drawn(world, first, "3 mL")
    drawn(world, second, "5 mL")
    found = custody_log.inventory(world.clinic, world.auditor, location, now=at(9))
    [line] = found.stock.lines
    assert {one.id: one.left for one in line.containers} == {first: 20, third: 50}
    assert line.left == line.book == Decimal(70)
    assert found.counted is None
    done = counted(world, begun(world, location), {first: "20 mg"})
    assert custody_log.inventory(
        world.clinic, world.auditor, location, now=at(30)
    ).counted == done  # fmt: skip
    with pytest.raises(NotFound):
        custody_log.inventory(world.clinic, world.auditor, location, now=at(30), count_id=uuid7())


def test_a_scan_finds_the_clinic_s_own_product_and_nobody_else_s(world: World) -> None:
    text = ScanIn(text=f"]d201{GTIN}1731043010LOT-7\x1d21S9")
    nothing = custody_log.scan(world.clinic, world.nurse, text, now=at(0))
    assert (nothing.products, nothing.expired) == ([], True)
    product = a_product(world, gtin=GTIN.lstrip("0"))
    a_product(world, gtin="00000000000000")
    found = custody_log.scan(world.clinic, world.nurse, text, now=at(0))
    assert [one.id for one in found.products] == [product]
    assert (found.scanned.lot, found.scanned.serial) == ("LOT-7", "S9")
    with pytest.raises(CheckDigitWrong):
        custody_log.scan(world.clinic, world.nurse, ScanIn(text="0107032069804987"), now=at(0))
    assert world.fault() is None
