"""Emergency accesses as they were begun, ended and reviewed (R43)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import person, table
from protocol.rules.charting import PersonRef
from protocol.rules.errors import NotFound

ENDED, REVIEWED = "ended", "reviewed"
_ACCESS, _CLOSURE = table(tables.EmergencyAccessRow), table(tables.EmergencyClosureRow)


class Closure(NamedTuple):
    """An early end, or a review: by whom, when, and in what words."""

    step: str
    at: datetime
    by: PersonRef
    words: str


class EmergencyAccess(NamedTuple):
    """One emergency access with what followed it."""

    id: UUID
    person: PersonRef
    workstation: str
    reason: str
    began_at: datetime
    ends_at: datetime
    without_second_factor: bool
    closures: tuple[Closure, ...]

    @property
    def ended_at(self) -> datetime:
        """When it ended or will end."""
        return min([self.ends_at, *(one.at for one in self.closures if one.step == ENDED)])

    @property
    def reviewed(self) -> bool:
        """Whether somebody has looked at it."""
        return any(one.step == REVIEWED for one in self.closures)


def emergency_accesses(connection: Connection, clinic: Clinic) -> list[EmergencyAccess]:
    """Every one there was, newest first."""
    closures: dict[UUID, list[Closure]] = {}
    rows = connection.execute(
        select(_CLOSURE).where(_CLOSURE.c.clinic_id == clinic.id).order_by(_CLOSURE.c.audit_number)
    )
    for row in rows:
        closure = Closure(row.step, row.at, person(row.author), row.words)
        closures.setdefault(row.access_id, []).append(closure)
    found = connection.execute(
        select(_ACCESS)
        .where(_ACCESS.c.clinic_id == clinic.id)
        .order_by(_ACCESS.c.audit_number.desc())
    )
    return [
        EmergencyAccess(
            row.id, person(row.person), row.workstation, row.reason, row.began_at, row.ends_at,
            row.without_second_factor, tuple(closures.get(row.id, ())),
        )
        for row in found
    ]  # fmt: skip


def emergency_access(connection: Connection, clinic: Clinic, access_id: UUID) -> EmergencyAccess:
    """One by its id. Raises NotFound."""
    for one in emergency_accesses(connection, clinic):
        if one.id == access_id:
            return one
    raise NotFound("There is no such emergency access.", emergency_access=str(access_id))
