"""First pages of searches of a long audit trail against those of a short one, and what the indexes
behind them add to a write."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from sqlalchemy import Index, text

from protocol.records.audit_search import SCANNED_MAX, Sought, find
from protocol.records.sealing import ENTRIES
from protocol.rules.audit import Outcome
from tests.bench.world import World, make_world
from tests.commands.world import NINE
from tests.records.trails import ACTS, fill, nth

SHORT = 1_000
_ROUNDS = 40
# Each is served by an index of its own; the last by the one of time alone.
SOUGHT = {
    "nothing": Sought(),
    "person": Sought(person_id=nth(1, 5)),
    "patient": Sought(patient_id=nth(2, 7)),
    "session": Sought(session_id=nth(3, 11)),
    "act": Sought(action=ACTS[3]),
    "outcome": Sought(outcome=Outcome.REFUSED),
    "window": Sought(since=NINE + timedelta(minutes=2), until=NINE + timedelta(minutes=9)),
    "person and window": Sought(person_id=nth(1, 5), until=NINE + timedelta(minutes=9)),
}


def measure(make_url: Callable[[str], str], entries: int) -> dict[str, float]:
    """Median first pages in both trails, in turns, and the worst ratio; `looked_for_ms` is a page
    of what is in no index and not there, after SCANNED_MAX entries of its range."""
    long, short = (
        _trail(make_url(name), count) for name, count in (("long", entries), ("short", SHORT))
    )
    ratios, slowest = [], 0.0
    for sought in SOUGHT.values():
        # As many lines from both: the short trail has few of some.
        limit = _lines(short, sought)
        ours, base = [], []
        for _ in range(_ROUNDS):
            base.append(_page_s(short, sought, limit))
            ours.append(_page_s(long, sought, limit))
        ratios.append(median(ours) / median(base))
        slowest = max(slowest, median(ours))
    absent = Sought(action=ACTS[3], person_id=nth(1, 10**6))
    return {
        "entries": float(entries), "first_page_ratio": max(ratios),
        "first_page_ms": 1_000 * slowest, "looked_through": float(SCANNED_MAX),
        "looked_for_ms": 1_000 * median(_page_s(long, absent) for _ in range(5)),
    }  # fmt: skip


def _trail(url: str, entries: int) -> World:
    world = make_world(url)
    fill(world.clinic, world.nurse, entries)
    database = world.clinic.database
    if not database.is_sqlite:
        with database.begin_write() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
    for sought in SOUGHT.values():
        _page_s(world, sought)
    return world


def _lines(world: World, sought: Sought) -> int:
    with world.clinic.database.looking() as connection:
        return len(find(connection, world.clinic, sought, limit=50).lines)


def _page_s(world: World, sought: Sought, limit: int = 50) -> float:
    with world.clinic.database.looking() as connection:
        start = time.perf_counter()
        find(connection, world.clinic, sought, limit=limit)
        return time.perf_counter() - start


def write_cost(make_url: Callable[[str], str], entries: int) -> dict[str, float]:
    """CPU time of an appended entry with the searches' indexes, and with none but the chain's key;
    SQLite alone, whose work is this process's own."""
    found = {}
    for name in ("with", "without"):
        world = make_world(make_url(f"cost-{name}"))
        if name == "without":
            _drop_indexes(world)
        fill(world.clinic, world.nurse, entries // 2)
        start = time.process_time()
        fill(world.clinic, world.nurse, entries // 2)
        found[name] = 1e6 * (time.process_time() - start) / (entries // 2)
    return {
        "entry_cpu_us": found["with"], "without_indexes_us": found["without"],
        "ratio": found["with"] / found["without"],
    }  # fmt: skip


def _drop_indexes(world: World) -> None:
    with world.clinic.database.begin_write() as connection:
        for one in ENTRIES.indexes:
            assert isinstance(one, Index)
            one.drop(connection)
        connection.commit()
