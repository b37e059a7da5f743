"""Clinics and people: founding a clinic, accounts, roles, secrets, signing in and out."""

import secrets
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from pwdlib import PasswordHash
from pydantic import Field
from uuid_utils.compat import uuid7

from protocol.records import accounts
from protocol.records.clinics import REAL, Clinic
from protocol.records.database import Database
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import ClinicRow, PersonRow, PersonStandingRow, SecretRow
from protocol.records.work import record_refusal, work
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.errors import Impossible, NotPermitted, SignInFailed
from protocol.rules.signature import digest_of
from protocol.rules.values import Line, Shape

TOKEN_LIFE = timedelta(hours=12)
SECRET_CHARACTERS_MIN = 12
NOBODY = UUID(int=0)


class PersonIn(Shape):
    """A new account: a name of its own, roles, a first secret."""

    id: UUID
    username: Line
    name: Line
    credential: str = Field(default="", max_length=80)
    roles: tuple[Role, ...] = Field(min_length=1, max_length=4)
    secret: str = Field(min_length=SECRET_CHARACTERS_MIN, max_length=400, repr=False)


class StandingIn(Shape):
    """What a person is from now on: roles, credential, active or not."""

    roles: tuple[Role, ...] = Field(default=(), max_length=4)
    credential: str = Field(default="", max_length=80)
    active: bool = Field(default=True, strict=True)


class SignedIn(NamedTuple):
    """A fresh token, shown once; only its hash is kept."""

    token: str
    expires_at: datetime
    actor: Actor


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    """A hash to check against when there is no such user, so that both take the same time."""
    return _hasher().hash(secrets.token_hex(16))


def system_actor(clinic_id: UUID, roles: frozenset[Role] = frozenset()) -> Actor:
    """The program itself, or an unknown caller: nobody's account, and no role by default."""
    return Actor(clinic_id=clinic_id, person_id=NOBODY, username="-", name="Chairside", roles=roles)


def found_clinic(
    database: Database, first: PersonIn, *, name: str, zone: str, now: datetime, purpose: str = REAL
) -> Clinic:
    """A new clinic with its first administrator, who acts from the first entry on."""
    clinic = Clinic(database, uuid7(), name, zone, purpose)
    actor = Actor(
        clinic_id=clinic.id, person_id=first.id, username=first.username, name=first.name,
        credential=first.credential, roles=frozenset({*first.roles, Role.ADMINISTRATOR}),
    )  # fmt: skip
    # Hashing takes a tenth of a second on purpose: it is done before the turn is taken.
    rows = _person_rows(clinic, first, tuple(sorted(actor.roles)))
    with work(clinic, actor, Action.CLINIC_INIT, now) as act:
        act.about(subject=clinic.id, purpose=purpose)
        act.add(
            new(
                ClinicRow,
                clinic_id=clinic.id,
                name=name,
                zone=zone,
                purpose=purpose,
                founded_at=now,
            ),
            *rows,
        )
    return clinic


def add_person(clinic: Clinic, actor: Actor, person: PersonIn, *, now: datetime) -> UUID:
    """A new account. Raises Impossible when the user name is taken, for ever (R28)."""
    rows = _person_rows(clinic, person, person.roles)
    with work(clinic, actor, Action.PERSON_ADD, now) as act:
        act.about(subject=person.id, username=person.username, roles=" ".join(person.roles))
        known = accounts.person_digest(act.connection, clinic, person.id)
        if not act.repeats(known, _person_digest(person), "person"):
            if accounts.username_taken(act.connection, clinic, person.username):
                raise Impossible(
                    f"The user name {person.username} was given before.", field="username"
                )
            act.add(*rows)
    return person.id


def change_person(
    clinic: Clinic, actor: Actor, person_id: UUID, standing: StandingIn, *, now: datetime
) -> None:
    """New roles, a new credential, or the end of an account; from the next request on."""
    with work(clinic, actor, Action.PERSON_CHANGE, now, attempt=standing) as act:
        act.about(subject=person_id, roles=" ".join(standing.roles), active=standing.active)
        before = accounts.person(act.connection, clinic, person_id)
        act.detail["before"] = " ".join(sorted(before.roles))
        if person_id == actor.person_id:
            raise NotPermitted("Nobody changes the own standing.", person=str(person_id))
        act.add(
            _standing_row(
                clinic, person_id, standing.roles, standing.credential, active=standing.active
            )
        )


