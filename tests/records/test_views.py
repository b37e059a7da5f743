"""Who looked at what is in the trail; a page that refreshes itself counts once (R10)."""

from datetime import datetime
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import authoring, enrolling, planning
from protocol.records.clinics import Clinic
from protocol.records.database import Database
from protocol.records.sealing import ENTRIES
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotFound, NotPermitted
from tests.commands.world import World, at
from tests.records.attack import Attack


def views(world: World, action: str = "session:view") -> list[dict[str, Any]]:
    with Attack.looking(world) as looking:
        return looking.rows(ENTRIES, ENTRIES.c.action == action)


def look(world: World, by: Actor, now: datetime, clinic: Clinic | None = None) -> None:
    planning.session(clinic or world.clinic, by, world.session, now=now)


def test_one_view_stands_for_a_person_a_subject_and_a_quarter_of_an_hour(world: World) -> None:
    for minute in (0, 1, 7, 14.99):
        look(world, world.nurse, at(minute))
    [view] = views(world)
    assert (view["person_id"], view["subject_id"], view["outcome"]) == (
        str(world.nurse.person_id), str(world.session), "done",
    )  # fmt: skip
    assert (view["session_id"], view["rows_digest"]) == (str(world.session), _no_rows())


def _no_rows() -> str:
    from protocol.rules.audit import NO_ROWS

    return NO_ROWS


def test_the_next_quarter_counts_again(world: World) -> None:
    for minute in (14, 15, 29, 30):
        look(world, world.nurse, at(minute))
    assert [view["at"][14:16] for view in views(world)] == ["14", "15", "30"]


def test_another_person_counts_and_another_subject_counts(world: World) -> None:
    look(world, world.nurse, at(1))
    look(world, world.physician, at(2))
    planning.session(world.clinic, world.nurse, world.session_on(), now=at(3))
    assert len(views(world)) == 3


def test_another_process_does_not_count_the_same_view_again(world: World) -> None:
    look(world, world.nurse, at(1))
    other = world.in_copy(world.database.url)
    look(other, other.nurse, at(2))
    other.database.close()
    assert len(views(world)) == 1


def test_a_print_and_an_export_count_every_time(world: World) -> None:
    for action in (Action.SESSION_PRINT, Action.SESSION_EXPORT):
        for minute in (1, 2):
            planning.session(
                world.clinic, world.nurse, world.session, now=at(minute), action=action
            )
        assert len(views(world, action.value)) == 2


def test_a_search_counts_every_time(world: World) -> None:
    for _ in range(2):
        enrolling.find_patients(world.clinic, world.nurse, "Inv", now=at(1))
    assert len(views(world, "patient:search")) == 2


def test_the_patient_that_was_looked_at_is_named(world: World) -> None:
    enrolling.patient(world.clinic, world.nurse, world.patient, now=at(1))
    assert [view["patient_id"] for view in views(world, "patient:view")] == [str(world.patient)]


def test_a_look_that_is_not_permitted_is_in_the_trail_each_time(world: World) -> None:
    for _ in range(2):
        with pytest.raises(NotPermitted):
            look(world, world.administrator, at(1))
    assert [view["code"] for view in views(world)] == ["not-permitted"] * 2


def test_a_look_for_what_is_not_there_is_in_the_trail(world: World) -> None:
    with pytest.raises(NotFound):
        authoring.version(world.clinic, world.nurse, "protocol", uuid7(), now=at(1))
    [view] = views(world, "protocol:view")
    assert (view["outcome"], view["code"]) == ("refused", "not-found")


def test_a_view_leaves_the_chain_whole(world: World) -> None:
    look(world, world.nurse, at(1))
    assert world.fault() is None
    assert isinstance(world.database, Database)
