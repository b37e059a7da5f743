"""A small clinic to test in: people, a policy, a protocol of an invented drug, a patient.

It is built once for each engine and test process and then copied, for an account costs a tenth of
a second. Every name and number is invented.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import authoring, charting, enrolling, people, planning, signing
from protocol.commands.charting import Recorded
from protocol.records.clinics import Clinic, clinic_by
from protocol.records.database import Database
from protocol.records.verifying import verify
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.audit import Fault
from protocol.rules.charting import Charted
from protocol.rules.patients import PatientIn, WeightIn
from protocol.rules.protocols import Document, PolicyDocument, ProtocolDocument
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Meaning, Signature

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)
SECRET = "an invented secret"
FIRST_SECRET = "an invented secret from the administrator"
POLICY: dict[str, Any] = {
    "name": "Invented policy",
    "late_entry_after_min": 9,
    "plausible": [{"measure": "heart-rate", "low": "31", "high": "213", "unit": "/min"}],
    "scales": {"pain-rest": {"low": "0", "high": "10"}, "sedation": {"low": "1", "high": "10"}},
    "limits": [
        {
            "code": f"heart-rate-{severity}",
            "on": "measure",
            "measure": "heart-rate",
            "high": high,
            "unit": "/min",
            "severity": severity,
        }
        for severity, high in (("soft", "97"), ("hard", "151"))
    ],
}
PROTOCOL: dict[str, Any] = {
    "name": "Examplamine, invented",
    "phases": [
        {"code": "before", "label": "Before"},
        {
            "code": "infusion",
            "label": "Infusion",
            "rounds": [
                {
                    "code": "circulation",
                    "label": "Circulation",
                    "measures": ["heart-rate"],
                    "at_min": [0],
                    "intervals": [{"every_min": 20}],
                    "grace_min": 3,
                }
            ],
        },
    ],
    "drug_lines": [
        {
            "code": "line-1",
            "drug": "examplamine",
            "concentration": {
                "amount": {"value": "7", "unit": "mg"},
                "volume": {"value": "3", "unit": "mL"},
            },
            "route": "intravenous",
        }
    ],
}
PATIENT: dict[str, Any] = {
    "identifiers": [
        {"system": "record number", "value": "X-1"},
        {"system": "insurance", "value": "Y-1"},
    ],
    "family": "Invented",
    "given": "Ida",
    "born_on": "1981-02-03",
    "sex": "female",
    "allergy_state": "known",
    "allergies": ["latex"],
}
PEOPLE = {
    "administrator": (Role.ADMINISTRATOR,),
    "auditor": (Role.AUDITOR,),
    "nurse": (Role.NURSE,),
    "second_nurse": (Role.NURSE,),
    "physician": (Role.PHYSICIAN,),
    "second_physician": (Role.PHYSICIAN,),
}


def at(minute: float) -> datetime:
    """So many minutes after nine o'clock of the invented day."""
    return NINE + timedelta(minutes=minute)


def a_person(username: str, *roles: Role) -> people.PersonIn:
    return people.PersonIn(
        id=uuid7(), username=username, name=username.replace("_", " ").title(), roles=roles,
        secret=SECRET,
    )  # fmt: skip


def an_actor(clinic: Clinic, person: people.PersonIn) -> Actor:
    return Actor(
        clinic_id=clinic.id, person_id=person.id, username=person.username, name=person.name,
        roles=frozenset(person.roles), workstation="chair 1",
    )  # fmt: skip


def a_charted(minute: float, content: object, **changes: object) -> Charted:
    values = {"id": uuid7(), "observed_at": at(minute).isoformat(), "content": content}
    return Charted.model_validate(values | changes)


def a_reading(*observations: str) -> dict[str, Any]:
    """`a_reading("heart-rate 71 /min", "pain-rest 0 {score}")`."""
    parts = [one.split(" ") for one in observations]
    return {
        "kind": "reading",
        "observations": [{"measure": m, "value": v, "unit": u} for m, v, u in parts],
    }


def a_dosing(event: str, **amounts: str) -> dict[str, Any]:
    """`a_dosing("start", rate="11.3 mL/h")`."""
    quantities = {
        name: dict(zip(("value", "unit"), words.split(" "), strict=True))
        for name, words in amounts.items()
    }
    return {"kind": "dosing", "event": event, "drug_line": "line-1"} | quantities


