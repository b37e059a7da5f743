"""The lawful purge of audit detail: the guard lets exactly that happen, and nothing else (R51)."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from protocol.commands import purging
from protocol.records import purging as removal
from protocol.records.guards import missing_guards
from protocol.records.lookups import table
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.tables import TombstoneRow
from protocol.rules.actions import Role
from protocol.rules.errors import (
    IdConflict,
    NotAllowedNow,
    NotPermitted,
    SecondPersonMissing,
    UnknownTerm,
)
from protocol.rules.retention import PurgeIn
from tests.commands.kept import KEEPING, a_hold, a_purge, lifted
from tests.commands.world import World, a_reading, at

TOMBSTONE = table(TombstoneRow)


@pytest.fixture
def charted(world: World) -> World:
    """Two readings and a note, on a policy whose rule for readings has run out."""
    rule = {"record_class": "readings", "acts": ["reading:record"], "keep_months": 0,
            "legal_basis": "an invented law"}  # fmt: skip
    world.policy_with(keeping={**KEEPING, "retention": [rule]})
    world.chart(1, a_reading("heart-rate 71 /min"))
    world.chart(2, a_reading("heart-rate 72 /min"))
    world.chart(3, {"kind": "note", "text": "As it was."})
    return world


def details(world: World, action: str = "reading:record") -> list[int]:
    same = (DETAILS.c.clinic_id == ENTRIES.c.clinic_id) & (DETAILS.c.number == ENTRIES.c.number)
    with world.database.looking() as connection:
        return list(
            connection.execute(
                select(DETAILS.c.number).join(ENTRIES, same).where(ENTRIES.c.action == action)
            ).scalars()
        )


def purged(world: World, **changes: Any) -> Any:
    return a_purge(world, record_class=changes.pop("record_class", "readings"), **changes)


def test_a_purge_takes_the_details_of_its_class_and_leaves_tombstones(charted: World) -> None:
    other = details(charted, "note:record")
    assert len(details(charted)) == 2
    done = purged(charted)
    assert (done.purged, done.held, done.waiting) == (2, 0, 0)
    assert (done.by.name, done.second_person.name) == ("Administrator", "Physician")
    assert details(charted) == []
    assert details(charted, "note:record") == other
    assert charted.fault() is None
    assert missing_guards(charted.database) == []
    assert len(charted.record().entries) == 3, "nothing clinical goes"


def test_a_purge_is_sealed_with_who_and_why(charted: World) -> None:
    done = purged(charted)
    with charted.database.looking() as connection:
        entry = connection.execute(select(ENTRIES).where(ENTRIES.c.action == "audit:purge")).one()
        words = connection.execute(
            select(DETAILS.c.detail).where(DETAILS.c.number == entry.number)
        ).scalar_one()
    assert (entry.outcome, entry.subject_id) == ("done", str(done.id))
    assert json.loads(words)["purged"] == 2
    assert json.loads(words)["second"] == str(charted.physician.person_id)


def test_a_purge_takes_two_people_and_the_second_a_physician_or_administrator(
    charted: World,
) -> None:
    for second in (None, charted.administrator):
        wanted = PurgeIn.model_validate(
            {"id": uuid7(), "record_class": "readings", "until": at(10).isoformat(),
             "reason": "why", "legal_basis": "a law"}
        )  # fmt: skip
        with pytest.raises(SecondPersonMissing):
            purging.purge(charted.clinic, charted.administrator, wanted, second=second, now=at(20))
    with pytest.raises(NotPermitted):
        purged(charted, second=charted.nurse)
    alone = charted.physician.model_copy(update={"roles": frozenset({Role.PHYSICIAN})})
    with pytest.raises(NotPermitted):
        purging.purge(charted.clinic, alone, wanted, second=charted.administrator, now=at(20))
    assert len(details(charted)) == 2


def test_without_a_rule_of_the_clinic_nothing_is_purged(world: World) -> None:
    world.chart(1, a_reading("heart-rate 71 /min"))
    with pytest.raises(UnknownTerm, match="no retention rule for readings"):
        purged(world)
    assert len(details(world)) == 1


def test_nothing_is_purged_while_any_rule_that_covers_the_act_runs(world: World) -> None:
    ended = {"record_class": "readings", "acts": ["reading:record"], "keep_months": 0,
             "legal_basis": "an invented law"}  # fmt: skip
    longer = {"record_class": "drug", "acts": ["reading:record", "dosing:start"],
              "keep_months": 7, "legal_basis": "the law of drugs"}  # fmt: skip
    world.policy_with(keeping={"retention": [ended, longer]})
    world.chart(1, a_reading("heart-rate 71 /min"))
    with pytest.raises(NotAllowedNow, match=r"drug runs until 2031-12-06.*the law of drugs"):
        purged(world, until=at(10).isoformat())
    assert len(details(world)) == 1
    assert purged(world, until=at(10).isoformat(), minute=60 * 24 * 300).purged == 1


def test_a_hold_on_the_clinic_blocks_every_purge_until_it_is_lifted(charted: World) -> None:
    hold = a_hold(charted, 5)
    with pytest.raises(NotAllowedNow, match=r"A hold stands since .*: An invented case"):
        purged(charted)
    assert len(details(charted)) == 2
    lifted(charted, hold, 6)
    assert purged(charted).purged == 2


def test_a_hold_on_a_patient_keeps_that_patient_s_details(charted: World) -> None:
    other = charted.session_on(patient=charted.enrolled(2))
    charted.chart(4, a_reading("heart-rate 73 /min"), session=other)
    a_hold(charted, 5, patient_id=charted.patient)
    with pytest.raises(NotAllowedNow):
        purged(charted, patient_id=charted.patient)
    done = purged(charted)
    assert (done.purged, done.held) == (1, 2)
    assert len(details(charted)) == 2


def test_a_purge_sent_again_is_done_once_and_another_under_its_id_is_refused(
    charted: World,
) -> None:
    first = purged(charted)
    again = purged(charted, id=first.id, until=first.until.isoformat(), reason=first.reason)
    assert again == first
    with pytest.raises(IdConflict):
        purged(charted, id=first.id, reason="another")
    with pytest.raises(NotAllowedNow, match="Nothing is left"):
        purged(charted)


def test_what_a_crash_left_is_removed_when_the_purge_is_sent_again(
    charted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    purge_id = uuid7()
    with monkeypatch.context() as patched:
        patched.setattr(removal, "remove_purged", crash)
        with pytest.raises(KeyboardInterrupt):
            purged(charted, id=purge_id)
    assert len(details(charted)) == 2
    assert charted.fault() is None, "a detail beside its tombstone is whole"
    [waiting] = purging.purges(charted.clinic, charted.auditor, now=at(80))
    assert waiting.waiting == 2
    assert purged(charted, id=purge_id).waiting == 0
    assert details(charted) == []
    assert charted.fault() is None


def tried(world: World, *statements: str) -> str:
    with world.database.engine.connect() as connection, connection.begin() as transaction:
        try:
            for statement in statements:
                connection.execute(text(statement))
        except DBAPIError as error:
            return str(error.orig)
        transaction.rollback()
        return "it was done"


def test_the_guard_lets_no_other_detail_go_and_none_be_changed(charted: World) -> None:
    purged(charted)
    for statement in (
        "DELETE FROM audit_detail",
        "DELETE FROM audit_detail WHERE number = 1",
        "UPDATE audit_detail SET detail = ''",
    ):
        assert "audit_detail is append-only" in tried(charted, statement), statement


@pytest.mark.parametrize(
    ("audit_number", "digest"),
    [
        ("(SELECT max(number) FROM audit_entry)", "detail_digest"),  # of an act that was no purge
        ("999999", "detail_digest"),  # of no entry at all
        ("(SELECT max(audit_number) FROM purge)", "'of another detail'"),
    ],
)
def test_a_tombstone_that_no_purge_sealed_lets_nothing_go(
    charted: World, audit_number: str, digest: str
) -> None:
    purged(charted)
    charted.chart(4, {"kind": "note", "text": "Later."})
    stone = (
        "INSERT INTO tombstone (clinic_id, audit_number, number, purge_id, detail_digest)"
        f" SELECT p.clinic_id, {audit_number}, e.number, p.id, {digest} FROM purge p, audit_entry e"
        " WHERE e.number = 1"
    )
    said = tried(charted, stone, "DELETE FROM audit_detail WHERE number = 1")
    assert "audit_detail is append-only" in said


def test_a_forged_tombstone_that_the_guard_takes_is_named_by_the_verification(
    charted: World,
) -> None:
    purged(charted)
    with charted.database.begin_write() as connection:
        connection.execute(text(
            "INSERT INTO tombstone (clinic_id, audit_number, number, purge_id, detail_digest)"
            " SELECT p.clinic_id, p.audit_number, e.number, p.id, e.detail_digest"
            " FROM purge p, audit_entry e WHERE e.number = 1"
        ))  # fmt: skip
        connection.execute(text("DELETE FROM audit_detail WHERE number = 1"))
        purge = connection.execute(text("SELECT max(audit_number) FROM purge")).scalar_one()
        connection.commit()
    fault = charted.fault()
    assert fault is not None
    assert (fault.number, "rows" in fault.what) == (purge, True)


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"])
def test_a_temporary_table_does_not_pass_for_the_tombstones(charted: World) -> None:
    said = tried(
        charted,
        "CREATE TEMPORARY TABLE tombstone AS SELECT e.clinic_id::uuid clinic_id, e.number,"
        " e.number audit_number, e.detail_digest FROM audit_entry e",
        "DELETE FROM audit_detail WHERE number = 1",
    )
    assert "audit_detail is append-only" in said


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"])
@pytest.mark.parametrize(
    "statement",
    [
        """CREATE OR REPLACE FUNCTION chairside_purge_only() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN OLD; END'""",
        "ALTER FUNCTION chairside_purge_only() RESET search_path",
    ],
)
def test_a_purge_guard_that_was_changed_is_named(charted: World, statement: str) -> None:
    with charted.database.begin_write() as connection:
        connection.execute(text(statement))
        connection.commit()
    assert missing_guards(charted.database) == ["guard_audit_detail_row"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_purged_words_are_in_no_file_of_the_database(charted: World) -> None:
    words = b"An invented case of nobody"
    lifted(charted, a_hold(charted, 5, matter=words.decode()), 6)
    rule = {"record_class": "holds", "acts": ["hold:place"], "keep_months": 0,
            "legal_basis": "an invented law"}  # fmt: skip
    charted.policy_with(keeping={"retention": [rule]})
    path = charted.database.path
    assert path is not None

    def times() -> int:
        return sum(one.read_bytes().count(words) for one in path.parent.glob(f"{path.name}*"))

    before = times()
    assert purged(charted, record_class="holds").purged == 1
    assert times() < before
    assert times() == 1, "the hold itself stays"


def test_every_purged_entry_keeps_its_own_tombstone(charted: World) -> None:
    purged(charted)
    with charted.database.looking() as connection:
        stones = connection.execute(select(func.count()).select_from(TOMBSTONE)).scalar_one()
    assert stones == 2
