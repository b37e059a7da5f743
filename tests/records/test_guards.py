"""What was written is neither changed nor deleted: the database itself refuses it (R13, R0.9)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, UniqueConstraint, func, select, text
from sqlalchemy.exc import DBAPIError

from protocol.records.guards import expected_guards, missing_guards
from protocol.records.lookups import table
from protocol.records.tables import CHAIN, CONTENTS, SEALED
from tests.commands.world import World

GUARDED = [table(row) for row in (*CHAIN, *SEALED, *CONTENTS)]


def tried(world: World, statement: str) -> str:
    """The database's own answer; whatever it let through is taken back."""
    with world.database.engine.connect() as connection, connection.begin() as transaction:
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            return str(error.orig)
        transaction.rollback()
        return "it was done"


def let_through(world: World, statement: str) -> list[str]:
    """The tables whose guard does not refuse the statement."""
    refusals = {
        one.name: tried(world, statement.format(table=f'"{one.name}"', column=_spare(one)))
        for one in GUARDED
    }
    return [name for name, words in refusals.items() if "is append-only" not in words]


def _spare(one: Table) -> str:
    return next(column.name for column in one.c if not column.primary_key)


def test_every_guarded_table_has_a_row_to_try_it_on(lived_in: World) -> None:
    with lived_in.database.looking() as connection:
        assert [one.name for one in GUARDED if not _count(connection, one)] == []


def _count(connection: Connection, one: Table) -> int:
    return connection.execute(select(func.count()).select_from(one)).scalar_one()


def test_no_sealed_table_and_no_chain_can_be_updated(lived_in: World) -> None:
    assert let_through(lived_in, "UPDATE {table} SET {column} = {column}") == []


def test_nothing_can_be_deleted(lived_in: World) -> None:
    assert let_through(lived_in, "DELETE FROM {table}") == []


def test_an_upsert_changes_nothing(lived_in: World) -> None:
    statement = (
        "INSERT INTO {table} SELECT * FROM {table} WHERE true"
        " ON CONFLICT {target} DO UPDATE SET {{column}} = excluded.{{column}}"
    )
    through = []
    for one in GUARDED:
        target = f"({', '.join(column.name for column in one.primary_key)})"
        own = statement.format(table=f'"{one.name}"', target=target).format(column=_spare(one))
        if "is append-only" not in tried(lived_in, own):
            through.append(one.name)
    assert through == []


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"])
@pytest.mark.parametrize("more", ["", " CASCADE"])
def test_nothing_can_be_truncated(lived_in: World, more: str) -> None:
    through = let_through(lived_in, "TRUNCATE {table}" + more)
    # Without CASCADE a foreign key may be the first to refuse.
    words = {one: tried(lived_in, f'TRUNCATE "{one}"{more}') for one in through}
    assert not [one for one, said in words.items() if "referenced in a foreign key" not in said]
    assert not (more and through)


@pytest.fixture
def plain(lived_in: World) -> Iterator[sqlite3.Connection]:
    """A connection with none of our pragmas: no recursive triggers, no foreign keys."""
    path = Path(str(lived_in.database.path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        yield connection


def _refuses(connection: sqlite3.Connection, statement: str) -> bool:
    try:
        connection.execute(statement)
    except sqlite3.DatabaseError as error:
        return "is append-only" in str(error)
    finally:
        connection.rollback()
    return False


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE OR REPLACE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
        "INSERT OR IGNORE INTO {table} SELECT * FROM {table}",
    ],
)
def test_a_connection_without_our_pragmas_is_refused_too(
    plain: sqlite3.Connection, statement: str
) -> None:
    through = [
        one.name
        for one in GUARDED
        if not _refuses(plain, statement.format(table=f'"{one.name}"', column=_spare(one)))
    ]
    assert through == []


def _unique_keys(one: Table) -> list[list[str]]:
    constraints = [each for each in one.constraints if isinstance(each, UniqueConstraint)]
    return [[column.name for column in key.columns] for key in constraints]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_row_with_another_id_replaces_none_of_the_same_unique_key(
    plain: sqlite3.Connection,
) -> None:
    keys = [(one, key) for one in GUARDED for key in _unique_keys(one)]
    assert len(keys) >= 4
    for one, key in keys:
        values = [
            f"'{'0' * 31}1'" if column.primary_key and column.name not in key else column.name
            for column in one.c
        ]
        statement = f'INSERT OR REPLACE INTO "{one.name}" SELECT {", ".join(values)}'
        assert _refuses(plain, f"{statement} {_of(one, key)} LIMIT 1"), (one.name, key)


