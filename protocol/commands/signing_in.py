"""Signing in and out, locking and unlocking, programs' tokens, and ending what is open."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from pydantic import Field
from uuid_utils.compat import uuid7

from protocol.commands.proving import NOT_ACCEPTED, Asked, Proof, prove, refused, require_granted
from protocol.records import accounts, sign_ins, versions
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.sign_ins import SignIn
from protocol.records.tables import SecretRow
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor, Held
from protocol.rules.ceilings import ceiling_of, require_scopes
from protocol.rules.credentials import Credential
from protocol.rules.errors import Impossible, NotFound, NotSignedIn, SecretTemporary
from protocol.rules.values import Instant, Line, Shape


class SignedIn(NamedTuple):
    """A fresh token, shown once; only its hash is kept."""

    token: str
    expires_at: datetime
    actor: Actor
    id: UUID


class ApiTokenIn(Shape):
    """A token for a program: what it is for, the acts that it may do, and its end."""

    id: UUID
    label: Line
    scopes: tuple[Action, ...] = Field(min_length=1, max_length=200)
    expires_at: Instant


def token_hash(token: str) -> str:
    """What is kept of a token: it is random, so a plain SHA-256 does."""
    return sha256(token.encode()).hexdigest()


def sign_in(
    clinic: Clinic, username: str, secret: str, *, now: datetime, workstation: str = "",
    code: str | None = None,
) -> SignedIn:  # fmt: skip
    """A token for someone who proves to be that user. Raises SignInFailed, audited and counted.

    A secret that somebody else set lets its owner set another and nothing else (R28); a second
    factor that the policy asks for and that is not enrolled lets its owner enrol one (R47).
    """
    proof = prove(clinic, username, secret, code, Asked(Action.PERSON_SIGN_IN, now, workstation))
    actor = accounts.actor_from(proof.person, clinic.id, workstation)
    with work(clinic, actor, Action.PERSON_SIGN_IN, now) as act:
        act.about(subject=actor.person_id, second_factor=proof.second_factor)
        if proof.rehashed is not None:
            act.add(
                new(SecretRow,
                    clinic_id=clinic.id, id=uuid7(), person_id=actor.person_id,
                    hashed=proof.rehashed, temporary=proof.credentials.temporary or None,
                )
            )  # fmt: skip
        return opened(act, proof, held_by(proof))


def held_by(proof: Proof) -> str:
    """Why a fresh sign-in of this person may do less than the person, or nothing."""
    if proof.credentials.temporary:
        return Held.SECRET_TEMPORARY.value
    return Held.SECOND_FACTOR_DUE.value if proof.second_factor_due else ""


def opened(act: Act, proof: Proof, held: str) -> SignedIn:
    """Open the sign-in of an act, for as long as the policy says."""
    token, sign_in_id = secrets.token_urlsafe(32), uuid7()
    ends = [act.now + proof.access.longest, proof.person.ends_at]
    expires_at = min(end for end in ends if end is not None)
    act.detail |= {"sign_in": str(sign_in_id)} | ({"held": held} if held else {})
    sign_ins.open_sign_in(
        act, token_hash(token), sign_in_id, expires_at=expires_at, idle=proof.access.idle,
        second_factor=proof.second_factor, held=held,
    )  # fmt: skip
    actor = act.actor.model_copy(update={"ceiling": ceiling_of(held, "", sign_in_id)})
    return SignedIn(token, expires_at, actor, sign_in_id)


def sign_out(clinic: Clinic, actor: Actor, token: str, *, now: datetime) -> None:
    """The token is of no use from now on."""
    with work(clinic, actor, Action.PERSON_SIGN_OUT, now) as act:
        act.about(subject=actor.person_id)
        sign_ins.end_sign_ins(act, token_hash=token_hash(token))


def lock(clinic: Clinic, actor: Actor, token: str, *, now: datetime) -> None:
    """The sign-in stays, and does nothing until the secret is given again (R41)."""
    with work(clinic, actor, Action.PERSON_LOCK, now) as act:
        act.about(subject=actor.person_id)
        sign_ins.change_sign_in(act, token_hash(token), locked_at=now)


def standing(clinic: Clinic, token: str, *, now: datetime) -> SignIn:
    """The sign-in of a token that is open or only locked. Raises NotSignedIn."""
    with clinic.database.looking() as connection:
        found = sign_ins.sign_in_of(connection, token_hash(token))
    if found is None or found.clinic_id != clinic.id or not found.standing(now).is_held:
        raise NotSignedIn("No valid sign-in came with the request.")
    return found


def unlock(
    clinic: Clinic, token: str, secret: str, *, now: datetime, workstation: str = ""
) -> SignIn:
    """The locked sign-in, open again: its person's secret is enough (R42). Raises SignInFailed."""
    found = standing(clinic, token, now=now)
    actor = found.holder(now, workstation)
    asked = Asked(
        Action.PERSON_UNLOCK, now, workstation, actor, says=f"Still locked. {NOT_ACCEPTED}"
    )  # fmt: skip
    prove(clinic, actor.username, secret, None, asked, without_code=True)
    with work(clinic, actor, Action.PERSON_UNLOCK, now) as act:
        act.about(subject=actor.person_id, sign_in=str(found.id))
        sign_ins.change_sign_in(act, token_hash(token), locked_at=None, seen_at=now)
    return standing(clinic, token, now=now)


