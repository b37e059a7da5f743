"""Accounts: what proves a person, and who holds a token."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from protocol.records import tables
from protocol.records.clinics import Clinic, clinic_by
from protocol.records.database import Database
from protocol.records.door import Group
from protocol.records.lookups import table
from protocol.records.persons import (
    JOINED,
    PERSON,
    Person,
    person_from,
)
from protocol.records.sign_ins import SignIn, asked_of_token, sign_in_in, sign_in_of, write_seen
from protocol.rules.actions import Actor
from protocol.rules.credentials import Credential
from protocol.rules.errors import NotSignedIn

CONFIRMED, ENDED, OFFERED = "confirmed", "ended", "offered"
_SECRET, _FACTOR = table(tables.SecretRow), table(tables.SecondFactorRow)
_USE, _RECOVERY = table(tables.CodeUseRow), table(tables.RecoveryCodeRow)
_CREDENTIAL = table(tables.CredentialRow)


class Factor(NamedTuple):
    """A second factor in force: its secret, its codes' batch, and the last step that was used."""

    id: UUID
    batch_id: UUID
    shared_secret: str
    last_step: int


class Credentials(NamedTuple):
    """A person with the hash that the secret is checked against, and the second factor."""

    person: Person
    hashed: str
    temporary: bool
    factor: Factor | None


class RecoveryCode(NamedTuple):
    """A recovery code's hash, and whether it was used."""

    id: UUID
    hashed: str
    used: bool


_NEWEST_SECRET, _NEWEST_FACTOR = _SECRET.alias("newest_secret"), _FACTOR.alias("newest_factor")
_LATEST_SECRET = (
    select(_NEWEST_SECRET.c.id)
    .where(
        _NEWEST_SECRET.c.clinic_id == PERSON.c.clinic_id, _NEWEST_SECRET.c.person_id == PERSON.c.id
    )
    .order_by(_NEWEST_SECRET.c.audit_number.desc())
    .limit(1)
    .correlate(PERSON)
    .scalar_subquery()
)
_LATEST_FACTOR = (
    select(_NEWEST_FACTOR.c.id)
    .where(
        _NEWEST_FACTOR.c.clinic_id == PERSON.c.clinic_id,
        _NEWEST_FACTOR.c.person_id == PERSON.c.id,
        _NEWEST_FACTOR.c.step != OFFERED,
    )
    .order_by(_NEWEST_FACTOR.c.audit_number.desc())
    .limit(1)
    .correlate(PERSON)
    .scalar_subquery()
)
# One statement, so that an unknown user name costs what a known one does.
_BY_USERNAME = (
    JOINED.add_columns(
        _SECRET.c.hashed, _SECRET.c.temporary, _FACTOR.c.id.label("batch_id"),
        _FACTOR.c.factor_id, _FACTOR.c.step, _FACTOR.c.shared_secret, _USE.c.last_step,
    )
    .join(_SECRET, (_SECRET.c.clinic_id == PERSON.c.clinic_id) & (_SECRET.c.id == _LATEST_SECRET))
    .outerjoin(
        _FACTOR, (_FACTOR.c.clinic_id == PERSON.c.clinic_id) & (_FACTOR.c.id == _LATEST_FACTOR)
    )
    .outerjoin(
        _USE, (_USE.c.clinic_id == _FACTOR.c.clinic_id) & (_USE.c.subject_id == _FACTOR.c.factor_id)
    )
    .where(PERSON.c.clinic_id == bindparam("clinic"), PERSON.c.username == bindparam("name"))
)  # fmt: skip


def credentials(connection: Connection, clinic: Clinic, username: str) -> Credentials | None:
    """The person, the latest hash of the secret and the second factor, if there is such a user."""
    row = connection.execute(_BY_USERNAME, {"clinic": clinic.id, "name": username}).first()
    if row is None:
        return None
    factor = None
    if row.step == CONFIRMED:
        last = -1 if row.last_step is None else row.last_step
        factor = Factor(row.factor_id, row.batch_id, row.shared_secret, last)
    return Credentials(person_from(row), row.hashed, bool(row.temporary), factor)


def offered_factor(connection: Connection, clinic: Clinic, person_id: UUID) -> Factor | None:
    """The second factor that was offered last, unless a later step confirmed or ended it."""
    own = (_FACTOR.c.clinic_id == clinic.id) & (_FACTOR.c.person_id == person_id)
    latest = select(_FACTOR).where(own).order_by(_FACTOR.c.audit_number.desc()).limit(1)
    row = connection.execute(latest).first()
    if row is None or row.step != OFFERED:
        return None
    return Factor(row.factor_id, row.id, row.shared_secret, -1)


