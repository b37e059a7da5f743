"""Disclosures: recorded as they are made, and accounted for to the patient (R50)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.commands.keeping import content_digest, repeats, require_of_patient
from protocol.records import keeping, lookups
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.keeping import Kept
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.tables import DisclosureRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.disclosures import Disclosure, DisclosureIn, require_disclosed
from protocol.rules.errors import AlreadyReplaced, NotFound
from protocol.rules.keeping import months_before
from protocol.rules.patients import Patient
from protocol.rules.record import ClinicRef


class Accounting(NamedTuple):
    """The disclosures of one patient in a window of time."""

    clinic: ClinicRef
    patient: Patient
    since: datetime | None
    until: datetime
    disclosures: list[Disclosure]
    page_size: str


def record_disclosure(
    clinic: Clinic, actor: Actor, patient_id: UUID, wanted: DisclosureIn, *, now: datetime
) -> Disclosure:
    """A disclosure that was made. Raises NotFound, Impossible, ReasonMissing, AlreadyReplaced."""
    digest = content_digest(wanted, patient_id)
    with work(clinic, actor, Action.DISCLOSURE_RECORD, now, attempt=wanted) as act:
        act.about(patient=patient_id, session=wanted.session_id, subject=wanted.id)
        require_of_patient(act, patient_id, wanted.session_id)
        if not repeats(act, Kept.DISCLOSURE, wanted.id, digest):
            require_disclosed(wanted, now)
            _require_replaceable(act, patient_id, wanted)
            act.add(
                new(DisclosureRow,
                    clinic_id=clinic.id, id=wanted.id, patient_id=patient_id,
                    session_id=wanted.session_id, disclosed_at=wanted.disclosed_at,
                    disclosed_offset_min=offset_min(wanted.disclosed_at),
                    recipient=wanted.recipient, recipient_address=wanted.recipient_address,
                    what=wanted.what, purpose=wanted.purpose, replaces_id=wanted.replaces,
                    reason=wanted.reason, recorded_at=now, author=act.author.model_dump_json(),
                    content_digest=digest,
                )
            )  # fmt: skip
    with clinic.database.looking() as connection:
        found = keeping.disclosures(connection, clinic, patient_id)
    return next(one for one in found if one.id == wanted.id)


def disclosures(
    clinic: Clinic, actor: Actor, patient_id: UUID, *, now: datetime,
    since: datetime | None = None, until: datetime | None = None,
    action: Action = Action.DISCLOSURE_VIEW,
) -> Accounting:  # fmt: skip
    """A patient's disclosures; without `since`, as far back as the policy accounts for them, or
    else from the first. Raises NotFound."""
    with reading(clinic, actor, action, now, patient=patient_id) as connection:
        patient = lookups.patient(connection, clinic, patient_id)
        policy = keeping.keeping_in_force(connection, clinic)
        if since is None and policy is not None and policy.disclosures_accounted_months:
            since = months_before(now, policy.disclosures_accounted_months)
        found = keeping.disclosures(connection, clinic, patient_id, since, until)
        page_size = keeping.page_size_in_force(connection, clinic)
    return Accounting(clinic.ref, patient, since, until or now, found, page_size)


def _require_replaceable(act: Act, patient_id: UUID, wanted: DisclosureIn) -> None:
    if wanted.replaces is None:
        return
    earlier = keeping.disclosures(act.connection, act.clinic, patient_id)
    target = next((one for one in earlier if one.id == wanted.replaces), None)
    if target is None:
        raise NotFound("The patient has no such disclosure.", disclosure=str(wanted.replaces))
    if target.replaced_by is not None:
        raise AlreadyReplaced(
            "The disclosure was corrected before.", entry=str(target.id),
            by=str(target.replaced_by),
        )  # fmt: skip