def switch_user(
    clinic: Clinic, token: str, username: str, secret: str, *, now: datetime,
    workstation: str = "", code: str | None = None,
) -> SignedIn:  # fmt: skip
    """Another person at the same workstation: the one signs in, then the other is signed out.

    Both stand in the audit trail. Where the newcomer is refused nothing changes. Raises
    SignInFailed, NotSignedIn, NotPermitted (a program's token is no person's to leave).
    """
    leaving = standing(clinic, token, now=now).holder(now, workstation)
    require_granted(clinic, Asked(Action.PERSON_SIGN_OUT, now, workstation, leaving))
    arrived = sign_in(clinic, username, secret, now=now, workstation=workstation, code=code)
    sign_out(clinic, leaving, token, now=now)
    return arrived


def add_api_token(
    clinic: Clinic, actor: Actor, wanted: ApiTokenIn, secret: str, code: str | None, *,
    now: datetime,
) -> SignedIn:  # fmt: skip
    """A token by which a program acts as this person within its scopes; shown once.

    It outlives the sign-in, so the person proves it anew. Raises SignInFailed, SecretTemporary,
    Impossible (an end in the past or too far), NotPermitted (a scope that the person has not).
    """
    asked = Asked(Action.API_TOKEN_ADD, now, actor.workstation, actor)
    proof = prove(clinic, actor.username, secret, code, asked)
    if proof.credentials.temporary:
        raise refused(clinic, asked, SecretTemporary("The secret was set by somebody else."))
    token = secrets.token_urlsafe(32)
    with work(clinic, actor, Action.API_TOKEN_ADD, now, attempt=wanted) as act:
        scopes = " ".join(sorted(set(wanted.scopes)))
        act.about(subject=wanted.id, label=wanted.label, scopes=scopes)
        require_scopes(actor, wanted.scopes, versions.widened(act.connection, clinic))
        longest = now + proof.access.api_token
        if not now < wanted.expires_at <= longest:
            raise Impossible(
                f"A token ends after now and by {longest.isoformat()}.",
                field="expires_at", value=wanted.expires_at.isoformat(),
            )  # fmt: skip
        sign_ins.open_sign_in(
            act, token_hash(token), wanted.id, expires_at=wanted.expires_at,
            held=Held.API_TOKEN.value, scopes=scopes, label=wanted.label,
        )  # fmt: skip
    return SignedIn(token, wanted.expires_at, actor, wanted.id)


class Own(NamedTuple):
    """What a person sees of the own account."""

    sign_in: SignIn
    credentials: tuple[Credential, ...]
    second_factor: bool
    recovery_codes_left: int


def own_account(clinic: Clinic, actor: Actor, token: str, *, now: datetime) -> Own:
    """The sign-in in use, the own credentials and the second factor."""
    with reading(clinic, actor, Action.SIGN_IN_VIEW, now) as connection:
        found = sign_ins.sign_in_of(connection, token_hash(token))
        held = accounts.professional_credentials(connection, clinic, actor.person_id)
        known = accounts.credentials(connection, clinic, actor.username)
        factor = known.factor if known else None
        codes = accounts.recovery_codes(connection, clinic, factor.batch_id) if factor else ()
    if found is None:
        raise NotSignedIn("No valid sign-in came with the request.")
    left = sum(not one.used for one in codes)
    return Own(found, held.get(actor.person_id, ()), factor is not None, left)


def own_sign_ins(clinic: Clinic, actor: Actor, *, now: datetime) -> Sequence[SignIn]:
    """What is open in the actor's own name: sign-ins and programs' tokens."""
    with reading(clinic, actor, Action.SIGN_IN_VIEW, now) as connection:
        return sign_ins.open_sign_ins(connection, clinic, now, actor.person_id)


def all_sign_ins(clinic: Clinic, actor: Actor, *, now: datetime) -> Sequence[SignIn]:
    """What is open in anyone's name."""
    with reading(clinic, actor, Action.SIGN_IN_SEARCH, now) as connection:
        return sign_ins.open_sign_ins(connection, clinic, now)


def revoke(
    clinic: Clinic, actor: Actor, sign_in_id: UUID, *, now: datetime, anyones: bool = False
) -> None:
    """End a sign-in or a token: one's own, or as administrator anyone's. Raises NotFound."""
    action = Action.SIGN_IN_REVOKE_ANY if anyones else Action.SIGN_IN_REVOKE
    with work(clinic, actor, action, now) as act:
        act.about(subject=sign_in_id)
        owner = sign_ins.owner_of(act.connection, clinic, sign_in_id)
        if owner is None or (owner != actor.person_id and not anyones):
            raise NotFound("There is no such sign-in.", sign_in=str(sign_in_id))
        act.about(owner=str(owner))
        sign_ins.end_sign_ins(act, sign_in_id=sign_in_id)
