"""How the engines are opened: nothing acknowledged is lost, no update overwrites another."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from protocol.records.database import BUSY_TIMEOUT_MS, Database, integrity_fault
from tests.commands.world import World

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "busy_timeout": BUSY_TIMEOUT_MS,
}


@pytest.mark.parametrize("pragma", PRAGMAS)
def test_every_sqlite_connection_is_durable_and_strict(sqlite_world: World, pragma: str) -> None:
    database = sqlite_world.database
    opened = [database.engine.connect() for _ in range(5)]
    found = [one.exec_driver_sql(f"PRAGMA {pragma}").scalar() for one in opened]
    for one in opened:
        one.close()
    assert found == [PRAGMAS[pragma]] * 5


def test_a_connection_that_was_used_before_is_still_so(sqlite_world: World) -> None:
    for _ in range(3):
        with sqlite_world.database.looking() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_second_writer_waits_at_the_begin_and_not_at_its_first_write(
    sqlite_world: World,
) -> None:
    database = sqlite_world.database
    with database.begin_write(), database.engine.connect() as other:
        other.exec_driver_sql("PRAGMA busy_timeout = 0")
        other.rollback()
        with pytest.raises(OperationalError, match="locked"):
            other.execution_options(writes=True).begin()
        other.close()


def test_a_row_whose_parent_is_not_there_is_refused(world: World) -> None:
    statement = (
        "INSERT INTO weight (clinic_id, audit_number, id, patient_id, value_kg, method,"
        " measured_at, measured_offset_min, content_digest) SELECT clinic_id, audit_number,"
        " clinic_id, clinic_id, value_kg, method, measured_at, measured_offset_min, content_digest"
        " FROM weight"
    )
    refused = pytest.raises(IntegrityError, match=r"(?i)foreign key")
    with world.database.begin_write() as connection, refused:
        connection.execute(text(statement))


def test_a_reader_sees_one_moment(world: World) -> None:
    count = text("SELECT count(*) FROM audit_entry")
    with world.database.looking() as connection:
        before = connection.execute(count).scalar_one()
        world.chart(1, {"kind": "note", "text": "Charted meanwhile."})
        assert connection.execute(count).scalar() == before
    with world.database.looking() as connection:
        assert connection.execute(count).scalar() == before + 1


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"])
def test_a_reader_cannot_write(world: World) -> None:
    with world.database.looking() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(text("INSERT INTO alembic_version VALUES ('x')"))


def test_a_sound_database_has_no_fault(world: World) -> None:
    assert integrity_fault(world.database) is None


def test_a_broken_file_is_told(sqlite_world: World) -> None:
    path = sqlite_world.database.path
    sqlite_world.database.close()
    assert path is not None
    content = bytearray(path.read_bytes())
    content[8192:8200] = b"\xff" * 8  # the head of the third page
    path.write_bytes(content)
    assert integrity_fault(Database(sqlite_world.database.url)) is not None
