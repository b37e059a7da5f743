"""A small vault to count and to print: a location, an invented drug, containers, entries."""

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import counting, custody, loss_reporting, receiving, reversing, stocking
from protocol.rules.actions import Actor
from protocol.rules.counts import Count, CountAbandonIn, CountIn, CountRecordIn
from protocol.rules.custody import (
    DrawIn,
    LocationIn,
    ProductIn,
    ReceiptIn,
    ReverseIn,
    WasteIn,
)
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.losses import FilingIn, LossIn
from tests.commands.world import World, at

GTIN = "07032069804988"
PRODUCT: dict[str, Any] = {
    "drug": "examplamine", "form": "solution for injection", "gtin": GTIN,
    "strength": {"amount": {"value": "10", "unit": "mg"}, "volume": {"value": "1", "unit": "mL"}},
    "size": {"value": "5", "unit": "mL"},
}  # fmt: skip
SUPPLIER = {"name": "Invented Supply", "address": "2 Invented Road", "registration": "R-77"}
PROFILE: dict[str, Any] = {
    "name": "Inventia", "effective_on": "2031-01-01",
    "classes": [{"code": "class-y", "label": "Class Y", "opened": "estimated"}],
    "drugs": [{"drug": "examplamine", "drug_class": "class-y"}],
    "inventory": {"initial": True, "every_months": 7, "counted_by": 1},
    "loss": {
        "written_notice": {"days": 2, "business": True, "form": "A letter", "source": "Art. 1"},
        "electronic_report": {"days": 31, "business": False, "form": "A form", "source": "Art. 2"},
        "rest_weekdays": ["saturday", "sunday"],
    },
}  # fmt: skip


def a_profile(world: World, **changes: Any) -> UUID:
    return world.version(JurisdictionDocument.model_validate(PROFILE | changes), minute=-90)


def a_location(world: World, name: str = "Safe", minute: float = -60) -> UUID:
    wanted = LocationIn(id=uuid7(), name=name, address="1 Invented Street", registration="R-1")
    return stocking.register_location(
        world.clinic, world.administrator, wanted, now=at(minute)
    ).id  # fmt: skip


def a_product(world: World, **changes: Any) -> UUID:
    wanted = ProductIn.model_validate({"id": uuid7(), **PRODUCT, **changes})
    return stocking.register_product(world.clinic, world.administrator, wanted, now=at(-60)).id


def received(
    world: World, location: UUID, product: UUID, containers: int = 3, minute: float = -50,
    **changes: Any,
) -> list[UUID]:  # fmt: skip
    ids = [uuid7() for _ in range(containers)]
    wanted = {
        "id": uuid7(), "observed_at": at(minute).isoformat(), "location_id": location,
        "product_id": product, "lot": "LOT-7", "expires_on": "2033-02-28", "supplier": SUPPLIER,
        "containers": [{"id": one} for one in ids], **changes,
    }  # fmt: skip
    receipt = ReceiptIn.model_validate(wanted)
    receiving.receive(world.clinic, world.nurse, receipt, now=at(minute))
    return ids


def amount(text: str) -> dict[str, str]:
    value, unit = text.split(" ")
    return {"value": value, "unit": unit}


def drawn(world: World, container: UUID, text: str, minute: float = 1, **more: Any) -> UUID:
    wanted = {"id": uuid7(), "observed_at": at(minute).isoformat(), "container_id": container,
              "session_id": world.session, "amount": amount(text), **more}  # fmt: skip
    done = custody.draw(world.clinic, world.nurse, DrawIn.model_validate(wanted), now=at(minute))
    return done.entry.id


def wasted(world: World, draw: UUID, text: str, minute: float = 2, **more: Any) -> UUID:
    wanted = {"id": uuid7(), "observed_at": at(minute).isoformat(), "draw_id": draw,
              "amount": amount(text), "manner": "into the sink", **more}  # fmt: skip
    witnesses = [world.second_nurse]
    done = custody.waste(
        world.clinic, world.nurse, WasteIn.model_validate(wanted), now=at(minute),
        witnesses=witnesses,
    )  # fmt: skip
    return done.entry.id


def undone(world: World, entry: UUID, minute: float = 3) -> UUID:
    wanted = ReverseIn.model_validate(
        {"id": uuid7(), "observed_at": at(minute).isoformat(), "entry_id": entry,
         "reason": "The wrong container"}
    )  # fmt: skip
    return reversing.reverse(world.clinic, world.nurse, wanted, now=at(minute)).entry.id


def begun(
    world: World, location: UUID, minute: float = 10, by: Actor | None = None, **changes: Any
) -> Count:
    wanted = {
        "id": uuid7(), "location_id": location, "kind": "spot", "blind": True, "business": "close",
        "counted_on": "2031-05-06", **changes,
    }  # fmt: skip
    return counting.begin_count(
        world.clinic, by or world.nurse, CountIn.model_validate(wanted), now=at(minute)
    )


def counted(
    world: World, count: Count, lines: dict[UUID, str | None], minute: float = 20,
    by: Actor | None = None, second: Actor | None = None, **changes: Any,
) -> Count:  # fmt: skip
    """`counted(world, count, {container: "32 mg", another: None})`; None is a whole container."""
    said = [
        {"container_id": one, "amount": text and amount(text), "method": "exact"}
        for one, text in lines.items()
    ]
    wanted = CountRecordIn.model_validate(
        {"id": uuid7(), "observed_at": at(minute).isoformat(), "counted": said, **changes}
    )
    return counting.record_count(
        world.clinic, by or world.nurse, count.id, wanted, now=at(minute), second=second
    )


def registered(world: World) -> None:
    """A row in every table of counts and losses: a count with a difference, an abandoned one, a
    loss with its correction and what was filed."""
    location = a_location(world, "Vault", 72)
    [one] = received(world, location, a_product(world), 1, 72)
    counted(world, begun(world, location, 72), {one: "1 mg"}, 73)
    count = begun(world, location, 74, blind=False)
    reason = CountAbandonIn(id=uuid7(), reason="Called away")
    counting.abandon_count(world.clinic, world.nurse, count.id, reason, now=at(74))
    loss = LossIn.model_validate(
        {"id": uuid7(), "location_id": location, "kind": "loss", "drug": "examplamine",
         "discovered_at": at(73).isoformat(), "amount": amount("49 mg"), "container_id": one,
         "facts": "It is not there."}
    )  # fmt: skip
    loss_reporting.report_loss(world.clinic, world.nurse, loss, now=at(74))
    again = loss.model_copy(update={"id": uuid7(), "replaces": loss.id, "reason": "A slip"})
    loss_reporting.report_loss(world.clinic, world.nurse, again, now=at(74))
    filing = FilingIn.model_validate(
        {"id": uuid7(), "filing": "written-notice", "filed_at": at(74).isoformat()}
    )
    loss_reporting.note_filing(world.clinic, world.nurse, loss.id, filing, now=at(74))
