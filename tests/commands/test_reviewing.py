"""Reviewing the trail: signed, over exactly what stood, and due by the clinic's own period."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from protocol.commands import auditing, reviewing, surveying
from protocol.records.audit_search import Order, Sought
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.rules.actions import Action
from protocol.rules.audit import canonical_instant
from protocol.rules.errors import IdConflict, Impossible, NotPermitted, SignInFailed, TooWide
from tests.commands.kept import KEEPING, a_review
from tests.commands.world import World, a_reading, at


def hashes(world: World, until: float) -> list[tuple[str, str]]:
    with world.database.looking() as connection:
        rows = connection.execute(
            select(ENTRIES.c.hash, ENTRIES.c.person_id)
            .where(ENTRIES.c.at >= canonical_instant(at(0)),
                   ENTRIES.c.at < canonical_instant(at(until)))
            .order_by(ENTRIES.c.at, ENTRIES.c.number)
        )  # fmt: skip
        return [(row.hash, row.person_id) for row in rows]


def test_a_review_is_signed_over_the_entries_that_stood_in_its_window(world: World) -> None:
    world.chart(1, a_reading("heart-rate 71 /min"))
    world.chart(2, a_reading("heart-rate 72 /min"))
    with pytest.raises(NotPermitted):
        world.chart(3, a_reading("heart-rate 73 /min"), by=world.auditor)
    stood = hashes(world, 70)
    done = a_review(world)
    assert done.seen.entries == len(stood) == 3
    assert done.seen.digest == sha256("".join(f"{one}\n" for one, _ in stood).encode()).hexdigest()
    assert {(one.action, one.outcome, one.entries) for one in done.seen.counts} == {
        ("reading:record", "done", 2), ("reading:record", "refused", 1),
    }  # fmt: skip
    assert done.seen.by_reviewer == 1
    assert (done.reviewer.name, done.remark) == ("Auditor", "Looked through.")
    assert world.fault() is None


def test_a_review_takes_the_own_secret_and_a_window_of_the_past(world: World) -> None:
    with pytest.raises(SignInFailed):
        a_review(world, secret="another secret")
    with pytest.raises(Impossible):
        a_review(world, 70, until=at(71).isoformat())
    with pytest.raises(NotPermitted):
        a_review(world, by=world.nurse)
    assert reviewing.reviews(world.clinic, world.auditor, now=at(80)) == []


def test_a_review_sent_again_is_signed_once(world: World) -> None:
    first = a_review(world)
    assert a_review(world, id=first.id) == first
    with pytest.raises(IdConflict):
        a_review(world, id=first.id, remark="Another.")


def test_what_no_review_covers_is_due_by_the_policy_and_by_nothing_else(world: World) -> None:
    assert reviewing.lacking_reviews(world.clinic, world.auditor, now=at(60)) == []
    world.policy_with(keeping=KEEPING)
    [gap] = reviewing.lacking_reviews(world.clinic, world.auditor, now=at(60))
    assert (gap.since, gap.until, gap.state.value) == (at(-120), at(60), "due")
    a_review(world, 70)
    later = at(70) + timedelta(days=12)
    before, after = reviewing.lacking_reviews(world.clinic, world.auditor, now=later)
    assert (before.since, before.until, before.state.value) == (at(-120), at(0), "overdue")
    assert (after.since, after.due_at) == (at(70), at(70) + timedelta(days=11))


def last(world: World) -> tuple[str, str, dict[str, object]]:
    with world.database.looking() as connection:
        row = connection.execute(
            select(ENTRIES.c.action, ENTRIES.c.outcome, DETAILS.c.detail)
            .join(DETAILS, DETAILS.c.number == ENTRIES.c.number)
            .order_by(ENTRIES.c.number.desc())
            .limit(1)
        ).one()
    return row.action, row.outcome, json.loads(row.detail)


def test_searching_exporting_and_printing_are_acts_of_their_own(world: World) -> None:
    sought = Sought(action=Action.SESSION_SIGN)
    said = {"action": "session:sign", "sort": "at", "descending": True}
    for _ in range(2):
        auditing.find_entries(world.clinic, world.auditor, sought, now=at(1))
        assert last(world) == ("audit:search", "done", said)
    auditing.export_entries(world.clinic, world.auditor, sought, now=at(2))
    assert last(world) == ("audit:export", "done", said)
    auditing.print_entries(world.clinic, world.auditor, sought, now=at(3))
    assert last(world) == ("audit:print", "done", said)
    with pytest.raises(NotPermitted):
        auditing.export_entries(world.clinic, world.nurse, sought, now=at(4))
    assert last(world)[:2] == ("audit:export", "refused")


def test_a_report_holds_the_trail_as_it_stood_when_it_was_asked_for(world: World) -> None:
    report = auditing.export_entries(
        world.clinic, world.auditor, Sought(), now=at(1), order=Order(descending=False)
    )
    world.chart(2, {"kind": "note", "text": "Later."})
    numbers = [one.entry.number for one in report.lines]
    assert sorted(numbers) == list(range(1, report.up_to + 1))


def test_a_sheet_is_not_made_of_more_than_it_holds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "PRINTED_MAX", 3)
    with pytest.raises(TooWide, match="up to 3 entries"):
        auditing.print_entries(world.clinic, world.auditor, Sought(), now=at(1))


def test_regular_charting_is_listed_by_the_policy_s_thresholds_and_by_nothing_else(
    world: World,
) -> None:
    for minute in (10, 20, 30):
        world.chart(minute, a_reading("heart-rate 71 /min"))

    def found() -> list[tuple[str, int]]:
        listed = surveying.regular_charting(
            world.clinic, world.auditor, since=at(0), until=at(60), now=at(60)
        )
        assert {one.session_id for one in listed} <= {world.session}
        return [(one.kind.value, one.entries) for one in listed]

    assert found() == []
    world.policy_with(keeping={"regular_charting": {"identical_sets": 3}})
    assert found() == [("identical-sets", 3)]
    world.policy_with(keeping={"regular_charting": {"identical_sets": 4}})
    assert found() == []
