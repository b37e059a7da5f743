"""The replay's own clinic: marked as such, with accounts that nobody can sign in to, no limits.

What it needs is made once; each document's id comes of its content, so that a second run finds it.
"""

import secrets
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from protocol.commands import authoring, people, proving
from protocol.records import accounts
from protocol.records.clinics import REPLAY, Clinic, clinics
from protocol.records.database import Database
from protocol.records.versions import Version
from protocol.rules.actions import Actor, Role
from protocol.rules.errors import DemonstrationFixed
from protocol.rules.protocols import Document, PolicyDocument, ProtocolDocument, VersionStatus
from protocol.rules.signature import digest_of

SPACE = UUID("6d1c9c1e-5f0e-5b0e-9b5e-1d7a0f3c6a11")
DRUG_LINE = "line-1"
WORKSTATION = "session replay"
_ACCOUNTS = {
    "replay-administrator": ("Replay Administrator", Role.ADMINISTRATOR),
    "replay-author": ("Replay Author", Role.PHYSICIAN),
    "replay-approver": ("Replay Approver", Role.PHYSICIAN),
    "replay-nurse": ("Replay Nurse", Role.NURSE),
    "replay-witness": ("Replay Witness", Role.NURSE),
}


class ReplayClinic(NamedTuple):
    """The clinic and those who act in it: one who writes, one who approves, one who charts, one
    who keeps the stock, and one who stands by as witness."""

    clinic: Clinic
    author: Actor
    approver: Actor
    nurse: Actor
    administrator: Actor
    witness: Actor


def moment() -> datetime:
    """Now, as every act of a replay takes it."""
    return datetime.now(UTC)


def replay_clinic(database: Database) -> ReplayClinic:
    """The database's replay clinic, made where there is no clinic at all.

    Raises DemonstrationFixed where another clinic lives: real records and a replay stay apart.
    """
    found = clinics(database)
    if any(one.purpose != REPLAY for one in found):
        raise DemonstrationFixed(
            "The database holds a clinic; infusions are replayed into an empty one.",
            purpose=found[0].purpose,
        )
    clinic = found[0] if found else _founded(database)
    actors = _actors(clinic)
    here = ReplayClinic(
        clinic, actors["replay-author"], actors["replay-approver"], actors["replay-nurse"],
        actors["replay-administrator"], actors["replay-witness"],
    )  # fmt: skip
    _in_force(here, _policy())
    return here


def protocol_of_drug(here: ReplayClinic, drug: str, unit: str) -> Version:
    """The active protocol by which infusions of one drug, counted in one unit, are replayed."""
    return _in_force(here, _protocol(drug, unit))


def _founded(database: Database) -> Clinic:
    return people.found_clinic(
        database, _account("replay-administrator"), name="Replay of charted infusions",
        zone="Etc/UTC", now=moment(), purpose=REPLAY,
    )  # fmt: skip


def _account(username: str) -> people.PersonIn:
    name, role = _ACCOUNTS[username]
    # The secret is forgotten at once: nobody signs in to a replay.
    return people.PersonIn(
        id=uuid5(SPACE, username), username=username, name=name, roles=(role,),
        secret=secrets.token_urlsafe(32),
    )  # fmt: skip


def _actors(clinic: Clinic) -> dict[str, Actor]:
    found = _present(clinic)
    for username in _ACCOUNTS:
        if username not in found:
            people.add_person(
                clinic, found["replay-administrator"], _account(username), now=moment()
            )
    return _present(clinic)


def _present(clinic: Clinic) -> dict[str, Actor]:
    looking = proving.system_actor(clinic.id, frozenset({Role.AUDITOR}))
    return {
        person.username: accounts.actor_from(person, clinic.id, WORKSTATION)
        for person in people.people(clinic, looking, now=moment())
    }


def _in_force(here: ReplayClinic, document: Document) -> Version:
    """The document's version, drafted, approved by the second physician and active."""
    clinic, kind = here.clinic, document.kind
    wanted = uuid5(clinic.id, digest_of(document.model_dump(mode="json")))
    version = authoring.draft(clinic, here.author, wanted, document, now=moment())
    if version.status is VersionStatus.DRAFT:
        version = authoring.approve(clinic, here.approver, kind, wanted, now=moment())
    if version.status is VersionStatus.APPROVED:
        version = authoring.activate(clinic, here.author, kind, wanted, now=moment())
    return version


def _policy() -> PolicyDocument:
    # Everything is charted late, and marked so: nothing of a replay was charted at the chair.
    return PolicyDocument.model_validate({"name": "Replay, no limits", "late_entry_after_min": 0})


def _protocol(drug: str, unit: str) -> ProtocolDocument:
    one = "1"
    return ProtocolDocument.model_validate(
        {
            "name": f"{drug}, replayed in {unit}"[:400],
            "phases": [{"code": "infusion", "label": "Infusion"}],
            "drug_lines": [
                {
                    "code": DRUG_LINE,
                    "drug": drug,
                    "concentration": {
                        "amount": {"value": one, "unit": unit},
                        "volume": {"value": one, "unit": "mL"},
                    },
                    "route": "not in the source",
                    "note": "The concentration is arbitrary, for the source names none. Amounts"
                    " of drug do not depend on it; volumes of a rate in amounts of drug do, and"
                    " amounts of a rate in volumes.",
                }
            ],
        }
    )
