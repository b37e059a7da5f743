"""Whether the running totals of a ledger are the plain sums of its entries (R78)."""

from collections import defaultdict
from collections.abc import Hashable
from decimal import Decimal, localcontext
from typing import NamedTuple

from protocol.rules.custody import EntryKind
from protocol.rules.custody_amounts import effect_of

_DIGITS = 120


class LedgerLine(NamedTuple):
    """What an entry says of its place, its change and its totals; `reversed_change` is what the
    entry that it reverses had changed, where there is one."""

    number: int
    kind: str
    container: Hashable
    location: Hashable
    product: Hashable
    of_draw: bool
    reversed_change: Decimal | None
    amount: Decimal
    change: Decimal
    container_after: Decimal
    location_after: Decimal


class LedgerProof:
    """Walks a clinic's ledger in its order; the totals go on from one entry to the next."""

    def __init__(self) -> None:
        self.number = 0
        self._containers: dict[Hashable, Decimal] = defaultdict(Decimal)
        self._stocks: dict[tuple[Hashable, Hashable], Decimal] = defaultdict(Decimal)

    def take(self, line: LedgerLine) -> str | None:
        """The next entry; answers what of it does not hold."""
        with localcontext() as context:
            context.prec = _DIGITS
            return self._taken(line)

    def _taken(self, line: LedgerLine) -> str | None:
        self.number += 1
        if line.number != self.number:
            return f"entry {self.number} of the ledger is missing"
        due = _due(line)
        if due is None:
            return f"entry {line.number} of the ledger reverses nothing"
        if line.amount < 0 or line.change != due:
            return f"entry {line.number} of the ledger changes {line.change}, where {due} is due"
        stock = (line.location, line.product)
        self._containers[line.container] += line.change
        self._stocks[stock] += line.change
        for what, told, is_ in (
            ("container", line.container_after, self._containers[line.container]),
            ("location", line.location_after, self._stocks[stock]),
        ):
            if told != is_ or is_ < 0:
                return (
                    f"entry {line.number} of the ledger leaves {told} in its {what},"
                    f" where the entries add up to {is_}"
                )
        return None


def _due(line: LedgerLine) -> Decimal | None:
    """What the entry is to change, by its kind and amount."""
    if line.kind == EntryKind.REVERSE:
        return None if line.reversed_change is None else -line.reversed_change
    return effect_of(EntryKind(line.kind), of_draw=line.of_draw) * line.amount
