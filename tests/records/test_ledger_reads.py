"""A balance is the last entry of one index range: nothing else of the ledger is looked at."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import Connection, text

from protocol.records.custody_totals import STOCK, location_balances
from protocol.records.ledger_faults import ledger_fault
from tests.bench.ledger import fill
from tests.commands.stock import Stock
from tests.commands.world import World


@pytest.fixture
def stock(world: World) -> Stock:
    made = Stock.of(world)
    (vial,) = made.receive()
    fill(made, vial, 3_000)
    return made


def plan(connection: Connection, stock: Stock) -> str:
    """How the engine says that it finds a location's balance."""
    about = {"clinic_id": stock.world.clinic.id, "location_id": stock.cupboard}
    statement = STOCK.params(**about, product_id=stock.product.id)
    compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
    sqlite = stock.world.database.is_sqlite
    verb = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN (FORMAT JSON)"
    rows = connection.execute(text(f"{verb} {compiled}".replace(":", r"\:"))).all()
    return " / ".join(row[3] for row in rows) if sqlite else json.dumps(rows[0][0])


def test_a_balance_is_read_from_one_index_range(stock: Stock) -> None:
    with stock.world.database.looking() as connection:
        found = plan(connection, stock)
    assert "ix_custody_entry_stock" in found
    assert "SCAN" not in found
    assert "Seq Scan" not in found
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found


def test_a_long_ledger_adds_up_and_a_location_has_a_balance_for_each_product(stock: Stock) -> None:
    with stock.world.database.looking() as connection:
        assert ledger_fault(connection, stock.world.clinic.id) is None
        (found,) = location_balances(connection, stock.world.clinic, stock.cupboard)
    assert (found.amount, found.number) == (Decimal("67.9"), 3_001)
