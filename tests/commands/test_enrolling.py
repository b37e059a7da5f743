"""Patients: enrolled with two identifiers, changed by versions, weighed, found (R93, R126)."""

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import enrolling
from protocol.rules.errors import IdConflict, Impossible, NotFound
from protocol.rules.patients import Patient, PatientIn, WeightIn
from tests.commands.world import PATIENT, World, at


def details(number: int, **changes: Any) -> PatientIn:
    identifiers = [{"system": s, "value": f"{number}"} for s in ("record number", "insurance")]
    return PatientIn.model_validate(PATIENT | {"identifiers": identifiers} | changes)


def enrol(world: World, patient: PatientIn, patient_id: UUID | None = None) -> Patient:
    return enrolling.enrol(world.clinic, world.nurse, patient_id or uuid7(), patient, now=at(0))


def seen(world: World, patient_id: UUID) -> Patient:
    return enrolling.patient(world.clinic, world.nurse, patient_id, now=at(1))


def test_a_patient_is_kept_as_entered(world: World) -> None:
    entered = details(7, family="O'Weiß", given="Zoë–Ann", allergies=["latex", "peanuts"])
    kept = seen(world, enrol(world, entered).id)
    assert PatientIn.model_validate(kept.model_dump(include=set(PatientIn.model_fields))) == entered
    assert (kept.version, kept.weights) == (1, ())


def test_enrolling_twice_is_harmless_and_with_other_details_a_conflict(world: World) -> None:
    first = enrol(world, details(7))
    assert enrol(world, details(7), first.id) == first
    with pytest.raises(IdConflict):
        enrol(world, details(8), first.id)


@pytest.mark.parametrize("place", [0, 1])
def test_no_two_patients_have_one_identifier(world: World, place: int) -> None:
    taken = PATIENT["identifiers"][0]
    identifiers = [{"system": "x", "value": "1"}, {"system": "y", "value": "2"}]
    identifiers[place] = taken
    with pytest.raises(Impossible, match="Another patient"):
        enrol(world, details(7, identifiers=identifiers))


def test_an_identifier_that_was_given_up_can_be_anothers(world: World) -> None:
    enrolling.change_patient(world.clinic, world.nurse, world.patient, details(9), now=at(1))
    assert enrol(world, PatientIn.model_validate(PATIENT)).version == 1


def test_a_birth_in_the_future_is_impossible(world: World) -> None:
    with pytest.raises(Impossible, match="future"):
        enrol(world, details(7, born_on="2031-05-07"))
    assert enrol(world, details(7, born_on="2031-05-06")).version == 1


def test_changed_details_are_a_new_version(world: World) -> None:
    changed = PatientIn.model_validate(PATIENT | {"family": "Renamed"})
    after = enrolling.change_patient(world.clinic, world.nurse, world.patient, changed, now=at(1))
    assert (after.version, after.family) == (2, "Renamed")
    assert len(after.weights) == 1
    assert world.record().patient.family == "Renamed"
    other = enrol(world, details(7))
    with pytest.raises(Impossible, match="Another patient"):
        enrolling.change_patient(world.clinic, world.nurse, other.id, changed, now=at(2))


def test_a_weight_is_kept_digit_by_digit_in_its_zone(world: World) -> None:
    wanted = WeightIn.model_validate(
        {"id": uuid7(), "value_kg": "61.50", "method": "stated",
         "measured_at": "2031-05-06T10:30:00+02:00"}
    )  # fmt: skip
    given = enrolling.weigh(world.clinic, world.nurse, world.patient, wanted, now=at(0))
    kept = seen(world, world.patient).weights[-1]
    assert kept == given
    assert (str(kept.value_kg), kept.measured_at.isoformat()) == (
        "61.50", "2031-05-06T10:30:00+02:00",
    )  # fmt: skip
    assert enrolling.weigh(world.clinic, world.nurse, world.patient, wanted, now=at(5)) == given
    assert len(seen(world, world.patient).weights) == 2


def test_a_weight_of_tomorrow_is_impossible(world: World) -> None:
    wanted = {"id": uuid7(), "value_kg": "61", "method": "stated"}
    ahead = WeightIn.model_validate(wanted | {"measured_at": at(1).isoformat()})
    with pytest.raises(Impossible, match="future"):
        enrolling.weigh(world.clinic, world.nurse, world.patient, ahead, now=at(0))
    with pytest.raises(NotFound):
        enrolling.weigh(world.clinic, world.nurse, uuid7(), ahead, now=at(2))


def test_patients_are_found_by_family_name_or_whole_identifier(world: World) -> None:
    other = enrol(world, details(7, family="Inventedly")).id
    enrol(world, details(8, family="Someone"))

    def found(words: str) -> list[UUID]:
        answers = enrolling.find_patients(world.clinic, world.nurse, words, now=at(1))
        return [one.id for one in answers]

    assert found("INVENTED") == sorted([world.patient, other])
    assert found("inventedl") == [other]
    assert found("X-1") == [world.patient]
    assert found("X-") == []
    assert found("%") == found("_") == []
    assert len(found("")) == 3


def test_a_long_list_comes_in_pages(world: World) -> None:
    everyone = sorted([world.patient, *(enrol(world, details(n)).id for n in range(4))])
    pages, after = [], None
    while page := enrolling.find_patients(
        world.clinic, world.nurse, "", now=at(1), after=after, limit=2
    ):
        pages.append([one.id for one in page])
        after = page[-1].id
    assert pages == [everyone[:2], everyone[2:4], everyone[4:]]


def test_a_patient_who_was_renamed_is_found_by_the_new_name_alone(world: World) -> None:
    changed = PatientIn.model_validate(PATIENT | {"family": "Renamed"})
    enrolling.change_patient(world.clinic, world.nurse, world.patient, changed, now=at(1))
    for words, expected in (("Invented", []), ("Renamed", [world.patient])):
        found = enrolling.find_patients(world.clinic, world.nurse, words, now=at(2))
        assert [one.id for one in found] == expected


def test_an_address_is_kept_and_changed_and_absent_it_is_in_no_digest(world: World) -> None:
    assert "address" not in details(7).model_dump(mode="json")
    with_one = details(7, address="1 Invented Street\nInventon")
    patient = enrol(world, with_one)
    assert seen(world, patient.id).address == "1 Invented Street\nInventon"
    changed = enrolling.change_patient(
        world.clinic, world.nurse, patient.id, details(7, address="2"), now=at(1)
    )
    assert (changed.version, changed.address) == (2, "2")
    enrolling.change_patient(world.clinic, world.nurse, patient.id, details(7), now=at(2))
    assert seen(world, patient.id).address is None
    assert world.fault() is None
