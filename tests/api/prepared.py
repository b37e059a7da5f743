"""What tests of the command line prepare: done once in a test process, and copied from then on."""

from collections.abc import Callable
from typing import Any, TypeVar

from api.settings import Settings
from protocol.records.database import Database
from tests.postgres import PostgresCluster

_Answer = TypeVar("_Answer")
Once = Callable[[str, Callable[[], str]], str]
# What was done, and where -> what it answered, and the SQLite file or template that it left.
_done: dict[tuple[str, PostgresCluster | None], tuple[Any, bytes | str]] = {}


def once(what: str, do: Callable[[], _Answer], cluster: PostgresCluster | None = None) -> _Answer:
    """Do it to the empty database that the settings name, or put there what doing it left before.

    The first time of every test process goes through the program, so each run tries it. A database
    on PostgreSQL is copied where the cluster is given.
    """
    database = Database(Settings().url)
    if database.path is None and cluster is None:
        return do()
    known = _done.get((what, cluster))
    if known is None:
        answer = do()
        _done[what, cluster] = answer, _kept(database, what, cluster)
        return answer
    _put(database, known[1], cluster)
    return known[0]


def _kept(database: Database, what: str, cluster: PostgresCluster | None) -> bytes | str:
    if database.path is not None:
        return database.path.read_bytes()
    assert cluster is not None
    return cluster.copy_database(database.url, f"template_{what}")


def _put(database: Database, kept: bytes | str, cluster: PostgresCluster | None) -> None:
    if isinstance(kept, bytes):
        assert database.path is not None
        database.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.path.touch(mode=0o600)
        database.path.write_bytes(kept)
    else:
        assert cluster is not None
        cluster.replace_database(database.url, kept)
