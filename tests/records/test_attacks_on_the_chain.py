"""An altered audit trail is found, and the first bad entry is named (R14, R185).

Every attack starts where one with the database file starts: with the guards out of the way.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, insert, text, update

from protocol.records.guards import missing_guards
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.tables import CHAIN, CONTENTS
from protocol.records.verifying import verify
from tests.commands.world import World
from tests.records.attack import SEALED_TABLES, Attack, Values, something_else
from tests.records.forging import rehashed

MIDDLE = 20


@pytest.fixture
def attack(lived_in: World) -> Iterator[Attack]:
    assert lived_in.fault() is None
    with Attack(lived_in) as attacking:
        yield attacking


def named(world: World) -> int | None:
    """The number of the entry that the verification names."""
    fault = world.fault()
    return None if fault is None else fault.number


def detail(attack: Attack, number: int) -> Values:
    return attack.rows(DETAILS)[number - 1]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_attacker_is_past_the_guards(lived_in: World, attack: Attack) -> None:
    assert len(missing_guards(lived_in.database)) == 3 * len((*SEALED_TABLES, *CHAIN, *CONTENTS))


def test_an_edit_of_any_field_of_an_entry_is_named(lived_in: World, attack: Attack) -> None:
    row, unseen = attack.entry(MIDDLE), []
    for column in ENTRIES.c:
        other = something_else(column, row[column.name])
        with attack.edited(ENTRIES, row, **{column.name: other}):
            if named(lived_in) != MIDDLE:
                unseen.append(column.name)
    assert unseen == []
    assert lived_in.fault() is None


def test_an_edit_with_its_hash_made_anew_breaks_the_next_link(
    lived_in: World, attack: Attack
) -> None:
    row = attack.entry(MIDDLE)
    with attack.edited(ENTRIES, row, **rehashed(row | {"person_id": "somebody else"})):
        assert named(lived_in) == MIDDLE + 1


def test_the_first_and_the_last_entry_cannot_be_edited_unseen(
    lived_in: World, attack: Attack
) -> None:
    for number in (1, attack.last):
        with attack.edited(ENTRIES, attack.entry(number), code="made up"):
            assert named(lived_in) == number


def test_an_edit_of_a_detail_is_named(lived_in: World, attack: Attack) -> None:
    for changes in ({"salt": "0" * 32}, {"detail": '{"reason":"another"}'}):
        with attack.edited(DETAILS, detail(attack, MIDDLE), **changes):
            fault = lived_in.fault()
            assert fault is not None
            assert (fault.number, "detail" in fault.what) == (MIDDLE, True)


def test_a_detail_that_is_gone_without_a_tombstone_is_named(
    lived_in: World, attack: Attack
) -> None:
    with attack.deleted(DETAILS, detail(attack, MIDDLE)):
        fault = lived_in.fault()
        assert fault is not None
        assert (fault.number, "no tombstone" in fault.what) == (MIDDLE, True)


def test_a_detail_without_an_entry_is_named(lived_in: World, attack: Attack) -> None:
    beyond = attack.last + 1
    with attack.edited(DETAILS, detail(attack, MIDDLE), number=beyond):
        assert named(lived_in) == MIDDLE
    with attack.added(DETAILS, detail(attack, MIDDLE) | {"number": beyond}):
        assert named(lived_in) == beyond
    with attack.added(DETAILS, detail(attack, MIDDLE) | {"number": -1}):
        assert named(lived_in) == 1


def test_a_deletion_anywhere_but_at_the_end_is_named(lived_in: World, attack: Attack) -> None:
    for number in (1, MIDDLE, attack.last - 1):
        with attack.deleted(ENTRIES, attack.entry(number)):
            fault = lived_in.fault()
            assert fault is not None
            assert (fault.number, "missing" in fault.what) == (number, True)


def test_a_deletion_that_closes_the_gap_is_named(lived_in: World, attack: Attack) -> None:
    later = [
        update(ENTRIES).where(ENTRIES.c.number == number).values(number=number - 1)
        for number in range(MIDDLE + 1, attack.last + 1)
    ]
    attack.do(delete(ENTRIES).where(ENTRIES.c.number == MIDDLE), *later)
    assert named(lived_in) == MIDDLE


def test_a_chain_that_is_gone_altogether_is_named(lived_in: World, attack: Attack) -> None:
    attack.do(delete(DETAILS), delete(ENTRIES))
    assert named(lived_in) == 1


def test_entries_at_the_end_cannot_go_while_their_rows_stand(
    lived_in: World, attack: Attack
) -> None:
    last = max(attack.rows(one)[-1]["audit_number"] for one in SEALED_TABLES)
    attack.do(
        delete(DETAILS).where(DETAILS.c.number >= last),
        delete(ENTRIES).where(ENTRIES.c.number >= last),
    )
    assert named(lived_in) == last


def test_an_entry_inserted_between_two_others_is_named(lived_in: World, attack: Attack) -> None:
    forged = rehashed(attack.entry(MIDDLE) | {"number": MIDDLE + 1, "subject_id": "nothing"})
    room = [
        update(ENTRIES).where(ENTRIES.c.number == number).values(number=number + 1)
        for number in range(attack.last, MIDDLE, -1)
    ]
    attack.do(*room, (insert(ENTRIES), [forged]))
    assert named(lived_in) == MIDDLE + 1


def test_an_entry_added_at_the_end_is_named(lived_in: World, attack: Attack) -> None:
    beyond = attack.last + 1
    copied = attack.entry(MIDDLE) | {"number": beyond}
    for forged in (copied, rehashed(copied), rehashed(copied | {"previous": "f" * 64})):
        with attack.added(ENTRIES, forged):
            assert named(lived_in) == beyond


def test_two_entries_that_changed_places_are_named(lived_in: World, attack: Attack) -> None:
    one, other = attack.entry(MIDDLE), attack.entry(MIDDLE + 1)
    swapped = [one | {"number": MIDDLE + 1}, other | {"number": MIDDLE}]
    both = ENTRIES.c.number.in_([MIDDLE, MIDDLE + 1])
    attack.do(delete(ENTRIES).where(both), (insert(ENTRIES), swapped))
    assert named(lived_in) == MIDDLE


def test_an_entry_carried_over_to_another_clinic_is_named_there(
    lived_in: World, attack: Attack
) -> None:
    for clinic_id in ("no id", str(lived_in.clinic.id).upper(), str(lived_in.patient)):
        with attack.added(ENTRIES, attack.entry(MIDDLE) | {"clinic_id": clinic_id}):
            faults = [one.fault for one in verify(lived_in.database) if one.fault]
            assert [fault.clinic_id for fault in faults] == [clinic_id]


# SQLite keeps in a column whatever it is given; PostgreSQL refuses both.
UNLIKE_TEXT = ["code || char(0) || 'more'", "CAST(workstation AS BLOB)"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("value", UNLIKE_TEXT, ids=["nul", "blob"])
def test_a_field_that_only_looks_the_same_is_named(
    lived_in: World, attack: Attack, value: str
) -> None:
    """A search would no longer find it, though printed it reads as before."""
    row = attack.entry(MIDDLE)
    here = ENTRIES.c.number == MIDDLE
    for column in ("code", "person_id", "workstation", "detail_digest"):
        own = value.replace("code", column).replace("workstation", column)
        attack.do(text(f"UPDATE audit_entry SET {column} = {own} WHERE number = {MIDDLE}"))
        assert named(lived_in) == MIDDLE, column
        attack.do(update(ENTRIES).where(here).values({column: row[column]}))
