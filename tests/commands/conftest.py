"""The fixtures of commands and records: a clinic to act in, a new copy for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.templates import Templates, templates_of
from tests.commands.world import World
from tests.hashing import hash_cheaply


@pytest.fixture(scope="session")
def templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Templates:
    return templates_of(request, tmp_path_factory.mktemp("worlds"))


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    hash_cheaply(monkeypatch)


@pytest.fixture
def world(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A clinic with a session in preparation, on each of the two engines."""
    with templates.copy(engine_name, "world", tmp_path) as copied:
        yield copied


@pytest.fixture
def sqlite_world(templates: Templates, tmp_path: Path) -> Iterator[World]:
    """The same on SQLite alone, for what is the same on every engine or SQLite's own."""
    with templates.copy("sqlite", "world", tmp_path) as copied:
        yield copied


@pytest.fixture
def lived_in(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A clinic with rows in every sealed table: a session with one of everything, signed."""
    with templates.copy(engine_name, "lived_in", tmp_path) as copied:
        yield copied
