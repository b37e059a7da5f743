"""One audit entry for each act, whatever came of it; nothing else is written (R10, R11, R18)."""

import json
import threading
import time
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.records.door import NotStored
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.work import work
from protocol.rules.actions import Action
from protocol.rules.errors import ConfirmationMissing, IdConflict, NotPermitted
from tests.commands.world import World, a_charted, a_reading, at
from tests.records.attack import Attack

NOTE = {"kind": "note", "text": "As it was."}


def trail(world: World) -> list[dict[str, Any]]:
    """The audit entries, each with its detail."""
    with Attack.looking(world) as looking:
        details = {row["number"]: json.loads(row["detail"]) for row in looking.rows(DETAILS)}
        return [row | {"detail": details[row["number"]]} for row in looking.rows(ENTRIES)]


def test_an_act_leaves_one_entry_that_says_who_what_when_and_about_whom(world: World) -> None:
    before = trail(world)
    charted = world.chart(1, NOTE)
    *earlier, entry = trail(world)
    assert earlier == before
    expected = {
        "number": charted.entry.number,
        "at": "2031-05-06T09:01:00.000000Z",
        "person_id": str(world.nurse.person_id),
        "roles": "nurse",
        "workstation": "chair 1",
        "action": "note:record",
        "outcome": "done",
        "code": "",
        "patient_id": str(world.patient),
        "session_id": str(world.session),
        "subject_id": str(charted.entry.id),
    }
    assert {name: entry[name] for name in expected} == expected


def test_a_refusal_is_in_the_trail_with_what_was_attempted(world: World) -> None:
    before, rows = len(trail(world)), world.record().entries
    with pytest.raises(ConfirmationMissing):
        world.chart(1, a_reading("heart-rate 250.0 /min"))
    entry = trail(world)[-1]
    assert (entry["outcome"], entry["code"]) == ("refused", "confirmation-missing")
    assert (entry["action"], entry["session_id"]) == ("reading:record", str(world.session))
    assert '"250.0"' in entry["detail"]["attempted"]
    assert "213" in entry["detail"]["sentence"]
    assert len(trail(world)) == before + 2  # the view of the record, and the refusal
    assert world.record().entries == rows


def test_a_refusal_for_lack_of_permission_is_in_the_trail(world: World) -> None:
    with pytest.raises(NotPermitted):
        world.chart(1, NOTE, by=world.auditor)
    entry = trail(world)[-1]
    assert (entry["outcome"], entry["code"]) == ("refused", "not-permitted")
    assert entry["person_id"] == str(world.auditor.person_id)


def test_what_was_attempted_is_kept_at_a_bounded_length(world: World) -> None:
    with pytest.raises(NotPermitted):
        world.chart(1, {"kind": "note", "text": "x" * 19_000}, by=world.auditor)
    assert len(trail(world)[-1]["detail"]["attempted"]) == 4_000


def test_a_repeat_is_marked_and_writes_nothing(world: World) -> None:
    charted = a_charted(1, a_reading("heart-rate 99 /min"))
    first = charting.record_entry(world.clinic, world.nurse, world.session, charted, now=at(1))
    again = charting.record_entry(world.clinic, world.nurse, world.session, charted, now=at(9))
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.entry, again.breaches) == (first.entry, first.breaches)
    assert first.breaches
    one, other = trail(world)[-2:]
    assert (one["outcome"], other["outcome"]) == ("done", "repeated")
    assert one["subject_id"] == other["subject_id"] == str(charted.id)
    assert len(world.record().entries) == 1


def test_the_same_id_with_other_content_is_a_conflict(world: World) -> None:
    kept = world.chart(1, NOTE).entry
    for other in (
        a_charted(1, NOTE | {"text": "Another."}, id=kept.id),
        a_charted(2, NOTE, id=kept.id),
        a_charted(1, NOTE, id=kept.id, reason="why"),
    ):
        with pytest.raises(IdConflict):
            charting.record_entry(world.clinic, world.nurse, world.session, other, now=at(3))
    with pytest.raises(IdConflict):
        world.chart(1, NOTE, id=kept.id, second=world.physician)
    with pytest.raises(IdConflict):
        world.chart(1, NOTE, id=kept.id, session=world.session_on())
    assert trail(world)[-1]["code"] == "id-conflict"
    assert [one.content for one in world.record().entries] == [kept.content]


def test_an_act_that_changes_nothing_is_an_error_of_ours(world: World) -> None:
    before = trail(world)
    nothing = work(world.clinic, world.nurse, Action.NOTE_RECORD, at(1))
    with pytest.raises(RuntimeError, match="changed nothing"), nothing:
        pass
    assert trail(world) == before


def test_nobody_acts_at_another_clinic(world: World) -> None:
    elsewhere = world.nurse.model_copy(update={"clinic_id": uuid7()})
    with pytest.raises(RuntimeError, match="own clinic"):
        world.chart(1, NOTE, by=elsewhere)
    assert world.fault() is None


def test_a_field_that_could_forge_another_is_not_sealed_and_its_row_not_kept(
    world: World,
) -> None:
    forger = world.nurse.model_copy(update={"workstation": "chair 1\nnote:record"})
    with pytest.raises(ValueError, match="line feed"):
        world.chart(1, NOTE, by=forger)
    assert world.record().entries == ()
    assert world.fault() is None


class _Interrupted(Exception):
    """Something that has nothing to do with the record."""


def test_an_act_that_breaks_off_takes_nothing_of_the_others_with_it(world: World) -> None:
    door = world.database.door(str(world.clinic.id))
    kept: list[object] = []
    group = door.enter()
    threads = []
    for number in range(6):
        arguments = (world, number, kept)
        threads.append(threading.Thread(target=_notes_or_breaks_off, args=arguments, daemon=True))
        threads[-1].start()
        while len(door._waiting) < len(threads):
            time.sleep(0.001)
    door.leave(group)
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert {one.id for one in world.record().entries} == set(kept)
    assert len(kept) == 3
    assert world.fault() is None


def _notes_or_breaks_off(world: World, number: int, kept: list[object]) -> None:
    if number % 2 == 0:
        kept.append(world.chart(number, NOTE).entry.id)
        return
    breaking_off = work(world.clinic, world.nurse, Action.NOTE_RECORD, at(1))
    with pytest.raises(_Interrupted), breaking_off:
        raise _Interrupted


def test_a_statement_that_fails_leaves_no_act_acknowledged_and_lost(world: World) -> None:
    door = world.database.door(str(world.clinic.id))
    answers: list[object] = []

    def note() -> None:
        try:
            answers.append(world.chart(1, NOTE).entry.id)
        except (NotStored, DBAPIError) as error:
            answers.append(error)

    group = door.enter()
    thread = threading.Thread(target=note, daemon=True)
    thread.start()
    while not door._waiting:
        time.sleep(0.001)
    try:
        with pytest.raises(DBAPIError):
            group.connection.execute(text("SELECT nothing FROM nowhere"))
    finally:
        door.leave(group)
    thread.join(30)
    acknowledged = [one for one in answers if not isinstance(one, Exception)]
    assert len(answers) == 1
    assert [one.id for one in world.record().entries] == acknowledged
    assert world.fault() is None
