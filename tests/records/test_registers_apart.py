"""Counts, losses and logs of one clinic are out of reach of another in the same database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import counting, custody_log, loss_reporting
from protocol.records.custody_log import LogWanted
from protocol.rules.counts import CountAbandonIn, CountRecordIn
from protocol.rules.errors import NotFound
from protocol.rules.gs1 import ScanIn
from protocol.rules.losses import FilingIn, LossIn
from tests.commands.templates import Templates, Worlds
from tests.commands.vault import GTIN, a_location, a_product, begun, counted, received
from tests.commands.world import World, at

Try = Callable[[World, "dict[str, UUID]"], Any]
_REASON = CountAbandonIn(id=uuid7(), reason="x")


def _loss(**named: UUID) -> LossIn:
    return LossIn.model_validate(
        {"id": uuid7(), "kind": "loss", "drug": "x", "facts": "x",
         "discovered_at": at(0).isoformat(), **named}
    )  # fmt: skip


TRIES: dict[str, Try] = {
    "begin a count": lambda own, other: begun(own, other["location"]),
    "list what to count": lambda own, other: counting.to_count(
        own.clinic, own.nurse, other["count"], now=at(30)
    ),
    "record a count": lambda own, other: counting.record_count(
        own.clinic, own.nurse, other["count"], CountRecordIn.model_validate(
            {"id": uuid7(), "observed_at": at(1).isoformat(), "counted": []}), now=at(30)
    ),
    "abandon a count": lambda own, other: counting.abandon_count(
        own.clinic, own.nurse, other["count"], _REASON, now=at(30)
    ),
    "count a container": lambda own, other: counted(
        own, begun(own, a_location(own), 40), {other["container"]: None}, 41
    ),
    "read the log": lambda own, other: custody_log.log(
        own.clinic, own.nurse, LogWanted(other["location"]), now=at(30)
    ),
    "read the inventory": lambda own, other: custody_log.inventory(
        own.clinic, own.nurse, other["location"], now=at(30)
    ),
    "report a loss there": lambda own, other: loss_reporting.report_loss(
        own.clinic, own.nurse, _loss(location_id=other["location"]), now=at(30)
    ),
    "correct a loss": lambda own, other: loss_reporting.report_loss(
        own.clinic, own.nurse, _loss(location_id=a_location(own), replaces=other["loss"])
        .model_copy(update={"reason": "x"}), now=at(30),
    ),
    "note a filing": lambda own, other: loss_reporting.note_filing(
        own.clinic, own.nurse, other["loss"], FilingIn.model_validate(
            {"id": uuid7(), "filing": "written-notice", "filed_at": at(1).isoformat()}), now=at(30)
    ),
}  # fmt: skip


@pytest.fixture
def both(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[Worlds]:
    """Two clinics in one database."""
    with templates.copies(engine_name, "neighbours", tmp_path) as worlds:
        yield worlds


def test_nobody_reaches_another_clinics_registers_by_their_ids(both: Worlds) -> None:
    world, neighbour = both
    location = a_location(neighbour)
    [container] = received(neighbour, location, a_product(neighbour), 1)
    loss = _loss(location_id=location)
    loss_reporting.report_loss(neighbour.clinic, neighbour.nurse, loss, now=at(5))
    theirs = {
        "location": location, "container": container, "loss": loss.id,
        "count": begun(neighbour, location).id,
    }  # fmt: skip
    for name, attempt in TRIES.items():
        with pytest.raises(NotFound):
            attempt(world, theirs)
        assert name
    found = custody_log.scan(world.clinic, world.nurse, ScanIn(text=f"01{GTIN}"), now=at(50))
    assert found.products == []
    counts = custody_log.found_counts(world.clinic, world.nurse, now=at(50), location_id=location)
    assert counts == []
    assert loss_reporting.loss_reports(world.clinic, world.nurse, now=at(50)) == []
    assert world.fault() is None
    assert neighbour.fault() is None
