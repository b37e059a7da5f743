"""Enrolling a second factor (RFC 6238), confirming it by a code, its recovery codes, its end."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import codes
from protocol.commands.proving import Asked, Proof, prove
from protocol.records import accounts, persons, sign_ins
from protocol.records.accounts import CONFIRMED, ENDED, OFFERED
from protocol.records.clinics import Clinic
from protocol.records.rows import New, new
from protocol.records.tables import RecoveryCodeRow, SecondFactorRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import CodeNotRight, NotFound, SecondFactorMissing


class Enrolment(NamedTuple):
    """A second factor that is offered: its address for the QR code, to be confirmed by a code."""

    id: UUID
    uri: str
    shared_secret: str


def enrol(
    clinic: Clinic, actor: Actor, secret: str, code: str | None, *, now: datetime
) -> Enrolment:
    """Offer a new second factor; the one in force, if any, holds until this one is confirmed.

    Raises SignInFailed: the secret proves who asks, with a code of the factor in force.
    """
    _proved(clinic, actor, secret, code, Action.SECOND_FACTOR_ENROL, now)
    shared_secret, factor_id = codes.new_shared_secret(), uuid7()
    with work(clinic, actor, Action.SECOND_FACTOR_ENROL, now) as act:
        act.about(subject=actor.person_id, factor=str(factor_id))
        act.add(_step(act, actor.person_id, factor_id, OFFERED, shared_secret))
    uri = codes.enrolment_uri(shared_secret, actor.username, clinic.name)
    return Enrolment(factor_id, uri, shared_secret)


def confirm(
    clinic: Clinic, actor: Actor, code: str, *, now: datetime, token_hash: str = ""
) -> list[str]:
    """Put the offered factor in force by a code of it; answers its recovery codes, shown once.

    Raises NotFound where none is offered, CodeNotRight.
    """
    with work(clinic, actor, Action.SECOND_FACTOR_CONFIRM, now) as act:
        act.about(subject=actor.person_id)
        offered = accounts.offered_factor(act.connection, clinic, actor.person_id)
        if offered is None:
            raise NotFound("No second factor is offered.", person=str(actor.person_id))
        step = codes.matching_step(offered.shared_secret, "".join(code.split()), now)
        if step is None or not accounts.take_code(act.connection, clinic, offered.id, step):
            raise CodeNotRight("The code is not the offered second factor's.", field="code")
        act.about(factor=str(offered.id))
        if token_hash:
            sign_ins.change_sign_in(act, token_hash, held="", second_factor=True)
        return _new_batch(act, offered.id, offered.shared_secret)


def renew_codes(
    clinic: Clinic, actor: Actor, secret: str, code: str | None, *, now: datetime
) -> list[str]:
    """Fresh recovery codes, shown once; the earlier ones are of no use from now on.

    Raises SignInFailed, SecondFactorMissing.
    """
    proof = _proved(clinic, actor, secret, code, Action.SECOND_FACTOR_RENEW_CODES, now)
    with work(clinic, actor, Action.SECOND_FACTOR_RENEW_CODES, now) as act:
        act.about(subject=actor.person_id)
        factor = proof.credentials.factor
        if factor is None:
            raise SecondFactorMissing("No second factor is enrolled.")
        return _new_batch(act, factor.id, factor.shared_secret)


def end(clinic: Clinic, actor: Actor, secret: str, code: str | None, *, now: datetime) -> None:
    """The own second factor is of no use from now on; a code of it proves who asks.

    Raises SignInFailed, SecondFactorMissing (none is enrolled, or the policy asks for one).
    """
    proof = _proved(clinic, actor, secret, code, Action.SECOND_FACTOR_END, now)
    with work(clinic, actor, Action.SECOND_FACTOR_END, now) as act:
        act.about(subject=actor.person_id)
        if proof.credentials.factor is None:
            raise SecondFactorMissing("No second factor is enrolled.")
        if proof.person.roles & proof.access.second_factor:
            raise SecondFactorMissing("The clinic's policy asks this role for a second factor.")
        act.add(_step(act, actor.person_id, proof.credentials.factor.id, ENDED))


def reset(clinic: Clinic, actor: Actor, person_id: UUID, *, now: datetime) -> None:
    """A lost second factor is ended by an administrator, with the person's sign-ins.

    Raises NotFound. It opens nothing: the secret is the person's own, and nobody resets their own
    second factor in this way.
    """
    with work(clinic, actor, Action.SECOND_FACTOR_RESET, now) as act:
        act.about(subject=person_id)
        person = persons.person(act.connection, clinic, person_id)
        known = accounts.credentials(act.connection, clinic, person.username)
        if known is None or known.factor is None or person_id == actor.person_id:
            raise NotFound("The person has no second factor to reset.", person=str(person_id))
        act.add(_step(act, person_id, known.factor.id, ENDED))
        sign_ins.end_sign_ins(act, person_id=person_id)


def _proved(
    clinic: Clinic, actor: Actor, secret: str, code: str | None, action: Action, now: datetime
) -> Proof:
    return prove(clinic, actor.username, secret, code, Asked(action, now, actor.workstation, actor))


def _step(
    act: Act, person_id: UUID, factor_id: UUID, step: str, shared_secret: str | None = None
) -> New:
    return new(SecondFactorRow,
        clinic_id=act.clinic.id, id=uuid7(), person_id=person_id, factor_id=factor_id, step=step,
        shared_secret=shared_secret,
    )  # fmt: skip


def _new_batch(act: Act, factor_id: UUID, shared_secret: str) -> list[str]:
    person_id = act.actor.person_id
    confirmed = _step(act, person_id, factor_id, CONFIRMED, shared_secret)
    made = codes.new_recovery_codes()
    act.add(
        confirmed,
        *(
            new(RecoveryCodeRow,
                clinic_id=act.clinic.id, id=uuid7(), person_id=person_id,
                batch_id=confirmed.values["id"], hashed=codes.recovery_hash(one),
            )
            for one in made
        ),
    )  # fmt: skip
    return made
