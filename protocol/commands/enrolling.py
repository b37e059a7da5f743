"""Patients: enrolling, changing details, weighing, finding."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from uuid_utils.compat import uuid7

from protocol.records import lookups, patient_search
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import PatientRow, PatientVersionRow, WeightRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import Weight
from protocol.rules.errors import Impossible
from protocol.rules.patients import Patient, PatientIn, WeightIn
from protocol.rules.signature import digest_of

_LINES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def enrol(
    clinic: Clinic, actor: Actor, patient_id: UUID, details: PatientIn, *, now: datetime
) -> Patient:
    """A new patient. Raises Impossible for an identifier that another patient has, or a birth
    in the future."""
    digest = digest_of(details.model_dump(mode="json"))
    with work(clinic, actor, Action.PATIENT_ENROL, now, attempt=details) as act:
        act.about(patient=patient_id, subject=patient_id)
        known = patient_search.patient_digest(act.connection, clinic, patient_id)
        if not act.repeats(known, digest, "patient"):
            _require_true(act, patient_id, details)
            act.add(
                new(
                    PatientRow,
                    clinic_id=clinic.id,
                    id=patient_id,
                    enrolled_at=now,
                    content_digest=digest,
                ),
                _version_row(act, patient_id, 1, details),
            )
    return _found(clinic, patient_id)


def change_patient(
    clinic: Clinic, actor: Actor, patient_id: UUID, details: PatientIn, *, now: datetime
) -> Patient:
    """New details from now on; the earlier version stays (R55)."""
    with work(clinic, actor, Action.PATIENT_CHANGE, now, attempt=details) as act:
        act.about(patient=patient_id, subject=patient_id)
        before = lookups.patient(act.connection, clinic, patient_id)
        _require_true(act, patient_id, details)
        act.about(before_version=before.version)
        act.add(_version_row(act, patient_id, before.version + 1, details))
    return _found(clinic, patient_id)


def weigh(
    clinic: Clinic, actor: Actor, patient_id: UUID, weight: WeightIn, *, now: datetime
) -> Weight:
    """A weight with its method and time (R126). Raises Impossible for a time in the future."""
    digest = digest_of(weight.model_dump(mode="json"))
    with work(clinic, actor, Action.PATIENT_WEIGH, now, attempt=weight) as act:
        act.about(patient=patient_id, subject=weight.id)
        lookups.patient(act.connection, clinic, patient_id)
        known = patient_search.weight_digest(act.connection, clinic, weight.id)
        if not act.repeats(known, digest, "weight"):
            if weight.measured_at > now:
                raise Impossible("The weight's time lies in the future.", field="measured_at")
            act.add(
                new(WeightRow,
                    clinic_id=clinic.id, id=weight.id, patient_id=patient_id,
                    value_kg=weight.value_kg, method=weight.method.value,
                    measured_at=weight.measured_at,
                    measured_offset_min=offset_min(weight.measured_at), content_digest=digest,
                )
            )  # fmt: skip
    return Weight.model_validate(weight.model_dump())


def patient(clinic: Clinic, actor: Actor, patient_id: UUID, *, now: datetime) -> Patient:
    """One patient with the latest details. Raises NotFound."""
    with reading(
        clinic, actor, Action.PATIENT_VIEW, now, patient=patient_id, subject=patient_id
    ) as connection:
        return lookups.patient(connection, clinic, patient_id)


def find_patients(
    clinic: Clinic, actor: Actor, words: str, *, now: datetime, after: UUID | None = None,
    limit: int = 50,
) -> list[Patient]:  # fmt: skip
    """Patients whose family name begins with these words, or who have this identifier."""
    with reading(clinic, actor, Action.PATIENT_SEARCH, now) as connection:
        return patient_search.find(connection, clinic, words, after, limit)


def _found(clinic: Clinic, patient_id: UUID) -> Patient:
    with clinic.database.looking() as connection:
        return lookups.patient(connection, clinic, patient_id)


def _require_true(act: Act, patient_id: UUID, details: PatientIn) -> None:
    if details.born_on > act.now.date():
        raise Impossible("The date of birth lies in the future.", field="born_on")
    for identifier in details.identifiers:
        other = patient_search.holder(act.connection, act.clinic, identifier)
        if other not in (None, patient_id):
            raise Impossible(
                f"Another patient has the {identifier.system} {identifier.value}.",
                field="identifiers",
            )


def _version_row(act: Act, patient_id: UUID, version: int, details: PatientIn) -> New:
    first, second = details.identifiers
    return new(PatientVersionRow,
        clinic_id=act.clinic.id, id=uuid7(), patient_id=patient_id, version=version,
        first_system=first.system, first_value=first.value, second_system=second.system,
        second_value=second.value, family=details.family, given=details.given,
        born_on=details.born_on, sex=details.sex.value,
        allergy_state=details.allergy_state.value,
        allergies=_LINES.dump_json(details.allergies).decode(), recorded_at=act.now,
        address=details.address,
    )  # fmt: skip
