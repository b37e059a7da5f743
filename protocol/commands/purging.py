"""The lawful purge of audit detail: two people, a reason, a legal basis, a tombstone (R51)."""

from datetime import datetime

from protocol.records import custody_totals, keeping, lookups, purging
from protocol.records.clinics import Clinic
from protocol.records.keeping import Kept
from protocol.records.purging import Purgeable
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import PurgeRow, TombstoneRow
from protocol.records.work import Act, person_ref, work
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotAllowedNow
from protocol.rules.retention import (
    Purge,
    PurgeIn,
    require_custody_kept,
    require_not_held,
    require_rule,
    require_run_out,
    require_two,
)
from protocol.rules.signature import digest_of


def purge(
    clinic: Clinic, actor: Actor, wanted: PurgeIn, *, second: Actor | None, now: datetime
) -> Purge:
    """Purge the details of one record class; their entries stay, each with a tombstone.

    Raises SecondPersonMissing, NotPermitted, UnknownTerm (no retention rule), NotAllowedNow (a
    rule still runs, a hold stands, or nothing is left). Sent again it removes what a crash left.
    """
    digest = digest_of(wanted.model_dump(mode="json"))
    with work(clinic, actor, Action.AUDIT_PURGE, now, attempt=wanted) as act:
        act.about(patient=wanted.patient_id, subject=wanted.id, record_class=wanted.record_class)
        known = keeping.known_digest(act.connection, clinic, Kept.PURGE, wanted.id)
        if not act.repeats(known, digest, "purge"):
            other = require_two(actor, second)
            found = _purgeable(act, wanted)
            act.about(purged=len(found.digests), held=found.held, second=other.person_id)
            act.add(_purge_row(act, wanted, found, other, digest), *_stones(act, wanted, found))
    purging.remove_purged(clinic, wanted.id)
    with clinic.database.looking() as connection:
        return purging.purge(connection, clinic, wanted.id)


def _purgeable(act: Act, wanted: PurgeIn) -> Purgeable:
    connection, clinic = act.connection, act.clinic
    if wanted.patient_id is not None:
        lookups.patient(connection, clinic, wanted.patient_id)
    policy = keeping.keeping_in_force(connection, clinic)
    rule = require_rule(policy, wanted.record_class)
    assert policy is not None
    require_run_out(policy, rule, wanted.until, act.now)
    profile = custody_totals.profile_in_force(connection, clinic, act.now)
    require_custody_kept(profile, rule, wanted.until, act.now)
    holds = keeping.holds(connection, clinic)
    require_not_held(holds, wanted.patient_id)
    found = purging.purgeable(
        connection, clinic, rule.acts, holds, since=wanted.since, until=wanted.until,
        patient_id=wanted.patient_id,
    )  # fmt: skip
    if not found.digests:
        raise NotAllowedNow(
            "Nothing is left to purge: every detail is purged or held.", held=found.held
        )
    return found


def _purge_row(act: Act, wanted: PurgeIn, found: Purgeable, second: Actor, digest: str) -> New:
    return new(PurgeRow,
        clinic_id=act.clinic.id, id=wanted.id, record_class=wanted.record_class,
        since=wanted.since, until=wanted.until, patient_id=wanted.patient_id,
        reason=wanted.reason, legal_basis=wanted.legal_basis, purged=len(found.digests),
        held=found.held, purged_at=act.now, author=act.author.model_dump_json(),
        second_person=person_ref(second).model_dump_json(), content_digest=digest,
    )  # fmt: skip


def _stones(act: Act, wanted: PurgeIn, found: Purgeable) -> list[New]:
    return [
        new(
            TombstoneRow,
            clinic_id=act.clinic.id,
            number=number,
            purge_id=wanted.id,
            detail_digest=digest,
        )
        for number, digest in found.digests.items()
    ]


def purges(clinic: Clinic, actor: Actor, *, now: datetime) -> list[Purge]:
    """Every purge, oldest first."""
    with reading(clinic, actor, Action.AUDIT_VIEW, now) as connection:
        return purging.purges(connection, clinic)
