"""A clinic's stock to test with: two cupboards, an invented drug in vials, and the acts on them.

Every number and word is invented. Times are minutes after nine of the invented day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import custody, receiving, reconciling, reversing, stocking
from protocol.commands.ledger import Entered
from protocol.records import custody as kept_custody
from protocol.records import custody_totals
from protocol.records.custody import Kept
from protocol.rules.actions import Actor
from protocol.rules.custody import (
    BreakIn,
    Container,
    DestroyIn,
    DrawIn,
    FindIn,
    GiveBackIn,
    LocationIn,
    LoseIn,
    OpenIn,
    Product,
    ProductIn,
    ReceiptIn,
    ReverseIn,
    TransferIn,
    WasteIn,
)
from protocol.rules.custody_balance import SessionBalance, SessionCustody
from protocol.rules.discrepancies import (
    ClosingIn,
    Discrepancy,
    ExplanationIn,
    ReconcileIn,
    Reconciliation,
)
from tests.commands.world import World, at

RECEIVED = -200
ACTS: dict[str, tuple[Any, Any]] = {
    "open": (OpenIn, custody.open_container),
    "draw": (DrawIn, custody.draw),
    "waste": (WasteIn, custody.waste),
    "give-back": (GiveBackIn, custody.give_back),
    "break": (BreakIn, custody.break_some),
    "lose": (LoseIn, custody.lose),
    "find": (FindIn, custody.find),
    "destroy": (DestroyIn, custody.destroy),
    "transfer": (TransferIn, custody.transfer),
    "reverse": (ReverseIn, reversing.reverse),
}
# What an act has to say beside where and how much.
SAYS: dict[str, dict[str, Any]] = {
    "waste": {"manner": "into the invented sink"},
    "destroy": {"manner": "burnt"},
    "break": {"reason": "It fell."},
    "lose": {"reason": "It is not there."},
    "find": {"reason": "An overfill."},
    "reverse": {"reason": "Entered twice."},
}


def a_quantity(words: str) -> dict[str, str]:
    """`a_quantity("1.10 mg")`."""
    return dict(zip(("value", "unit"), words.split(" "), strict=True))


def a_product(**changes: Any) -> ProductIn:
    wanted: dict[str, Any] = {
        "id": uuid7(), "drug": "Examplamine", "form": "vial",
        "strength": {"amount": a_quantity("14 mg"), "volume": a_quantity("2 mL")},
        "size": a_quantity("10 mL"),
    }  # fmt: skip
    return ProductIn.model_validate(wanted | changes)


@dataclass(frozen=True)
class Stock:
    """A world with a stock, and the short forms of what is done with it."""

    world: World
    cupboard: UUID
    safe: UUID
    product: Product

    @classmethod
    def of(cls, world: World) -> Self:
        """Two locations and a product, of which nothing has come in."""
        clinic, by = world.clinic, world.administrator
        cupboard, safe = (
            stocking.register_location(
                clinic, by, LocationIn(id=uuid7(), name=name, address="1 Invented Street"),
                now=at(RECEIVED),
            )
            for name in ("Cupboard", "Safe")
        )  # fmt: skip
        product = stocking.register_product(clinic, by, a_product(), now=at(RECEIVED))
        return cls(world, cupboard.id, safe.id, product)

    def receive(
        self, count: int = 1, minute: float = RECEIVED, by: Actor | None = None, **changes: Any
    ) -> list[UUID]:
        """Containers that came in, by id."""
        ids = [uuid7() for _ in range(count)]
        wanted = {
            "id": uuid7(), "observed_at": at(minute).isoformat(), "location_id": self.cupboard,
            "product_id": self.product.id, "lot": "L-1", "expires_on": date(2032, 3, 4),
            "supplier": {"name": "Invented supplier", "registration": "XX1"},
            "containers": [{"id": one, "label": f"V{place}"} for place, one in enumerate(ids, 1)],
        }  # fmt: skip
        receiving.receive(
            self.world.clinic, by or self.world.second_nurse,
            ReceiptIn.model_validate(wanted | changes), now=at(max(minute, RECEIVED)),
        )  # fmt: skip
        return ids

    def do(
        self, what: str, minute: float = 0, *, by: Actor | None = None,
        witnesses: Sequence[Actor] | None = None, now: float | None = None, **wanted: Any,
    ) -> Entered:  # fmt: skip
        """`do("draw", 5, container_id=vial, amount="3 mL", session_id=...)`."""
        shape, command = ACTS[what]
        if isinstance(wanted.get("amount"), str):
            wanted["amount"] = a_quantity(wanted["amount"])
        said = {"id": uuid7(), "observed_at": at(minute).isoformat()} | SAYS.get(what, {}) | wanted
        if witnesses is None:
            witnesses = [self.world.physician] if what in ("waste", "destroy") else []
        entered: Entered = command(
            self.world.clinic, by or self.world.nurse, shape.model_validate(said),
            now=at(minute if now is None else now), witnesses=witnesses,
        )  # fmt: skip
        return entered

    def draw(self, vial: UUID, amount: str, minute: float = 0, **wanted: Any) -> UUID:
        """A draw for the world's session, by id."""
        said: dict[str, Any] = {"container_id": vial, "amount": amount}
        said |= {"session_id": self.world.session} | wanted
        return self.do("draw", minute, **said).entry.id

    def kept(self, container_id: UUID) -> Kept:
        with self.world.database.looking() as connection:
            return kept_custody.kept(connection, self.world.clinic, container_id)

    def container(self, container_id: UUID) -> Container:
        return self.kept(container_id).container

    def held(self, location_id: UUID | None = None) -> Decimal:
        """What a location holds of the product by the ledger."""
        with self.world.database.looking() as connection:
            found = custody_totals.stock(
                connection, self.world.clinic, location_id or self.cupboard, self.product.id
            )
        return Decimal(0) if found is None else found.amount

    def custody(self, up_to: int | None = None) -> SessionCustody:
        found = self.world.record(up_to=up_to).custody
        assert found is not None
        return found

    def balance(self) -> SessionBalance:
        (found,) = self.custody().balances
        return found

    def reconcile(
        self, minute: float = 60, by: Actor | None = None, **wanted: Any
    ) -> Reconciliation:
        """The session, unless a container is named with what is `seen` in it."""
        if isinstance(wanted.get("seen"), str):
            wanted["seen"] = a_quantity(wanted["seen"])
        if "container_id" not in wanted:
            wanted.setdefault("session_id", self.world.session)
        said = {"id": uuid7(), "observed_at": at(minute).isoformat()} | wanted
        return reconciling.reconcile(
            self.world.clinic, by or self.world.nurse, ReconcileIn.model_validate(said),
            now=at(minute),
        )  # fmt: skip

    def explain(self, discrepancy: UUID, by: Actor | None = None) -> Discrepancy:
        wanted = ExplanationIn(id=uuid7(), text="It ran into the line.")
        return reconciling.explain(
            self.world.clinic, by or self.world.nurse, discrepancy, wanted, now=at(61)
        )

    def close(self, discrepancy: UUID, by: Actor | None = None) -> Discrepancy:
        wanted = ClosingIn(id=uuid7(), conclusion="Accepted as it is.")
        return reconciling.close(
            self.world.clinic, by or self.world.physician, discrepancy, wanted, now=at(62)
        )


def stocked(world: World) -> None:
    """A row in every table of custody: received, drawn, wasted, and a remainder that was closed."""
    stock = Stock.of(world)
    (vial,) = stock.receive(1)
    drawn = stock.draw(vial, "3 mL", 69)
    stock.do("waste", 70, draw_id=drawn, amount="1 mL")
    stock.do("reverse", 70, entry_id=stock.draw(vial, "2 mL", 70))
    stock.reconcile(71)
    (found,) = stock.custody().discrepancies
    stock.explain(found.id)
    stock.close(found.id)
