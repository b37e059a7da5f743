"""What a clinic's jurisdiction says of custody: witnesses, tolerance, how soon waste is recorded.

Rules differ from place to place, so they are data (R83). Without any, a waste and a destruction are
witnessed (R76: on by default), no remainder is tolerated, and no waste is late.
"""

from decimal import Decimal

from pydantic import Field

from protocol.rules.custody import EntryKind
from protocol.rules.quantity import Quantity, comparable, converted
from protocol.rules.values import Shape

WITNESSES_MAX = 2


class Witnesses(Shape):
    """How many people beside the actor authenticate for a kind of entry."""

    kind: EntryKind
    people: int = Field(ge=0, le=WITNESSES_MAX, strict=True)


class CustodyTerms(Shape):
    """What holds for the acts of custody at a clinic."""

    witnesses: tuple[Witnesses, ...] = (
        Witnesses(kind=EntryKind.WASTE, people=1),
        Witnesses(kind=EntryKind.DESTROY, people=1),
    )
    tolerances: tuple[Quantity, ...] = Field(
        default=(), max_length=20, description="The largest remainder that is no discrepancy."
    )
    waste_within_min: int | None = Field(
        default=None, ge=0, strict=True,
        description="Minutes after the session's end from which a waste is marked late (R77).",
    )  # fmt: skip

    def witnesses_for(self, kind: EntryKind) -> int:
        """How many witnesses the kind has; none where nothing is said."""
        return next((one.people for one in self.witnesses if one.kind is kind), 0)

    def tolerates(self, remainder: Decimal, unit: str) -> bool:
        """Whether a remainder is none, or within what the clinic's own terms tolerate (R78)."""
        within = [
            converted(one.value, one.unit, unit)
            for one in self.tolerances
            if comparable(one.unit, unit)
        ]
        return remainder.copy_abs() <= max(within, default=Decimal(0))


PLAIN_TERMS = CustodyTerms()
