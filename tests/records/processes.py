"""Processes that chart, from start to their end or their murder, and what they acknowledged."""

import signal
from uuid import UUID

from protocol.records.verifying import database_faults
from tests.commands.world import World
from tests.forked import Forked
from tests.records import charting_process

ENDLESS = 1_000_000
END_SECONDS = 120


class Charting:
    """One process that charts notes into the world's session."""

    def __init__(self, world: World, notes: int = ENDLESS, threads: int = 1) -> None:
        self.acknowledged: list[UUID] = []
        self._process = Forked(
            charting_process.main, world.database.url, world.nurse.model_dump_json(),
            str(world.session), str(notes), str(threads),
        )  # fmt: skip

    def _read(self, lines: int) -> None:
        for _ in range(lines):
            line = self._process.out.readline()
            if not line:
                break
            self.acknowledged.append(UUID(line.strip()))

    def wait_for(self, notes: int) -> None:
        """Until so many more were acknowledged."""
        before = len(self.acknowledged)
        self._read(notes)
        assert len(self.acknowledged) == before + notes, "the process ended before its time"

    def kill(self) -> None:
        """kill -9, and read what it still said."""
        self._process.send_signal(signal.SIGKILL)
        self.finish()

    def finish(self) -> int:
        """Read to the end; answers the exit status."""
        with self._process.out:
            self._read(ENDLESS)
        return self._process.wait(END_SECONDS)


def lost(world: World, acknowledged: list[UUID]) -> list[UUID]:
    """What was acknowledged and is not in the record as a new process reads it."""
    fresh = world.in_copy(world.database.url)
    kept = {one.id for one in fresh.record().entries}
    assert fresh.fault() is None
    assert database_faults(fresh.database) == []
    fresh.database.close()
    return [one for one in acknowledged if one not in kept]
