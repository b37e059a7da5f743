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

Build = Callable[[str], World]


def _found_and_lived_in(url: str) -> World:
    world = found(url)
    live(world)
    return world


BUILDS: dict[str, Build] = {"world": found, "lived_in": _found_and_lived_in}


class Templates:
    """Worlds that were built before, by engine and name, with where to copy each from."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder
        self._built: dict[str, World] = {}

    @contextmanager
    def copy(self, engine: str, name: str, folder: Path) -> Iterator[World]:
        """The world in a database of its own."""
        make = self._sqlite if engine == "sqlite" else self._postgres
        with make(name, folder) as (template, url):
            world = template.in_copy(url)
            yield world
            world.database.close()

    @contextmanager
    def _sqlite(self, name: str, folder: Path) -> Iterator[tuple[World, str]]:
        kept = self._folder / f"{name}.db"
        if f"sqlite {name}" not in self._built:
            shutil.copyfile(self._request.getfixturevalue("sqlite_template"), kept)
            self._built[f"sqlite {name}"] = self._build(name, sqlite_url(kept))
            with closing(sqlite3.connect(kept)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path = folder / f"{name}.db"
        shutil.copyfile(kept, path)
        yield self._built[f"sqlite {name}"], sqlite_url(path)

    @contextmanager
    def _postgres(self, name: str, _folder: Path) -> Iterator[tuple[World, str]]:
        cluster: PostgresCluster = self._request.getfixturevalue("postgres_cluster")
        if f"postgres {name}" not in self._built:
            url = cluster.create_database(self._request.getfixturevalue("postgres_template"))
            self._built[f"postgres {name}"] = self._build(name, url)
            cluster.create_template(url, f"template_{name}")
        url = cluster.create_database(f"template_{name}")
        yield self._built[f"postgres {name}"], url
        cluster.drop_database(url)

    @staticmethod
    def _build(name: str, url: str) -> World:
        world = BUILDS[name](url)
        world.database.close()
        return world


# Two folders of tests share the fixtures, and with them what was built.
BUILT = pytest.StashKey[Templates]()


def templates_of(request: pytest.FixtureRequest, folder: Path) -> Templates:
    """The templates of this test process."""
    stash = request.config.stash
    if BUILT not in stash:
        stash[BUILT] = Templates(request, folder)
    return stash[BUILT]
