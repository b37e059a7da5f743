"""Which jurisdiction profile is in force: the active one whose effective day has come (R83)."""

from datetime import datetime, timedelta

import pytest

from protocol.commands import authoring
from protocol.records.versions import active_jurisdiction
from protocol.rules.errors import NotAllowedNow
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.protocols import VersionStatus
from tests.commands.kept import a_purge
from tests.commands.vault import a_location, a_profile
from tests.commands.world import World, at

TODAY, TOMORROW = "2031-05-06", "2031-05-07"


def a_version(world: World, effective_on: str, name: str = "Inventia") -> str:
    document = JurisdictionDocument(name=name, effective_on=effective_on)  # type: ignore[arg-type]
    return str(world.version(document, minute=0))


def in_force(world: World, now: datetime) -> str | None:
    with world.database.looking() as connection:
        found = active_jurisdiction(connection, world.clinic, now)
    return None if found is None else str(found.id)


def statuses(world: World) -> dict[str, VersionStatus]:
    found = authoring.versions(world.clinic, world.nurse, "jurisdiction", now=at(1))
    return {str(one.id): one.status for one in found}


def test_none_is_in_force_before_a_clinic_wrote_one(world: World) -> None:
    assert in_force(world, at(0)) is None


def test_a_profile_is_in_force_from_its_effective_day_at_the_clinic(world: World) -> None:
    first = a_version(world, TODAY)
    second = a_version(world, TOMORROW)
    assert set(statuses(world).values()) == {VersionStatus.ACTIVE}
    # Nine o'clock UTC is eleven in Paris: thirteen hours later the next day has begun there.
    assert in_force(world, at(0)) == first
    assert in_force(world, at(0) + timedelta(hours=12, minutes=59)) == first
    assert in_force(world, at(0) + timedelta(hours=13)) == second
    third = a_version(world, TOMORROW, name="Another land")
    assert statuses(world) == {
        first: VersionStatus.ACTIVE, second: VersionStatus.RETIRED, third: VersionStatus.ACTIVE,
    }  # fmt: skip


def test_a_profile_that_holds_already_retires_every_other(world: World) -> None:
    first, second = a_version(world, TODAY), a_version(world, TOMORROW)
    third = a_version(world, "2031-01-01")
    assert statuses(world) == {
        first: VersionStatus.RETIRED, second: VersionStatus.RETIRED, third: VersionStatus.ACTIVE,
    }  # fmt: skip
    assert in_force(world, at(9)) == third


def test_details_of_custody_are_kept_as_long_as_the_profile_says(world: World) -> None:
    acts = ["custody:keep-location"]
    rule = {"record_class": "stock", "acts": acts, "keep_months": 0, "legal_basis": "a law"}
    world.policy_with(keeping={"retention": [rule]})
    a_location(world)
    kept = {"retention": {"keep_months": 1, "legal_basis": "an invented law"}}
    a_profile(world, **kept)
    with pytest.raises(NotAllowedNow, match=r"kept until 2031-06-06T.* \(an invented law\)"):
        a_purge(world, 60, record_class="stock")
    a_profile(world, retention=None)
    assert a_purge(world, 61, record_class="stock").purged == 1
