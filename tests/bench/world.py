"""A clinic to measure with: an invented drug, one session, and bodies of vital signs to post."""

import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import authoring, enrolling, people, planning, signing_in
from protocol.records.clinics import Clinic
from protocol.records.database import Database, upgrade
from protocol.rules.actions import Actor, Role
from protocol.rules.patients import PatientIn
from protocol.rules.protocols import PolicyDocument, ProtocolDocument

SECRET = "invented secret of the benchmark"
VITAL_SIGNS = (
    ("heart-rate", "71", "/min"),
    ("systolic", "121", "mm[Hg]"),
    ("diastolic", "81", "mm[Hg]"),
    ("spo2", "98", "%"),
    ("respiratory-rate", "15", "/min"),
    ("pain-rest", "3", "{score}"),
)
POLICY = {
    "name": "Benchmark policy",
    "late_entry_after_min": 30,
    "scales": {"pain-rest": {"low": "0", "high": "10"}},
    "plausible": [{"measure": "heart-rate", "low": "30", "high": "220", "unit": "/min"}],
    "limits": [
        {
            "code": "heart-rate", "on": "measure", "measure": "heart-rate", "high": "140",
            "unit": "/min", "severity": "soft",
        }
    ],
}  # fmt: skip
PROTOCOL = {
    "name": "Benchmark protocol",
    "phases": [
        {
            "code": "infusion", "label": "Infusion",
            "rounds": [
                {
                    "code": "vital-signs", "label": "Vital signs", "anchor": "infusion-start",
                    "measures": [measure for measure, _, _ in VITAL_SIGNS],
                    "intervals": [{"every_min": 10}], "grace_min": 3,
                }
            ],
        }
    ],
    "drug_lines": [
        {
            "code": "line-1", "drug": "examplamine", "route": "intravenous",
            "concentration": {
                "amount": {"value": "7", "unit": "mg"}, "volume": {"value": "11", "unit": "mL"},
            },
        }
    ],
}  # fmt: skip


CHAIRS = 8


class World(NamedTuple):
    """A clinic with a nurse who is signed in, and a session that is prepared at each chair."""

    clinic: Clinic
    nurse: Actor
    session_ids: tuple[UUID, ...]
    token: str
    now: datetime

    @property
    def session_id(self) -> UUID:
        """The session at the first chair."""
        return self.session_ids[0]


def make_world(url: str) -> World:
    """Migrate an empty database and fill it through the same commands as any clinic."""
    upgrade(url)
    database, now = Database(url), datetime.now(UTC)
    first = people.PersonIn(
        id=uuid7(), username="nurse", name="Bench Nurse", secret=SECRET,
        roles=(Role.NURSE, Role.ADMINISTRATOR),
    )  # fmt: skip
    clinic = people.found_clinic(database, first, name="Benchmark", zone="UTC", now=now)
    author = _actor(clinic, Role.PHYSICIAN)
    approver = _actor(clinic, Role.PHYSICIAN)
    for document in (PolicyDocument.model_validate(POLICY), _protocol()):
        version = authoring.draft(clinic, author, uuid7(), document, now=now)
        authoring.approve(clinic, approver, document.kind, version.id, now=now)
        authoring.activate(clinic, approver, document.kind, version.id, now=now)
    signed_in = signing_in.sign_in(clinic, "nurse", SECRET, now=now)
    sessions = []
    for chair in range(CHAIRS):
        patient = enrolling.enrol(clinic, signed_in.actor, uuid7(), _patient(chair), now=now)
        wanted = planning.SessionIn(
            id=uuid7(), patient_id=patient.id, protocol_version_id=version.id
        )
        sessions.append(planning.prepare(clinic, signed_in.actor, wanted, now=now).id)
    return World(clinic, signed_in.actor, tuple(sessions), signed_in.token, now)


def reading_body(now: datetime) -> bytes:
    """A reading of six vital signs as a client posts it."""
    body = {
        "id": str(uuid7()),
        "observed_at": (now - timedelta(minutes=1)).isoformat(),
        "content": {
            "kind": "reading",
            "observations": [
                {"measure": measure, "value": value, "unit": unit}
                for measure, value, unit in VITAL_SIGNS
            ],
        },
    }
    return json.dumps(body).encode()


def _protocol() -> ProtocolDocument:
    return ProtocolDocument.model_validate(PROTOCOL)


def _actor(clinic: Clinic, role: Role) -> Actor:
    return Actor(
        clinic_id=clinic.id, person_id=uuid7(), username="-", name="Bench", roles=frozenset({role})
    )


def _patient(chair: int) -> PatientIn:
    return PatientIn.model_validate(
        {
            "identifiers": [
                {"system": "Bench", "value": str(chair)},
                {"system": "Other bench", "value": str(chair)},
            ],
            "family": "Invented", "given": "Bench", "born_on": "1970-01-01", "sex": "unknown",
            "allergy_state": "not-recorded",
        }
    )  # fmt: skip
