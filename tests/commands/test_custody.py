"""A container's way through the ledger: what comes in, what leaves, and what cannot be."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import receiving, stocking
from protocol.rules.custody import EntryKind, LocationIn, Mark, ReceiptIn
from protocol.rules.custody_states import ContainerState, state_of
from protocol.rules.errors import (
    AmountNotExact,
    ContainerEmpty,
    IdConflict,
    Impossible,
    MoreThanThere,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    ReasonMissing,
    SecondPersonMissing,
    UnitMismatch,
)
from tests.commands.proofs import last
from tests.commands.stock import RECEIVED, Stock, a_product
from tests.commands.world import World, at


@pytest.fixture
def stock(world: World) -> Stock:
    return Stock.of(world)


def test_what_came_in_is_in_the_ledger_container_by_container(stock: Stock) -> None:
    first, second = stock.receive(2)
    assert stock.container(first).left == stock.container(second).left == Decimal(70)
    assert stock.held() == Decimal(140)
    (entry,) = stock.kept(second).entries
    assert (entry.kind, entry.number, entry.amount, entry.unit) == (
        EntryKind.RECEIVE, 2, Decimal(70), "mg",
    )  # fmt: skip
    assert entry.location_after == Decimal(140)


def test_a_draw_in_millilitres_is_the_same_amount_in_milligrams(stock: Stock) -> None:
    (vial,) = stock.receive()
    entry = stock.do(
        "draw", container_id=vial, amount="1.10 mL", session_id=stock.world.session
    ).entry
    assert (entry.amount, entry.change, entry.container_after) == (
        Decimal("7.7"), Decimal("-7.7"), Decimal("62.3"),
    )  # fmt: skip
    assert str(entry.entered) == "1.10 mL"
    assert stock.held() == Decimal("62.3")


def test_a_draw_opens_its_container_and_an_opened_one_is_not_opened_again(stock: Stock) -> None:
    first, second = stock.receive(2)
    assert state_of(stock.container(first)) is ContainerState.UNOPENED
    stock.draw(first, "1 mL", 5)
    stock.do("open", 6, container_id=second)
    assert stock.container(first).opened_at == at(5)
    for vial in (first, second):
        assert state_of(stock.container(vial)) is ContainerState.OPENED
        with pytest.raises(NotAllowedNow, match="was opened at"):
            stock.do("open", 7, container_id=vial)


def test_the_rest_of_a_draw_is_wasted_and_no_more_than_that(stock: Stock) -> None:
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL")
    entry = stock.do("waste", 1, draw_id=drawn, amount="2 mL").entry
    assert (entry.change, entry.container_after, entry.session_id) == (
        Decimal(0), Decimal(49), stock.world.session,
    )  # fmt: skip
    assert [one.name for one in entry.witnesses] == ["Physician"]
    with pytest.raises(MoreThanThere, match="14 mg is more than the 7 mg left in the draw"):
        stock.do("waste", 2, draw_id=drawn, amount="14 mg")


def test_the_rest_of_a_draw_goes_back_into_its_container(stock: Stock) -> None:
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL")
    stock.do("give-back", 1, draw_id=drawn, amount="3 mL")
    assert stock.container(vial).left == Decimal(70)
    assert stock.balance().remainder == 0


@pytest.mark.parametrize("what", ["waste", "break", "lose", "destroy", "give-back"])
def test_what_leaves_the_stock_leaves_the_container(stock: Stock, what: str) -> None:
    (vial,) = stock.receive()
    more: dict[str, Any] = (
        {"recipient": {"name": "Invented supplier"}} if what == "give-back" else {}
    )
    entry = stock.do(what, container_id=vial, amount="70 mg", **more).entry
    assert (entry.change, entry.container_after) == (Decimal(-70), Decimal(0))
    assert stock.held() == 0
    with pytest.raises(ContainerEmpty, match="Nothing is left in the container"):
        stock.draw(vial, "1 mL", 1)


def test_an_overfill_is_found_and_can_then_be_drawn(stock: Stock) -> None:
    (vial,) = stock.receive()
    with pytest.raises(MoreThanThere):
        stock.draw(vial, "10.5 mL")
    stock.do("find", container_id=vial, amount="0.5 mL")
    stock.draw(vial, "10.5 mL", 1)
    assert stock.container(vial).left == 0


def test_a_container_moves_with_what_is_in_it(stock: Stock) -> None:
    first, second = stock.receive(2)
    stock.draw(first, "1 mL", -10)
    entered = stock.do("transfer", container_id=first, to_location_id=stock.safe)
    out, into = entered.entries
    assert [out.kind, into.kind] == [EntryKind.TRANSFER_OUT, EntryKind.TRANSFER_IN]
    assert (out.moved_with_id, into.moved_with_id) == (into.id, out.id)
    assert (stock.held(), stock.held(stock.safe)) == (Decimal(70), Decimal(63))
    assert stock.container(first).location_id == stock.safe
    assert stock.container(second).location_id == stock.cupboard
    with pytest.raises(NotAllowedNow, match="The container is at Safe"):
        stock.do("transfer", 1, container_id=first, to_location_id=stock.safe)


def test_an_expired_container_of_another_lot_and_drug_is_marked_and_has_a_reason(
    stock: Stock,
) -> None:
    other = stocking.register_product(
        stock.world.clinic, stock.world.administrator, a_product(drug="Inventol"), now=at(-190)
    )
    (vial,) = stock.receive(product_id=other.id, expires_on=date(2031, 5, 5))
    wanted: dict[str, Any] = {"container_id": vial, "amount": "1 mL", "label_lot": "L-2"}
    with pytest.raises(ReasonMissing, match="marked expired, wrong-lot, wrong-drug"):
        stock.do("draw", session_id=stock.world.session, **wanted)
    entry = stock.do(
        "draw", session_id=stock.world.session, reason="Nothing else was there.", **wanted
    ).entry
    assert entry.marks == (Mark.EXPIRED, Mark.WRONG_LOT, Mark.WRONG_DRUG)
    assert entry.reason == "Nothing else was there."


def test_a_container_expires_after_its_day_at_the_clinic(stock: Stock) -> None:
    (vial,) = stock.receive(expires_on=date(2031, 5, 6))
    assert stock.do(
        "draw", 779, container_id=vial, amount="1 mL", session_id=stock.world.session
    ).entry.marks == ()  # fmt: skip
    with pytest.raises(ReasonMissing):  # ten past midnight in Paris
        stock.draw(vial, "1 mL", 790)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        ("0 mL", Impossible),
        ("-1 mL", Impossible),
        ("1 min", UnitMismatch),
        ("1 mg/kg", UnitMismatch),
        ("1 [iU]", UnitMismatch),
        ("0.000000000000001 ng", AmountNotExact),
        ("10.1 mL", MoreThanThere),
    ],
)
def test_an_amount_that_cannot_be_is_refused_by_name(
    stock: Stock, amount: str, refusal: type[Exception]
) -> None:
    (vial,) = stock.receive()
    with pytest.raises(refusal):
        stock.draw(vial, amount)
    assert stock.container(vial).left == Decimal(70)


def test_nothing_is_drawn_before_it_came_in_nor_in_the_future(stock: Stock) -> None:
    (vial,) = stock.receive()
    with pytest.raises(Impossible, match="lies before the receipt"):
        stock.draw(vial, "1 mL", RECEIVED - 1)
    with pytest.raises(Impossible, match="lies in the future"):
        stock.draw(vial, "1 mL", 10, now=9)
    drawn = stock.draw(vial, "1 mL", 10)
    with pytest.raises(Impossible, match="lies before the draw"):
        stock.do("waste", 9, draw_id=drawn, amount="1 mL", now=11)


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("draw", {"container_id": uuid7(), "amount": "1 mL"}),
        ("waste", {"draw_id": uuid7(), "amount": "1 mL"}),
        ("reverse", {"entry_id": uuid7()}),
        ("open", {"container_id": uuid7()}),
    ],
)
def test_what_is_not_there_is_not_found(stock: Stock, what: str, wanted: dict[str, Any]) -> None:
    if what == "draw":
        wanted = wanted | {"session_id": stock.world.session}
    with pytest.raises(NotFound):
        stock.do(what, **wanted)


def test_a_waste_without_its_witness_is_refused_and_audited(stock: Stock) -> None:
    world = stock.world
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL")
    with pytest.raises(SecondPersonMissing, match="has 1 witnesses"):
        stock.do("waste", 1, draw_id=drawn, amount="1 mL", witnesses=[])
    entry = last(world)
    assert (entry["action"], entry["outcome"], entry["code"]) == (
        "custody:waste", "refused", "second-person-missing",
    )  # fmt: skip
    assert (entry["session_id"], entry["patient_id"]) == (str(world.session), str(world.patient))
    for wrong in ([world.nurse], [world.physician, world.physician], [world.administrator]):
        with pytest.raises(NotPermitted):
            stock.do("waste", 1, draw_id=drawn, amount="1 mL", witnesses=wrong)
    assert stock.balance().wasted == 0


@pytest.mark.parametrize("what", ["break", "lose", "find", "reverse"])
def test_what_nobody_saw_has_a_reason(stock: Stock, what: str) -> None:
    (vial,) = stock.receive()
    where: dict[str, Any] = (
        {"entry_id": vial} if what == "reverse" else {"container_id": vial, "amount": "1 mL"}
    )
    with pytest.raises(ReasonMissing):
        stock.do(what, **where, reason=None)


def test_an_act_that_is_sent_twice_is_there_once(stock: Stock) -> None:
    (vial,) = stock.receive()
    wanted: dict[str, Any] = {"id": uuid7(), "container_id": vial, "amount": "1 mL",
                              "session_id": stock.world.session}  # fmt: skip
    first = stock.do("draw", **wanted)
    again = stock.do("draw", **wanted)
    assert (first.repeated, again.repeated) == (False, True)
    assert first.entry == again.entry
    with pytest.raises(IdConflict):
        stock.do("draw", **wanted | {"amount": "2 mL"})
    assert stock.container(vial).left == Decimal(63)


def test_a_receipt_that_is_sent_twice_is_there_once(stock: Stock) -> None:
    world, vial = stock.world, uuid7()
    wanted = ReceiptIn.model_validate(
        {
            "id": uuid7(), "observed_at": at(0).isoformat(), "location_id": stock.safe,
            "product_id": stock.product.id, "lot": "L", "expires_on": "2033-01-01",
            "supplier": {"name": "Invented"}, "containers": [{"id": vial}],
        }
    )  # fmt: skip
    first, again = (receiving.receive(world.clinic, world.nurse, wanted, now=at(1)) for _ in "12")
    assert first.entries == again.entries
    assert again.repeated
    other = wanted.model_copy(update={"id": uuid7()})
    with pytest.raises(IdConflict):  # the container came in before
        receiving.receive(world.clinic, world.nurse, other, now=at(1))
    assert stock.held(stock.safe) == Decimal(70)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"strength": {"amount": {"value": "7", "unit": "mg"},
                       "volume": {"value": "3", "unit": "mL"}}}, AmountNotExact),
        ({"strength": {"amount": {"value": "0", "unit": "mg"},
                       "volume": {"value": "3", "unit": "mL"}}}, Impossible),
        ({"strength": {"amount": {"value": "7", "unit": "mL"},
                       "volume": {"value": "2", "unit": "mL"}}}, UnitMismatch),
        ({"size": {"value": "5", "unit": "[iU]"}}, UnitMismatch),
    ],
)  # fmt: skip
def test_a_strength_that_cannot_be_accounted_is_refused_by_name(
    stock: Stock, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        stocking.register_product(
            stock.world.clinic, stock.world.administrator, a_product(**changes), now=at(0)
        )


def test_a_location_has_versions_and_keeps_its_stock(stock: Stock) -> None:
    world = stock.world
    stock.receive()
    renewed = LocationIn(id=uuid7(), name="Cupboard", address="2 Invented Street",
                         registration="YY2")  # fmt: skip
    found = stocking.register_location(
        world.clinic, world.administrator, renewed, now=at(1), location_id=stock.cupboard
    )
    assert (found.id, found.version, found.registration) == (stock.cupboard, 2, "YY2")
    assert stock.held() == Decimal(70)
