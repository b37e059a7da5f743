"""Amounts of the ledger are exact in one unit, or refused by name (R78)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.custody import EntryKind
from protocol.rules.custody_amounts import effect_of, exact, ledger_amount, per_ml, summed
from protocol.rules.custody_terms import PLAIN_TERMS, CustodyTerms
from protocol.rules.errors import AmountNotExact
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity

DECIMALS = st.decimals("0.000001", "99999999", places=6)


def a_quantity(value: Decimal | str, unit: str) -> Quantity:
    return Quantity.model_validate({"value": str(value), "unit": unit})


def a_strength(amount: str, volume: str, unit: str = "mg") -> Concentration:
    return Concentration(amount=a_quantity(amount, unit), volume=a_quantity(volume, "mL"))


@pytest.mark.parametrize(
    ("amount", "volume", "in_one_ml"),
    [("14", "2", "7"), ("1", "8", "0.125"), ("0.10", "0.001", "100"), ("7", "7", "1")],
)
def test_a_millilitre_holds_an_exact_amount(amount: str, volume: str, in_one_ml: str) -> None:
    assert per_ml(a_strength(amount, volume)) == Decimal(in_one_ml)


@pytest.mark.parametrize(("amount", "volume"), [("7", "3"), ("1", "7"), ("10", "6")])
def test_a_strength_without_a_terminating_decimal_is_named(amount: str, volume: str) -> None:
    with pytest.raises(AmountNotExact, match=f"{amount} mg in {volume} mL"):
        per_ml(a_strength(amount, volume))


@given(DECIMALS)
def test_a_volume_and_the_amount_in_it_are_one_amount(volume: Decimal) -> None:
    strength = a_strength("14", "2")
    found = ledger_amount(a_quantity(f"{volume:f}", "mL"), strength)
    assert Fraction(found) == Fraction(volume) * 7
    assert ledger_amount(a_quantity(f"{found:f}", "mg"), strength) == found


@given(DECIMALS)
def test_another_unit_of_the_family_is_the_same_amount(amount: Decimal) -> None:
    strength = a_strength("14", "2")
    micrograms = ledger_amount(a_quantity(f"{amount:f}", "ug"), strength)
    assert Fraction(micrograms) * 1_000 == Fraction(amount)


@given(st.lists(st.decimals("-99999999999999", "99999999999999", places=15), max_size=30))
def test_a_sum_loses_no_digit(values: list[Decimal]) -> None:
    assert Fraction(summed(values)) == sum(map(Fraction, values), Fraction(0))


@given(st.fractions(min_value=0, max_value=10**6))
def test_a_fraction_is_exact_or_refused(value: Fraction) -> None:
    terminates = (value * 10**15).denominator == 1
    if terminates:
        assert Fraction(exact(value, "it")) == value
    else:
        with pytest.raises(AmountNotExact):
            exact(value, "it")


def test_what_leaves_a_draw_left_its_container_before() -> None:
    kinds = (EntryKind.WASTE, EntryKind.BREAK, EntryKind.LOSE, EntryKind.GIVE_BACK)
    assert [effect_of(one, of_draw=True) for one in kinds] == [0, 0, 0, 1]
    assert [effect_of(one, of_draw=False) for one in kinds] == [-1, -1, -1, -1]


def test_without_a_profile_nothing_is_tolerated_and_a_waste_is_witnessed() -> None:
    assert PLAIN_TERMS.tolerates(Decimal(0), "mg")
    assert not PLAIN_TERMS.tolerates(Decimal("0.000000000000001"), "mg")
    assert PLAIN_TERMS.witnesses_for(EntryKind.WASTE) == 1
    assert PLAIN_TERMS.witnesses_for(EntryKind.DRAW) == 0
    assert PLAIN_TERMS.waste_within_min is None


def test_a_tolerance_is_of_its_own_family_and_on_both_sides() -> None:
    terms = CustodyTerms(tolerances=(a_quantity("500", "ug"),))
    assert terms.tolerates(Decimal("-0.5"), "mg")
    assert not terms.tolerates(Decimal("0.51"), "mg")
    assert not terms.tolerates(Decimal("0.5"), "[iU]")
