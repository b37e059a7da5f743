"""The demonstration's custody: an invented law and drug, and what became of its vials."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from api.custody_files import log_pdf
from api.demo_story import Story
from protocol.commands import custody, custody_log, custody_views, receiving, reconciling, stocking
from protocol.records.clinics import Clinic
from protocol.records.custody_log import LogWanted
from protocol.rules.actions import Action, Actor
from protocol.rules.custody import DrawIn, LocationIn, OpenIn, ProductIn, ReceiptIn, WasteIn
from protocol.rules.discrepancies import ExplanationIn, ReconcileIn
from protocol.rules.jurisdiction import JurisdictionDocument
from reports.listing import Printed
from reports.printing import PdfUnavailable

CUSTODY_LOG = "demo-custody-log.pdf"
_VIALS = 5


class Vault(NamedTuple):
    """Where the vials are, and which are still full."""

    clinic: Clinic
    team: dict[str, Actor]
    location_id: UUID
    vials: list[UUID]


def jurisdiction(effective_on: date) -> JurisdictionDocument:
    """The law of Examplia. Every number is invented."""
    return JurisdictionDocument.model_validate(
        {
            "name": "Invented law of Examplia", "effective_on": effective_on,
            "classes": [{"code": "invented-class", "label": "Invented class Q"}],
            "drugs": [
                {"drug": "Examplamine", "drug_class": "invented-class",
                 "remainder_tolerance": {"value": "0.07", "unit": "mg"}}
            ],
            "inventory": {"initial": True, "every_months": 17, "counted_by": 2},
            "waste_witnesses": 1, "waste_within_min": 97,
        }
    )  # fmt: skip


def stocked(clinic: Clinic, team: dict[str, Actor], at: datetime) -> Vault:
    """A cupboard into which vials came."""
    location = stocking.register_location(
        clinic, team["administrator"],
        LocationIn(id=uuid7(), name="Cupboard of the demonstration", registration="EX-0000",
                   address="1 Invented Street, Examplia"),
        now=at,
    )  # fmt: skip
    product = stocking.register_product(
        clinic, team["administrator"],
        ProductIn.model_validate(
            {
                "id": uuid7(), "drug": "Examplamine", "form": "vial",
                "strength": {"amount": {"value": "37", "unit": "mg"},
                             "volume": {"value": "5", "unit": "mL"}},
                "size": {"value": "5", "unit": "mL"},
            }
        ),
        now=at,
    )  # fmt: skip
    vials = [uuid7() for _ in range(_VIALS)]
    receipt = ReceiptIn.model_validate(
        {
            "id": uuid7(), "observed_at": at, "location_id": location.id,
            "product_id": product.id, "lot": "INV-0042", "expires_on": date(at.year + 3, 2, 28),
            "supplier": {"name": "Invented supplier of Examplia", "registration": "EX-0001"},
            "containers": [
                {"id": one, "label": f"Vial {place}"} for place, one in enumerate(vials, 1)
            ],
        }
    )  # fmt: skip
    receiving.receive(clinic, team["second-nurse"], receipt, now=at + timedelta(minutes=2))
    return Vault(clinic, team, location.id, vials)


def draws(vault: Vault, story: Story, minute: float) -> UUID:
    """A vial is opened and drawn up whole for a session; answers the draw."""
    nurse, vial = vault.team["nurse"], vault.vials.pop(0)
    opened = OpenIn(id=uuid7(), observed_at=story.at(minute), container_id=vial)
    custody.open_container(vault.clinic, nurse, opened, now=story.at(minute + 1))
    drawn = DrawIn.model_validate(
        {
            "id": uuid7(), "observed_at": story.at(minute), "container_id": vial,
            "session_id": story.session_id, "amount": {"value": "5", "unit": "mL"},
            "label_lot": "INV-0042",
        }
    )  # fmt: skip
    custody.draw(vault.clinic, nurse, drawn, now=story.at(minute + 1))
    return drawn.id


def wastes(vault: Vault, story: Story, minute: float, draw_id: UUID, amount_mg: str) -> None:
    """What is left over is wasted before a witness, and the session is reconciled."""
    nurse, witness = vault.team["nurse"], vault.team["second-nurse"]
    wasted = WasteIn.model_validate(
        {
            "id": uuid7(), "observed_at": story.at(minute), "draw_id": draw_id,
            "amount": {"value": amount_mg, "unit": "mg"}, "manner": "Into the invented sink",
        }
    )  # fmt: skip
    custody.waste(
        vault.clinic, nurse, wasted, now=story.at(minute + 1), witnesses=(witness,)
    )  # fmt: skip
    seen = ReconcileIn(id=uuid7(), observed_at=story.at(minute + 2), session_id=story.session_id)
    reconciling.reconcile(vault.clinic, nurse, seen, now=story.at(minute + 3))
    now = story.at(minute + 4)
    for discrepancy in custody_views.found_discrepancies(
        vault.clinic, nurse, now=now, open_only=True
    ):
        said = ExplanationIn(id=uuid7(), text="The rest in the line was not measured.")
        reconciling.explain(vault.clinic, nurse, discrepancy.id, said, now=story.at(minute + 5))


def print_log(vault: Vault, home: Path, now: datetime) -> None:
    """The last day's log as the administrator prints it, beside the database; a machine without
    Pango makes the demonstration without it."""
    administrator = vault.team["administrator"]
    wanted = LogWanted(location_id=vault.location_id, since=now - timedelta(hours=24))
    found = custody_log.log(
        vault.clinic, administrator, wanted, now=now, action=Action.CUSTODY_PRINT
    )
    try:
        content = log_pdf(found, Printed(now, administrator.name, found.page_size))
    except PdfUnavailable:
        return
    (home / CUSTODY_LOG).write_bytes(content)
