"""A line of the controlled-substance log, and the stock of a location: what the law has a register
say of each event, and no more of any chart (R72 to R75, R80)."""

from decimal import Decimal
from uuid import UUID

from protocol.rules.custody import Container, CustodyEntry, Location, Product, Supplier
from protocol.rules.custody_amounts import plus, summed
from protocol.rules.patients import Identifier
from protocol.rules.values import Computed, Day, Line, Prose, Shape


class LogPatient(Shape):
    """To whom a drug was given: name and address, as the record has them now (R72)."""

    id: UUID
    name: Line
    identifier: Identifier
    address: Prose | None = None


class LogLine(Shape):
    """An entry of the ledger in words of its own. Nothing is left out of a log: an entry that was
    reversed stays, names its reversal, and is followed by it (R84)."""

    entry: CustodyEntry
    product: Product
    lot: Line
    expires_on: Day
    label: Line | None = None
    serial: Line | None = None
    order: Line | None = None
    counterpart: Supplier | None = None
    patient: LogPatient | None = None
    opened: bool = False
    reverses: int | None = None
    reversed_by: int | None = None


class ProductLog(Shape):
    """The lines of one product at a location, between what was brought and what is carried
    forward."""

    product: Product
    lines: tuple[LogLine, ...]

    @property
    def brought_forward(self) -> Decimal:
        """What the location held before the first line."""
        first = self.lines[0].entry
        return plus(first.location_after, first.change.copy_negate())

    @property
    def carried_forward(self) -> Decimal:
        """What it held after the last."""
        return self.lines[-1].entry.location_after


class StockLine(Shape):
    """The containers of one product at a location, and the ledger's total of them."""

    product: Product
    containers: tuple[Container, ...]
    book: Computed

    @property
    def left(self) -> Decimal:
        """The sum over the containers; the ledger's total is the same, or something is wrong."""
        return summed(one.left for one in self.containers)


class Stock(Shape):
    """What a location holds by the ledger, product by product, up to an entry of the ledger."""

    location: Location
    number: int
    lines: tuple[StockLine, ...]


def by_product(lines: "tuple[LogLine, ...] | list[LogLine]") -> tuple[ProductLog, ...]:
    """The log as a register has it: a part for each product, in the order of first mention."""
    parts: dict[UUID, list[LogLine]] = {}
    for one in lines:
        parts.setdefault(one.product.id, []).append(one)
    return tuple(ProductLog(product=of[0].product, lines=tuple(of)) for of in parts.values())
