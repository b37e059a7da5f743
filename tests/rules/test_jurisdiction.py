"""A jurisdiction profile: the law's intervals, clocks and counts as a clinic's own data (R83)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.rules.custody import EntryKind
from protocol.rules.custody_terms import PLAIN_TERMS
from protocol.rules.errors import DocumentInvalid
from protocol.rules.jurisdiction import (
    InventoryRule,
    JurisdictionDocument,
    LossRule,
    may_be_estimated,
)
from protocol.rules.jurisdiction_terms import terms_of
from protocol.rules.quantity import Quantity

PROFILE: dict[str, Any] = {
    "name": "Inventia", "effective_on": "2031-05-06",
    "classes": [
        {"code": "class-x", "label": "Class X"},
        {"code": "class-y", "label": "Class Y", "opened": "estimated",
         "exact_above": {"value": "700", "unit": "mg"}},
    ],
    "drugs": [
        {"drug": "examplamine", "drug_class": "class-y"},
        {"drug": "inventol", "drug_class": "class-x"},
    ],
}  # fmt: skip
CLOCK = {"days": 3, "business": True, "form": "A letter", "source": "Art. 1"}
DAYS = st.dates(date(1990, 1, 1), date(2150, 1, 1))


def a_profile(**changes: Any) -> JurisdictionDocument:
    return JurisdictionDocument.model_validate(PROFILE | changes)


def a_size(text: str) -> Quantity:
    value, unit = text.split(" ")
    return Quantity.model_validate({"value": value, "unit": unit})


def test_without_a_profile_a_waste_has_one_witness_and_nothing_else_is_presumed() -> None:
    assert terms_of(None, "examplamine") == PLAIN_TERMS
    assert PLAIN_TERMS.witnesses_for(EntryKind.WASTE) == 1
    assert not may_be_estimated(None, "examplamine", a_size("5 mL"))
    empty = JurisdictionDocument.model_validate({"name": "x", "effective_on": "2031-05-06"})
    assert (empty.inventory, empty.loss, empty.retention, empty.waste_within_min) == (None,) * 4
    assert terms_of(empty, "examplamine") == PLAIN_TERMS


@pytest.mark.parametrize("people", [0, 1, 2])
def test_a_profile_says_how_many_witness(people: int) -> None:
    wastes = terms_of(a_profile(waste_witnesses=people), "examplamine")
    assert (wastes.witnesses_for(EntryKind.WASTE), wastes.witnesses_for(EntryKind.DESTROY)) == (
        people, 1,
    )  # fmt: skip
    destroys = terms_of(a_profile(destruction_witnesses=people), "examplamine")
    assert destroys.witnesses_for(EntryKind.DESTROY) == people


def test_a_remainder_is_tolerated_of_the_drug_that_the_profile_names_and_no_other() -> None:
    small = {"value": "3", "unit": "mg"}
    drugs = [PROFILE["drugs"][0] | {"remainder_tolerance": small}, PROFILE["drugs"][1]]
    profile = a_profile(drugs=drugs, waste_within_min=17)
    terms = terms_of(profile, " EXAMPLAMINE ")
    assert (terms.tolerates(Decimal(3), "mg"), terms.tolerates(Decimal(4), "mg")) == (True, False)
    assert terms.waste_within_min == 17
    assert not terms_of(profile, "inventol").tolerates(Decimal(1), "mg")
    assert not terms_of(profile, "another").tolerates(Decimal(1), "mg")


@pytest.mark.parametrize(
    ("drug", "size", "estimated"),
    [
        ("Examplamine", "5 mL", True), ("examplamine", "700 mg", True),
        ("examplamine", "0.701 g", False), ("inventol", "5 mL", False), ("another", "5 mL", False),
    ],
)  # fmt: skip
def test_an_opened_container_is_estimated_only_where_its_class_may_be(
    drug: str, size: str, estimated: bool
) -> None:
    assert may_be_estimated(a_profile(), drug, a_size(size)) is estimated


@pytest.mark.parametrize(
    ("rule", "last", "due"),
    [
        ({"every_months": 7}, "2031-07-31", "2032-02-29"),
        ({"every_months": 12}, "2032-02-29", "2033-02-28"),
        ({"yearly_on": "05-01"}, "2031-04-30", "2031-05-01"),
        ({"yearly_on": "05-01"}, "2031-05-01", "2032-05-01"),
        ({}, "2031-05-01", None),
    ],
)
def test_the_next_inventory_is_due_by_the_profile_s_own_interval(
    rule: dict[str, Any], last: str, due: str | None
) -> None:
    one = InventoryRule.model_validate({"initial": True, "counted_by": 1, **rule})
    found = one.due_on(date.fromisoformat(last))
    assert found == (None if due is None else date.fromisoformat(due))


@given(DAYS, st.integers(1, 1_200))
def test_an_inventory_is_never_due_later_than_its_months(last: date, months: int) -> None:
    rule = InventoryRule(initial=False, counted_by=1, every_months=months)
    due = rule.due_on(last)
    assert due is not None
    assert (due.year - last.year) * 12 + due.month - last.month == months
    assert due.day <= last.day


def a_loss_rule(**changes: Any) -> LossRule:
    rests = ["saturday", "sunday"]
    return LossRule.model_validate({"written_notice": CLOCK, "rest_weekdays": rests} | changes)


def test_business_days_pass_over_the_clinic_s_own_closed_days() -> None:
    rule = a_loss_rule(closed_on=["2031-05-12"])
    assert rule.written_notice is not None
    # Tuesday: Wednesday, Thursday, Friday.
    assert rule.due_on(rule.written_notice, date(2031, 5, 6)) == date(2031, 5, 9)
    # Friday: the weekend and the closed Monday do not count.
    assert rule.due_on(rule.written_notice, date(2031, 5, 9)) == date(2031, 5, 15)


@given(DAYS, st.integers(0, 60), st.sets(st.integers(0, 6), max_size=6), st.sets(DAYS, max_size=9))
def test_between_discovery_and_due_day_lie_just_so_many_business_days(
    found_on: date, days: int, rests: set[int], closed: set[date]
) -> None:
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    rule = a_loss_rule(
        written_notice=CLOCK | {"days": days}, rest_weekdays=[names[one] for one in rests],
        closed_on=sorted(closed),
    )  # fmt: skip
    assert rule.written_notice is not None
    due = rule.due_on(rule.written_notice, found_on)
    passed = [found_on + timedelta(days=n + 1) for n in range((due - found_on).days)]
    assert sum(map(rule.is_business_day, passed)) == days
    assert not days or rule.is_business_day(due)


def test_calendar_days_are_counted_whatever_day_it_is() -> None:
    rule = a_loss_rule(electronic_report=CLOCK | {"business": False, "days": 31})
    assert rule.electronic_report is not None
    assert rule.due_on(rule.electronic_report, date(2031, 5, 6)) == date(2031, 6, 6)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"drugs": [{"drug": "x", "drug_class": "y"}]}, "drugs.0.drug_class"),
        ({"drugs": [*PROFILE["drugs"], {"drug": "Inventol", "drug_class": "class-x"}]}, "drugs.2"),
        ({"classes": [*PROFILE["classes"], PROFILE["classes"][0]]}, "classes.2"),
    ],
)
def test_what_contradicts_inside_a_profile_is_named_by_its_path(
    changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        a_profile(**changes)
    assert refused.value.facts["path"] == path


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"inventory": {"initial": True, "counted_by": 1, "every_months": 3,
                        "yearly_on": "05-01"}}, ("inventory",)),
        ({"inventory": {"initial": True, "counted_by": 1, "yearly_on": "02-29"}}, ("inventory",)),
        ({"inventory": {"initial": True, "counted_by": 3}}, ("inventory", "counted_by")),
        ({"loss": {"written_notice": CLOCK}}, ("loss",)),
        ({"waste_witnesses": 3}, ("waste_witnesses",)),
        ({"waste_witnesses": "1"}, ("waste_witnesses",)),
        ({"effective_on": 5}, ("effective_on",)),
        ({"classes": [{"code": "x", "label": "X", "exact_above": {"value": 1, "unit": "mg"}}]},
         ("classes", 0, "exact_above", "value")),
    ],
)  # fmt: skip
def test_a_profile_of_another_shape_is_refused_at_its_place(
    changes: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        a_profile(**changes)
    assert refused.value.errors()[0]["loc"] == place
