"""The running totals of the ledger are what its entries add up to, and `audit verify` proves it.

Every attack is by someone past the guards who makes every hash anew: the chain breaks nowhere, so
that only the proof of the totals shows it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, update

from protocol.records.custody import LEDGER
from protocol.records.verifying import verify
from protocol.rules.tampering import Tampering
from tests.commands.stock import Stock
from tests.commands.world import World
from tests.records.attack import Attack
from tests.records.forging import remake


@pytest.fixture
def attack(world: World) -> Iterator[Attack]:
    stock = Stock.of(world)
    (vial, _) = stock.receive(2)
    drawn = stock.draw(vial, "3 mL", 1)
    stock.do("waste", 2, draw_id=drawn, amount="1 mL")
    stock.do("reverse", 3, entry_id=stock.draw(vial, "1 mL", 3))
    stock.draw(vial, "2 mL", 4)
    with Attack(world) as attacking:
        yield attacking


def found(world: World) -> list[Tampering]:
    return [Tampering(each.kind) for one in verify(world.database) for each in one.faults]


def test_an_untouched_ledger_adds_up(world: World, attack: Attack) -> None:
    remake(attack)
    assert found(world) == []


@pytest.mark.parametrize(
    ("number", "changes", "what"),
    [
        (7, {"container_after": Decimal(70)}, "leaves 70 in its container"),
        (3, {"location_after": Decimal("119.1")}, "leaves 119.1 in its location"),
        (3, {"amount": Decimal(20)}, "changes -21, where -20 is due"),
        (4, {"change": Decimal(-7)}, "changes -7, where 0 is due"),
        (6, {"change": Decimal(6)}, "changes 6, where 7 is due"),
        (6, {"reverses_id": None}, "reverses nothing"),
        (2, {"number": 9}, "entry 2 of the ledger is missing"),
        (5, {"kind": "find"}, "changes -7, where 7 is due"),
    ],
)
def test_a_total_that_is_not_the_sum_is_named(
    world: World, attack: Attack, number: int, changes: dict[str, Any], what: str
) -> None:
    attack.do(update(LEDGER).where(LEDGER.c.number == number).values(changes))
    remake(attack)
    (one,) = verify(world.database)
    assert one.fault is not None
    assert one.fault.kind == Tampering.WRONG_BALANCE
    assert what in one.fault.what
    assert one.fault.number >= attack.rows(LEDGER)[0]["audit_number"]


def test_a_draw_that_was_taken_out_of_the_ledger_is_missed(world: World, attack: Attack) -> None:
    attack.do(delete(LEDGER).where(LEDGER.c.number == 7))
    remake(attack)
    assert found(world) == []  # the end was cut: that only a checkpoint shows
    attack.do(delete(LEDGER).where(LEDGER.c.number == 4))
    remake(attack)
    assert found(world) == [Tampering.WRONG_BALANCE]


def test_without_the_chain_made_anew_the_row_is_edited(world: World, attack: Attack) -> None:
    row = attack.rows(LEDGER)[-1]
    with attack.edited(LEDGER, row, container_after=Decimal(69)):
        assert found(world)[0] == Tampering.EDITED
