"""The demonstration clinic: unmistakably invented, and never to become a real one (R143).

It is made once, in an empty database. Its secrets are made at random for each demonstration and
kept beside the database, readable by its owner alone: there is no default password anywhere.
"""

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pyotp
from uuid_utils.compat import uuid7

from api import demo_custody, demo_documents, demo_forms
from api.demo_keeping import keep_beside, print_trail
from api.demo_sessions import running_session, signed_session, waiting_session
from api.demo_story import Stage
from protocol.commands import authoring, people, second_factor, signing_in
from protocol.records.clinics import DEMONSTRATION, Clinic, clinics
from protocol.records.database import Database
from protocol.rules.actions import Actor, Role
from protocol.rules.errors import DemonstrationFixed
from protocol.rules.protocols import Document

SIGN_INS = "demo-sign-ins.txt"
WORKSTATION = "demonstration"
# User name -> name, credential, role.
PEOPLE: dict[str, tuple[str, str, Role]] = {
    "administrator": ("Ada Invented", "", Role.ADMINISTRATOR),
    "nurse": ("Nell Pretend", "RN", Role.NURSE),
    "second-nurse": ("Nils Makebelieve", "RN", Role.NURSE),
    "physician": ("Petra Imaginary", "MD", Role.PHYSICIAN),
    "second-physician": ("Paul Fictional", "MD", Role.PHYSICIAN),
    "auditor": ("Otto Unreal", "", Role.AUDITOR),
    "two-factor-nurse": ("Tilda Fabricated", "RN", Role.NURSE),
}
TWO_FACTOR = "two-factor-nurse"
_AUTHENTICATOR = "authenticator secret (invented)"


def demonstration(database: Database, home: Path) -> Clinic:
    """The demonstration clinic of this database, made where there is no clinic at all.

    Raises DemonstrationFixed where another clinic lives, or a demonstration that is not whole.
    """
    found = clinics(database)
    if any(one.purpose != DEMONSTRATION for one in found):
        raise DemonstrationFixed(
            "The database holds a clinic that is no demonstration; a demonstration is made in an"
            " empty CHAIRSIDE_HOME.", purpose=found[0].purpose,
        )  # fmt: skip
    if found:
        if not (home / SIGN_INS).is_file():
            raise DemonstrationFixed(
                f"The demonstration's sign-ins are not at {home / SIGN_INS}; a new one is made in"
                " an empty CHAIRSIDE_HOME."
            )
        return found[0]
    return _made(database, home)


def sign_ins(home: Path) -> list[str]:
    """The lines to show: who may sign in, with which secret, and with which code right now."""
    return [_with_code(line) for line in (home / SIGN_INS).read_text("utf-8").splitlines()]


def _with_code(line: str) -> str:
    _, enrolled, shared_secret = line.partition(f"{_AUTHENTICATOR} ")
    return f"{line}, code right now {pyotp.TOTP(shared_secret).now()}" if enrolled else line


def _made(database: Database, home: Path) -> Clinic:
    now = datetime.now(UTC)
    founded = now - timedelta(days=23)
    own = {username: secrets.token_urlsafe(12) for username in PEOPLE}
    first = _account("administrator", own)
    clinic = people.found_clinic(
        database, first, name="DEMONSTRATION Clinic of Examplia", zone="Etc/UTC", now=founded,
        purpose=DEMONSTRATION,
    )  # fmt: skip
    team = _team(clinic, own, founded)
    authenticator = _enrol(clinic, team[TWO_FACTOR], own[TWO_FACTOR], founded)
    _in_force(clinic, team, demo_documents.policy(), founded)
    _in_force(clinic, team, demo_custody.jurisdiction(founded.date()), founded)
    forms = {
        name: _in_force(clinic, team, demo_forms.form(name), founded) for name in demo_forms.SHIPPED
    }
    protocol_id = _in_force(clinic, team, demo_documents.protocol(), founded)
    stage = Stage(clinic, team, protocol_id, forms)
    vault = demo_custody.stocked(clinic, team, founded)
    signed = signed_session(stage, vault, own, now - timedelta(days=9, hours=2))
    keep_beside(clinic, team, signed)
    demo_forms.measured_between(
        clinic, team["nurse"], signed.patient_id, signed.course_id, signed.at(4_500),
        forms[demo_forms.OUTCOME],
    )  # fmt: skip
    waiting_session(stage, vault, now - timedelta(hours=3))
    running_session(stage, vault, now)
    print_trail(clinic, team["auditor"], home, now)
    demo_custody.print_log(vault, home, now)
    _keep(home / SIGN_INS, own, authenticator)
    return clinic


def _account(username: str, own: dict[str, str]) -> people.PersonIn:
    name, credential, role = PEOPLE[username]
    return people.PersonIn(
        id=uuid7(), username=username, name=name, credential=credential, roles=(role,),
        secret=own[username], ends_at=_far_away() if role is Role.AUDITOR else None,
    )  # fmt: skip


def _far_away() -> datetime:
    """An auditor's standing has an end; the demonstration's lies beyond any demonstration."""
    return datetime.now(UTC) + timedelta(days=3650)


def _enrol(clinic: Clinic, nurse: Actor, secret: str, now: datetime) -> str:
    """A second factor as its owner would enrol one; answers what the authenticator holds."""
    offered = second_factor.enrol(clinic, nurse, secret, None, now=now)
    code = pyotp.TOTP(offered.shared_secret).at(now)
    second_factor.confirm(clinic, nurse, code, now=now)
    return offered.shared_secret


def _team(clinic: Clinic, own: dict[str, str], now: datetime) -> dict[str, Actor]:
    """Everyone, signed in as they would be; the tokens are given back at once."""
    team: dict[str, Actor] = {}
    for username, secret in own.items():
        if username != "administrator":
            _add(clinic, team["administrator"], _account(username, own), now)
        signed_in = signing_in.sign_in(clinic, username, secret, now=now, workstation=WORKSTATION)
        signing_in.sign_out(clinic, signed_in.actor, signed_in.token, now=now)
        team[username] = signed_in.actor
    return team


def _add(clinic: Clinic, administrator: Actor, account: people.PersonIn, now: datetime) -> None:
    """With a first secret of the administrator's, in place of which each sets the own one."""
    given = secrets.token_urlsafe(12)
    people.add_person(
        clinic, administrator, account.model_copy(update={"secret": given}), now=now
    )  # fmt: skip
    first = signing_in.sign_in(clinic, account.username, given, now=now, workstation=WORKSTATION)
    people.set_secret(clinic, first.actor, given, account.secret, now=now, token=first.token)
    signing_in.sign_out(clinic, first.actor, first.token, now=now)


def _in_force(clinic: Clinic, team: dict[str, Actor], document: Document, now: datetime) -> UUID:
    author, approver = team["physician"], team["second-physician"]
    version = authoring.draft(clinic, author, uuid7(), document, now=now)
    authoring.approve(clinic, approver, document.kind, version.id, now=now)
    return authoring.activate(clinic, author, document.kind, version.id, now=now).id


def _keep(path: Path, own: dict[str, str], authenticator: str) -> None:
    width = max(map(len, PEOPLE))
    lines = [
        "DEMONSTRATION: every person, number and drug is invented.",
        *(
            f"{username:<{width}}  {own[username]}  {name}, {role.value}"
            + (f", {_AUTHENTICATOR} {authenticator}" if username == TWO_FACTOR else "")
            for username, (name, _, role) in PEOPLE.items()
        ),
    ]
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