def recovery_codes(
    connection: Connection, clinic: Clinic, batch_id: UUID
) -> tuple[RecoveryCode, ...]:
    """The codes of a batch, used or not."""
    used = (_USE.c.clinic_id == _RECOVERY.c.clinic_id) & (_USE.c.subject_id == _RECOVERY.c.id)
    statement = select(_RECOVERY.c.id, _RECOVERY.c.hashed, _USE.c.last_step)
    rows = connection.execute(
        statement.select_from(_RECOVERY.outerjoin(_USE, used)).where(
            _RECOVERY.c.clinic_id == clinic.id, _RECOVERY.c.batch_id == batch_id
        )
    )
    return tuple(RecoveryCode(row.id, row.hashed, row.last_step is not None) for row in rows)


def take_code(connection: Connection, clinic: Clinic, subject_id: UUID, step: int) -> bool:
    """Use up a time step of a second factor, or a recovery code, inside a turn at the door.

    False where it, or a later one, was used before: of two requests with one code one wins (R27).
    """
    key = {"clinic_id": clinic.id, "subject_id": subject_id}
    own = (_USE.c.clinic_id == clinic.id) & (_USE.c.subject_id == subject_id)
    last = connection.execute(select(_USE.c.last_step).where(own)).scalar()
    if last is None:
        connection.execute(_USE.insert(), key | {"last_step": step})
    elif last < step:
        connection.execute(_USE.update().where(own).values(last_step=step))
    return last is None or last < step


def professional_credentials(
    connection: Connection, clinic: Clinic, person_id: UUID | None = None
) -> dict[UUID, tuple[Credential, ...]]:
    """Per person the latest credential of each title that is not withdrawn, by title."""
    statement = select(_CREDENTIAL).where(_CREDENTIAL.c.clinic_id == clinic.id)
    if person_id is not None:
        statement = statement.where(_CREDENTIAL.c.person_id == person_id)
    latest: dict[tuple[UUID, str], Credential] = {}
    for row in connection.execute(statement.order_by(_CREDENTIAL.c.audit_number)):
        latest[row.person_id, row.title] = Credential.model_construct(
            id=row.id, title=row.title, number=row.number, issuer=row.issuer,
            expires_on=row.expires_on, withdrawn=row.withdrawn,
        )  # fmt: skip
    found: dict[UUID, tuple[Credential, ...]] = {}
    for (whose, _), credential in sorted(latest.items(), key=lambda one: one[0][1]):
        if not credential.withdrawn:
            found[whose] = (*found.get(whose, ()), credential)
    return found


def credential_row(connection: Connection, clinic: Clinic, credential_id: UUID) -> object | None:
    """The credential with this id as the values it was recorded with, if there is one."""
    statement = select(_CREDENTIAL).where(
        _CREDENTIAL.c.clinic_id == clinic.id, _CREDENTIAL.c.id == credential_id
    )
    return connection.execute(statement).first()


def actor_from(person: Person, clinic_id: UUID, workstation: str) -> Actor:
    """The person as one who acts."""
    return Actor(
        clinic_id=clinic_id, person_id=person.id, username=person.username, name=person.name,
        credential=person.credential, roles=person.roles, workstation=workstation[:120],
    )  # fmt: skip


def actor_by_token(
    database: Database, token_hash: str, now: datetime, workstation: str, *,
    passive: bool = False, turn: Group | None = None,
) -> tuple[Clinic, Actor]:  # fmt: skip
    """Who holds this token, looked up at every request: a closed account ends with the next one.

    A `passive` request, of a page that refreshes itself, is no sign of life (R41). `turn` is the
    one in which the caller acts, if it has one. Raises NotSignedIn, SignInLocked.
    """
    if turn is not None:
        sign_in = sign_in_in(turn.ask([asked_of_token(token_hash)])[0])
    else:
        with database.looking() as connection:
            sign_in = sign_in_of(connection, token_hash)
    if sign_in is None:
        raise NotSignedIn("No valid sign-in came with the request.")
    actor = sign_in.actor(now, workstation)
    clinic = known_clinic(database, sign_in.clinic_id)
    if not passive and sign_in.is_seen_now(now):
        write_seen(clinic, token_hash, now)
    return clinic, actor


def sign_in_by_token(database: Database, token_hash: str, now: datetime) -> tuple[Clinic, SignIn]:
    """The sign-in of this token, open or locked: who may unlock it. Raises NotSignedIn."""
    with database.looking() as connection:
        found = sign_in_of(connection, token_hash)
    if found is None or not found.standing(now).is_held:
        raise NotSignedIn("No valid sign-in came with the request.")
    return known_clinic(database, found.clinic_id), found


def known_clinic(database: Database, clinic_id: UUID) -> Clinic:
    """A clinic by its id; its name, zone and purpose never change, so it is read once."""
    known = database.clinics.get(clinic_id)
    if not isinstance(known, Clinic):
        known = database.clinics[clinic_id] = clinic_by(database, clinic_id)
    return known
