"""`audit verify` of a million entries against a bare loop over the same rows that only hashes.

Seconds are of the processor, this process's own and its children's, where the machine may be busy
with something else; on PostgreSQL, whose server works in a process of its own, they are of the
clock.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from protocol.commands.charting import record_reading
from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.records.raw import Raw
from protocol.records.rows import New
from protocol.records.sealing import DETAILS, ENTRIES, Happening, append, head
from protocol.records.tables import SEALED, EntryRow, ObservationRow
from protocol.records.trees import Tree, keep_subtrees
from protocol.records.verifying import Terms, verify
from protocol.rules.actions import Action
from protocol.rules.audit import LEAF, Outcome, row_bytes
from protocol.rules.charting import Charted
from tests.bench.world import VITAL_SIGNS, World, make_world

# One reading with its rows among ten entries; the others are views, as at a real chair.
ENTRIES_A_READING = 10
_GROUP = 5_000
_APPENDS, _PROOFS = 300, 40


def filled(url: str, entries: int) -> World:
    """A clinic whose chain has about so many entries, sealed as every act seals its own."""
    world = make_world(url)
    for _ in range(3):
        record_reading(world.clinic, world.nurse, world.session_id, _reading(world), now=world.now)
    patterns = _patterns(world)
    for start in range(0, entries, _GROUP):
        _append(world, patterns, min(_GROUP, entries - start))
    return world


def _reading(world: World) -> Charted:
    observations = [
        {"measure": measure, "value": value, "unit": unit} for measure, value, unit in VITAL_SIGNS
    ]
    return Charted.model_validate(
        {
            "id": uuid7(),
            "observed_at": world.now - timedelta(minutes=1),
            "content": {"kind": "reading", "observations": observations},
        }
    )


def _patterns(world: World) -> dict[type, list[dict[str, Any]]]:
    """The rows of one reading, as the command wrote them."""
    found: dict[type, list[dict[str, Any]]] = {}
    with world.clinic.database.looking() as connection:
        for kind in (EntryRow, ObservationRow):
            one = table(kind)
            last = one.select().order_by(one.c.audit_number.desc())
            rows = [dict(row._mapping) for row in connection.execute(last.limit(len(VITAL_SIGNS)))]
            found[kind] = [row for row in rows if row["audit_number"] == rows[0]["audit_number"]]
    return found


def _append(world: World, patterns: dict[type, list[dict[str, Any]]], count: int) -> None:
    """Views, with a reading among every ten, in one transaction."""
    clinic = world.clinic
    door = clinic.database.door(str(clinic.id))
    group = door.enter()
    waiting: dict[type, list[dict[str, Any]]] = {kind: [] for kind in patterns}
    try:
        number = head(group, clinic.database, str(clinic.id))[0]
        for _ in range(count):
            number += 1
            rows: list[New] = []
            if number % ENTRIES_A_READING == 0:
                entry_id = uuid7()
                rows = [
                    New(kind, row | {"audit_number": number, _key(kind): entry_id})
                    for kind, own in patterns.items()
                    for row in own
                ]
            for one in rows:
                waiting[one.kind].append(one.values)
            happening = Happening(
                at=world.now, action=Action.SESSION_VIEW.value, outcome=Outcome.DONE,
                session_id=str(world.session_id), subject_id=str(world.session_id),
                rows=[row_bytes(str(one.kind.__tablename__), one.values) for one in rows],
            )  # fmt: skip
            append(group, clinic.database, world.nurse, happening)
        for kind, values in waiting.items():
            if values:
                group.connection.execute(insert(table(kind)), values)
    finally:
        door.leave(group)


def _key(kind: type) -> str:
    return "id" if kind is EntryRow else "entry_id"


def _seconds(what: Callable[[], object], *, of_clock: bool) -> float:
    if of_clock:
        start = time.perf_counter()
        what()
        return time.perf_counter() - start
    start = time.process_time()
    what()
    return time.process_time() - start


def measure(world: World, entries: int) -> dict[str, float]:
    """Both in turns, and the ratio by the better of three rounds each; then two processes."""
    database, on_server = world.clinic.database, not world.clinic.database.is_sqlite
    ours, bare, two, one = [], [], [], []
    for _ in range(3):
        bare.append(_seconds(lambda: _bare(world.clinic), of_clock=on_server))
        ours.append(_seconds(lambda: _verified(world, 1), of_clock=on_server))
    for _ in range(2):
        one.append(_seconds(lambda: _verified(world, 1), of_clock=True))
        two.append(_seconds(lambda: _verified(world, 2), of_clock=True))
    return {
        "entries": float(entries),
        "bare_loop_s": min(bare),
        "verify_s": min(ours),
        "ratio": min(ours) / min(bare),
        "two_processes_of_one": min(two) / min(one),
        "memory_mb": _memory_mb(database.url),
    }


def _verified(world: World, processes: int) -> None:
    if any(one.fault for one in verify(world.clinic.database, Terms(processes=processes))):
        raise RuntimeError("the benchmark's own chain does not verify")


def _bare(clinic: Clinic) -> None:
    """Read every row of the chain and every sealed row by the bare driver, and hash its values."""
    tables = [ENTRIES, DETAILS, *(table(row) for row in SEALED)]
    with clinic.database.looking() as connection:
        raw = Raw(connection)
        for one in tables:
            order = "number" if one in (ENTRIES, DETAILS) else "audit_number"
            statement = f"SELECT * FROM {one.name} ORDER BY clinic_id, {order}"
            for page in raw.pages(statement, size=4_096):
                for row in page:
                    sha256(LEAF + "\n".join(map(str, row)).encode()).hexdigest()


def _memory_mb(url: str) -> float:
    """The most that a process of its own held while it verified.

    By its own VmHWM: getrusage would answer what this process held when it started the other.
    """
    program = (
        "from protocol.records.database import Database;"
        "from protocol.records.verifying import verify;"
        f"found = verify(Database({url!r})); assert not found[0].fault;"
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )  # fmt: skip
    return float(ran.stdout) * 1_024 / 1_000_000


def measure_growth(small: World, large: World) -> dict[str, float]:
    """What an append and a proof cost in a long chain, of what they cost in a short one."""
    figures = {}
    for name, act, times in (
        ("append", _append_some, _APPENDS), ("proof", _prove_some, _PROOFS),
    ):  # fmt: skip
        costs = []
        for world in (small, large):
            keep_subtrees(world.clinic)
            rounds = [_seconds(partial(act, world), of_clock=False) for _ in range(5)]
            costs.append(min(rounds) / times)
        figures[f"{name}_ms"] = costs[1] * 1_000
        figures[f"{name}_of_a_short_chain"] = costs[1] / costs[0]
    return figures


def _append_some(world: World) -> None:
    for _ in range(_APPENDS):
        _append(world, {}, 1)


def _prove_some(world: World) -> None:
    with world.clinic.database.looking() as connection:
        tree = Tree(connection, str(world.clinic.id))
        size = tree.size
        for place in range(_PROOFS):
            tree.included(1 + place * (size // _PROOFS))
