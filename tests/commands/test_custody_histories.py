"""Random histories of a stock: whatever is done, the balance closes or names what is missing.

Each history is played on both engines through the same commands as a nurse's click, next to a plain
model in fractions. `CHAIRSIDE_HISTORIES=500 pytest tests/commands/test_custody_histories.py` plays
many more.
"""

import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from protocol.commands import amending
from protocol.records import custody, custody_totals
from protocol.records.ledger_faults import ledger_fault
from protocol.rules.custody_amounts import summed
from protocol.rules.custody_balance import container_balance
from protocol.rules.errors import Refusal
from tests.commands.custody_model import PER_ML, Drawn, Model, Vial
from tests.commands.stock import Stock
from tests.commands.world import PROTOCOL, World, a_charted, a_dosing, at

HISTORIES = int(os.environ.get("CHAIRSIDE_HISTORIES", "8"))
STEPS_MAX = 16
LINE = PROTOCOL["drug_lines"][0] | {
    "concentration": {
        "amount": {"value": "7", "unit": "mg"},
        "volume": {"value": "2", "unit": "mL"},
    }
}
OUT = ("waste", "break", "lose", "give-back")
AMOUNTS = st.decimals("0.001", "12", places=3).map(lambda one: one.normalize())
STEPS = st.tuples(
    st.sampled_from(
        ["receive", "draw", "draw", "bolus", "infuse", "correct", "retract", "reverse", "find",
         "transfer", "reconcile", *(f"{kind}-{what}" for kind in OUT for what in ("draw", "stock"))]
    ),
    st.integers(0, 50), AMOUNTS, st.sampled_from(["mL", "mg"]),
)  # fmt: skip


