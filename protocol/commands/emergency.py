"""Emergency access: begun with a reason, for as long as the policy says, seen and reviewed (R43).

It needs neither a policy nor the device of the second factor; it needs a person who proves to be
one by the own secret.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands.proving import Asked, prove
from protocol.commands.signing_in import SignedIn, opened, token_hash
from protocol.records import accounts, audit_search, emergencies, sign_ins
from protocol.records.access import access_in_force
from protocol.records.audit_search import AuditLine, Sought
from protocol.records.clinics import Clinic
from protocol.records.emergencies import ENDED, REVIEWED, EmergencyAccess
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.tables import EmergencyAccessRow, EmergencyClosureRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor, Held
from protocol.rules.ceilings import ceiling_of
from protocol.rules.emergency import Emergency
from protocol.rules.errors import NotAllowedNow, NotPermitted
from protocol.rules.values import Line, Shape

_PAGE = 200


class EmergencyIn(Shape):
    """Why the ordinary way does not do."""

    id: UUID
    reason: Line


class ReviewIn(Shape):
    """What the reviewer of an emergency access found, in words."""

    id: UUID
    words: Line


def begin(
    clinic: Clinic, actor: Actor, token: str, wanted: EmergencyIn, *, now: datetime
) -> Emergency:
    """Break the glass: this sign-in may read and chart any session until the time box ends.

    Raises NotAllowedNow while it has emergency access already; an auditor is NotPermitted.
    """
    with work(clinic, actor, Action.EMERGENCY_BEGIN, now, attempt=wanted) as act:
        if actor.emergency is not None:
            raise NotAllowedNow(
                "The sign-in has emergency access already.", ends_at=str(actor.emergency.ends_at)
            )
        length = access_in_force(act.connection, clinic).emergency
        emergency = _broken(act, wanted, length, without_second_factor=False)
        sign_ins.break_glass(act, token_hash(token), emergency)
    return emergency


def sign_in_for_emergency(
    clinic: Clinic, username: str, secret: str, wanted: EmergencyIn, *, now: datetime,
    workstation: str = "", code: str | None = None,
) -> SignedIn:  # fmt: skip
    """Sign in for emergency access alone, with or without the second factor.

    The sign-in ends with the time box; until then it reads and charts, and does nothing else.
    Raises SignInFailed, NotPermitted.
    """
    asked = Asked(Action.EMERGENCY_BEGIN, now, workstation)
    proof = prove(clinic, username, secret, code, asked, without_code=True)
    actor = accounts.actor_from(proof.person, clinic.id, workstation)
    with work(clinic, actor, Action.EMERGENCY_BEGIN, now, attempt=wanted) as act:
        emergency = _broken(
            act, wanted, proof.access.emergency,
            without_second_factor=not proof.second_factor,
        )  # fmt: skip
        fresh = opened(act, proof, Held.EMERGENCY_SIGN_IN.value)
        ends = {"expires_at": min(fresh.expires_at, emergency.ends_at)}
        sign_ins.change_sign_in(act, token_hash(fresh.token), **ends)
        sign_ins.break_glass(act, token_hash(fresh.token), emergency)
    ceiling = ceiling_of(Held.EMERGENCY_SIGN_IN.value, "", fresh.id)
    held = actor.model_copy(update={"ceiling": ceiling, "emergency": emergency})
    return SignedIn(fresh.token, ends["expires_at"], held, fresh.id)


def _broken(
    act: Act, wanted: EmergencyIn, length: timedelta, *, without_second_factor: bool
) -> Emergency:
    ends_at = act.now + length
    act.about(
        subject=wanted.id, reason=wanted.reason, ends_at=ends_at.isoformat(),
        emergency_access=str(wanted.id), without_second_factor=without_second_factor,
    )  # fmt: skip
    act.add(
        new(EmergencyAccessRow,
            clinic_id=act.clinic.id, id=wanted.id, person_id=act.actor.person_id,
            person=act.author.model_dump_json(), workstation=act.actor.workstation,
            reason=wanted.reason, began_at=act.now, ends_at=ends_at,
            without_second_factor=without_second_factor,
        )
    )  # fmt: skip
    return Emergency(id=wanted.id, reason=wanted.reason, ends_at=ends_at)


def end(clinic: Clinic, actor: Actor, token: str, *, now: datetime) -> None:
    """End the sign-in's own emergency access before its time; a sign-in that is for nothing else
    ends with it. Raises NotAllowedNow where there is none."""
    with work(clinic, actor, Action.EMERGENCY_END, now) as act:
        if actor.emergency is None:
            raise NotAllowedNow("The sign-in has no emergency access.")
        act.about(subject=actor.emergency.id)
        act.add(new(EmergencyClosureRow, **_closure(act, actor.emergency.id, ENDED, "")))
        sign_ins.break_glass(act, token_hash(token), None)
        if actor.ceiling is not None and actor.ceiling.why is Held.EMERGENCY_SIGN_IN:
            sign_ins.end_sign_ins(act, token_hash=token_hash(token))


def review(
    clinic: Clinic, actor: Actor, access_id: UUID, found: ReviewIn, *, now: datetime
) -> EmergencyAccess:
    """What somebody else found who looked at it afterwards. Raises NotFound, NotPermitted."""
    with work(clinic, actor, Action.EMERGENCY_REVIEW, now, attempt=found) as act:
        act.about(subject=access_id)
        known = emergencies.emergency_access(act.connection, clinic, access_id)
        if known.person.id == actor.person_id:
            raise NotPermitted("Nobody reviews the own emergency access.")
        values = _closure(act, access_id, REVIEWED, found.words) | {"id": found.id}
        act.add(new(EmergencyClosureRow, **values))
    with clinic.database.looking() as connection:
        return emergencies.emergency_access(connection, clinic, access_id)


def _closure(act: Act, access_id: UUID, step: str, words: str) -> dict[str, Any]:
    return {
        "clinic_id": act.clinic.id, "id": uuid7(), "access_id": access_id, "step": step,
        "at": act.now, "author_id": act.actor.person_id, "author": act.author.model_dump_json(),
        "words": words,
    }  # fmt: skip


def accesses(clinic: Clinic, actor: Actor, *, now: datetime) -> list[EmergencyAccess]:
    """Every emergency access there was, newest first."""
    with reading(clinic, actor, Action.EMERGENCY_VIEW, now) as connection:
        return emergencies.emergency_accesses(connection, clinic)


def done_under(
    clinic: Clinic, actor: Actor, access_id: UUID, *, now: datetime
) -> tuple[EmergencyAccess, list[AuditLine]]:
    """One emergency access with every audit entry that it marks, oldest first. Raises NotFound."""
    with reading(clinic, actor, Action.EMERGENCY_VIEW, now, subject=access_id) as connection:
        access = emergencies.emergency_access(connection, clinic, access_id)
        sought = Sought(person_id=access.person.id, since=access.began_at)
        marked, after, more = [], None, True
        while more:
            page = audit_search.find(connection, clinic, sought, after=after, limit=_PAGE)
            marked += [one for one in page.lines if _is_marked(one, access_id)]
            after, more = page.next, page.next is not None
    return access, marked[::-1]


def _is_marked(line: AuditLine, access_id: UUID) -> bool:
    return (line.detail or {}).get("emergency_access") == str(access_id)
