"""What commands look up: sessions, documents, patients, people. One statement each."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, String, Table, bindparam, exists, select, type_coerce
from sqlmodel import SQLModel

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.columns import with_offset
from protocol.records.prepared import Ask, Prepared, Rows, ask_all, asking
from protocol.rules.charting import PersonRef, Weight
from protocol.rules.errors import NotFound
from protocol.rules.measures import Observation
from protocol.rules.patients import AllergyState, Identifier, Patient
from protocol.rules.sessions import SessionStatus


def table(row: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a row class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


SESSION, STATUS = table(tables.SessionRow), table(tables.SessionStatusRow)
SIGNATURE, OBSERVATION = table(tables.SignatureRow), table(tables.ObservationRow)
PATIENT, PATIENT_VERSION = table(tables.PatientRow), table(tables.PatientVersionRow)
WEIGHT, ENTRY = table(tables.WeightRow), table(tables.EntryRow)
PHASE = table(tables.PhaseRow)
_REPLACING = ENTRY.alias("replacing")
_PERSON: TypeAdapter[PersonRef] = TypeAdapter(PersonRef)
_LINES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def person(words: str) -> PersonRef:
    """A person as named on the record at that moment."""
    return _PERSON.validate_json(words)


class SessionState(NamedTuple):
    """What an act needs to know of its session before it decides."""

    id: UUID
    patient_id: UUID
    protocol_version_id: UUID
    policy_version_id: UUID
    status: SessionStatus
    signed: bool
    content_digest: str
    entry_digest: str | None = None
    before: tuple[tuple[str, str, str], ...] = ()

    def previous_observations(self) -> dict[str, Observation]:
        """The last value of each measure before the moment asked about, as far as the latest sixty
        values go."""
        found: dict[str, Observation] = {}
        for measure, value, unit in self.before:
            if measure not in found:
                found[measure] = Observation.model_construct(
                    measure=measure, value=Decimal(value), unit=unit, site=None
                )
        return found


_LATEST_STATUS = (
    select(STATUS.c.status)
    .where(STATUS.c.clinic_id == bindparam("clinic_id"), STATUS.c.session_id == bindparam("id"))
    .order_by(STATUS.c.audit_number.desc())
    .limit(1)
    .scalar_subquery()
)
_IS_SIGNED = exists().where(
    SIGNATURE.c.clinic_id == bindparam("clinic_id"), SIGNATURE.c.session_id == bindparam("id")
)
_STATE_COLUMNS = select(
    SESSION.c.id, SESSION.c.patient_id, SESSION.c.protocol_version_id,
    SESSION.c.policy_version_id, _LATEST_STATUS.label("status"), _IS_SIGNED.label("signed"),
    SESSION.c.content_digest,
).where(SESSION.c.clinic_id == bindparam("clinic_id"), SESSION.c.id == bindparam("id"))  # fmt: skip


_ENTRY_DIGEST = (
    select(ENTRY.c.content_digest)
    .where(ENTRY.c.clinic_id == bindparam("clinic_id"), ENTRY.c.id == bindparam("entry_id"))
    .scalar_subquery()
)
_STATE = Prepared(_STATE_COLUMNS)
_STATE_AND_ENTRY = Prepared(_STATE_COLUMNS.add_columns(_ENTRY_DIGEST.label("entry_digest")))


_BEFORE = Prepared(
    select(OBSERVATION.c.measure, type_coerce(OBSERVATION.c.value, String), OBSERVATION.c.unit)
    .where(
        OBSERVATION.c.clinic_id == bindparam("clinic_id"),
        OBSERVATION.c.session_id == bindparam("id"),
        OBSERVATION.c.observed_at < bindparam("before"),
    )
    .order_by(OBSERVATION.c.observed_at.desc())
    .limit(60)
)


def session_state(connection: Connection, clinic: Clinic, session_id: UUID) -> SessionState:
    """The session's pins, status and whether it is signed. Raises NotFound."""
    return state_in(
        ask_all(connection, [asking(_STATE, clinic_id=clinic.id, id=session_id)]), session_id
    )


