"""A clinic in its database, and finding it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import SQLModel

from protocol.records.database import Database
from protocol.records.tables import ClinicRow
from protocol.rules.errors import NotFound
from protocol.rules.record import ClinicRef

_CLINICS = SQLModel.metadata.tables[str(ClinicRow.__tablename__)]
DEMONSTRATION, REAL, REPLAY = "demonstration", "clinic", "replay"


@dataclass(frozen=True)
class Clinic:
    """A clinic in its database: what every command and every read is about."""

    database: Database
    id: UUID
    name: str
    zone: str
    purpose: str

    @property
    def ref(self) -> ClinicRef:
        """The clinic as printed; whatever is not a real clinic is marked so (R143)."""
        return ClinicRef(
            id=self.id, name=self.name, zone=self.zone, demonstration=self.purpose != REAL
        )


def clinics(database: Database) -> list[Clinic]:
    """Every clinic in the database, oldest first."""
    with database.looking() as connection:
        rows = connection.execute(select(_CLINICS).order_by(_CLINICS.c.founded_at)).all()
    return [Clinic(database, row.clinic_id, row.name, row.zone, row.purpose) for row in rows]


def clinic_by(database: Database, clinic_id: UUID | None) -> Clinic:
    """The clinic by its id, or the only one. Raises NotFound."""
    found = [one for one in clinics(database) if clinic_id in (None, one.id)]
    if len(found) != 1:
        raise NotFound(
            "There is no such clinic."
            if clinic_id or not found
            else "There are several clinics; one is to be named."
        )
    return found[0]
