"""A plain second account of a stock, in fractions, to hold the ledger against.

It knows nothing of the program's own arithmetic: a dictionary of containers and of draws, and what
each act does to them. Whatever it says cannot be, the program must refuse, and nothing else.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from uuid import UUID

PER_ML = Fraction(7)  # of the tests' product: 14 mg in 2 mL


@dataclass
class Vial:
    """A container: where it is, and what is in it."""

    place: UUID
    left: Fraction


@dataclass
class Drawn:
    """A draw: from which container, and what has left it since."""

    vial: UUID
    amount: Fraction
    stands: bool = True
    gone: dict[UUID, tuple[str, Fraction]] = field(default_factory=dict)

    @property
    def rest(self) -> Fraction:
        return self.amount - sum((amount for _, amount in self.gone.values()), Fraction(0))


@dataclass
class Model:
    """The stock of one clinic and the draws of one session."""

    vials: dict[UUID, Vial] = field(default_factory=dict)
    draws: dict[UUID, Drawn] = field(default_factory=dict)
    # What was taken from stock by entries that can be reversed: entry -> (vial, amount).
    taken: dict[UUID, tuple[UUID, Fraction]] = field(default_factory=dict)
    given: dict[UUID, Fraction] = field(default_factory=dict)

    def held(self, place: UUID) -> Fraction:
        return sum((one.left for one in self.vials.values() if one.place == place), Fraction(0))

    def sum_of(self, kind: str) -> Fraction:
        """What left the standing draws in a way."""
        return sum(
            (
                amount
                for one in self.draws.values()
                for way, amount in one.gone.values()
                if way == kind
            ),
            Fraction(0),
        )

    @property
    def drawn(self) -> Fraction:
        return sum((one.amount for one in self.draws.values() if one.stands), Fraction(0))

    @property
    def remainder(self) -> Fraction:
        went = [self.sum_of(one) for one in ("waste", "give-back", "break", "lose")]
        return self.drawn - sum([*went, *self.given.values()], Fraction(0))

    def out(self, entry: UUID, vial: UUID, amount: Fraction) -> bool:
        """Something leaves a container, where it is in it."""
        if amount > self.vials[vial].left:
            return False
        self.vials[vial].left -= amount
        self.taken[entry] = (vial, amount)
        return True

    def leave(self, entry: UUID, draw: UUID, kind: str, amount: Fraction) -> bool:
        """Something leaves a draw, where it is left of it; what is given back is in its vial."""
        one = self.draws[draw]
        if not one.stands or amount > one.rest:
            return False
        one.gone[entry] = (kind, amount)
        if kind == "give-back":
            self.vials[one.vial].left += amount
        return True

    def undo(self, entry: UUID) -> bool:
        """The entry is reversed, where it stands and nothing follows from it."""
        if entry in self.draws:
            one = self.draws[entry]
            if not one.stands or one.gone:
                return False
            one.stands = False
            self.vials[one.vial].left += one.amount
            return True
        for one in self.draws.values():
            if entry in one.gone:
                kind, amount = one.gone[entry]
                if kind == "give-back" and self.vials[one.vial].left < amount:
                    return False
                del one.gone[entry]
                if kind == "give-back":
                    self.vials[one.vial].left -= amount
                return True
        if entry in self.taken:
            vial, amount = self.taken.pop(entry)
            self.vials[vial].left += amount
            return True
        return False