def asked_for_entry(
    clinic_id: UUID, session_id: UUID, entry_id: UUID, before: datetime | None
) -> list[Ask]:
    """What an act asks that charts an entry: the session's state with the digest of the entry that
    has this id, if there is one; with `before` what was observed up to then."""
    asked = [asking(_STATE_AND_ENTRY, clinic_id=clinic_id, id=session_id, entry_id=entry_id)]
    if before is not None:
        asked.append(asking(_BEFORE, clinic_id=clinic_id, id=session_id, before=before))
    return asked


def state_in(answered: Sequence[Rows], session_id: UUID) -> SessionState:
    """The state that these answers give. Raises NotFound."""
    rows, *observed = answered
    if not rows:
        raise NotFound("There is no such session at this clinic.", session=str(session_id))
    state = SessionState(*rows[0])
    return state._replace(
        status=SessionStatus(state.status), before=tuple(observed[0]) if observed else ()
    )


def weights(
    connection: Connection, clinic: Clinic, patient_id: UUID, up_to: int | None = None
) -> tuple[Weight, ...]:
    """The patient's weights in the order recorded."""
    statement = select(WEIGHT).where(
        WEIGHT.c.clinic_id == clinic.id, WEIGHT.c.patient_id == patient_id
    )
    if up_to is not None:
        statement = statement.where(WEIGHT.c.audit_number <= up_to)
    rows = connection.execute(statement.order_by(WEIGHT.c.audit_number)).all()
    return tuple(
        Weight(
            id=row.id, value_kg=row.value_kg, method=row.method,
            measured_at=with_offset(row.measured_at, row.measured_offset_min),
        )
        for row in rows
    )  # fmt: skip


def patient(
    connection: Connection, clinic: Clinic, patient_id: UUID, up_to: int | None = None
) -> Patient:
    """The patient with the details as of an entry number, by default the latest. NotFound."""
    statement = select(PATIENT_VERSION).where(
        PATIENT_VERSION.c.clinic_id == clinic.id, PATIENT_VERSION.c.patient_id == patient_id
    )
    if up_to is not None:
        statement = statement.where(PATIENT_VERSION.c.audit_number <= up_to)
    row = connection.execute(statement.order_by(PATIENT_VERSION.c.version.desc()).limit(1)).first()
    if row is None:
        raise NotFound("There is no such patient at this clinic.", patient=str(patient_id))
    return patient_from(row, weights(connection, clinic, patient_id, up_to))


def patient_from(row: Row[Any], known_weights: tuple[Weight, ...]) -> Patient:
    """A patient from a version row."""
    return Patient(
        id=row.patient_id, version=row.version, recorded_at=row.recorded_at,
        identifiers=(
            Identifier(system=row.first_system, value=row.first_value),
            Identifier(system=row.second_system, value=row.second_value),
        ),
        family=row.family, given=row.given, born_on=row.born_on, sex=row.sex,
        allergy_state=AllergyState(row.allergy_state),
        allergies=_LINES.validate_json(row.allergies), weights=known_weights,
        address=row.address,
    )  # fmt: skip


_PHASE_AT = (
    select(PHASE.c.phase)
    .join(ENTRY, (ENTRY.c.clinic_id == PHASE.c.clinic_id) & (ENTRY.c.id == PHASE.c.entry_id))
    .where(
        ENTRY.c.clinic_id == bindparam("clinic_id"),
        ENTRY.c.session_id == bindparam("session_id"),
        ENTRY.c.observed_at <= bindparam("at"),
        ENTRY.c.id.not_in(
            select(_REPLACING.c.replaces_id).where(
                _REPLACING.c.clinic_id == bindparam("clinic_id"),
                _REPLACING.c.session_id == bindparam("session_id"),
                _REPLACING.c.replaces_id.is_not(None),
            )
        ),
    )
    .order_by(ENTRY.c.observed_at.desc(), ENTRY.c.audit_number.desc())
    .limit(1)
)


def phase_at(connection: Connection, clinic: Clinic, session_id: UUID, at: datetime) -> str | None:
    """The phase that the session was in at a moment, by the entries that stand."""
    bound = {"clinic_id": clinic.id, "session_id": session_id, "at": at}
    phase: str | None = connection.execute(_PHASE_AT, bound).scalar()
    return phase
