"""Clinics and people: founding a clinic, accounts, roles, secrets, credentials."""

from datetime import datetime
from uuid import UUID

from pydantic import Field
from uuid_utils.compat import uuid7

from protocol.commands.proving import Asked, hashed, prove
from protocol.commands.secret_rules import require_unguessable
from protocol.commands.signing_in import held_by, token_hash
from protocol.records import accounts, persons, sign_ins
from protocol.records.access import access_in_force
from protocol.records.clinics import REAL, Clinic
from protocol.records.database import Database
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import (
    ClinicRow,
    CredentialRow,
    PersonRow,
    PersonStandingRow,
    SecretRow,
)
from protocol.records.work import work
from protocol.rules.access import AUDITOR, SECRET_CHARACTERS
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.credentials import Credential
from protocol.rules.errors import Impossible, NotPermitted, SecretGuessable
from protocol.rules.signature import digest_of
from protocol.rules.values import Instant, Line, Shape


class PersonIn(Shape):
    """A new account: a name of its own, roles, a first secret, and an end where it has one."""

    id: UUID
    username: Line
    name: Line
    credential: str = Field(default="", max_length=80)
    roles: tuple[Role, ...] = Field(min_length=1, max_length=4)
    secret: str = Field(min_length=SECRET_CHARACTERS, max_length=400, repr=False)
    ends_at: Instant | None = None


class StandingIn(Shape):
    """What a person is from now on: roles, credential, active or not, and until when."""

    roles: tuple[Role, ...] = Field(default=(), max_length=4)
    credential: str = Field(default="", max_length=80)
    active: bool = Field(default=True, strict=True)
    ends_at: Instant | None = Field(
        default=None, description="An auditor's standing has an end, said or not."
    )


def found_clinic(
    database: Database, first: PersonIn, *, name: str, zone: str, now: datetime, purpose: str = REAL
) -> Clinic:
    """A new clinic with its first administrator, who acts from the first entry on."""
    clinic = Clinic(database, uuid7(), name, zone, purpose)
    actor = Actor(
        clinic_id=clinic.id, person_id=first.id, username=first.username, name=first.name,
        credential=first.credential, roles=frozenset({*first.roles, Role.ADMINISTRATOR}),
    )  # fmt: skip
    require_unguessable(
        database, first.secret, characters_min=SECRET_CHARACTERS,
        about=(first.username, first.name, name),
    )  # fmt: skip
    # Hashing takes a tenth of a second on purpose: it is done before the turn is taken.
    rows = _person_rows(clinic, first, tuple(sorted(actor.roles)), now, temporary=None)
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
    """A new account. Its first secret signs nothing until its owner changed it (R28).

    Raises Impossible when the user name is taken, for ever, SecretGuessable.
    """
    about = (person.username, person.name, clinic.name)
    fault = _fault_of(clinic, person.secret, about)
    rows = () if fault else _person_rows(clinic, person, person.roles, now, temporary=True)
    with work(clinic, actor, Action.PERSON_ADD, now) as act:
        act.about(subject=person.id, username=person.username, roles=" ".join(person.roles))
        if fault is not None:
            raise fault
        known = persons.person_digest(act.connection, clinic, person.id)
        if not act.repeats(known, _person_digest(person), "person"):
            if persons.username_taken(act.connection, clinic, person.username):
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
        before = persons.person(act.connection, clinic, person_id)
        act.detail["before"] = " ".join(sorted(before.roles))
        if person_id == actor.person_id:
            raise NotPermitted("Nobody changes the own standing.", person=str(person_id))
        act.add(
            _standing_row(
                clinic, person_id, standing.roles, standing.credential, active=standing.active,
                ends_at=standing_end(standing.roles, standing.ends_at, now),
            )
        )  # fmt: skip


def standing_end(
    roles: tuple[Role, ...], ends_at: datetime | None, now: datetime
) -> datetime | None:
    """When a standing ends by itself: as said, and an auditor's in any case."""
    return now + AUDITOR if ends_at is None and Role.AUDITOR in roles else ends_at


def set_secret(
    clinic: Clinic, actor: Actor, present_secret: str, new_secret: str, *, now: datetime,
    code: str | None = None, token: str = "",
) -> None:  # fmt: skip
    """The own secret, anew; every other sign-in of the person ends with the old one.

    Raises SignInFailed when the old one is wrong, SecretGuessable.
    """
    asked = Asked(Action.PERSON_SET_SECRET, now, actor.workstation, actor)
    proof = prove(clinic, actor.username, present_secret, code, asked)
    own = proof._replace(credentials=proof.credentials._replace(temporary=False))
    fault = _fault_of(clinic, new_secret, (actor.username, actor.name, clinic.name))
    if new_secret == present_secret:
        fault = SecretGuessable("The new secret is the present one.", field="secret", rule="same")
    fresh = "" if fault else hashed(new_secret)
    with work(clinic, actor, Action.PERSON_SET_SECRET, now) as act:
        act.about(subject=actor.person_id)
        if fault is not None:
            raise fault
        act.add(_secret_row(clinic, actor.person_id, fresh, temporary=None))
        kept = token_hash(token) if token else ""
        sign_ins.end_sign_ins(act, person_id=actor.person_id, but=kept)
        if token and actor.ceiling is not None:
            sign_ins.change_sign_in(act, kept, held=held_by(own))


