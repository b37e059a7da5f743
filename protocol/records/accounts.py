"""Accounts: who a person is, what proves it, and the sign-ins that are open."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.records import tables
from protocol.records.clinics import Clinic, clinic_by
from protocol.records.database import Database
from protocol.records.door import Group
from protocol.records.lookups import table
from protocol.records.prepared import Ask, Prepared, ask_all, asking
from protocol.records.work import Act
from protocol.rules.actions import Actor, Role
from protocol.rules.errors import NotFound, NotSignedIn

_PERSON, _STANDING = table(tables.PersonRow), table(tables.PersonStandingRow)
_SECRET, _SIGN_IN = table(tables.SecretRow), table(tables.SignInRow)


class Person(NamedTuple):
    """An account as it stands."""

    id: UUID
    username: str
    name: str
    credential: str
    roles: frozenset[Role]
    active: bool


class Credentials(NamedTuple):
    """A person with the hash that the secret is checked against."""

    person: Person
    hashed: str


_NEWEST = _STANDING.alias("newest")
_LATEST = (
    select(_NEWEST.c.id)
    .where(_NEWEST.c.clinic_id == _PERSON.c.clinic_id, _NEWEST.c.person_id == _PERSON.c.id)
    .order_by(_NEWEST.c.audit_number.desc())
    .limit(1)
    .correlate(_PERSON)
    .scalar_subquery()
)
_JOINED = (
    select(
        _PERSON.c.id, _PERSON.c.clinic_id, _PERSON.c.username, _PERSON.c.name,
        _STANDING.c.roles, _STANDING.c.credential, _STANDING.c.active,
    )
    .select_from(_PERSON)
    .join(_STANDING, (_STANDING.c.clinic_id == _PERSON.c.clinic_id) & (_STANDING.c.id == _LATEST))
)  # fmt: skip
_BY_TOKEN = Prepared(
    _JOINED.join(
        _SIGN_IN,
        (_SIGN_IN.c.clinic_id == _PERSON.c.clinic_id) & (_SIGN_IN.c.person_id == _PERSON.c.id),
    ).where(
        _SIGN_IN.c.token_hash == bindparam("token_hash"),
        _SIGN_IN.c.ended_at.is_(None),
        _SIGN_IN.c.expires_at > bindparam("now"),
        _STANDING.c.active,
    )
)


@cache
def _roles(words: str) -> frozenset[Role]:
    return frozenset(Role(role) for role in words.split())


def _person(row: Any) -> Person:  # noqa: ANN401 - a row of any width
    return Person(row.id, row.username, row.name, row.credential, _roles(row.roles), row.active)


def people(connection: Connection, clinic: Clinic) -> list[Person]:
    """Everyone with an account, by user name."""
    statement = _JOINED.where(_PERSON.c.clinic_id == clinic.id).order_by(_PERSON.c.username)
    return [_person(row) for row in connection.execute(statement)]


def person(connection: Connection, clinic: Clinic, person_id: UUID) -> Person:
    """The account by its id. Raises NotFound."""
    statement = _JOINED.where(_PERSON.c.clinic_id == clinic.id, _PERSON.c.id == person_id)
    row = connection.execute(statement).first()
    if row is None:
        raise NotFound("There is no such person at this clinic.", person=str(person_id))
    return _person(row)


def person_digest(connection: Connection, clinic: Clinic, person_id: UUID) -> str | None:
    """The digest of the account with this id, if there is one."""
    statement = select(_PERSON.c.content_digest)
    return connection.execute(
        statement.where(_PERSON.c.clinic_id == clinic.id, _PERSON.c.id == person_id)
    ).scalar()


def username_taken(connection: Connection, clinic: Clinic, username: str) -> bool:
    """Whether an account, open or closed, has this user name."""
    statement = select(_PERSON.c.id).where(
        _PERSON.c.clinic_id == clinic.id, _PERSON.c.username == username
    )
    return connection.execute(statement).first() is not None


def credentials(clinic: Clinic, username: str) -> Credentials | None:
    """The person and the latest hash of the secret, if there is such a user."""
    with clinic.database.looking() as connection:
        row = connection.execute(
            _JOINED.where(_PERSON.c.clinic_id == clinic.id, _PERSON.c.username == username)
        ).first()
        if row is None:
            return None
        hashed = connection.execute(
            select(_SECRET.c.hashed)
            .where(_SECRET.c.clinic_id == clinic.id, _SECRET.c.person_id == row.id)
            .order_by(_SECRET.c.audit_number.desc())
            .limit(1)
        ).scalar_one()
    return Credentials(_person(row), hashed)


def actor_from(person: Person, clinic_id: UUID, workstation: str) -> Actor:
    """The person as one who acts."""
    return Actor(
        clinic_id=clinic_id, person_id=person.id, username=person.username, name=person.name,
        credential=person.credential, roles=person.roles, workstation=workstation[:120],
    )  # fmt: skip


def asked_of_token(token_hash: str, now: datetime) -> Ask:
    """Whose sign-in this is and whether it stands."""
    return asking(_BY_TOKEN, token_hash=token_hash, now=now)


def actor_by_token(
    database: Database, token_hash: str, now: datetime, workstation: str,
    turn: Group | None = None,
) -> tuple[Clinic, Actor]:  # fmt: skip
    """Who holds this token, looked up at every request: a closed account ends with the next one.

    `turn` is the one in which the caller acts, if it has one. Raises NotSignedIn.
    """
    asked = [asked_of_token(token_hash, now)]
    if turn is not None:
        rows = turn.ask(asked)[0]
    else:
        with database.looking() as connection:
            rows = ask_all(connection, asked)[0]
    if not rows:
        raise NotSignedIn("No valid sign-in came with the request.")
    person_id, clinic_id, username, name, roles, credential, _active = rows[0]
    return known_clinic(database, clinic_id), Actor.model_construct(
        clinic_id=clinic_id, person_id=person_id, username=username, name=name,
        credential=credential, roles=_roles(roles), workstation=workstation[:120],
    )  # fmt: skip


def known_clinic(database: Database, clinic_id: UUID) -> Clinic:
    """A clinic by its id; its name, zone and purpose never change, so it is read once."""
    known = database.clinics.get(clinic_id)
    if not isinstance(known, Clinic):
        known = database.clinics[clinic_id] = clinic_by(database, clinic_id)
    return known


def open_sign_in(act: Act, token_hash: str, *, expires_at: datetime) -> None:
    """Keep a token's hash; written with the act's audit entry."""
    act.connection.execute(
        insert(_SIGN_IN),
        {
            "token_hash": token_hash, "clinic_id": act.clinic.id,
            "person_id": act.actor.person_id, "workstation": act.actor.workstation,
            "signed_in_at": act.now, "expires_at": expires_at,
        },
    )  # fmt: skip
    act.changes_unsealed = True


def close_sign_in(act: Act, token_hash: str) -> None:
    """End a sign-in: the only row of the database that is updated."""
    act.connection.execute(
        update(_SIGN_IN)
        .where(_SIGN_IN.c.token_hash == token_hash, _SIGN_IN.c.ended_at.is_(None))
        .values(ended_at=act.now)
    )
    act.changes_unsealed = True
