"""The mass balance: what was drawn is given, wasted, returned, lost, broken, or unaccounted for.

Per session and drug, the given amount is the infusion's own arithmetic; per container the ledger's.
A remainder is named and never adjusted (R78).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from protocol.rules.custody import Container, CustodyEntry, EntryKind, Product
from protocol.rules.custody_amounts import plus, summed
from protocol.rules.custody_states import rest_of, same_drug, standing
from protocol.rules.discrepancies import Discrepancy, Reconciliation
from protocol.rules.quantity import comparable, converted
from protocol.rules.values import Computed, Line, Shape

_K = EntryKind


class SessionBalance(Shape):
    """One drug in one session: `remainder` is drawn less everything that became of it.

    While a drug line runs its given amount is not final, and so the remainder is not.
    """

    drug: Line
    unit: str
    drawn: Computed
    given: Computed
    wasted: Computed
    returned: Computed
    broken: Computed
    lost: Computed
    remainder: Computed
    running: bool = False


class ContainerBalance(Shape):
    """One container: all that came into it, all that left it, and what the ledger has left."""

    container_id: UUID
    unit: str
    received: Computed
    found: Computed
    returned: Computed
    drawn: Computed
    wasted: Computed
    given_back: Computed
    broken: Computed
    lost: Computed
    destroyed: Computed
    left: Computed


class DrawBalance(Shape):
    """One draw: what left it again, and the rest, which is given or unaccounted for."""

    draw_id: UUID
    session_id: UUID
    container_id: UUID
    unit: str
    drawn: Computed
    wasted: Computed
    returned: Computed
    broken: Computed
    lost: Computed
    rest: Computed


class GivenDrug(NamedTuple):
    """What a drug line of a session gave, in the line's own unit; running while it still runs."""

    drug: str
    amount: Decimal
    unit: str
    running: bool


class SessionCustody(Shape):
    """The custody of one session: its entries, their containers, its balances, its discrepancies.

    It stands beside the chart (R80): no signature's digest covers it.
    """

    entries: tuple[CustodyEntry, ...] = ()
    containers: tuple[Container, ...] = ()
    balances: tuple[SessionBalance, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()

    def container(self, container_id: UUID) -> Container:
        """One of its containers."""
        return next(one for one in self.containers if one.id == container_id)

    @property
    def draws(self) -> tuple[DrawBalance, ...]:
        """Each draw that stands, in the order of the ledger."""
        return draw_balances(self.entries)


def session_balances(
    entries: Sequence[CustodyEntry], products: Iterable[Product], given: Sequence[GivenDrug]
) -> tuple[SessionBalance, ...]:
    """The balance of each drug that was drawn for the session, or that its drug lines gave of what
    the clinic holds in custody. `products` are those products."""
    held: dict[UUID, Product] = {one.id: one for one in products}
    groups: dict[str, list[Product]] = {}
    for product in held.values():
        groups.setdefault(same_drug(product.drug), []).append(product)
    found = []
    for drug, of_drug in groups.items():
        own = [one for one in standing(entries) if one.product_id in {p.id for p in of_drug}]
        of_lines = [one for one in given if same_drug(one.drug) == drug]
        if own or any(one.amount or one.running for one in of_lines):
            found.append(_balance(of_drug[0], own, of_lines))
    return tuple(found)


def _balance(
    product: Product, own: Sequence[CustodyEntry], given: Sequence[GivenDrug]
) -> SessionBalance:
    unit = own[0].unit if own else product.unit
    like = [one for one in given if comparable(one.unit, unit)]
    parts = {
        "drawn": _sum(own, unit, _K.DRAW),
        "given": summed(converted(one.amount, one.unit, unit) for one in like),
        "wasted": _sum(own, unit, _K.WASTE),
        "returned": _sum(own, unit, _K.GIVE_BACK),
        "broken": _sum(own, unit, _K.BREAK),
        "lost": _sum(own, unit, _K.LOSE),
    }
    went = summed(amount for name, amount in parts.items() if name != "drawn")
    return SessionBalance(
        drug=product.drug, unit=unit, remainder=plus(parts["drawn"], went.copy_negate()),
        running=any(one.running for one in given), **parts,
    )  # fmt: skip


def _sum(entries: Iterable[CustodyEntry], unit: str, kind: EntryKind) -> Decimal:
    return summed(converted(one.amount, one.unit, unit) for one in entries if one.kind is kind)


def draw_balances(entries: Sequence[CustodyEntry]) -> tuple[DrawBalance, ...]:
    """Each standing draw with what left it."""
    stand = standing(entries)
    return tuple(
        DrawBalance(
            draw_id=draw.id, session_id=draw.session_id, container_id=draw.container_id,
            unit=draw.unit, drawn=draw.amount, rest=rest_of(draw, entries),
            wasted=_left(stand, draw, _K.WASTE), returned=_left(stand, draw, _K.GIVE_BACK),
            broken=_left(stand, draw, _K.BREAK), lost=_left(stand, draw, _K.LOSE),
        )
        for draw in stand
        if draw.kind is _K.DRAW and draw.session_id is not None
    )  # fmt: skip


def _left(stand: Iterable[CustodyEntry], draw: CustodyEntry, kind: EntryKind) -> Decimal:
    return summed(one.amount for one in stand if one.draw_id == draw.id and one.kind is kind)


def container_balance(
    container_id: UUID, unit: str, entries: Sequence[CustodyEntry]
) -> ContainerBalance:
    """All that its entries say of a container; what moved it between locations cancels out."""
    stand = standing(entries)
    stock = [one for one in stand if one.draw_id is None]
    return ContainerBalance(
        container_id=container_id, unit=unit, received=_sum(stock, unit, _K.RECEIVE),
        found=_sum(stock, unit, _K.FIND), drawn=_sum(stock, unit, _K.DRAW),
        returned=_sum([one for one in stand if one.draw_id is not None], unit, _K.GIVE_BACK),
        wasted=_sum(stock, unit, _K.WASTE), given_back=_sum(stock, unit, _K.GIVE_BACK),
        broken=_sum(stock, unit, _K.BREAK), lost=_sum(stock, unit, _K.LOSE),
        destroyed=_sum(stock, unit, _K.DESTROY), left=summed(one.change for one in entries),
    )  # fmt: skip