def set_secret(
    clinic: Clinic, actor: Actor, present_secret: str, new_secret: str, *, now: datetime
) -> None:
    """The own secret, anew. Raises SignInFailed when the old one is wrong."""
    checked = accounts.credentials(clinic, actor.username)
    right = checked is not None and _hasher().verify(present_secret, checked.hashed)
    hashed = _hasher().hash(new_secret) if right else ""
    with work(clinic, actor, Action.PERSON_SET_SECRET, now) as act:
        act.about(subject=actor.person_id)
        if not right:
            raise SignInFailed("The present secret is not right.")
        act.add(
            new(
                SecretRow, clinic_id=clinic.id, id=uuid7(), person_id=actor.person_id, hashed=hashed
            )
        )


def sign_in(
    clinic: Clinic, username: str, secret: str, *, now: datetime, workstation: str = ""
) -> SignedIn:
    """A token for someone who proves to be that user. Raises SignInFailed, audited.

    An unknown user, a wrong secret and a closed account get the same sentence and take as long.
    """
    actor = _proved(clinic, username, secret, workstation)
    if actor is None:
        unknown = system_actor(clinic.id).model_copy(update={"workstation": workstation})
        refusal = SignInFailed("User name or secret is not right.", username=username[:80])
        record_refusal(clinic, unknown, refusal, now, action=Action.PERSON_SIGN_IN)
        raise refusal
    token = secrets.token_urlsafe(32)
    with work(clinic, actor, Action.PERSON_SIGN_IN, now) as act:
        act.about(subject=actor.person_id)
        accounts.open_sign_in(act, token_hash(token), expires_at=now + TOKEN_LIFE)
    return SignedIn(token, now + TOKEN_LIFE, actor)


def sign_out(clinic: Clinic, actor: Actor, token: str, *, now: datetime) -> None:
    """The token is of no use from now on."""
    with work(clinic, actor, Action.PERSON_SIGN_OUT, now) as act:
        act.about(subject=actor.person_id)
        accounts.close_sign_in(act, token_hash(token))


def second_person(
    clinic: Clinic, actor: Actor, username: str, secret: str, action: Action, *, now: datetime
) -> Actor:
    """A second, different person who authenticates for one act (R33, R76).

    Raises SignInFailed or NotPermitted; both are audited as refusals of that act.
    """
    second = _proved(clinic, username, secret, actor.workstation)
    refusal: SignInFailed | NotPermitted | None = None
    if second is None:
        refusal = SignInFailed("The second person's user name or secret is not right.")
    elif second.person_id == actor.person_id:
        refusal = NotPermitted("The second person is the same person.")
    elif not second.roles & {Role.NURSE, Role.PHYSICIAN}:
        refusal = NotPermitted("The second person is no nurse or physician.")
    if refusal is not None or second is None:
        refusal = refusal or SignInFailed("The second person is not known.")
        record_refusal(clinic, actor, refusal, now, action=action)
        raise refusal
    return second


def proved_again(clinic: Clinic, actor: Actor, secret: str) -> bool:
    """Whether the actor's own secret is right at this moment: full re-authentication (R27)."""
    again = _proved(clinic, actor.username, secret, actor.workstation)
    return again is not None and again.person_id == actor.person_id


def people(clinic: Clinic, actor: Actor, *, now: datetime) -> list[accounts.Person]:
    """Everyone with an account at the clinic."""
    with reading(clinic, actor, Action.PERSON_VIEW, now) as connection:
        return accounts.people(connection, clinic)


def token_hash(token: str) -> str:
    """What is kept of a token: it is random, so a plain SHA-256 does."""
    return sha256(token.encode()).hexdigest()


def _proved(clinic: Clinic, username: str, secret: str, workstation: str) -> Actor | None:
    known = accounts.credentials(clinic, username)
    right = _hasher().verify(secret, known.hashed if known else _decoy())
    if known is None or not right or not known.person.active:
        return None
    return accounts.actor_from(known.person, clinic.id, workstation)


def _person_digest(person: PersonIn) -> str:
    return digest_of(person.model_dump(mode="json", exclude={"secret"}))


def _person_rows(clinic: Clinic, person: PersonIn, roles: tuple[Role, ...]) -> tuple[New, ...]:
    return (
        new(
            PersonRow,
            clinic_id=clinic.id,
            id=person.id,
            username=person.username,
            name=person.name,
            content_digest=_person_digest(person),
        ),
        _standing_row(clinic, person.id, roles, person.credential, active=True),
        new(
            SecretRow,
            clinic_id=clinic.id,
            id=uuid7(),
            person_id=person.id,
            hashed=_hasher().hash(person.secret),
        ),
    )


def _standing_row(
    clinic: Clinic, person_id: UUID, roles: tuple[Role, ...], credential: str, *, active: bool
) -> New:
    return new(PersonStandingRow,
        clinic_id=clinic.id, id=uuid7(), person_id=person_id, roles=" ".join(sorted(roles)),
        credential=credential, active=active,
    )  # fmt: skip
