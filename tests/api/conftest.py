"""A clinic behind the API, on either engine."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.clinic import Chair, chair_over
from tests.api.server import Server, served
from tests.hashing import hash_cheaply


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def chair(migrated_url: str) -> Iterator[Chair]:
    """A clinic with its people signed in, a policy and a protocol in force, a session prepared."""
    with chair_over(migrated_url) as one:
        one.open_session()
        yield one


@pytest.fixture
def empty(migrated_url: str) -> Iterator[Chair]:
    """A clinic with its people signed in and nothing else."""
    with chair_over(migrated_url) as one:
        yield one


@pytest.fixture(scope="module")
def sqlite_server(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The program over an empty clinic, once for a file: for what the engine has no part in."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(sqlite_template, folder / "chairside.db")
    with chair_over(f"sqlite:///{folder / 'chairside.db'}") as one, served(one, folder) as server:
        yield server
