"""Amounts of the ledger: exact, in one unit a container, never rounded (R78).

What is entered in mL is the same amount in the unit of the strength, to the last digit; a strength
that gives no terminating decimal for a millilitre could not be accounted and is refused by name.
"""

from collections.abc import Iterable
from decimal import Decimal, localcontext
from fractions import Fraction

from protocol.rules.custody import EntryKind, Mark, ProductIn
from protocol.rules.errors import AmountNotExact, Impossible, UnitMismatch
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity, from_family, in_family, unit_named
from protocol.rules.values import plain

DECIMALS_MAX = 15
_DIGITS = 120
_DRUG_AMOUNTS = frozenset({"mg", "[iU]", "meq", "mmol"})

# What each kind does to its container, and so to the stock of its location. What leaves a draw left
# the container when it was drawn; a draw's rest that is given back returns to it.
_OF_CONTAINER: dict[EntryKind, int] = {
    EntryKind.RECEIVE: 1,
    EntryKind.OPEN: 0,
    EntryKind.DRAW: -1,
    EntryKind.WASTE: -1,
    EntryKind.GIVE_BACK: -1,
    EntryKind.BREAK: -1,
    EntryKind.TRANSFER_OUT: -1,
    EntryKind.TRANSFER_IN: 1,
    EntryKind.LOSE: -1,
    EntryKind.FIND: 1,
    EntryKind.DESTROY: -1,
}
_OF_DRAW: dict[EntryKind, int] = {
    EntryKind.WASTE: 0,
    EntryKind.GIVE_BACK: 1,
    EntryKind.BREAK: 0,
    EntryKind.LOSE: 0,
}
LEAVING_A_DRAW = frozenset(_OF_DRAW)


def exact(fraction: Fraction, what: str, **facts: str) -> Decimal:
    """The fraction as a decimal of at most fifteen places; raises AmountNotExact."""
    scaled = fraction * 10**DECIMALS_MAX
    if scaled.denominator != 1:
        raise AmountNotExact(
            f"{what} has no exact decimal of {DECIMALS_MAX} places or fewer.", **facts
        )
    with localcontext() as context:
        context.prec = _DIGITS
        found = Decimal(scaled.numerator).scaleb(-DECIMALS_MAX).normalize()
        return Decimal(plain(found)) if found else Decimal(0)


def per_ml(strength: Concentration) -> Decimal:
    """The amount in one millilitre, in the strength's own unit.

    Raises AmountNotExact, UnitMismatch (no amount of drug in a volume), Impossible (nothing in it).
    """
    drug, volume = strength.amount, strength.volume
    if drug.kind.amount not in _DRUG_AMOUNTS or drug.kind.per:
        raise UnitMismatch(f"{drug.unit} is no amount of a drug.", unit=drug.unit, field="strength")
    if volume.kind.amount != "mL" or volume.kind.per:
        raise UnitMismatch(f"{volume.unit} is no volume.", unit=volume.unit, field="strength")
    if drug.value <= 0 or volume.value <= 0:
        raise Impossible(f"A strength of {drug} in {volume} holds nothing.", field="strength")
    strength_words = f"{drug} in {volume}"
    return exact(
        Fraction(drug.value) / in_family(volume.value, volume.unit),
        f"The strength {strength_words} in {drug.unit}/mL",
        field="strength", strength=strength_words,
    )  # fmt: skip


def ledger_amount(entered: Quantity, strength: Concentration, field: str = "amount") -> Decimal:
    """An amount as entered, in the ledger's unit. It is above zero.

    Raises Impossible, UnitMismatch, AmountNotExact.
    """
    kind, drug = entered.kind, strength.amount
    if entered.value <= 0:
        sentence = f"The amount {entered} is not above zero."
        raise Impossible(sentence, field=field, value=str(entered))
    own = unit_named(drug.unit)
    if kind.per or kind.amount not in (own.amount, "mL"):
        raise UnitMismatch(
            f"{entered.unit} is neither a volume nor an amount in {drug.unit}.", unit=entered.unit,
            due=drug.unit, field=field,
        )  # fmt: skip
    value = in_family(entered.value, entered.unit)
    amount = (
        value * Fraction(per_ml(strength)) if kind.amount == "mL" else from_family(value, drug.unit)
    )
    return exact(amount, f"{entered} in {drug.unit}", field=field, value=str(entered))


def full_amount(product: ProductIn) -> Decimal:
    """What a full container of the product holds, in the ledger's unit."""
    per_ml(product.strength)
    return ledger_amount(product.size, product.strength, "size")


def effect_of(kind: EntryKind, *, of_draw: bool) -> int:
    """+1 where the amount enters its container, -1 where it leaves it, 0 where it does neither."""
    return _OF_DRAW[kind] if of_draw and kind in LEAVING_A_DRAW else _OF_CONTAINER[kind]


def plus(*values: Decimal) -> Decimal:
    """The exact sum, without the digits that a place of zeros would add."""
    return summed(values)


def summed(values: Iterable[Decimal]) -> Decimal:
    """The exact sum of many."""
    with localcontext() as context:
        context.prec = _DIGITS
        found = sum(values, Decimal(0))
        return Decimal(plain(found.normalize())) if found else Decimal(0)


def words_of(marks: Iterable[Mark]) -> str:
    """Marks as one text."""
    return ", ".join(one.value for one in marks)
