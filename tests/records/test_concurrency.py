"""Many at once: nothing is lost, nothing is written twice, and the chain is whole (R173)."""

import threading
from collections.abc import Callable
from uuid import UUID

from tests.commands.world import World
from tests.records.attack import Attack
from tests.records.processes import Charting, lost

THREADS, ACTS = 8, 50


def together(acts: list[Callable[[], None]]) -> None:
    """Run them in threads of their own, started at one moment; their errors are raised here."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        start.wait()
        try:
            act()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "an act waits for ever"
    if errors:
        raise errors[0]


def test_eight_threads_of_fifty_acts_lose_nothing(world: World) -> None:
    charted: list[list[UUID]] = [[] for _ in range(THREADS)]

    def notes(own: list[UUID]) -> None:
        for number in range(ACTS):
            note = {"kind": "note", "text": f"Note {number}."}
            own.append(world.chart(1, note).entry.id)

    with Attack.looking(world) as looking:
        before = looking.last
        together([lambda own=own: notes(own) for own in charted])  # type: ignore[misc]
        after = looking.last
    record = world.record()
    assert after - before == THREADS * ACTS
    assert {one.number for one in record.entries} == set(range(before + 1, after + 1))
    order = [one.id for one in record.entries]
    assert sorted(order) == sorted(one for own in charted for one in own)
    for own in charted:
        assert own == [one for one in order if one in set(own)]
    assert world.fault() is None


def test_two_processes_that_write_to_one_clinic_lose_nothing(world: World) -> None:
    processes = [Charting(world, notes=20, threads=2) for _ in range(2)]
    for process in processes:
        assert process.finish() == 0
        assert len(process.acknowledged) == 40
    assert lost(world, [one for process in processes for one in process.acknowledged]) == []


def test_a_process_and_a_thread_here_share_one_chain(world: World) -> None:
    process = Charting(world, notes=20)
    process.wait_for(1)
    own = [world.chart(1, {"kind": "note", "text": "From here."}).entry.id for _ in range(20)]
    assert process.finish() == 0
    assert lost(world, [*own, *process.acknowledged]) == []
