"""What every printed list shares: the clinic, who printed it and when, the patient's banner."""

from datetime import datetime
from typing import NamedTuple

from protocol.rules.patients import Patient
from protocol.rules.record import ClinicRef
from reports.banner import patient_facts
from reports.formats import Clock, clock_of
from reports.sheet import Banner, Labelled, Listing, Section, text

DEMONSTRATION = "DEMONSTRATION · NOT REAL"


class Printed(NamedTuple):
    """When a list is printed, by whom, and on which paper."""

    at: datetime
    by: str
    page_size: str = "A4"


class Told(NamedTuple):
    """What is particular to one list; `identifier` names its content, for the file's own id."""

    title: str
    facts: tuple[Labelled, ...]
    sections: tuple[Section, ...]
    identifier: str
    patient: Patient | None = None
    wide: bool = False


def listing(clinic: ClinicRef, told: Told, printed: Printed) -> Listing:
    """A list of a clinic, as it is printed at a moment by someone (R141, R143)."""
    clock = clock_of(clinic.zone, printed.at)
    return Listing(
        page_size=printed.page_size, wide=told.wide, title=told.title, clinic=clinic.name,
        demonstration=DEMONSTRATION if clinic.demonstration else "",
        banner=None if told.patient is None else _banner(told.patient, clock),
        facts=(*told.facts, Labelled("Times", text(f"24-hour, {clock.said}"))),
        sections=told.sections,
        foot=(f"{clinic.name} · printed {clock.moment(printed.at)} by {printed.by}",),
        identifier=told.identifier, printed_at=printed.at.isoformat(timespec="seconds"),
    )  # fmt: skip


def _banner(patient: Patient, clock: Clock) -> Banner:
    return Banner(patient.name, patient_facts(patient, clock), allergies="", allergies_known=False)
