"""Holds: placed, lifted, listed; what one covers is not purged (R51)."""

from datetime import datetime
from uuid import UUID

from protocol.commands.keeping import content_digest, repeats
from protocol.records import keeping, lookups
from protocol.records.clinics import Clinic
from protocol.records.keeping import Kept
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.tables import HoldLiftRow, HoldRow
from protocol.records.work import work
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotAllowedNow
from protocol.rules.holds import Hold, HoldIn, LiftIn


def place_hold(clinic: Clinic, actor: Actor, wanted: HoldIn, *, now: datetime) -> Hold:
    """From now on nothing that it covers is purged. Raises NotFound."""
    digest = content_digest(wanted)
    with work(clinic, actor, Action.HOLD_PLACE, now, attempt=wanted) as act:
        act.about(patient=wanted.patient_id, subject=wanted.id, matter=wanted.matter)
        if not repeats(act, Kept.HOLD, wanted.id, digest):
            if wanted.patient_id is not None:
                lookups.patient(act.connection, clinic, wanted.patient_id)
            act.add(
                new(HoldRow,
                    clinic_id=clinic.id, id=wanted.id, patient_id=wanted.patient_id,
                    matter=wanted.matter, reason=wanted.reason, placed_at=now,
                    author=act.author.model_dump_json(), content_digest=digest,
                )
            )  # fmt: skip
    return _hold(clinic, wanted.id)


def lift_hold(
    clinic: Clinic, actor: Actor, hold_id: UUID, wanted: LiftIn, *, now: datetime
) -> Hold:
    """The hold no longer stands; it stays in the list. Raises NotFound, NotAllowedNow."""
    with work(clinic, actor, Action.HOLD_LIFT, now, attempt=wanted) as act:
        act.about(subject=hold_id)
        found = keeping.hold(act.connection, clinic, hold_id)
        act.about(patient=found.patient_id)
        if found.lifted is not None:
            raise NotAllowedNow(
                f"The hold was lifted by {found.lifted.by.name}.", hold=str(hold_id)
            )
        act.add(
            new(HoldLiftRow,
                clinic_id=clinic.id, hold_id=hold_id, reason=wanted.reason, lifted_at=now,
                author=act.author.model_dump_json(),
            )
        )  # fmt: skip
    return _hold(clinic, hold_id)


def holds(clinic: Clinic, actor: Actor, *, now: datetime) -> list[Hold]:
    """Every hold, oldest first, those that were lifted too."""
    with reading(clinic, actor, Action.HOLD_VIEW, now) as connection:
        return keeping.holds(connection, clinic)


def _hold(clinic: Clinic, hold_id: UUID) -> Hold:
    with clinic.database.looking() as connection:
        return keeping.hold(connection, clinic, hold_id)
