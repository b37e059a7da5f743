"""Proving to be someone: user name, secret and, where enrolled, a code (R27, R32, R47).

Whatever is wrong gets one sentence and the same work: an unknown user, a closed account, a wrong
secret, a wrong, used or missing code, a pause after too many attempts. Every failure is audited and
counted (R34); what was tried is kept nowhere.
"""

import secrets
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pwdlib import PasswordHash

from protocol.commands import codes
from protocol.commands.codes import Taken
from protocol.records import accounts, lock_outs, lookups, versions
from protocol.records.access import access_in_force
from protocol.records.accounts import Credentials
from protocol.records.bookkeeping import bookkeeping
from protocol.records.clinics import Clinic
from protocol.records.lock_outs import Counted
from protocol.records.persons import Person
from protocol.records.sealing import head
from protocol.records.work import Act, record_refusal
from protocol.rules.access import Access
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.credentials import require_valid
from protocol.rules.errors import (
    CredentialExpired,
    NotFound,
    NotPermitted,
    Refusal,
    SecondFactorMissing,
    SecretTemporary,
    SignInFailed,
)
from protocol.rules.grants import may, require_may

NOBODY = UUID(int=0)
NOT_ACCEPTED = "User name, secret or code is not right, or there were too many attempts."


class Asked(NamedTuple):
    """For which act someone proves to be a person, when and where, and who acts already."""

    action: Action
    now: datetime
    workstation: str
    actor: Actor | None = None
    session: UUID | None = None
    subject: UUID | None = None
    says: str = NOT_ACCEPTED


class Proof(NamedTuple):
    """A person who proved to be one, and what the clinic's policy says of it."""

    credentials: Credentials
    access: Access
    second_factor: bool
    rehashed: str | None

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.credentials.person

    @property
    def second_factor_due(self) -> bool:
        """Whether the policy asks this person for a second factor that is not enrolled."""
        return self.credentials.factor is None and bool(
            self.person.roles & self.access.second_factor
        )


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    """A hash to check against when there is no such user, so that both take the same time."""
    return _hasher().hash(secrets.token_hex(16))


def hashed(secret: str) -> str:
    """The argon2 hash of a new secret; it takes a tenth of a second on purpose."""
    return _hasher().hash(secret)


def system_actor(clinic_id: UUID, roles: frozenset[Role] = frozenset()) -> Actor:
    """The program itself, or an unknown caller: nobody's account, and no role by default."""
    return Actor(clinic_id=clinic_id, person_id=NOBODY, username="-", name="Chairside", roles=roles)


def prove(
    clinic: Clinic, username: str, secret: str, code: str | None, asked: Asked,
    *, without_code: bool = False,
) -> Proof:  # fmt: skip
    """Who this is. Raises SignInFailed, audited and counted, and NotPermitted, before anything is
    looked at, where whoever asks may not do the act for which someone proves to be a person.

    A code is used up by it, whatever becomes of the act. `without_code` is for emergency access
    alone, when the second factor's device is missing (R43).
    """
    require_granted(clinic, asked)
    with clinic.database.looking() as connection:
        access = access_in_force(connection, clinic)
        known = accounts.credentials(connection, clinic, username)
        person_id = known.person.id if known else None
        counted = lock_outs.counted_for(person_id, asked.workstation, access)
        locked = lock_outs.any_locked(connection, clinic, counted, asked.now)
        counts = lock_outs.failures_of(connection, clinic, counted[0].subject)
        factor = known.factor if known else None
        kept = accounts.recovery_codes(connection, clinic, factor.batch_id if factor else NOBODY)
    taken = codes.matching(factor, kept, code, asked.now)
    right, rehashed = _hasher().verify_and_update(secret, known.hashed if known else _decoy())
    needs_code = factor is not None and not without_code
    if (
        known is None or not right or locked or not known.person.is_open(asked.now)
        or (needs_code and taken is None)
        or not _settled(clinic, counted, taken, asked.now, counts=counts > 0)
    ):  # fmt: skip
        raise _not_accepted(clinic, person_id, counted, asked)
    return Proof(known, access, taken is not None, rehashed)


def require_granted(clinic: Clinic, asked: Asked) -> None:
    """Refuse with NotPermitted, audited, where whoever acts already may not do the act."""
    if asked.actor is None or may(asked.actor, asked.action):
        return
    with clinic.database.looking() as connection:
        widened = versions.widened(connection, clinic)
    try:
        require_may(asked.actor, asked.action, widened)
    except NotPermitted as refusal:
        raise refused(clinic, asked, refusal) from None


