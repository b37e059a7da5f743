"""Custody as the API takes and gives it: acts with their witnesses, the ledger, balances."""

from datetime import datetime
from typing import Self, TypeVar
from uuid import UUID

from pydantic import Field

from api.schemas import Out
from api.schemas_charting import SecondPersonIn
from protocol.commands.custody_views import ContainerView
from protocol.commands.ledger import Entered
from protocol.records.custody_totals import StockBalance
from protocol.rules.custody import (
    BreakIn,
    Container,
    CustodyEntry,
    CustodyIn,
    DestroyIn,
    DrawIn,
    FindIn,
    GiveBackIn,
    Location,
    LoseIn,
    OpenIn,
    Product,
    ReceiptIn,
    ReverseIn,
    TransferIn,
    WasteIn,
)
from protocol.rules.custody_balance import ContainerBalance, DrawBalance, SessionCustody
from protocol.rules.custody_states import ContainerState, state_of
from protocol.rules.custody_terms import WITNESSES_MAX
from protocol.rules.discrepancies import Discrepancy, DiscrepancyState, Reconciliation
from protocol.rules.values import Computed, Shape

_Act = TypeVar("_Act", bound=CustodyIn)


class Witnessed(Shape):
    """The people who witness an act, each by the own user name, secret and code (R76)."""

    witnesses: tuple[SecondPersonIn, ...] = Field(default=(), max_length=WITNESSES_MAX)

    def plain(self, shape: type[_Act]) -> _Act:
        """The act alone: nothing of a witness's secret goes on."""
        return shape.model_construct(**{name: getattr(self, name) for name in shape.model_fields})


class ReceiptWitnessedIn(ReceiptIn, Witnessed):
    """Containers of one product, lot and expiry that came in together."""


class OpenWitnessedIn(OpenIn, Witnessed):
    """A container was opened."""


class DrawWitnessedIn(DrawIn, Witnessed):
    """An amount was drawn from a container for a session."""


class WasteWitnessedIn(WasteIn, Witnessed):
    """Wasted, of a draw's rest or of stock."""


class GiveBackWitnessedIn(GiveBackIn, Witnessed):
    """Given back: a draw's rest to its container, or stock to a recipient."""


class BreakWitnessedIn(BreakIn, Witnessed):
    """Broken or spilt."""


class LoseWitnessedIn(LoseIn, Witnessed):
    """Lost."""


class FindWitnessedIn(FindIn, Witnessed):
    """Found beyond what the ledger says."""


class DestroyWitnessedIn(DestroyIn, Witnessed):
    """Stock destroyed."""


class TransferWitnessedIn(TransferIn, Witnessed):
    """A container moves to another location."""


class ReverseWitnessedIn(ReverseIn, Witnessed):
    """An entry that was wrong is reversed."""


class EnteredOut(Out):
    """What an act wrote to the ledger."""

    entries: list[CustodyEntry]
    repeated: bool = Field(description="Whether it was sent before, with this content.")
    server_time: datetime

    @classmethod
    def of(cls, entered: Entered, now: datetime) -> Self:
        """From what the command gave."""
        return cls.model_construct(
            entries=list(entered.entries), repeated=entered.repeated, server_time=now
        )


class LocationsOut(Out):
    """The clinic's locations."""

    locations: list[Location]


class ProductsOut(Out):
    """The finished forms that the clinic holds or held."""

    products: list[Product]


class StockBalanceOut(Out):
    """What a location holds of a product, and the entry of the ledger that says so."""

    product_id: UUID
    amount: Computed
    unit: str
    number: int


class LocationBalancesOut(Out):
    """A location with what it holds by the ledger."""

    location: Location
    balances: list[StockBalanceOut]

    @classmethod
    def of(cls, location: Location, found: list[StockBalance]) -> Self:
        """From what was read."""
        balances = [StockBalanceOut.model_construct(**one._asdict()) for one in found]
        return cls.model_construct(location=location, balances=balances)


class ContainerOut(Out):
    """A container with its state."""

    id: UUID
    state: ContainerState
    container: Container

    @classmethod
    def of(cls, container: Container) -> Self:
        """From the rules' own."""
        return cls.model_construct(id=container.id, state=state_of(container), container=container)


class ContainerLedgerOut(ContainerOut):
    """A container with its entries, its balance, and what reconciling it found."""

    balance: ContainerBalance
    entries: list[CustodyEntry]
    reconciliations: list[Reconciliation]
    discrepancies: list["DiscrepancyOut"]

    @classmethod
    def view(cls, found: ContainerView) -> Self:
        """From what was read."""
        container = found.kept.container
        return cls.model_construct(
            id=container.id, state=state_of(container), container=container,
            balance=found.balance, entries=list(found.kept.entries),
            reconciliations=found.reconciliations,
            discrepancies=[DiscrepancyOut.of(one) for one in found.discrepancies],
        )  # fmt: skip


class LedgerPageOut(Out):
    """A page of the ledger; `next` is the number after which the page that follows begins."""

    items: list[CustodyEntry]
    next: int | None = None

    @classmethod
    def cut(cls, found: list[CustodyEntry], limit: int) -> Self:
        """A page from what was found, which is one more than the page holds if there is more."""
        more = len(found) > limit
        return cls.model_construct(
            items=found[:limit], next=found[limit - 1].number if more else None
        )


class DiscrepancyOut(Out):
    """A discrepancy and where it stands."""

    id: UUID
    state: DiscrepancyState
    discrepancy: Discrepancy

    @classmethod
    def of(cls, found: Discrepancy) -> Self:
        """From the rules' own."""
        return cls.model_construct(id=found.id, state=found.state, discrepancy=found)


class DiscrepanciesOut(Out):
    """The clinic's discrepancies, oldest first."""

    discrepancies: list[DiscrepancyOut]


class SessionCustodyOut(Out):
    """The custody of a session, with each draw's own balance."""

    session_id: UUID
    custody: SessionCustody
    draws: list[DrawBalance]
    discrepancies: list[DiscrepancyOut]

    @classmethod
    def of(cls, session_id: UUID, found: SessionCustody) -> Self:
        """From the rules' own."""
        return cls.model_construct(
            session_id=session_id, custody=found, draws=list(found.draws),
            discrepancies=[DiscrepancyOut.of(one) for one in found.discrepancies],
        )  # fmt: skip
