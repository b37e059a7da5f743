"""Worlds that were built once and are copied for every test, on either engine."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from protocol.records.database import sqlite_url
from tests.commands.lived_in import live
from tests.commands.world import World, found
from tests.postgres import PostgresCluster
from tests.records.trails import fill

Worlds = tuple[World, ...]
TRAIL = 3_000  # audit entries


def _lived_in(url: str) -> Worlds:
    world = found(url)
    live(world)
    return (world,)


def _with_trail(url: str, entries: int) -> Worlds:
    world = found(url)
    fill(world.clinic, world.nurse, entries)
    return (world,)


# Name -> the clinics in one database, the first of them the test's own.
BUILDS: dict[str, Callable[[str], Worlds]] = {
    "world": lambda url: (found(url),),
    "lived_in": _lived_in,
    "neighbours": lambda url: (found(url), found(url, "Neighbouring clinic")),
    "trail": lambda url: _with_trail(url, TRAIL),
    "long_trail": lambda url: _with_trail(url, 4 * TRAIL),
}


class Templates:
    """Worlds that were built before, by engine and name, with where to copy each from."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder
        self._built: dict[str, Worlds] = {}

    @contextmanager
    def copies(self, engine: str, name: str, folder: Path) -> Iterator[Worlds]:
        """The clinics in a database of their own."""
        make = self._sqlite if engine == "sqlite" else self._postgres
        with make(name, folder) as (built, url):
            copied = tuple(world.in_copy(url) for world in built)
            yield copied
            for world in copied:
                world.database.close()

    @contextmanager
    def copy(self, engine: str, name: str, folder: Path) -> Iterator[World]:
        """The test's own clinic in a database of its own."""
        with self.copies(engine, name, folder) as worlds:
            yield worlds[0]

    @contextmanager
    def _sqlite(self, name: str, folder: Path) -> Iterator[tuple[Worlds, str]]:
        kept = self._folder / f"{name}.db"
        if f"sqlite {name}" not in self._built:
            shutil.copyfile(self._request.getfixturevalue("sqlite_template"), kept)
            worlds = self._build(name, sqlite_url(kept))
            with closing(sqlite3.connect(kept)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._built[f"sqlite {name}"] = worlds
        path = folder / f"{name}.db"
        shutil.copyfile(kept, path)
        yield self._built[f"sqlite {name}"], sqlite_url(path)

    @contextmanager
    def _postgres(self, name: str, _folder: Path) -> Iterator[tuple[Worlds, str]]:
        cluster: PostgresCluster = self._request.getfixturevalue("postgres_cluster")
        if f"postgres {name}" not in self._built:
            url = cluster.create_database(self._request.getfixturevalue("postgres_template"))
            worlds = self._build(name, url)
            cluster.create_template(url, f"template_{name}")
            self._built[f"postgres {name}"] = worlds
        url = cluster.create_database(f"template_{name}")
        yield self._built[f"postgres {name}"], url
        cluster.drop_database(url)

    @staticmethod
    def _build(name: str, url: str) -> Worlds:
        worlds = BUILDS[name](url)
        for world in worlds:
            world.database.close()
        return worlds


# Two folders of tests share the fixtures, and with them what was built.
BUILT = pytest.StashKey[Templates]()


def templates_of(request: pytest.FixtureRequest, folder: Path) -> Templates:
    """The templates of this test process."""
    stash = request.config.stash
    if BUILT not in stash:
        stash[BUILT] = Templates(request, folder)
    return stash[BUILT]
