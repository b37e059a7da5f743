"""The one door to a read. Views are audited like writes (R10), in the same group commit; a page
that refreshes itself counts as one view per person, subject and quarter of an hour."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records import versions
from protocol.records.clinics import Clinic
from protocol.records.sealing import ENTRIES
from protocol.records.work import Act, refuse
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import Outcome, canonical_instant
from protocol.rules.errors import Refusal
from protocol.rules.grants import require_may

QUARTER_MIN = 15
_VIEWED_MAX = 100_000


@contextmanager
def reading(
    clinic: Clinic, actor: Actor, action: Action, now: datetime, *, subject: UUID | None = None,
    session: UUID | None = None, patient: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> Iterator[Connection]:  # fmt: skip
    """A consistent snapshot to read from, for someone who may; the view is audited at the end."""
    act = Act(clinic, actor, action, now)
    act.about(patient=patient, session=session, subject=subject or session or patient)
    act.detail.update(detail or {})
    try:
        with clinic.database.looking() as connection:
            try:
                require_may(actor, action)
            except Refusal:
                require_may(actor, action, versions.widened(connection, clinic))
            yield connection
    except Refusal as refusal:
        _audit(act, refusal)
        raise
    _audit(act, None)


def _audit(act: Act, refusal: Refusal | None) -> None:
    """One entry for the view, unless the same view stands in this quarter of an hour."""
    counts_once = act.action.value.endswith(":view") and refusal is None
    quarter = _quarter(act.now)
    # Under emergency access each view is an own one, marked (R43).
    emergency = act.actor.marks.get("emergency_access", "")
    who = f"{act.actor.person_id} {emergency}"
    key = (who, act.action.value, act.subject_id, str(act.clinic.id))
    viewed = act.clinic.database.viewed
    if counts_once and viewed.get(key) == quarter:
        return
    door = act.clinic.database.door(str(act.clinic.id))
    group = act.take_turn(door)
    try:
        if refusal is not None:
            refuse(act, refusal, None)
        elif emergency or not (counts_once and _stands(act, quarter)):
            act.leave_entry(Outcome.DONE)
    finally:
        door.leave(group)
    if counts_once:
        if len(viewed) > _VIEWED_MAX:
            viewed.clear()
        viewed[key] = quarter


def _quarter(now: datetime) -> str:
    moment = now.astimezone(UTC)
    return canonical_instant(
        moment.replace(minute=moment.minute - moment.minute % QUARTER_MIN, second=0, microsecond=0)
    )


def _stands(act: Act, quarter: str) -> bool:
    waiting = select(ENTRIES.c.number).where(
        ENTRIES.c.clinic_id == str(act.clinic.id),
        ENTRIES.c.person_id == str(act.actor.person_id),
        ENTRIES.c.subject_id == act.subject_id,
        ENTRIES.c.action == act.action.value,
        ENTRIES.c.outcome == Outcome.DONE.value,
        ENTRIES.c.at >= quarter,
    )
    return act.connection.execute(waiting.limit(1)).first() is not None
