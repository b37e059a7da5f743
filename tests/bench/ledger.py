"""The balance of a location with a long ledger: one index range, against adding its entries up."""

import time
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from uuid import UUID

from sqlalchemy import select, text
from uuid_utils.compat import uuid7

from protocol.records.custody import LEDGER
from protocol.records.custody_totals import stock
from protocol.records.database import upgrade
from protocol.records.rows import New, new
from protocol.records.tables import CustodyEntryRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action
from protocol.rules.custody_amounts import summed
from tests.commands.stock import Stock
from tests.commands.world import NINE, World, found

ENTRIES = 100_000
_AN_ACT = 2_000
_ROUNDS, _SUMS = 200, 5
_DRAWN = Decimal("0.0007")


def measure(make_url: Callable[[str], str], entries: int = ENTRIES) -> dict[str, float]:
    """Medians in one run: the balance by its running total, and the plain exact sum of the same
    rows; `ratio` is the one over the other."""
    url = make_url("ledger")
    upgrade(url)
    held = Stock.of(found(url))
    (vial,) = held.receive(1)
    fill(held, vial, entries - 1)
    balances, sums = [], []
    for place in range(_ROUNDS):
        balances.append(_balance_s(held))
        if place % (_ROUNDS // _SUMS) == 0:
            sums.append(_sum_s(held))
    ours, plain = median(balances), median(sums)
    return {
        "entries": float(entries), "balance_ms": 1_000 * ours, "sum_ms": 1_000 * plain,
        "ratio": ours / plain,
    }  # fmt: skip


def fill(held: Stock, vial: UUID, entries: int) -> None:
    """So many draws from one container, many to an act, each with its running totals."""
    world, number, left = held.world, 1, Decimal(70)
    while entries:
        some = min(entries, _AN_ACT)
        with work(world.clinic, world.nurse, Action.CUSTODY_DRAW, NINE) as act:
            for _ in range(some):
                number, left = number + 1, left - _DRAWN
                act.add(_row(act, held, vial, number, left))
        entries -= some
    if not world.database.is_sqlite:
        with world.database.begin_write() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()


def _row(act: Act, held: Stock, vial: UUID, number: int, left: Decimal) -> New:
    return new(CustodyEntryRow,
        clinic_id=act.clinic.id, id=uuid7(), number=number, kind="draw", container_id=vial,
        product_id=held.product.id, location_id=held.cupboard, session_id=held.world.session,
        amount=_DRAWN, unit="mg", change=-_DRAWN, container_after=left, location_after=left,
        observed_at=NINE, observed_offset_min=0, recorded_at=NINE,
        author_id=act.actor.person_id, author=act.author.model_dump_json(), witnesses="[]",
        marks="[]", source="charted", content_digest="0" * 64,
    )  # fmt: skip


def _balance_s(held: Stock) -> float:
    world = held.world
    with world.database.looking() as connection:
        start = time.perf_counter()
        balance = stock(connection, world.clinic, held.cupboard, held.product.id)
        took = time.perf_counter() - start
    assert balance is not None
    return took


def _sum_s(held: Stock) -> float:
    world: World = held.world
    rows = select(LEDGER.c.change).where(
        LEDGER.c.clinic_id == world.clinic.id, LEDGER.c.location_id == held.cupboard,
        LEDGER.c.product_id == held.product.id,
    )  # fmt: skip
    with world.database.looking() as connection:
        start = time.perf_counter()
        plain = summed(connection.execute(rows).scalars())
        took = time.perf_counter() - start
        known = stock(connection, world.clinic, held.cupboard, held.product.id)
    assert known is not None
    assert known.amount == plain, "the running total is not the sum"
    return took