@dataclass(frozen=True)
class World:
    """The clinic with its people, and the short forms of what tests do in it."""

    clinic: Clinic
    administrator: Actor
    auditor: Actor
    nurse: Actor
    second_nurse: Actor
    physician: Actor
    second_physician: Actor
    policy: UUID
    protocol: UUID
    patient: UUID
    session: UUID

    @property
    def database(self) -> Database:
        return self.clinic.database

    def in_copy(self, url: str) -> Self:
        """The same clinic in a copy of its database."""
        return replace(self, clinic=clinic_by(Database(url), self.clinic.id))

    def chart(
        self, minute: float, content: object, *, by: Actor | None = None,
        second: Actor | None = None, session: UUID | None = None, now: datetime | None = None,
        **changes: object,
    ) -> Recorded:  # fmt: skip
        """Chart it at once, by the nurse, unless something else is said."""
        return charting.record_entry(
            self.clinic, by or self.nurse, session or self.session,
            a_charted(minute, content, **changes), now=now or at(minute), second=second,
        )  # fmt: skip

    def act(
        self, action: Action, minute: float = 60, *, session: UUID | None = None,
        **change: object,
    ) -> SessionRecord:  # fmt: skip
        """Change the session's status, by the nurse."""
        return planning.change_status(
            self.clinic, self.nurse, action, session or self.session,
            planning.StatusIn.model_validate(change), now=at(minute),
        )  # fmt: skip

    def record(self, session: UUID | None = None, up_to: int | None = None) -> SessionRecord:
        return planning.session(
            self.clinic, self.nurse, session or self.session, now=at(60), up_to=up_to
        )

    def completed(self) -> SessionRecord:
        """The session, begun and completed."""
        self.act(Action.SESSION_BEGIN, 1)
        return self.act(Action.SESSION_COMPLETE, 50)

    def sign(
        self, by: Actor | None = None, meaning: Meaning = Meaning.AUTHORSHIP, *,
        digest: str | None = None, secret: str = SECRET, session: UUID | None = None,
        minute: float = 60, signature: UUID | None = None,
    ) -> Signature:  # fmt: skip
        """Sign what the record is now, as the nurse and author unless something else is said."""
        digest = digest or self.record(session).digest()
        wanted = signing.SignatureIn(
            id=signature or uuid7(), meaning=meaning, record_digest=digest, secret=secret
        )
        return signing.sign(
            self.clinic, by or self.nurse, session or self.session, wanted, now=at(minute)
        )

    def version(self, document: Document, minute: float = -100) -> UUID:
        """Draft it, have a second physician approve it, and put it in force."""
        now, kind = at(minute), document.kind
        version = authoring.draft(self.clinic, self.physician, uuid7(), document, now=now).id
        authoring.approve(self.clinic, self.second_physician, kind, version, now=now)
        authoring.activate(self.clinic, self.physician, kind, version, now=now)
        return version

    def protocol_with(self, **changes: object) -> UUID:
        return self.version(ProtocolDocument.model_validate(PROTOCOL | changes))

    def policy_with(self, **changes: object) -> UUID:
        return self.version(PolicyDocument.model_validate(POLICY | changes))

    def session_on(self, protocol: UUID | None = None, patient: UUID | None = None) -> UUID:
        """One more session in preparation."""
        wanted = planning.SessionIn(
            id=uuid7(), patient_id=patient or self.patient,
            protocol_version_id=protocol or self.protocol,
        )  # fmt: skip
        return planning.prepare(self.clinic, self.nurse, wanted, now=at(-30)).id

    def enrolled(self, number: int) -> UUID:
        """One more patient."""
        identifiers = [{"system": "record number", "value": f"{x}-{number}"} for x in "XY"]
        details = PatientIn.model_validate(PATIENT | {"identifiers": identifiers})
        return enrolling.enrol(self.clinic, self.nurse, uuid7(), details, now=at(-90)).id

    def weighed(self, value_kg: str = "61.7", minute: float = -60) -> UUID:
        weight = WeightIn.model_validate(
            {
                "id": uuid7(),
                "value_kg": value_kg,
                "method": "measured",
                "measured_at": at(minute).isoformat(),
            }
        )
        now = max(at(minute), at(-60))
        return enrolling.weigh(self.clinic, self.nurse, self.patient, weight, now=now).id

    def fault(self) -> Fault | None:
        """The first fault in this clinic's trail."""
        found = [one for one in verify(self.database) if one.clinic_id == self.clinic.id]
        assert len(found) == 1, "the clinic has no chain"
        return found[0].fault


def settled(clinic: Clinic, administrator: Actor, person: people.PersonIn) -> Actor:
    """An account whose owner has set an own secret: the person's, as everybody's here."""
    given = person.model_copy(update={"secret": FIRST_SECRET})
    people.add_person(clinic, administrator, given, now=at(-119))
    actor = an_actor(clinic, person)
    people.set_secret(clinic, actor, FIRST_SECRET, person.secret, now=at(-118))
    return actor


def found(url: str, name: str = "Invented clinic") -> World:
    """A clinic with everything above, in a database that is migrated."""
    persons = {username: a_person(username, *roles) for username, roles in PEOPLE.items()}
    clinic = people.found_clinic(
        Database(url), persons["administrator"], name=name, zone="Europe/Paris", now=at(-120)
    )
    actors = {username: an_actor(clinic, person) for username, person in persons.items()}
    for username, person in persons.items():
        if username != "administrator":
            settled(clinic, actors["administrator"], person)
    nothing = UUID(int=0)
    world = World(
        clinic, **actors, policy=nothing, protocol=nothing, patient=nothing, session=nothing
    )
    world = replace(world, policy=world.policy_with())
    world = replace(world, protocol=world.protocol_with())
    world = replace(world, patient=world.enrolled(1))
    world.weighed()
    return replace(world, session=world.session_on())
