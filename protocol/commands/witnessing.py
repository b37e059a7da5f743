"""Witnesses of an act of custody: other people, eligible, who authenticate then and there (R76)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from protocol.commands.proving import Asked, refused, second_person
from protocol.records import versions
from protocol.records.clinics import Clinic
from protocol.records.work import Act, person_ref
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import PersonRef
from protocol.rules.custody import EntryKind
from protocol.rules.custody_terms import CustodyTerms
from protocol.rules.errors import NotPermitted, SecondPersonMissing
from protocol.rules.grants import require_may


def witness(
    clinic: Clinic, actor: Actor, username: str, secret: str, action: Action, *, now: datetime,
    code: str | None = None, session: UUID | None = None, subject: UUID | None = None,
) -> Actor:  # fmt: skip
    """Someone else who proves to be there for this act, and may witness.

    Raises SignInFailed (counted, R34), NotPermitted (the same person, or not eligible) or
    SecretTemporary, each audited as a refusal of the act.
    """
    other = second_person(
        clinic, actor, username, secret, action, now=now, code=code, session=session,
        subject=subject,
    )  # fmt: skip
    with clinic.database.looking() as connection:
        widened = versions.widened(connection, clinic)
    try:
        require_may(other, Action.CUSTODY_WITNESS, widened)
    except NotPermitted as refusal:
        asked = Asked(action, now, actor.workstation, actor, session, subject)
        raise refused(clinic, asked, refusal) from None
    return other


def require_witnesses(
    act: Act, kind: EntryKind, witnesses: Sequence[Actor], terms: CustodyTerms
) -> tuple[PersonRef, ...]:
    """As many different people beside the actor as the clinic's terms ask for (R76).

    Raises SecondPersonMissing, NotPermitted (the same person twice, or not eligible).
    """
    people = [act.actor.person_id, *(one.person_id for one in witnesses)]
    if len(set(people)) < len(people):
        raise NotPermitted("A witness is the same person.", kind=kind.value)
    for one in witnesses:
        if one.clinic_id != act.clinic.id:
            raise NotPermitted("A witness is no person of this clinic.", kind=kind.value)
        require_may(one, Action.CUSTODY_WITNESS, versions.widened(act.connection, act.clinic))
    asked = terms.witnesses_for(kind)
    if len(witnesses) < asked:
        raise SecondPersonMissing(
            f"A {kind} has {asked} witnesses at this clinic; {len(witnesses)} authenticated.",
            kind=kind.value, asked=asked, there=len(witnesses),
        )  # fmt: skip
    return tuple(person_ref(one) for one in witnesses)
