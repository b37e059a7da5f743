"""Nothing is overwritten: a correction or a retraction is an entry of its own (R55-R60)."""

from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import amending
from protocol.commands.charting import Recorded
from protocol.rules.charting import Entry
from protocol.rules.errors import (
    AlreadyReplaced,
    Impossible,
    NotFound,
    NotPermitted,
    ReasonMissing,
    Refusal,
)
from tests.commands.world import World, a_charted, a_dosing, a_reading, at

RETRACTION = {"kind": "retraction", "reason": "wrong patient"}


def correct(
    world: World, entry: UUID, content: dict[str, Any], *, minute: float = 1,
    reason: str | None = "a slip of the pen", **more: Any,
) -> Recorded:  # fmt: skip
    charted = a_charted(minute, content, replaces=entry, reason=reason)
    return amending.correct_entry(
        world.clinic, more.pop("by", world.nurse), more.pop("session", world.session), charted,
        now=at(30), **more,
    )  # fmt: skip


def retract(world: World, entry: UUID, session: UUID | None = None) -> Recorded:
    charted = a_charted(1, RETRACTION, replaces=entry)
    return amending.retract_entry(
        world.clinic, world.nurse, session or world.session, charted, now=at(30)
    )


@pytest.fixture
def wrong(world: World) -> Entry:
    return world.chart(1, a_reading("heart-rate 17 /min"), confirmed=["heart-rate"]).entry


def test_a_correction_stands_and_the_original_stays(world: World, wrong: Entry) -> None:
    right = correct(world, wrong.id, a_reading("heart-rate 71 /min")).entry
    record = world.record()
    assert [one.id for one in record.entries] == [wrong.id, right.id]
    assert [one.id for one in record.standing] == [right.id]
    assert record.replaced == {wrong.id: right}
    assert record.entries[0] == wrong
    assert (right.reason, right.replaces) == ("a slip of the pen", wrong.id)


def test_a_correction_has_a_reason(world: World, wrong: Entry) -> None:
    with pytest.raises(ReasonMissing):
        correct(world, wrong.id, a_reading("heart-rate 71 /min"), reason=None)


def test_a_correction_is_of_the_same_kind(world: World, wrong: Entry) -> None:
    with pytest.raises(Impossible, match="does not correct a reading"):
        correct(world, wrong.id, {"kind": "note", "text": "x"})


def test_only_the_newest_is_corrected(world: World, wrong: Entry) -> None:
    second = correct(world, wrong.id, a_reading("heart-rate 72 /min")).entry
    with pytest.raises(AlreadyReplaced) as refused:
        correct(world, wrong.id, a_reading("heart-rate 73 /min"))
    assert refused.value.facts["by"] == str(second.id)
    third = correct(world, second.id, a_reading("heart-rate 73 /min")).entry
    assert [one.id for one in world.record().standing] == [third.id]


def test_a_correction_is_judged_like_any_entry(world: World, wrong: Entry) -> None:
    with pytest.raises(Impossible):
        correct(world, wrong.id, a_reading("spo2 101 %"))
    [breach] = correct(world, wrong.id, a_reading("heart-rate 99 /min")).breaches
    assert breach.limit_code == "heart-rate-soft"
    plan = {"kind": "plan", "drug_line": "line-1", "rate": {"value": "1", "unit": "mL/h"}}
    planned = world.chart(2, plan, by=world.physician).entry
    with pytest.raises(NotPermitted):
        correct(world, planned.id, plan)
    correct(world, planned.id, plan, by=world.physician)


def test_a_corrected_breach_is_resolved(world: World) -> None:
    fast = world.chart(1, a_reading("heart-rate 99 /min")).entry
    correct(world, fast.id, a_reading("heart-rate 79 /min"))
    record = world.record()
    assert [record.is_resolved(one) for one in record.breaches] == [True]


def test_a_corrected_dose_counts_and_the_wrong_one_no_longer(world: World) -> None:
    start = world.chart(1, a_dosing("start", rate="70 mg/h")).entry
    world.chart(7, a_dosing("stop"))
    correct(world, start.id, a_dosing("start", rate="7 mg/h"))
    [total] = world.record().totals()
    assert str(total.given.amount) == "0.7"


def test_a_retracted_entry_stands_no_longer_and_leaves_a_marker(world: World, wrong: Entry) -> None:
    marker = retract(world, wrong.id).entry
    record = world.record()
    assert [one.id for one in record.entries] == [wrong.id, marker.id]
    assert record.standing == ()
    with pytest.raises(AlreadyReplaced):
        retract(world, wrong.id)
    with pytest.raises(AlreadyReplaced):
        retract(world, marker.id)
    with pytest.raises(AlreadyReplaced):
        correct(world, wrong.id, a_reading("heart-rate 71 /min"))


def test_nothing_is_corrected_or_retracted_that_is_not_in_the_session(
    world: World, wrong: Entry
) -> None:
    other = world.session_on()
    for entry, session in ((uuid7(), world.session), (wrong.id, other)):
        with pytest.raises(NotFound):
            correct(world, entry, a_reading("heart-rate 71 /min"), session=session)
        with pytest.raises(NotFound):
            retract(world, entry, session)


def test_a_retraction_by_the_general_command_is_judged_the_same(world: World, wrong: Entry) -> None:
    other = world.session_on()
    with pytest.raises(NotFound):
        world.chart(2, RETRACTION, replaces=wrong.id, session=other)
    with pytest.raises(NotFound):
        world.chart(2, RETRACTION, replaces=uuid7())
    world.chart(2, RETRACTION, replaces=wrong.id)
    with pytest.raises(AlreadyReplaced):
        world.chart(3, RETRACTION, replaces=wrong.id)


def test_a_retraction_names_what_it_retracts(world: World) -> None:
    with pytest.raises(Refusal):
        amending.retract_entry(
            world.clinic, world.nurse, world.session, a_charted(1, RETRACTION), now=at(1)
        )


def test_each_command_takes_its_own_content(sqlite_world: World) -> None:
    note = a_charted(1, {"kind": "note", "text": "x"})
    for command in (amending.retract_entry, amending.add_addendum):
        with pytest.raises(TypeError, match="own command"):
            command(sqlite_world.clinic, sqlite_world.nurse, sqlite_world.session, note, now=at(1))


def test_a_correction_sent_twice_is_harmless(world: World, wrong: Entry) -> None:
    charted = a_charted(1, a_reading("heart-rate 71 /min"), replaces=wrong.id, reason="why")
    arguments = (world.clinic, world.nurse, world.session, charted)
    first = amending.correct_entry(*arguments, now=at(2))
    again = amending.correct_entry(*arguments, now=at(3))
    assert (again.repeated, again.entry) == (True, first.entry)
