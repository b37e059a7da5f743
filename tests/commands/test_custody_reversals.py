"""An entry that was wrong is followed by its opposite, once, and nothing is below nothing (R84)."""

from decimal import Decimal

import pytest

from protocol.rules.custody import EntryKind
from protocol.rules.errors import AlreadyReplaced, MoreThanThere, NotAllowedNow
from tests.commands.stock import Stock
from tests.commands.world import World


@pytest.fixture
def stock(world: World) -> Stock:
    return Stock.of(world)


def test_an_entry_is_put_right_by_its_opposite_and_only_once(stock: Stock) -> None:
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL")
    entry = stock.do("reverse", 1, entry_id=drawn).entry
    assert (entry.kind, entry.change, entry.reverses_id) == (EntryKind.REVERSE, Decimal(21), drawn)
    assert entry.reason == "Entered twice."
    assert stock.container(vial).opened_at is None
    with pytest.raises(AlreadyReplaced, match="reversed before"):
        stock.do("reverse", 2, entry_id=drawn)
    with pytest.raises(NotAllowedNow, match="A reversal is not reversed"):
        stock.do("reverse", 2, entry_id=entry.id)
    with pytest.raises(NotAllowedNow, match="The draw was reversed"):
        stock.do("waste", 2, draw_id=drawn, amount="1 mL")


def test_a_draw_is_reversed_after_what_left_it(stock: Stock) -> None:
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL")
    wasted = stock.do("waste", 1, draw_id=drawn, amount="1 mL").entry.id
    with pytest.raises(NotAllowedNow, match="A waste of the draw stands"):
        stock.do("reverse", 2, entry_id=drawn)
    stock.do("reverse", 2, entry_id=wasted)
    stock.do("reverse", 3, entry_id=drawn)
    assert stock.container(vial).left == Decimal(70)


def test_a_move_is_reversed_as_a_whole_while_the_container_is_there(stock: Stock) -> None:
    (vial,) = stock.receive()
    moved = stock.do("transfer", container_id=vial, to_location_id=stock.safe)
    entered = stock.do("reverse", 1, entry_id=moved.entries[1].id)
    assert [one.reverses_id for one in entered.entries] == [
        moved.entries[1].id, moved.entries[0].id,
    ]  # fmt: skip
    assert (stock.held(), stock.held(stock.safe)) == (Decimal(70), Decimal(0))
    again = stock.do("transfer", 2, container_id=vial, to_location_id=stock.safe)
    stock.do("transfer", 3, container_id=vial, to_location_id=stock.cupboard)
    with pytest.raises(NotAllowedNow, match="moved again since"):
        stock.do("reverse", 4, entry_id=again.entry.id)


def test_a_receipt_of_which_was_drawn_is_not_reversed(stock: Stock) -> None:
    (vial,) = stock.receive()
    stock.receive()
    stock.draw(vial, "3 mL")
    with pytest.raises(MoreThanThere, match="21 mg more would be gone than there is"):
        stock.do("reverse", 1, entry_id=vial)
