"""kill -9 and a crash of the server: what was acknowledged is in the record (R170, R171)."""

from collections.abc import Iterator

import pytest

from protocol.records.database import upgrade
from tests.commands.world import World, found
from tests.postgres import PostgresCluster
from tests.records.processes import Charting, lost

# After how many acknowledged notes the process is killed, and in how many threads it charts.
MOMENTS = ((3, 1), (17, 4), (41, 8))


@pytest.fixture(scope="module")
def durable_cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL that keeps its promises: fsync, synchronous commit, full pages."""
    with PostgresCluster(durable=True) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def durable_world(durable_cluster: PostgresCluster) -> Iterator[World]:
    url = durable_cluster.create_database()
    upgrade(url)
    world = found(url)
    world.database.close()
    yield world
    world.database.close()


def killed_again_and_again(world: World) -> None:
    acknowledged = []
    for notes, threads in MOMENTS:
        process = Charting(world, threads=threads)
        process.wait_for(notes)
        process.kill()
        acknowledged += process.acknowledged
        assert lost(world, acknowledged) == []
    assert len(acknowledged) >= sum(notes for notes, _ in MOMENTS)


def test_a_killed_process_has_lost_nothing_on_sqlite(sqlite_world: World) -> None:
    sqlite_world.database.close()
    killed_again_and_again(sqlite_world)


@pytest.mark.postgres
def test_a_killed_process_has_lost_nothing_on_postgresql(durable_world: World) -> None:
    killed_again_and_again(durable_world)


@pytest.mark.postgres
def test_a_crashed_server_has_lost_nothing(
    durable_world: World, durable_cluster: PostgresCluster
) -> None:
    acknowledged = []
    for notes, threads in MOMENTS[:2]:
        process = Charting(durable_world, threads=threads)
        process.wait_for(notes)
        port = durable_cluster.port
        durable_cluster.crash()
        process.finish()
        durable_cluster.start()
        assert durable_cluster.port == port
        acknowledged += process.acknowledged
        assert lost(durable_world, acknowledged) == []
