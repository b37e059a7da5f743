"""One byte of the database file is changed, past SQLite: the verification tells (R14)."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from protocol.records.database import Database
from protocol.records.sealing import ENTRIES
from protocol.records.tables import CHAIN, CONTENTS, SEALED
from protocol.records.verifying import database_faults, verify
from tests.commands.lived_in import CHARTED
from tests.commands.world import World
from tests.records.attack import Attack

NOTE = next(content["text"] for _, content in CHARTED if content["kind"] == "note")
FLIPS = 90
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def file(lived_in: World) -> Path:
    """The database file, whole in itself and with nobody connected to it."""
    path = lived_in.database.path
    assert path is not None
    assert lived_in.fault() is None
    lived_in.database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    return path


def flip(path: Path, place: int, bits: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= bits
    path.write_bytes(content)


def places(path: Path, words: str) -> list[int]:
    """Where the words stand in the file."""
    content, found, start = path.read_bytes(), [], -1
    while (start := content.find(words.encode(), start + 1)) >= 0:
        found.append(start)
    return found


def number_of_note(world: World) -> int:
    return next(one.number for one in world.record().entries if one.content.kind == "note")


def test_a_letter_of_a_charted_text_is_missed_by_sqlite_and_named_by_us(
    lived_in: World, file: Path
) -> None:
    number = number_of_note(lived_in)
    lived_in.database.close()
    [place] = places(file, NOTE)
    flip(file, place + 3)
    fault = lived_in.fault()
    assert database_faults(lived_in.database) == []
    assert fault is not None
    assert (fault.number, fault.what) == (number, "the rows that it sealed are not what was sealed")


def test_a_letter_of_an_entrys_hash_is_named(lived_in: World, file: Path) -> None:
    with Attack.looking(lived_in) as looking:
        hashed = looking.rows(ENTRIES)[19]["hash"]
    found = places(file, hashed)
    assert len(found) == 2  # its own, and the one that the next entry follows
    named = set()
    for place in found:
        flip(file, place + 5)
        fault = lived_in.fault()
        assert fault is not None
        named.add(fault.number)
        lived_in.database.close()
        flip(file, place + 5)
    assert named == {20, 21}
    assert lived_in.fault() is None


def content_of(path: Path) -> dict[str, list[tuple[object, ...]]] | None:
    """Every row that is sealed or part of the chain, or nothing where the file cannot be read."""
    names = [str(row.__tablename__) for row in (*CHAIN, *SEALED, *CONTENTS)]
    try:
        with closing(sqlite3.connect(path)) as connection:
            return {
                name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)
                for name in names
            }
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return None


def is_told(url: str) -> bool:
    database = Database(url)
    told = any(one.fault for one in verify(database)) or bool(database_faults(database))
    database.close()
    return told


def test_no_bit_of_the_file_changes_the_record_unseen(lived_in: World, file: Path) -> None:
    before, chance = content_of(file), Random(7)
    written = [place for place, byte in enumerate(file.read_bytes()) if byte]
    unseen, changed = [], 0
    for _ in range(FLIPS):
        place, bits = chance.choice(written), 1 << chance.randrange(8)
        flip(file, place, bits)
        differs = content_of(file) != before
        changed += differs
        if differs and not is_told(lived_in.database.url):
            unseen.append((place, bits))
        flip(file, place, bits)
    assert unseen == []
    assert changed > FLIPS // 10  # and not the unused parts of the file alone
