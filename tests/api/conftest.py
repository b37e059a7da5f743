"""A clinic behind the API, on either engine."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.api.clinic import Chair, Kept, chair_over, copied
from tests.api.prepared import Once, once
from tests.api.server import Server, served
from tests.hashing import hash_cheaply
from tests.postgres import PostgresCluster


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture(scope="session", autouse=True)
def _home_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where keys are made by who signs: never in the checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAIRSIDE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


class ChairTemplates:
    """Clinics behind the API that were built once in this process, and a copy for every test."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder
        self._kept: dict[tuple[str, str], Kept] = {}

    @contextmanager
    def copy(self, engine: str, name: str, folder: Path) -> Iterator[Chair]:
        """A chair over a database of its own."""
        make = self._sqlite if engine == "sqlite" else self._postgres
        with make(name, folder) as url, copied(url, self._kept[engine, name]) as chair:
            yield chair

    @contextmanager
    def _sqlite(self, name: str, folder: Path) -> Iterator[str]:
        built = self._folder / f"{name}.db"
        if ("sqlite", name) not in self._kept:
            shutil.copyfile(self._request.getfixturevalue("sqlite_template"), built)
            kept = self._build(name, f"sqlite:///{built}")
            with closing(sqlite3.connect(built)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._kept["sqlite", name] = kept
        path = folder / "chairside.db"
        shutil.copyfile(built, path)
        yield f"sqlite:///{path}"

    @contextmanager
    def _postgres(self, name: str, _folder: Path) -> Iterator[str]:
        cluster: PostgresCluster = self._request.getfixturevalue("postgres_cluster")
        if ("postgres", name) not in self._kept:
            url = cluster.create_database(self._request.getfixturevalue("postgres_template"))
            kept = self._build(name, url)
            cluster.create_template(url, f"template_chair_{name}")
            self._kept["postgres", name] = kept
        url = cluster.create_database(f"template_chair_{name}")
        yield url
        cluster.drop_database(url)

    @staticmethod
    def _build(name: str, url: str) -> Kept:
        with chair_over(url) as one:
            if name == "chair":
                one.open_session()
            return Kept.of(one)


@pytest.fixture(scope="session")
def chairs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ChairTemplates:
    return ChairTemplates(request, tmp_path_factory.mktemp("chairs"))


@pytest.fixture
def chair(engine_name: str, chairs: ChairTemplates, tmp_path: Path) -> Iterator[Chair]:
    """A clinic with its people signed in, a policy and a protocol in force, a session prepared."""
    with chairs.copy(engine_name, "chair", tmp_path) as one:
        yield one


@pytest.fixture
def empty(engine_name: str, chairs: ChairTemplates, tmp_path: Path) -> Iterator[Chair]:
    """A clinic with its people signed in and nothing else."""
    with chairs.copy(engine_name, "empty", tmp_path) as one:
        yield one


@pytest.fixture
def once_on_either(engine_name: str, request: pytest.FixtureRequest) -> Once:
    """Prepare the database that the environment names once, and copy it, on either engine."""
    on_postgres = engine_name == "postgres"
    cluster = request.getfixturevalue("postgres_cluster") if on_postgres else None
    return lambda what, do: once(what, do, cluster)


@pytest.fixture(scope="module")
def sqlite_server(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The program over an empty clinic, once for a file: for what the engine has no part in."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(sqlite_template, folder / "chairside.db")
    with chair_over(f"sqlite:///{folder / 'chairside.db'}") as one, served(one, folder) as server:
        yield server


@pytest.fixture(scope="module")
def plain(chairs: ChairTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The program over a clinic with a session, on plain HTTP and this machine alone, once for a
    file: what a browser or the network sends reaches no engine."""
    folder = tmp_path_factory.mktemp("plain")
    with chairs.copy("sqlite", "chair", folder) as one, served(one, folder) as server:
        yield server
