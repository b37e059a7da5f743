"""Finding patients by name or identifier, always in their latest details."""

from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from protocol.records.clinics import Clinic
from protocol.records.lookups import PATIENT, PATIENT_VERSION, WEIGHT, patient_from, weights
from protocol.rules.patients import Identifier, Patient

_V = PATIENT_VERSION.alias("v")
_NEWER = PATIENT_VERSION.alias("newer")
_IS_LATEST = (
    ~select(_NEWER.c.id)
    .where(
        _NEWER.c.clinic_id == _V.c.clinic_id,
        _NEWER.c.patient_id == _V.c.patient_id,
        _NEWER.c.version > _V.c.version,
    )
    .exists()
)


def patient_digest(connection: Connection, clinic: Clinic, patient_id: UUID) -> str | None:
    """The digest of the patient with this id, if there is one."""
    return connection.execute(
        select(PATIENT.c.content_digest).where(
            PATIENT.c.clinic_id == clinic.id, PATIENT.c.id == patient_id
        )
    ).scalar()


def weight_digest(connection: Connection, clinic: Clinic, weight_id: UUID) -> str | None:
    """The digest of the weight with this id, if there is one."""
    return connection.execute(
        select(WEIGHT.c.content_digest).where(
            WEIGHT.c.clinic_id == clinic.id, WEIGHT.c.id == weight_id
        )
    ).scalar()


def holder(connection: Connection, clinic: Clinic, identifier: Identifier) -> UUID | None:
    """Who has this identifier now."""
    same = or_(
        (_V.c.first_system == identifier.system) & (_V.c.first_value == identifier.value),
        (_V.c.second_system == identifier.system) & (_V.c.second_value == identifier.value),
    )
    statement = select(_V.c.patient_id).where(_V.c.clinic_id == clinic.id, same, _IS_LATEST)
    return connection.execute(statement).scalar()


def find(
    connection: Connection, clinic: Clinic, words: str, after: UUID | None, limit: int
) -> list[Patient]:
    """By the start of the family name, whatever its case, or by a whole identifier; keyset."""
    statement = select(_V).where(_V.c.clinic_id == clinic.id, _IS_LATEST)
    if words:
        starts = func.lower(_V.c.family).startswith(words.lower(), autoescape=True)
        statement = statement.where(
            or_(starts, _V.c.first_value == words, _V.c.second_value == words)
        )
    if after is not None:
        statement = statement.where(_V.c.patient_id > after)
    rows = connection.execute(statement.order_by(_V.c.patient_id).limit(limit)).all()
    return [patient_from(row, weights(connection, clinic, row.patient_id)) for row in rows]
