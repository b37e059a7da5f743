"""What a clinic holds of a drug: locations, products, containers, and the ledger over them.

The ledger is append-only and in exact decimals, one unit a container: the unit of its strength. A
correction is a reversing entry that names the original (R84). Custody stands beside the chart, and
each registered location has records of its own (R80).
"""

from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from protocol.rules.charting import PersonRef, Source
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity
from protocol.rules.values import Computed, Day, Instant, Line, Prose, Shape

CONTAINERS_MAX = 1_000


class EntryKind(StrEnum):
    """What an entry of the ledger says happened (R71, R74)."""

    RECEIVE = "receive"
    OPEN = "open"
    DRAW = "draw"
    WASTE = "waste"
    GIVE_BACK = "give-back"
    BREAK = "break"
    TRANSFER_OUT = "transfer-out"
    TRANSFER_IN = "transfer-in"
    LOSE = "lose"
    FIND = "find"
    DESTROY = "destroy"
    REVERSE = "reverse"


class Mark(StrEnum):
    """What is out of the ordinary about an act of custody: a fact that is recorded, not refused."""

    EXPIRED = "expired"
    WRONG_LOT = "wrong-lot"
    WRONG_DRUG = "wrong-drug"
    LATE_WASTE = "late-waste"
    NOT_SEGREGATED = "not-segregated"


class LocationIn(Shape):
    """A place where drugs are held, as registered (R80); the number is kept as text."""

    id: UUID
    name: Line
    address: Prose
    registration: Line | None = None


class Location(Shape):
    """A location as it stands, with the number of its version."""

    id: UUID
    version: int
    name: Line
    address: Prose
    registration: Line | None = None
    recorded_at: Instant
    recorded_by: PersonRef


class ProductIn(Shape):
    """A finished form of a drug as it is supplied: strength, form and size of a container (R73)."""

    id: UUID
    drug: Line
    form: Line
    strength: Concentration
    size: Quantity = Field(description="What a full container holds, as volume or as amount.")
    gtin: Line | None = Field(default=None, description="GS1 global trade item number.")
    schedule: Line | None = Field(default=None, description="As the clinic's law names it.")


class Product(ProductIn):
    """A product as kept."""

    recorded_at: Instant
    recorded_by: PersonRef

    @property
    def unit(self) -> str:
        """The one unit that its containers are accounted in (R78)."""
        return self.strength.amount.unit


class Supplier(Shape):
    """From whom a drug came, or to whom it went: name, address and registration (R73)."""

    name: Line
    address: Prose | None = None
    registration: Line | None = None


class ContainerIn(Shape):
    """One container of a receipt: the clinic's own mark on it, and the maker's serial number."""

    id: UUID
    label: Line | None = None
    serial: Line | None = None


class CustodyIn(Shape):
    """What every act of custody says: an id of the sender's making, when it was, and why."""

    id: UUID
    observed_at: Instant
    reason: Prose | None = None
    source: Source = Source.CHARTED


class ReceiptIn(CustodyIn):
    """Containers of one product, lot and expiry that came in together (R73)."""

    location_id: UUID
    product_id: UUID
    lot: Line
    expires_on: Day
    supplier: Supplier
    order: Line | None = Field(default=None, description="Number of the order form or invoice.")
    containers: tuple[ContainerIn, ...] = Field(min_length=1, max_length=CONTAINERS_MAX)

    @model_validator(mode="after")
    def _apart(self) -> "ReceiptIn":
        if len({one.id for one in self.containers}) < len(self.containers):
            raise ValueError("a container is there twice")
        return self


class OpenIn(CustodyIn):
    """A container was opened."""

    container_id: UUID


class DrawIn(CustodyIn):
    """An amount was drawn from a container for a session; `label_lot` is the lot as read there."""

    container_id: UUID
    session_id: UUID
    amount: Quantity
    label_lot: Line | None = None


class OutIn(CustodyIn):
    """An amount that left: of what a draw has left over, or of a container's stock.

    The two are different: what is left over after administration is no destruction of stock (R75).
    """

    draw_id: UUID | None = None
    container_id: UUID | None = None
    amount: Quantity

    @model_validator(mode="after")
    def _of_one(self) -> "OutIn":
        if (self.draw_id is None) == (self.container_id is None):
            raise ValueError("either a draw or a container is named")
        return self


class WasteIn(OutIn):
    """Wasted, and in which manner; a witness authenticates (R74, R76)."""

    manner: Line


class GiveBackIn(OutIn):
    """The rest of a draw back into its container, or stock to who takes it."""

    recipient: Supplier | None = None

    @model_validator(mode="after")
    def _to_whom(self) -> "GiveBackIn":
        if (self.recipient is None) == (self.container_id is not None):
            raise ValueError("stock, and nothing else, goes back to a recipient")
        return self


class BreakIn(OutIn):
    """Broken or spilt."""


class LoseIn(OutIn):
    """Lost: it is not where it should be (R81)."""


class FindIn(CustodyIn):
    """More is in a container than the ledger says: an overfill, or what was lost before."""

    container_id: UUID
    amount: Quantity


class DestroyIn(CustodyIn):
    """Stock destroyed; an event of its own, apart from wasting a draw's rest (R75)."""

    container_id: UUID
    amount: Quantity
    manner: Line


class TransferIn(CustodyIn):
    """A container moves from where it is to another location of the clinic."""

    container_id: UUID
    to_location_id: UUID


class ReverseIn(CustodyIn):
    """An entry that was wrong: it stays, and an entry of the opposite follows it (R84)."""

    entry_id: UUID


class Container(Shape):
    """A container as the ledger has it now."""

    id: UUID
    product: Product
    receipt_id: UUID
    lot: Line
    expires_on: Day
    supplier: Supplier
    label: Line | None = None
    serial: Line | None = None
    received_at: Instant
    received_by: PersonRef
    location_id: UUID
    opened_at: Instant | None = None
    left: Computed


class CustodyEntry(Shape):
    """An entry of the ledger as kept. `number` is its place in the clinic's ledger, from 1.

    `amount` is never negative; `change` is what it does to its container and to the product at its
    location, and the two totals are what holds after it.
    """

    id: UUID
    number: int
    kind: EntryKind
    container_id: UUID
    product_id: UUID
    location_id: UUID
    session_id: UUID | None = None
    draw_id: UUID | None = None
    reverses_id: UUID | None = None
    moved_with_id: UUID | None = Field(default=None, description="The other half of a transfer.")
    entered: Quantity | None = None
    amount: Computed
    unit: str
    change: Computed
    container_after: Computed
    location_after: Computed
    observed_at: Instant
    recorded_at: Instant
    recorded_by: PersonRef
    witnesses: tuple[PersonRef, ...] = ()
    reason: Prose | None = None
    manner: Line | None = None
    recipient: Supplier | None = None
    marks: tuple[Mark, ...] = ()
    source: Source = Source.CHARTED
    audit_number: int
