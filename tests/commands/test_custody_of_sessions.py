"""The custody of a session beside its record: the balance, discrepancies, and who closes them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.records import custody_totals
from protocol.rules.actions import Action
from protocol.rules.custody import EntryKind, Mark
from protocol.rules.custody_terms import CustodyTerms, Witnesses
from protocol.rules.discrepancies import DiscrepancyState
from protocol.rules.errors import IdConflict, Impossible, NotAllowedNow, NotPermitted
from protocol.rules.quantity import Quantity
from protocol.rules.signature import Meaning
from tests.commands.stock import Stock
from tests.commands.world import World, a_dosing
from tests.records.test_trail import trail


@pytest.fixture
def stock(world: World) -> Stock:
    """A stock that was there before the session that draws from it."""
    made = Stock.of(world)
    session = world.session_on()
    return replace(made, world=replace(world, session=session))


def terms(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """What the clinic's jurisdiction says, as a profile will."""
    said = CustodyTerms(**changes)
    monkeypatch.setattr(custody_totals, "terms_in_force", lambda *_: said)


def test_what_was_drawn_is_given_wasted_returned_or_named(stock: Stock) -> None:
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL", 1)
    stock.world.chart(2, a_dosing("bolus", dose="10 mg"))
    stock.do("waste", 3, draw_id=drawn, amount="6 mg")
    stock.do("give-back", 4, draw_id=drawn, amount="2 mg")
    stock.do("break", 5, draw_id=drawn, amount="1 mg")
    stock.do("lose", 6, draw_id=drawn, amount="0.5 mg")
    found = stock.balance()
    assert (found.drawn, found.given, found.wasted, found.returned, found.broken, found.lost) == (
        Decimal(21), Decimal(10), Decimal(6), Decimal(2), Decimal(1), Decimal("0.5"),
    )  # fmt: skip
    assert found.remainder == Decimal("1.5")
    (draw,) = stock.custody().draws
    assert draw.rest == Decimal("11.5")


def test_a_dose_of_a_drug_in_custody_that_nobody_drew_is_a_remainder_below_nothing(
    stock: Stock,
) -> None:
    assert stock.world.record().custody is None
    stock.world.chart(1, a_dosing("bolus", dose="10 mg"))
    assert stock.balance().remainder == Decimal(-10)


def test_a_session_before_the_drug_was_in_custody_owes_no_balance(world: World) -> None:
    world.chart(1, a_dosing("bolus", dose="10 mg"))
    Stock.of(world).receive()
    assert world.record().custody is None


def test_a_running_drug_line_is_not_reconciled(stock: Stock) -> None:
    (vial,) = stock.receive()
    stock.draw(vial, "3 mL")
    stock.world.chart(1, a_dosing("start", rate="3 mL/h"))
    assert stock.balance().running
    with pytest.raises(NotAllowedNow, match="what it gives is not final"):
        stock.reconcile(2)
    stock.world.chart(61, a_dosing("stop"))
    (figure,) = stock.reconcile(62).figures
    assert figure.found == Decimal(7)


def test_a_balance_that_closes_opens_nothing(stock: Stock) -> None:
    (vial,) = stock.receive()
    stock.draw(vial, "10 mg", 1)
    stock.world.chart(2, a_dosing("bolus", dose="10 mg"))
    (figure,) = stock.reconcile(3).figures
    assert (figure.remainder, figure.tolerated) == (Decimal(0), True)
    assert stock.custody().discrepancies == ()


def test_a_remainder_opens_one_discrepancy_that_its_authors_do_not_close(stock: Stock) -> None:
    world = stock.world
    (vial,) = stock.receive()
    stock.draw(vial, "10 mg", 1)
    wanted: dict[str, Any] = {"id": uuid7()}
    stock.reconcile(3, **wanted)
    stock.reconcile(3, **wanted)
    stock.reconcile(4)
    (found,) = stock.custody().discrepancies
    assert (found.remainder, found.unit, found.state) == (
        Decimal(10), "mg", DiscrepancyState.UNEXPLAINED,
    )  # fmt: skip
    with pytest.raises(NotAllowedNow, match="has no explanation"):
        stock.close(found.id)
    assert stock.explain(found.id, world.second_nurse).state is DiscrepancyState.EXPLAINED
    for author in (world.nurse, world.second_nurse):
        with pytest.raises(NotPermitted, match="opened or explained"):
            stock.close(found.id, author)
    closed = stock.close(found.id)
    assert closed.closing is not None
    assert (closed.state, closed.closing.marks) == (DiscrepancyState.CLOSED, ())
    assert stock.balance().remainder == Decimal(10)  # never adjusted
    with pytest.raises(NotAllowedNow, match="was closed by Physician"):
        stock.explain(found.id)
    with pytest.raises(NotAllowedNow, match="was closed by Physician"):
        stock.close(found.id, world.second_physician)


