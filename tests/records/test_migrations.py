"""The migrations make the very database that the code describes, on both engines."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from protocol.records.database import Database, alembic_config, is_current, upgrade
from protocol.records.guards import missing_guards


@pytest.fixture
def empty(database_url: str) -> Database:
    return Database(database_url)


def tables(database: Database) -> set[str]:
    with database.looking() as connection:
        return set(inspect(connection).get_table_names())


def run(database: Database, *statements: str) -> None:
    with database.begin_write() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()


def test_from_empty_to_head_every_table_and_guard_is_there(empty: Database) -> None:
    assert tables(empty) == set()
    upgrade(empty.url)
    assert tables(empty) == {*SQLModel.metadata.tables, "alembic_version"}
    assert missing_guards(empty) == []
    assert is_current(empty)
    empty.close()


def test_the_code_describes_nothing_that_the_migrations_do_not_make(migrated_url: str) -> None:
    command.check(alembic_config(migrated_url))


@pytest.mark.parametrize(
    "drift",
    ["ALTER TABLE weight ADD COLUMN guessed VARCHAR", "DROP INDEX ix_weight_sealed"],
)
def test_a_database_that_drifted_is_seen(migrated_url: str, drift: str) -> None:
    database = Database(migrated_url)
    run(database, drift)
    with pytest.raises(CommandError, match="New upgrade operations detected"):
        command.check(alembic_config(migrated_url))
    database.close()


def test_a_database_without_the_migrations_is_not_current(empty: Database) -> None:
    run(empty, "CREATE TABLE something (id INTEGER)")
    assert not is_current(empty)
    empty.close()


def test_migrating_again_changes_nothing(migrated_url: str) -> None:
    database = Database(migrated_url)
    before = tables(database)
    upgrade(migrated_url)
    assert tables(database) == before
    assert missing_guards(database) == []
    database.close()


def test_a_migration_that_fails_leaves_nothing_of_itself(empty: Database) -> None:
    run(empty, "CREATE TABLE text_entry (id INTEGER)")
    with pytest.raises(DBAPIError, match="text_entry"):
        upgrade(empty.url)
    assert tables(empty) == {"text_entry"}
    empty.close()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_existing_file_is_copied_aside_before_it_is_migrated(empty: Database) -> None:
    run(empty, "CREATE TABLE kept (words TEXT)", "INSERT INTO kept VALUES ('from before')")
    empty.close()
    upgrade(empty.url)
    aside = Path(str(empty.path)).with_suffix(".before-migration.db")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == [("from before",)]
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert found.fetchall() == [("kept",)]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_that_is_current_is_not_copied(migrated_url: str, tmp_path: Path) -> None:
    upgrade(migrated_url)
    assert list(tmp_path.glob("*before-migration*")) == []