def _settled(
    clinic: Clinic, counted: tuple[Counted, ...], taken: Taken | None, now: datetime,
    *, counts: bool,
) -> bool:  # fmt: skip
    """Look again, after the hash, whether a pause began meanwhile: of many guesses at once only
    those under way are ever judged. Then use up the code and forget the failures."""
    if taken is None and not counts:
        with clinic.database.looking() as connection:
            return not lock_outs.any_locked(connection, clinic, counted, now)
    with bookkeeping(clinic) as connection:
        if lock_outs.any_locked(connection, clinic, counted, now):
            return False
        if taken and not accounts.take_code(connection, clinic, taken.subject_id, taken.step):
            return False
        lock_outs.clear(connection, clinic, counted[0].subject, now)
        return True


def _not_accepted(
    clinic: Clinic, person_id: UUID | None, counted: tuple[Counted, ...], asked: Asked
) -> SignInFailed:
    refusal = SignInFailed(asked.says)

    def first(act: Act) -> None:
        head(act.group, clinic.database, str(clinic.id))  # other processes wait until the commit
        paused = lock_outs.count_failure(act.connection, clinic, counted, asked.now)
        _about(act, asked)
        act.about(subject=asked.subject or person_id)
        act.detail["account"] = str(person_id or "unknown")
        if paused:
            act.detail["paused"] = ", ".join(paused)

    unknown = system_actor(clinic.id).model_copy(update={"workstation": asked.workstation[:120]})
    actor = asked.actor or unknown
    record_refusal(clinic, actor, refusal, asked.now, action=asked.action, first=first)
    return refusal


def _about(act: Act, asked: Asked) -> None:
    act.about(session=asked.session, subject=asked.subject)
    if asked.session is not None:
        try:
            state = lookups.session_state(act.connection, act.clinic, asked.session)
        except NotFound:
            return
        act.about(patient=state.patient_id)


def refused(clinic: Clinic, asked: Asked, refusal: Refusal) -> Refusal:
    """Audit a refusal to someone who proved who they are; answers it, to be raised."""
    actor = asked.actor or system_actor(clinic.id)
    record_refusal(
        clinic, actor, refusal, asked.now, action=asked.action,
        first=lambda act: _about(act, asked),
    )  # fmt: skip
    return refusal


def authenticate(
    clinic: Clinic, actor: Actor, secret: str, code: str | None, *, now: datetime, subject: UUID,
    session: UUID | None = None, action: Action = Action.SESSION_SIGN,
) -> None:  # fmt: skip
    """The signer, once more and wholly, for one signature (R27, R32).

    Raises SignInFailed, SecretTemporary (R28), SecondFactorMissing, CredentialExpired; each is
    audited as a refusal to sign, and a wrong secret counts for the lock-out (R34).
    """
    asked = Asked(
        action, now, actor.workstation, actor, session, subject,
        f"Nothing was signed. {NOT_ACCEPTED}",
    )  # fmt: skip
    proof = prove(clinic, actor.username, secret, code, asked)
    if proof.person.id != actor.person_id:  # nobody signs for another (R28)
        raise refused(clinic, asked, SignInFailed(asked.says))
    if proof.credentials.temporary:
        raise refused(clinic, asked, SecretTemporary("The secret was set by somebody else."))
    if proof.second_factor_due:
        sentence = "The clinic's policy asks for a second factor to sign, and none is enrolled."
        raise refused(clinic, asked, SecondFactorMissing(sentence))
    if proof.access.expired_credential_blocks_signing:
        with clinic.database.looking() as connection:
            held = accounts.professional_credentials(connection, clinic, actor.person_id)
        try:
            require_valid(held.get(actor.person_id, ()), today_at(clinic, now))
        except CredentialExpired as refusal:
            raise refused(clinic, asked, refusal) from None


def today_at(clinic: Clinic, now: datetime) -> date:
    """The calendar day at the clinic."""
    return now.astimezone(ZoneInfo(clinic.zone)).date()


def second_person(
    clinic: Clinic, actor: Actor, username: str, secret: str, action: Action, *, now: datetime,
    code: str | None = None, session: UUID | None = None, subject: UUID | None = None,
) -> Actor:  # fmt: skip
    """A second, different person who authenticates for one act (R33, R76).

    Raises SignInFailed, NotPermitted or SecretTemporary, audited as refusals of that act.
    """
    asked = Asked(
        action, now, actor.workstation, actor, session, subject,
        says=f"The second person: {NOT_ACCEPTED}",
    )  # fmt: skip
    proof = prove(clinic, username, secret, code, asked)
    person = proof.person
    if person.id == actor.person_id:
        raise refused(clinic, asked, NotPermitted("The second person is the same person."))
    if not person.roles & {Role.NURSE, Role.PHYSICIAN}:
        raise refused(clinic, asked, NotPermitted("The second person is no nurse or physician."))
    if proof.credentials.temporary:
        sentence = "The second person's secret was set by somebody else."
        raise refused(clinic, asked, SecretTemporary(sentence))
    return accounts.actor_from(person, clinic.id, actor.workstation)
