"""One test for each attack that the threat table in the README names, on both engines (R14, R185).

Every attack starts past the guards. Where only a checkpoint from outside can show it, the test says
so: without one the verification finds nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from protocol.commands.checkpoints import sign_checkpoint
from protocol.records.claims import Held, held
from protocol.records.database import Database
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.verifying import Terms, database_faults, verify
from protocol.rules.actions import Action
from protocol.rules.audit import Fault, detail_digest
from protocol.rules.checkpoints import Checkpoint, public_half
from protocol.rules.tampering import Tampering
from tests.commands.lived_in import KEY
from tests.commands.templates import Templates
from tests.commands.world import World, at
from tests.records.attack import SEALED_TABLES, Attack
from tests.records.forging import (
    CHECKPOINTS,
    SIGNATURES,
    SUBTREES,
    cut,
    put,
    rehashed,
    remake,
)

MIDDLE = 20
VERIFIERS = (public_half(KEY, ""),)


@pytest.fixture
def attack(lived_in: World) -> Iterator[Attack]:
    with Attack(lived_in) as attacking:
        yield attacking


def found(database: Database, *outside: Checkpoint) -> list[Fault]:
    """Every fault, with these checkpoints held against the database."""
    claims: list[Held] = [held(one, VERIFIERS, "the checkpoint") for one in outside]
    return [each for one in verify(database, Terms(VERIFIERS, claims)) for each in one.faults]


def kinds(world: World, *outside: Checkpoint) -> list[Tampering]:
    return [Tampering(one.kind) for one in found(world.database, *outside)]


def named(world: World, *outside: Checkpoint) -> tuple[int, Tampering]:
    """The first fault: its entry, and how it was bent."""
    first = found(world.database, *outside)[0]
    return first.number, Tampering(first.kind)


def a_checkpoint(world: World, minute: float = 70) -> Checkpoint:
    """Signed, and kept by someone else than the database."""
    return sign_checkpoint(world.clinic, world.administrator, KEY, now=at(minute))


def test_an_untouched_history_bears_out_every_checkpoint(lived_in: World) -> None:
    made = [a_checkpoint(lived_in, 70), a_checkpoint(lived_in, 71)]
    assert found(lived_in.database, *made) == []
    claims = [held(one, VERIFIERS, "it") for one in made]
    [one] = verify(lived_in.database, Terms(VERIFIERS, claims))
    assert one.borne_out == made[-1].head.size
    assert one.entries == made[-1].head.size + 1


def test_an_edited_entry(lived_in: World, attack: Attack) -> None:
    with attack.edited(ENTRIES, attack.entry(MIDDLE), code="made up"):
        assert named(lived_in) == (MIDDLE, Tampering.EDITED)


def test_an_edited_row_of_the_record(lived_in: World, attack: Attack) -> None:
    [row] = attack.rows(SIGNATURES)[:1]
    with attack.edited(SIGNATURES, row, meaning="somebody else's"):
        assert named(lived_in) == (row["audit_number"], Tampering.EDITED)


def test_an_entry_inserted_with_everything_after_it_moved(lived_in: World, attack: Attack) -> None:
    _make_room(attack)
    copied = attack.entry(MIDDLE)
    put(attack, copied | {"number": MIDDLE + 1, "previous": copied["hash"]})
    assert named(lived_in)[1] in (Tampering.INSERTED, Tampering.EDITED)


def test_an_inserted_entry_that_is_sealed_well_is_named_by_what_follows(
    lived_in: World, attack: Attack
) -> None:
    _make_room(attack)
    before = attack.entry(MIDDLE)
    changes = {"number": MIDDLE + 1, "previous": before["hash"], "rows_digest": _NONE}
    put(attack, rehashed(before | changes))
    attack.do(delete(DETAILS).where(DETAILS.c.number == MIDDLE + 1))
    _copy_detail(attack, MIDDLE, MIDDLE + 1)
    assert named(lived_in) == (MIDDLE + 2, Tampering.INSERTED)


def _copy_detail(attack: Attack, number: int, to: int) -> None:
    """The detail of an entry beside its copy: one that is gone would be named first."""
    [own] = [one for one in attack.rows(DETAILS) if one["number"] == number]
    attack.do((insert(DETAILS), [own | {"number": to}]))


_NONE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def _make_room(attack: Attack) -> None:
    for number in range(attack.last, MIDDLE, -1):
        for one in (ENTRIES, DETAILS):
            attack.do(update(one).where(one.c.number == number).values(number=number + 1))
    for one in SEALED_TABLES:
        moved = {"audit_number": one.c.audit_number + 1}
        attack.do(update(one).where(one.c.audit_number > MIDDLE).values(moved))


def test_an_entry_deleted_in_the_middle(lived_in: World, attack: Attack) -> None:
    with attack.deleted(ENTRIES, attack.entry(MIDDLE)):
        assert named(lived_in) == (MIDDLE, Tampering.DELETED)


def test_a_deletion_that_closes_the_gap(lived_in: World, attack: Attack) -> None:
    later = [
        update(ENTRIES).where(ENTRIES.c.number == number).values(number=number - 1)
        for number in range(MIDDLE + 1, attack.last + 1)
    ]
    attack.do(delete(ENTRIES).where(ENTRIES.c.number == MIDDLE), *later)
    assert named(lived_in) == (MIDDLE, Tampering.DELETED)


def test_two_entries_that_changed_places(lived_in: World, attack: Attack) -> None:
    one, other = attack.entry(MIDDLE), attack.entry(MIDDLE + 3)
    put(attack, one | {"number": MIDDLE + 3})
    put(attack, other | {"number": MIDDLE})
    assert named(lived_in) == (MIDDLE, Tampering.REORDERED)


def test_a_tail_cut_while_its_rows_stand(lived_in: World, attack: Attack) -> None:
    last = attack.rows(SIGNATURES)[-1]["audit_number"]
    attack.do(
        delete(DETAILS).where(DETAILS.c.number >= last),
        delete(ENTRIES).where(ENTRIES.c.number >= last),
        delete(SUBTREES),
    )
    assert named(lived_in) == (last, Tampering.CUT)


def test_a_tail_cut_with_its_rows_shows_only_from_outside(lived_in: World, attack: Attack) -> None:
    last = attack.last
    outside = a_checkpoint(lived_in)
    cut(attack, last - 1)
    assert kinds(lived_in) == []
    assert named(lived_in, outside) == (last, Tampering.HISTORY_LOST)


def test_a_rewrite_from_genesis_shows_by_what_was_signed_inside(
    lived_in: World, attack: Attack
) -> None:
    attack.do(update(ENTRIES).where(ENTRIES.c.number == 2).values(workstation="another"))
    remake(attack, anchors=False)
    assert named(lived_in) == (1, Tampering.REWRITTEN)
    assert len(kinds(lived_in)) == 3  # two anchors and a checkpoint


def test_a_rewrite_of_anchors_too_is_shown_by_the_checkpoint(
    lived_in: World, attack: Attack
) -> None:
    attack.do(update(ENTRIES).where(ENTRIES.c.number == 2).values(workstation="another"))
    remake(attack)
    assert kinds(lived_in) == [Tampering.REWRITTEN]
    assert named(lived_in) == (1, Tampering.REWRITTEN)


def test_a_rewrite_of_everything_inside_shows_only_from_outside(
    lived_in: World, attack: Attack
) -> None:
    outside = a_checkpoint(lived_in)
    attack.do(update(ENTRIES).where(ENTRIES.c.number == 2).values(workstation="another"))
    attack.do(delete(CHECKPOINTS))
    remake(attack)
    assert kinds(lived_in) == []
    assert named(lived_in, outside) == (1, Tampering.REWRITTEN)


def test_a_rewrite_since_a_checkpoint_is_told_from_one_since_genesis(
    lived_in: World, attack: Attack
) -> None:
    first = a_checkpoint(lived_in, 70)
    second = a_checkpoint(lived_in, 71)
    number = first.head.size + 1
    attack.do(update(ENTRIES).where(ENTRIES.c.number == number).values(workstation="another"))
    attack.do(delete(CHECKPOINTS).where(CHECKPOINTS.c.size >= second.head.size))
    remake(attack)
    assert named(lived_in, first, second) == (number, Tampering.REWRITTEN)
    assert kinds(lived_in, first) == []


def test_an_older_copy_in_the_place_of_the_database(
    lived_in: World, engine_name: str, templates: Templates, tmp_path: Path
) -> None:
    lived_in.session_on()
    outside = a_checkpoint(lived_in)
    (tmp_path / "older").mkdir()
    with templates.copy(engine_name, "lived_in", tmp_path / "older") as older:
        assert kinds(older) == []
        last = verify(older.database)[0].entries
        assert named(older, outside) == (last + 1, Tampering.HISTORY_LOST)


def test_an_older_copy_that_went_on_is_a_fork(
    lived_in: World, engine_name: str, templates: Templates, tmp_path: Path
) -> None:
    first = a_checkpoint(lived_in, 70)
    outside = a_checkpoint(lived_in, 71)
    (tmp_path / "older").mkdir()
    with templates.copy(engine_name, "lived_in", tmp_path / "older") as older:
        for minute in range(80, 90):
            older.act(Action.SESSION_RETRACT, minute, session=older.session_on(), reason="fork")
        assert kinds(older) == []
        assert named(older, first, outside)[1] is Tampering.REWRITTEN


def test_a_signature_copied_to_another_session(lived_in: World, attack: Attack) -> None:
    other = lived_in.session_on()
    row = attack.rows(SIGNATURES)[0]
    number = attack.last + 1
    sealing = attack.entry(row["audit_number"])
    own = {"clinic_id": sealing["clinic_id"], "number": number, "salt": "00", "detail": "{}"}
    sealed = {"number": number, "detail_digest": detail_digest("00", "{}")}
    attack.do(
        (insert(SIGNATURES), [row | {"id": other, "session_id": other, "audit_number": number}]),
        (insert(ENTRIES), [sealing | sealed]),
        (insert(DETAILS), [own]),
        delete(CHECKPOINTS),
    )
    remake(attack)
    assert named(lived_in) == (number, Tampering.COPIED_SIGNATURE)
    forged = {"session_id": str(other), "subject_id": str(other)}
    attack.do(update(ENTRIES).where(ENTRIES.c.number == number).values(forged))
    remake(attack)  # now the entry says so too, and the record's digest does not
    assert named(lived_in) == (number, Tampering.COPIED_SIGNATURE)


def test_a_signature_copied_without_its_entry(lived_in: World, attack: Attack) -> None:
    other = lived_in.session_on()
    row = attack.rows(SIGNATURES)[0]
    with attack.added(SIGNATURES, row | {"id": other, "session_id": other}):
        assert named(lived_in) == (row["audit_number"], Tampering.EDITED)


def test_an_entry_that_was_sealed_at_another_clinic(
    engine_name: str, templates: Templates, tmp_path: Path
) -> None:
    with templates.copies(engine_name, "neighbours", tmp_path) as (own, neighbour):
        with Attack(own) as attack:
            theirs = attack.rows(ENTRIES, ENTRIES.c.clinic_id == str(neighbour.clinic.id))
            put(attack, theirs[9] | {"clinic_id": str(own.clinic.id)})
        first = next(one for one in found(own.database) if one.clinic_id == str(own.clinic.id))
        assert (first.number, first.kind) == (10, Tampering.SWAPPED_CLINIC)
        assert str(neighbour.clinic.id) in first.what


def test_another_clinic_s_database_in_the_place_of_this_one(lived_in: World, world: World) -> None:
    outside = a_checkpoint(lived_in)
    assert kinds(world) == []
    assert named(world, outside) == (1, Tampering.SWAPPED_CLINIC)


def test_a_dropped_guard(lived_in: World) -> None:
    assert database_faults(lived_in.database) == []
    on_table = "" if lived_in.database.is_sqlite else " ON audit_entry"
    guard = f"guard_audit_entry_{'delete' if lived_in.database.is_sqlite else 'row'}"
    with lived_in.database.begin_write() as connection:
        connection.execute(text(f"DROP TRIGGER {guard}{on_table}"))
        connection.commit()
    assert database_faults(lived_in.database) == [f"The guard {guard} is missing."]