def _fault_of(clinic: Clinic, secret: str, about: tuple[str, ...]) -> SecretGuessable | None:
    """What is wrong with a new secret; it is raised inside the act, and so audited."""
    with clinic.database.looking() as connection:
        characters_min = access_in_force(connection, clinic).secret_characters
    try:
        require_unguessable(clinic.database, secret, characters_min=characters_min, about=about)
    except SecretGuessable as refusal:
        return refusal
    return None


def reset_secret(
    clinic: Clinic, actor: Actor, person_id: UUID, new_secret: str, *, now: datetime
) -> None:
    """A forgotten secret is replaced by one that an administrator sets; every sign-in ends.

    It opens nothing but the way to set an own one, and signs nothing (R28). Raises NotFound,
    NotPermitted (the own one is set, not reset), SecretGuessable.
    """
    fault = _fault_of(clinic, new_secret, (clinic.name,))
    fresh = "" if fault else hashed(new_secret)
    with work(clinic, actor, Action.PERSON_RESET_SECRET, now) as act:
        act.about(subject=person_id)
        if fault is not None:
            raise fault
        persons.person(act.connection, clinic, person_id)
        if person_id == actor.person_id:
            raise NotPermitted("Nobody resets the own secret.", person=str(person_id))
        act.add(_secret_row(clinic, person_id, fresh, temporary=True))
        sign_ins.end_sign_ins(act, person_id=person_id)


def record_credential(
    clinic: Clinic, actor: Actor, person_id: UUID, credential: Credential, *, now: datetime
) -> None:
    """A licence or certificate of a person, or its withdrawal. Raises NotFound."""
    with work(clinic, actor, Action.CREDENTIAL_RECORD, now, attempt=credential) as act:
        act.about(subject=person_id, title=credential.title)
        persons.person(act.connection, clinic, person_id)
        values = credential.model_dump()
        act.add(new(CredentialRow, clinic_id=clinic.id, person_id=person_id, **values))


def credentials(
    clinic: Clinic, actor: Actor, *, now: datetime
) -> dict[UUID, tuple[Credential, ...]]:
    """Everyone's professional credentials that are not withdrawn."""
    with reading(clinic, actor, Action.PERSON_VIEW, now) as connection:
        return accounts.professional_credentials(connection, clinic)


def people(clinic: Clinic, actor: Actor, *, now: datetime) -> list[persons.Person]:
    """Everyone with an account at the clinic."""
    with reading(clinic, actor, Action.PERSON_VIEW, now) as connection:
        return persons.people(connection, clinic)


def _person_digest(person: PersonIn) -> str:
    return digest_of(person.model_dump(mode="json", exclude={"secret"}, exclude_none=True))


def _person_rows(
    clinic: Clinic, person: PersonIn, roles: tuple[Role, ...], now: datetime,
    *, temporary: bool | None,
) -> tuple[New, ...]:  # fmt: skip
    return (
        new(
            PersonRow,
            clinic_id=clinic.id,
            id=person.id,
            username=person.username,
            name=person.name,
            content_digest=_person_digest(person),
        ),
        _standing_row(
            clinic, person.id, roles, person.credential, active=True,
            ends_at=standing_end(roles, person.ends_at, now),
        ),
        _secret_row(clinic, person.id, hashed(person.secret), temporary=temporary),
    )  # fmt: skip


def _secret_row(clinic: Clinic, person_id: UUID, fresh: str, *, temporary: bool | None) -> New:
    return new(
        SecretRow, clinic_id=clinic.id, id=uuid7(), person_id=person_id, hashed=fresh,
        temporary=temporary,
    )  # fmt: skip


def _standing_row(
    clinic: Clinic, person_id: UUID, roles: tuple[Role, ...], credential: str, *, active: bool,
    ends_at: datetime | None,
) -> New:  # fmt: skip
    return new(PersonStandingRow,
        clinic_id=clinic.id, id=uuid7(), person_id=person_id, roles=" ".join(sorted(roles)),
        credential=credential, active=active, ends_at=ends_at,
    )  # fmt: skip
