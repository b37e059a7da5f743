"""The database behind a clinic: SQLite by default, PostgreSQL for larger ones.

The only module that knows which engine it is. SQLite runs in WAL with synchronous=FULL, foreign
keys on, and every writing transaction is BEGIN IMMEDIATE (R170); the default mode loses concurrent
updates silently (stack 0.2).
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

import migrations
from protocol.records.door import Door
from protocol.rules.limits import LimitInForce
from protocol.rules.protocols import Document

BUSY_TIMEOUT_MS = 30_000
POOL_SIZE = 24
# What a database raises that cannot be read or written now: gone, full, locked, read only.
UNREACHABLE = (OperationalError, InterfaceError, InternalError, NoConnectionFree)
# Each is written to the engine's log and flushed at the commit, and changes no row. The lock is one
# that no writing act waits for, of a table that the application's own role may lock (R187).
_PROBES = {
    "sqlite": "PRAGMA user_version = 1",
    "postgresql": "SELECT clinic_id FROM chain_turn FOR KEY SHARE",
}
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # REPLACE then fires the DELETE guards too (R0.9)
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA temp_store=MEMORY",  # a savepoint's journal in a file doubled the cost of a row
)
# A plan that PostgreSQL makes while a table is small reads all of it, and is kept while it grows:
# the check of a foreign key came to cost fifty times what it did. Every statement has its index.
_PLANNER = ("SET enable_seqscan = off", "SET jit = off")


class Database:
    """One database: its engine, its doors to a write, and the immutable documents it has read."""

    def __init__(self, url: str) -> None:
        self.url = url
        # By clinic first: ids are the clients' own, and two clinics may have the same one.
        self.documents: dict[tuple[UUID, UUID], Document] = {}
        self.limits: dict[tuple[UUID, UUID, UUID], tuple[LimitInForce, ...]] = {}
        self.clinics: dict[UUID, object] = {}
        self.viewed: dict[tuple[str, str, str, str], str] = {}
        self.breached_hashes: Path | None = None
        self._doors: dict[str, Door] = {}
        self._mutex = threading.Lock()

    @cached_property
    def is_sqlite(self) -> bool:
        """Whether the embedded engine is in use."""
        return make_url(self.url).get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of an embedded database."""
        return Path(make_url(self.url).database or "") if self.is_sqlite else None

    @cached_property
    def engine(self) -> Engine:
        """The engine, made at first use."""
        if not self.is_sqlite:
            engine = create_engine(
                self.url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_use_lifo=True,
                hide_parameters=True,
            )  # fmt: skip
            event.listen(engine, "connect", _set_planner)
            return engine
        engine = create_engine(
            self.url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_use_lifo=True,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )  # fmt: skip
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
        return engine

    def door(self, clinic_id: str) -> Door:
        """The queue to a write: SQLite has one writer at all, PostgreSQL one for each clinic."""
        key = "" if self.is_sqlite else clinic_id
        with self._mutex:
            if key not in self._doors:
                self._doors[key] = Door(self.begin_write)
            return self._doors[key]

    def begin_write(self) -> Connection:
        """A connection inside a writing transaction; the caller commits or rolls back."""
        connection = self.engine.connect()
        try:
            connection = connection.execution_options(writes=True)
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection

    def probe_write(self) -> None:
        """Commit a write that changes nothing. Raises one of UNREACHABLE where that fails."""
        connection = self.begin_write()
        try:
            connection.exec_driver_sql(_PROBES[make_url(self.url).get_backend_name()])
            connection.commit()
        finally:
            connection.close()

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection to read with, on one consistent snapshot."""
        connection = self.engine.connect()
        try:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Give every connection back."""
        if "engine" in self.__dict__:
            self.engine.dispose()


def _set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _set_planner(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    with connection.cursor() as cursor:
        for setting in _PLANNER:
            cursor.execute(setting)
    connection.commit()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sqlite_url(path: Path) -> str:
    """The address of an embedded database file."""
    return f"sqlite:///{path}"


def alembic_config(url: str) -> Config:
    """Alembic's configuration for our migrations, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Run the migrations to head; an existing SQLite file is copied aside first (stack 1.1)."""
    database = Database(url)
    path = database.path
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size and not _is_at_head(database):
            copy_file(path, path.with_suffix(".before-migration.db"))
    database.close()
    command.upgrade(alembic_config(url), "head")


def _is_at_head(database: Database) -> bool:
    with database.looking() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == _head()


@cache
def _head() -> str | None:
    """The newest migration; reading all of them for each start and look took as long as a write."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest migration."""
    return _is_at_head(database)


def copy_file(source: Path, target: Path) -> None:
    """One consistent state of a SQLite file in a new file, taken while others write."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def integrity_fault(database: Database) -> str | None:
    """What the embedded engine's own check finds wrong with the file, if anything."""
    if not database.is_sqlite:
        return None
    try:
        with database.looking() as connection:
            answer = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
    except (DatabaseError, UnicodeDecodeError) as error:  # too damaged even to be checked
        return str(error).partition("\n")[0]
    return None if answer == "ok" else str(answer)
