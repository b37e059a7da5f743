"""A chain walked by one process, or by several over segments that are joined at stored hashes.

Each process reads entries that were there when the verification began; they are never changed, so
one that began a moment later sees the same (R188).
"""

from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from sqlalchemy import Connection, func, select

from protocol.records.database import Database
from protocol.records.sealing import ENTRIES
from protocol.records.walking import CHUNK, Part, Walked, walked
from protocol.rules.tampering import Break, Tampering

SEGMENT = 16 * CHUNK


class Walks:
    """How a chain is walked."""

    def __init__(self, database: Database, connection: Connection, processes: int) -> None:
        self._database, self._connection, self._processes = database, connection, processes

    def of(self, whole: Part) -> Generator[Walked, None, None]:
        """The chunks of a chain in their order, up to the first that does not hold."""
        segments = -(-whole.last // SEGMENT)
        # A number beyond all others is a fault that one process finds at once.
        if self._processes < 2 or segments < 2 or not self._is_gapless(whole):
            yield from walked(self._connection, whole)
            return
        workers = min(self._processes, segments)
        context = get_context("spawn")  # a fork would share the connections of this process
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            parts = [self._segment(whole, place) for place in range(segments)]
            futures = [pool.submit(_walk_segment, self._database.url, part) for part in parts]
            head = whole.previous
            try:
                for part, future in zip(parts, futures, strict=True):
                    if part.previous != head:
                        yield _unjoined(part, head)
                        return
                    for one in future.result():
                        yield one
                        head = one.head
                        if one.broken is not None:
                            return
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _is_gapless(self, whole: Part) -> bool:
        own = ENTRIES.c.clinic_id == whole.clinic_id
        counted = select(func.count()).select_from(ENTRIES).where(own)
        return bool(self._connection.execute(counted).scalar_one() == whole.last)

    def _segment(self, whole: Part, place: int) -> Part:
        first, last = place * SEGMENT + 1, min((place + 1) * SEGMENT, whole.last)
        previous = whole.previous
        if place:
            own = (ENTRIES.c.clinic_id == whole.clinic_id) & (ENTRIES.c.number == first - 1)
            found = self._connection.execute(select(ENTRIES.c.hash).where(own)).scalar()
            previous = str(found)
        sizes = frozenset(size for size in whole.sizes if first <= size <= last)
        return whole._replace(first=first, last=last, previous=previous, sizes=sizes)


def _unjoined(part: Part, head: str) -> Walked:
    broken = Break(part.first, Tampering.EDITED, "it does not follow the entry before it")
    return Walked(part.first, head, broken, None, None, {})


def _walk_segment(url: str, part: Part) -> list[Walked]:
    """In a process of its own: one segment, chunk by chunk."""
    database = Database(url)
    try:
        with database.looking() as connection:
            return list(walked(connection, part))
    finally:
        database.close()