def test_who_handled_it_alone_and_reconciles_it_is_shown(stock: Stock) -> None:
    (vial,) = stock.receive(by=stock.world.nurse)
    alone = stock.reconcile(3, container_id=vial, seen="10 mL")
    other = stock.reconcile(3, container_id=vial, seen="10 mL", by=stock.world.physician)
    assert (alone.marks, other.marks) == ((Mark.NOT_SEGREGATED,), ())


def test_a_container_is_held_against_what_is_seen_in_it(stock: Stock) -> None:
    (vial,) = stock.receive()
    found = stock.reconcile(3, container_id=vial, seen="9.5 mL")
    (figure,) = found.figures
    assert (figure.expected, figure.found, figure.remainder) == (
        Decimal(70), Decimal("66.5"), Decimal("3.5"),
    )  # fmt: skip
    assert stock.container(vial).left == Decimal(70)
    with pytest.raises(Impossible):
        stock.reconcile(3, container_id=vial, seen="-1 mL")
    with pytest.raises(IdConflict):
        stock.reconcile(3, container_id=vial, seen="9 mL", id=found.id)


def test_what_the_clinic_tolerates_opens_nothing(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms(monkeypatch, tolerances=(Quantity(value=Decimal(3500), unit="ug"),))
    (vial,) = stock.receive()
    assert stock.reconcile(3, container_id=vial, seen="9.5 mL").figures[0].tolerated
    assert not stock.reconcile(3, container_id=vial, seen="9.4 mL").figures[0].tolerated


def test_a_waste_long_after_the_session_is_marked_late(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms(monkeypatch, waste_within_min=20)
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL", 1)
    stock.world.act(Action.SESSION_BEGIN, 2)
    stock.world.act(Action.SESSION_COMPLETE, 60)
    soon = stock.do("waste", 80, draw_id=drawn, amount="1 mL").entry
    late = stock.do("waste", 81, draw_id=drawn, amount="1 mL").entry
    assert (soon.marks, late.marks) == ((), (Mark.LATE_WASTE,))


def test_a_jurisdiction_may_ask_for_two_witnesses(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms(monkeypatch, witnesses=(Witnesses(kind=EntryKind.DESTROY, people=2),))
    (vial,) = stock.receive()
    two = [stock.world.physician, stock.world.second_nurse]
    with pytest.raises(Exception, match="has 2 witnesses"):
        stock.do("destroy", container_id=vial, amount="1 mL", witnesses=two[:1])
    entry = stock.do("destroy", container_id=vial, amount="1 mL", witnesses=two).entry
    assert [one.name for one in entry.witnesses] == ["Physician", "Second Nurse"]


def test_custody_leaves_the_record_s_digest_and_its_signatures_as_they_are(stock: Stock) -> None:
    world = stock.world
    (vial,) = stock.receive()
    drawn = stock.draw(vial, "3 mL", 1)
    world.completed()
    before = world.record()
    signed = world.sign()
    stock.do("waste", 61, draw_id=drawn, amount="1 mL")
    after = world.record()
    assert after.digest() == before.digest() == signed.record_digest
    world.sign(world.physician, Meaning.APPROVAL, minute=62)
    then = stock.custody(up_to=signed.number)
    assert (then.balances[0].wasted, then.container(vial).left) == (Decimal(0), Decimal(49))
    assert stock.balance().wasted == Decimal(7)


def test_a_record_without_custody_says_nothing_of_it(world: World) -> None:
    assert "custody" not in world.record().model_dump(mode="json")


def test_every_act_for_a_session_is_about_its_patient(stock: Stock) -> None:

    (vial,) = stock.receive(expires_on=date(2033, 1, 1))
    drawn = stock.draw(vial, "3 mL", 1)
    stock.do("waste", 2, draw_id=drawn, amount="1 mL")
    stock.reconcile(3)
    (found,) = stock.custody().discrepancies
    stock.explain(found.id)
    own = [one for one in trail(stock.world) if one["action"].startswith(("custody:", "discrep"))]
    about = {one["action"]: (one["session_id"], one["patient_id"]) for one in own}
    expected = (str(stock.world.session), str(stock.world.patient))
    for act in ("custody:draw", "custody:waste", "custody:reconcile", "discrepancy:explain"):
        assert about[act] == expected
