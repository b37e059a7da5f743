"""`audit verify` against a bare loop that reads the same rows and hashes the same bytes."""

import time
from datetime import timedelta
from hashlib import sha256
from typing import Any

from uuid_utils.compat import uuid7

from protocol.commands.charting import record_reading
from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.records.sealing import DETAILS, ENTRIES, Happening, append
from protocol.records.tables import SEALED
from protocol.records.verifying import verify
from protocol.rules.actions import Action
from protocol.rules.audit import LEAF, Outcome
from protocol.rules.charting import Charted
from tests.bench.world import VITAL_SIGNS, World, make_world

# One reading with its rows among ten entries; the others are views, as at a real chair.
ENTRIES_A_READING = 10
_GROUP = 2_000


def filled(url: str, entries: int) -> World:
    """A clinic whose chain has about so many entries."""
    world = make_world(url)
    for _ in range(entries // ENTRIES_A_READING):
        record_reading(world.clinic, world.nurse, world.session_id, _reading(world), now=world.now)
    views = entries - entries // ENTRIES_A_READING
    for start in range(0, views, _GROUP):
        _views(world, min(_GROUP, views - start))
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


def _views(world: World, count: int) -> None:
    database = world.clinic.database
    door = database.door(str(world.clinic.id))
    group = door.enter()
    try:
        for _ in range(count):
            happening = Happening(
                at=world.now, action=Action.SESSION_VIEW.value, outcome=Outcome.DONE,
                session_id=str(world.session_id), subject_id=str(world.session_id),
            )  # fmt: skip
            append(group, database, world.nurse, happening)
    finally:
        door.leave(group)


def measure(world: World) -> dict[str, float]:
    """Seconds of both, in turns, and their ratio by the better of three rounds each."""
    database = world.clinic.database
    ours, bare = [], []
    for _ in range(3):
        start = time.perf_counter()
        found = verify(database)
        ours.append(time.perf_counter() - start)
        if any(one.fault for one in found):
            raise RuntimeError("the benchmark's own chain does not verify")
        start = time.perf_counter()
        _bare(world.clinic)
        bare.append(time.perf_counter() - start)
    return {
        "entries": float(sum(one.entries for one in found)),
        "verify_s": min(ours),
        "bare_loop_s": min(bare),
        "ratio": min(ours) / min(bare),
    }


def _bare(clinic: Clinic) -> None:
    """Read every row of the chain and every sealed row by the bare driver, and hash its values."""

    tables = [ENTRIES, DETAILS, *(table(row) for row in SEALED)]
    with clinic.database.looking() as connection:
        driver: Any = connection.connection.driver_connection
        for one in tables:
            order = "number" if one in (ENTRIES, DETAILS) else "audit_number"
            cursor = driver.cursor()
            cursor.execute(f"SELECT * FROM {one.name} ORDER BY clinic_id, {order}")
            for row in cursor:
                sha256(LEAF + "\n".join(map(str, row)).encode()).hexdigest()
