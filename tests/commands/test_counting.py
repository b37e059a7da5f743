"""Counts: blind and open, inventories and spot checks, and what a difference comes to (R79)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import counting, custody_log, custody_views, reconciling
from protocol.records.custody_holdings import Wanted
from protocol.records.custody_log import LogWanted
from protocol.rules.counts import Count, CountAbandonIn, CountEnding
from protocol.rules.custody_errors import BookHidden, CountIncomplete, ExactCountDue
from protocol.rules.discrepancies import ClosingIn, ExplanationIn, FoundBy
from protocol.rules.errors import (
    IdConflict,
    Impossible,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    Refusal,
    SecondPersonMissing,
    UnitMismatch,
)
from tests.commands.vault import (
    a_location,
    a_product,
    a_profile,
    amount,
    begun,
    counted,
    drawn,
    received,
)
from tests.commands.world import World, at

Vault = tuple[World, UUID, list[UUID]]


@pytest.fixture
def vault(world: World) -> Vault:
    location = a_location(world)
    return world, location, received(world, location, a_product(world))


def differences(count: Count) -> dict[UUID, str]:
    return {one.container_id: str(one.difference) for one in count.lines if one.difference}


def found(world: World) -> list[tuple[str, str, UUID | None]]:
    listed = custody_views.found_discrepancies(world.clinic, world.auditor, now=at(30))
    return [(one.found_by.value, f"{one.remainder} {one.unit}", one.container_id) for one in listed]


def test_a_blind_count_shows_its_counter_no_book_until_it_is_recorded(vault: Vault) -> None:
    world, location, (first, second, third) = vault
    count = begun(world, location)
    listed = counting.to_count(world.clinic, world.nurse, count.id, now=at(11))
    assert [one.container_id for one in listed] == sorted([first, second, third])
    assert "book" not in listed[0].model_dump(mode="json")
    looks: list[Any] = [
        lambda who: custody_views.location_balances(world.clinic, who, location, now=at(12)),
        lambda who: custody_views.containers(world.clinic, who, location, now=at(12), limit=9),
        lambda who: custody_views.container(world.clinic, who, first, now=at(12)),
        lambda who: custody_views.ledger(world.clinic, who, Wanted(), now=at(12), after=0, limit=9),
        lambda who: custody_log.log(world.clinic, who, LogWanted(location), now=at(12)),
        lambda who: custody_log.inventory(world.clinic, who, location, now=at(12)),
    ]
    for look in looks:
        with pytest.raises(BookHidden, match="blind count of Safe by Nurse"):
            look(world.nurse)
        look(world.second_nurse)
    other = a_location(world, "Cart")
    custody_views.location_balances(world.clinic, world.nurse, other, now=at(12))
    done = counted(world, count, {first: None, second: None, third: None})
    assert (done.ending, differences(done)) == (CountEnding.RECORDED, {})
    for look in looks:
        look(world.nurse)
    assert world.fault() is None


def test_an_open_count_has_the_book_beside_each_container(vault: Vault) -> None:
    world, location, ids = vault
    drawn(world, ids[0], "3 mL")
    count = begun(world, location, blind=False)
    listed = counting.to_count(world.clinic, world.nurse, count.id, now=at(11))
    assert {one.container_id: one.book for one in listed} == {
        ids[0]: Decimal(20), ids[1]: Decimal(50), ids[2]: Decimal(50),
    }  # fmt: skip
    custody_views.location_balances(world.clinic, world.nurse, location, now=at(12))


def test_a_difference_opens_a_discrepancy_and_changes_nothing(vault: Vault) -> None:
    world, location, (first, second, third) = vault
    drawn(world, first, "3 mL")
    done = counted(world, begun(world, location), {first: "1.5 mL", second: "0 mL", third: None})
    assert differences(done) == {first: "-5", second: "-50"}
    assert sorted(found(world)) == sorted(
        [("count", "5 mg", first), ("count", "50 mg", second)]
    )  # fmt: skip
    _, balances = custody_views.location_balances(world.clinic, world.nurse, location, now=at(30))
    assert [one.amount for one in balances] == [Decimal(120)]
    [one, _] = custody_views.found_discrepancies(world.clinic, world.nurse, now=at(30))
    assert (one.found_by, one.found_id, one.location_id) == (FoundBy.COUNT, done.id, location)
    said = ExplanationIn(id=uuid7(), text="It ran over.")
    reconciling.explain(world.clinic, world.nurse, one.id, said, now=at(31))
    closing = ClosingIn(id=uuid7(), conclusion="Accepted.")
    with pytest.raises(NotPermitted, match="does not close it"):
        reconciling.close(world.clinic, world.nurse, one.id, closing, now=at(32))
    reconciling.close(world.clinic, world.physician, one.id, closing, now=at(32))
    assert world.fault() is None


def test_a_difference_within_the_clinic_s_tolerance_is_shown_and_opens_none(vault: Vault) -> None:
    world, location, (first, *_) = vault
    drug = {"drug": "Examplamine", "drug_class": "class-y",
            "remainder_tolerance": amount("2 mg")}  # fmt: skip
    a_profile(world, drugs=[drug])
    drawn(world, first, "3 mL")
    done = counted(world, begun(world, location), {first: "18 mg"})
    assert differences(done) == {first: "-2"}
    assert found(world) == []
    counted(world, begun(world, location, 21), {first: "17.999 mg"}, 22)
    assert found(world) == [("count", "2.001 mg", first)]


def test_what_stands_there_and_is_not_in_the_book_is_a_discrepancy_too(vault: Vault) -> None:
    world, location, _ = vault
    (elsewhere,) = received(world, a_location(world, "Cart"), a_product(world), 1)
    extra = [{"drug": "inventol", "amount": amount("7 mg"), "words": "without a label"}]
    done = counted(world, begun(world, location), {elsewhere: None}, found=extra)
    assert differences(done) == {elsewhere: "50"}
    assert done.found[0].words == "without a label"
    assert sorted(found(world)) == sorted(
        [("count", "-50 mg", elsewhere), ("count", "-7 mg", None)]
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["initial", "periodic"])
def test_an_inventory_leaves_out_no_container_of_the_location(vault: Vault, kind: str) -> None:
    world, location, (first, second, third) = vault
    count = begun(world, location, kind=kind)
    with pytest.raises(CountIncomplete) as refused:
        counted(world, count, {first: None})
    assert refused.value.facts["lacking"] == 2
    assert str(second) in refused.value.sentence
    done = counted(world, count, {first: None, second: None, third: None})
    assert (done.business.value, str(done.counted_on)) == ("close", "2031-05-06")
    assert [one.name for one in done.counted_by] == ["Nurse"]


def test_an_opened_container_is_estimated_only_where_the_profile_says_so(vault: Vault) -> None:
    world, location, (first, second, _) = vault
    drawn(world, first, "3 mL")
    count = begun(world, location)

    def estimated(container: UUID) -> Count:
        said = [{"container_id": container, "amount": amount("20 mg"), "method": "estimated"}]
        return counted(world, count, {}, counted=said)

    with pytest.raises(ExactCountDue, match="no profile in force names a class"):
        estimated(first)
    a_profile(world)
    with pytest.raises(ExactCountDue, match="it is unopened"):
        estimated(second)
    assert estimated(first).lines[0].method.value == "estimated"


def test_two_people_count_where_the_profile_asks_for_two(vault: Vault) -> None:
    world, location, (first, *_) = vault
    a_profile(world, inventory={"initial": True, "counted_by": 2})
    count = begun(world, location)
    with pytest.raises(SecondPersonMissing):
        counted(world, count, {first: None})
    with pytest.raises(NotPermitted, match="same person"):
        counted(world, count, {first: None}, second=world.nurse)
    done = counted(world, count, {first: None}, second=world.second_nurse)
    assert [one.name for one in done.counted_by] == ["Nurse", "Second Nurse"]


def test_a_count_has_one_counter_and_one_end(vault: Vault) -> None:
    world, location, (first, *_) = vault
    count = begun(world, location)
    with pytest.raises(NotAllowedNow, match="Nurse counts Safe"):
        begun(world, location, 11, by=world.physician)
    with pytest.raises(NotPermitted, match="begun by Nurse"):
        counted(world, count, {first: None}, by=world.second_nurse)
    reason = CountAbandonIn(id=uuid7(), reason="Called away")
    done = counting.abandon_count(world.clinic, world.physician, count.id, reason, now=at(15))
    assert (done.ending, done.reason) == (CountEnding.ABANDONED, "Called away")
    assert done == counting.abandon_count(
        world.clinic, world.physician, count.id, reason, now=at(16)
    )
    with pytest.raises(NotAllowedNow, match="abandoned"):
        counted(world, count, {first: None})
    custody_views.location_balances(world.clinic, world.nurse, location, now=at(17))
    second = counted(world, begun(world, location, 18), {first: None})
    assert [one.ending for one in custody_log.found_counts(
        world.clinic, world.auditor, now=at(30), location_id=location
    )] == [CountEnding.ABANDONED, CountEnding.RECORDED]  # fmt: skip
    with pytest.raises(NotAllowedNow, match="recorded"):
        counting.to_count(world.clinic, world.nurse, second.id, now=at(30))


def test_what_moved_while_it_was_counted_is_marked(vault: Vault) -> None:
    world, location, (first, second, _) = vault
    count = begun(world, location)
    drawn(world, first, "1 mL", 15)
    done = counted(world, count, {first: "40 mg", second: None})
    assert {one.container_id: one.moved for one in done.lines} == {first: True, second: False}


def test_a_count_that_was_taken_on_paper_is_recorded_with_what_moved_since(vault: Vault) -> None:
    world, location, (first, second, _) = vault
    drawn(world, first, "1 mL", 5)
    count = begun(world, location, 10)
    lines: dict[UUID, str | None] = {first: "50 mg", second: None}
    done = counted(world, count, lines, observed_at=at(4).isoformat())
    assert {one.container_id: one.moved for one in done.lines} == {first: True, second: False}
    assert differences(done) == {first: "10"}


def test_what_cannot_be_is_refused_by_name(vault: Vault) -> None:
    world, location, (first, *_) = vault
    with pytest.raises(Impossible, match="2031-05-07 lies in the future"):
        begun(world, location, counted_on="2031-05-07")
    with pytest.raises(NotFound):
        begun(world, uuid7())
    count = begun(world, location)
    drawn(world, first, "1 mL", 11)
    refusals: tuple[tuple[dict[UUID, str | None], type[Refusal]], ...] = (
        ({uuid7(): None}, NotFound), ({first: None}, Impossible), ({first: "3 mL/h"}, UnitMismatch),
        ({first: "-3 mg"}, Impossible), ({first: "3 kg"}, UnitMismatch),
        ({first: "0 kg"}, UnitMismatch),
    )  # fmt: skip
    for lines, refusal in refusals:
        with pytest.raises(refusal):
            counted(world, count, lines)
    with pytest.raises(Impossible, match="lies in the future"):
        counted(world, count, {first: "40 mg"}, observed_at=at(21).isoformat())
    assert found(world) == []


def test_a_count_sent_twice_is_kept_once(vault: Vault) -> None:
    world, location, (first, *_) = vault
    count = begun(world, location)
    same = uuid7()
    done = counted(world, count, {first: "40 mg"}, id=same)
    assert counted(world, count, {first: "40 mg"}, id=same) == done
    with pytest.raises(IdConflict):
        counted(world, count, {first: "41 mg"}, id=same)
    assert len(found(world)) == 1
