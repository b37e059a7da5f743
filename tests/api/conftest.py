"""A clinic behind the API, on either engine."""

from collections.abc import Iterator

import pytest

from tests.api.clinic import Chair, chair_over
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