def _of(one: Table, key: list[str]) -> str:
    known = " AND ".join(f"{column} IS NOT NULL" for column in key)
    return f'FROM "{one.name}" WHERE {known}'


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_row_with_another_key_replaces_none_of_the_same_rowid(plain: sqlite3.Connection) -> None:
    through = []
    for one in GUARDED:
        fresh = {c.name: _fresh(c.name, c.type.python_type) for c in one.primary_key}
        values = ["rowid", *(fresh.get(column.name, column.name) for column in one.c)]
        names = ["rowid", *one.c.keys()]
        statement = f'INSERT OR REPLACE INTO "{one.name}" ({", ".join(names)})'
        if not _refuses(plain, f'{statement} SELECT {", ".join(values)} FROM "{one.name}" LIMIT 1'):
            through.append(one.name)
    assert through == []


def _fresh(name: str, kind: type) -> str:
    return f"{name} + 1000" if kind is int else f"'{'0' * 31}2'"


def test_a_whole_database_misses_no_guard(world: World) -> None:
    assert missing_guards(world.database) == []
    assert len(expected_guards(world.database)) >= 2 * len(GUARDED)


def test_a_dropped_guard_is_named(world: World) -> None:
    kind = "insert" if world.database.is_sqlite else "row"
    on_table = "" if world.database.is_sqlite else " ON entry"
    with world.database.begin_write() as connection:
        connection.execute(text(f"DROP TRIGGER guard_entry_{kind}{on_table}"))
        connection.commit()
    assert missing_guards(world.database) == [f"guard_entry_{kind}"]


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"])
def test_a_disabled_guard_is_named(world: World) -> None:
    with world.database.begin_write() as connection:
        connection.execute(text("ALTER TABLE weight DISABLE TRIGGER guard_weight_truncate"))
        connection.commit()
    assert missing_guards(world.database) == ["guard_weight_truncate"]


EMPTIED = {
    "sqlite": (
        "DROP TRIGGER {guard}",
        "CREATE TRIGGER {guard} BEFORE DELETE ON entry BEGIN SELECT 1; END",
    ),
    "postgres": (
        "CREATE FUNCTION lenient() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "DROP TRIGGER {guard} ON entry",
        """CREATE TRIGGER {guard} BEFORE UPDATE OR DELETE ON entry
        FOR EACH ROW EXECUTE FUNCTION lenient()""",
    ),
}
CONDITIONED = {
    "sqlite": (
        "DROP TRIGGER {guard}",
        """CREATE TRIGGER {guard} BEFORE DELETE ON entry WHEN 0
        BEGIN SELECT RAISE(ABORT, 'chairside: entry is append-only'); END""",
    ),
    "postgres": (
        "DROP TRIGGER {guard} ON entry",
        """CREATE TRIGGER {guard} BEFORE UPDATE OR DELETE ON entry
        FOR EACH ROW WHEN (false) EXECUTE FUNCTION chairside_append_only()""",
    ),
}


@pytest.mark.parametrize("replaced", [EMPTIED, CONDITIONED], ids=["emptied", "conditioned"])
def test_a_guard_that_no_longer_refuses_is_named(
    world: World, engine_name: str, replaced: dict[str, tuple[str, ...]]
) -> None:
    guard = "guard_entry_delete" if world.database.is_sqlite else "guard_entry_row"
    with world.database.begin_write() as connection:
        for statement in replaced[engine_name]:
            connection.execute(text(statement.format(guard=guard)))
        connection.commit()
    assert missing_guards(world.database) == [guard]


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgres"])
def test_an_emptied_function_leaves_no_guard_standing(world: World) -> None:
    with world.database.begin_write() as connection:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION chairside_append_only() RETURNS trigger"
                " LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'"
            )
        )
        connection.commit()
    own = "guard_audit_detail_row"  # its function is another, and is looked at by itself
    assert missing_guards(world.database) == sorted(expected_guards(world.database) - {own})