class History:
    """One history, minute by minute, on a session and two locations of its own."""

    def __init__(self, world: World, protocol: UUID) -> None:
        stock = Stock.of(world)
        self.world = replace(world, session=world.session_on(protocol))
        self.stock, self.model = replace(stock, world=self.world), Model()
        self.minute = 0.0
        self.doses: list[UUID] = []
        self.entries: list[UUID] = []

    def play(self, what: str, pick: int, amount: Decimal, unit: str) -> None:
        """One step; what the model holds to be impossible is refused, and the rest is not."""
        self.minute += 1
        kind, _, where = what.rpartition("-") if what.endswith(("-draw", "-stock")) else (what,) * 3
        wanted = Fraction(amount) * (PER_ML if unit == "mL" else 1)
        words = f"{amount:f} {unit}"
        if where == "draw" and kind in OUT:
            self._leave(kind, pick, wanted, words)
        elif where == "stock":
            self._out(kind, pick, wanted, words)
        else:
            getattr(self, f"_{what}")(pick, wanted, words)

    def _of(self, many: Any, pick: int) -> Any:
        known = list(many)
        return known[pick % len(known)] if known else None

    def _try(self, expected: bool, what: str, **wanted: Any) -> None:
        """Do it; refused exactly where the model says so."""
        if expected:
            self.entries.append(self.stock.do(what, self.minute, **wanted).entry.id)
            return
        with pytest.raises(Refusal):
            self.stock.do(what, self.minute, **wanted)

    def _receive(self, pick: int, _amount: Fraction, _words: str) -> None:
        place = (self.stock.cupboard, self.stock.safe)[pick % 2]
        for one in self.stock.receive(1 + pick % 2, self.minute, location_id=place):
            self.model.vials[one] = Vial(place, PER_ML * 10)
            self.model.taken[one] = (one, PER_ML * -10)
            self.entries.append(one)

    def _draw(self, pick: int, amount: Fraction, words: str) -> None:
        vial, entry = self._of(self.model.vials, pick), uuid7()
        if vial is None:
            return
        there = amount <= self.model.vials[vial].left
        if there:
            self.model.vials[vial].left -= amount
            self.model.draws[entry] = Drawn(vial, amount)
        session = self.world.session
        self._try(there, "draw", id=entry, container_id=vial, amount=words, session_id=session)

    def _leave(self, kind: str, pick: int, amount: Fraction, words: str) -> None:
        draw, entry = self._of(self.model.draws, pick), uuid7()
        if draw is not None:
            there = self.model.leave(entry, draw, kind, amount)
            self._try(there, kind, id=entry, draw_id=draw, amount=words)

    def _out(self, kind: str, pick: int, amount: Fraction, words: str) -> None:
        vial, entry = self._of(self.model.vials, pick), uuid7()
        if vial is not None:
            more = {"recipient": {"name": "Invented"}} if kind == "give-back" else {}
            there = self.model.out(entry, vial, amount)
            self._try(there, kind, id=entry, container_id=vial, amount=words, **more)

    def _find(self, pick: int, amount: Fraction, words: str) -> None:
        vial, entry = self._of(self.model.vials, pick), uuid7()
        if vial is not None:
            self.model.vials[vial].left += amount
            self.model.taken[entry] = (vial, -amount)
            self._try(True, "find", id=entry, container_id=vial, amount=words)

    def _transfer(self, pick: int, _amount: Fraction, _words: str) -> None:
        vial = self._of(self.model.vials, pick)
        if vial is None:
            return
        one = self.model.vials[vial]
        to = self.stock.safe if one.place == self.stock.cupboard else self.stock.cupboard
        if one.left:
            one.place = to
        self._try(bool(one.left), "transfer", container_id=vial, to_location_id=to)

    def _reverse(self, pick: int, _amount: Fraction, _words: str) -> None:
        entry = self._of(self.entries, pick)
        if entry is None:
            return
        entries = self.stock.kept(self._vial_of(entry)).entries
        kept = next(one for one in entries if one.id == entry)
        if kept.kind.value in ("transfer-out", "reverse"):
            return  # told by a test of its own
        known = self.model.taken.get(entry)
        if known is not None and self.model.vials[known[0]].left + known[1] < 0:
            self._try(False, "reverse", entry_id=entry)  # it would leave less than nothing
        else:
            self._try(self.model.undo(entry), "reverse", entry_id=entry)

    def _vial_of(self, entry: UUID) -> UUID:
        with self.world.database.looking() as connection:
            return custody.entry(connection, self.world.clinic, entry).container_id

    def _bolus(self, _pick: int, amount: Fraction, words: str) -> None:
        if words.endswith("mL"):
            amount = amount / PER_ML * Fraction(7, 2)  # of the drug line, which is weaker
        done = self.world.chart(self.minute, a_dosing("bolus", dose=words))
        self.model.given[done.entry.id] = amount
        self.doses.append(done.entry.id)

    def _infuse(self, pick: int, _amount: Fraction, _words: str) -> None:
        rate = 30 + 6 * (pick % 4)  # mL/h, so that a minute is an exact part of it
        started = self.world.chart(self.minute, a_dosing("start", rate=f"{rate} mL/h"))
        self.minute += 1 + pick % 5
        self.world.chart(self.minute, a_dosing("stop"))
        self.model.given[started.entry.id] = Fraction(rate * (1 + pick % 5), 60) * Fraction(7, 2)

    def _correct(self, pick: int, amount: Fraction, words: str) -> None:
        dose = self._of(self.doses, pick)
        if dose is None:
            return
        if words.endswith("mL"):
            amount = amount / PER_ML * Fraction(7, 2)
        charted = a_charted(
            self.minute, a_dosing("bolus", dose=words), replaces=dose, reason="misread"
        )
        done = amending.correct_entry(
            self.world.clinic, self.world.nurse, self.world.session, charted, now=at(self.minute)
        )
        del self.model.given[dose]
        self.model.given[done.entry.id] = amount
        self.doses[self.doses.index(dose)] = done.entry.id

    def _retract(self, pick: int, _amount: Fraction, _words: str) -> None:
        dose = self._of(self.doses, pick)
        if dose is None:
            return
        content = {"kind": "retraction", "reason": "wrong patient"}
        charted = a_charted(self.minute, content, replaces=dose)
        amending.retract_entry(
            self.world.clinic, self.world.nurse, self.world.session, charted, now=at(self.minute)
        )
        del self.model.given[dose]
        self.doses.remove(dose)

    def _reconcile(self, _pick: int, _amount: Fraction, _words: str) -> None:
        record = self.world.record()
        if record.custody is None:
            return
        found = self.stock.reconcile(self.minute)
        for figure in found.figures:
            assert Fraction(figure.remainder) == self.model.remainder
        named = [one for one in self.stock.custody().discrepancies if one.closing is None]
        closes = all(one.tolerated for one in found.figures)
        assert closes or self.model.remainder in [Fraction(one.remainder) for one in named]

    def holds(self) -> None:
        """The ledger says what the model says, and its totals are its plain sums."""
        self._session_holds()
        for one, vial in self.model.vials.items():
            kept = self.stock.kept(one)
            assert Fraction(kept.container.left) == vial.left
            assert kept.container.location_id == vial.place
            assert kept.container.left == summed(each.change for each in kept.entries)
            found = container_balance(one, "mg", kept.entries)
            into = found.received + found.found + found.returned
            out = found.drawn + found.wasted + found.given_back + found.broken + found.lost
            assert into == out + found.destroyed + found.left
        for place in (self.stock.cupboard, self.stock.safe):
            assert Fraction(self.stock.held(place)) == self.model.held(place)
        with self.world.database.looking() as connection:
            assert ledger_fault(connection, self.world.clinic.id) is None
            assert custody_totals.last_number(connection, self.world.clinic) >= len(self.entries)

    def _session_holds(self) -> None:
        kept = self.world.record().custody
        if kept is None or not kept.balances:
            assert not self.model.drawn
            assert not sum(self.model.given.values())
            return
        (found,) = kept.balances
        model = self.model
        assert Fraction(found.drawn) == model.drawn
        assert Fraction(found.given) == sum(model.given.values(), Fraction(0))
        ways = (found.wasted, found.returned, found.broken, found.lost)
        for value, kind in zip(ways, ("waste", "give-back", "break", "lose"), strict=True):
            assert Fraction(value) == model.sum_of(kind)
        assert Fraction(found.remainder) == model.remainder
        assert found.drawn == summed([found.given, *ways, found.remainder])


@given(st.lists(STEPS, min_size=4, max_size=STEPS_MAX))
# Without shrinking: on a database that takes minutes and says little more.
@settings(
    phases=[Phase.generate], max_examples=HISTORIES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_the_balance_always_closes_or_names_what_is_missing(
    world: World, steps: list[tuple[str, int, Decimal, str]]
) -> None:
    protocol = world.protocol_with(drug_lines=[LINE])
    history = History(world, protocol)
    history.play("receive", 1, Decimal(1), "mL")
    for step in steps:
        history.play(*step)
    history.holds()
    history.play("reconcile", 0, Decimal(1), "mL")
