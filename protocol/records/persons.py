"""People as they stand: the newest standing of each account."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.rules.actions import Role
from protocol.rules.errors import NotFound

PERSON, STANDING = table(tables.PersonRow), table(tables.PersonStandingRow)
_NEWEST = STANDING.alias("newest")


class Person(NamedTuple):
    """An account as it stands; `ends_at` is set where the standing is time-boxed."""

    id: UUID
    username: str
    name: str
    credential: str
    roles: frozenset[Role]
    active: bool
    ends_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the account may be used at this moment."""
        return self.active and (self.ends_at is None or now < self.ends_at)


_LATEST = (
    select(_NEWEST.c.id)
    .where(_NEWEST.c.clinic_id == PERSON.c.clinic_id, _NEWEST.c.person_id == PERSON.c.id)
    .order_by(_NEWEST.c.audit_number.desc())
    .limit(1)
    .correlate(PERSON)
    .scalar_subquery()
)
JOINED = (
    select(
        PERSON.c.id, PERSON.c.clinic_id, PERSON.c.username, PERSON.c.name,
        STANDING.c.roles, STANDING.c.credential, STANDING.c.active, STANDING.c.ends_at,
    )
    .select_from(PERSON)
    .join(STANDING, (STANDING.c.clinic_id == PERSON.c.clinic_id) & (STANDING.c.id == _LATEST))
)  # fmt: skip


def person_from(row: Any) -> Person:  # noqa: ANN401 - a row of any width
    """The person of a joined row."""
    roles = frozenset(Role(role) for role in row.roles.split())
    return Person(
        row.id, row.username, row.name, row.credential, roles, row.active, row.ends_at
    )  # fmt: skip


def people(connection: Connection, clinic: Clinic) -> list[Person]:
    """Everyone with an account, by user name."""
    statement = JOINED.where(PERSON.c.clinic_id == clinic.id).order_by(PERSON.c.username)
    return [person_from(row) for row in connection.execute(statement)]


def person(connection: Connection, clinic: Clinic, person_id: UUID) -> Person:
    """The account by its id. Raises NotFound."""
    statement = JOINED.where(PERSON.c.clinic_id == clinic.id, PERSON.c.id == person_id)
    row = connection.execute(statement).first()
    if row is None:
        raise NotFound("There is no such person at this clinic.", person=str(person_id))
    return person_from(row)


def person_digest(connection: Connection, clinic: Clinic, person_id: UUID) -> str | None:
    """The digest of the account with this id, if there is one."""
    statement = select(PERSON.c.content_digest)
    return connection.execute(
        statement.where(PERSON.c.clinic_id == clinic.id, PERSON.c.id == person_id)
    ).scalar()


def username_taken(connection: Connection, clinic: Clinic, username: str) -> bool:
    """Whether an account, open or closed, has this user name."""
    statement = select(PERSON.c.id).where(
        PERSON.c.clinic_id == clinic.id, PERSON.c.username == username
    )
    return connection.execute(statement).first() is not None
