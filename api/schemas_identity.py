"""Accounts, sign-ins and second factors, as the API takes and gives them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self
from uuid import UUID

import segno
from pydantic import Field

from api.schemas import Out
from api.schemas_emergency import EmergencyOut
from protocol.commands.emergency import EmergencyIn
from protocol.commands.people import PersonIn, standing_end
from protocol.commands.second_factor import Enrolment
from protocol.commands.signing_in import ApiTokenIn, Own, SignedIn
from protocol.records.clinics import Clinic
from protocol.records.persons import Person
from protocol.records.sign_ins import SignIn
from protocol.rules.actions import Actor, Role
from protocol.rules.credentials import Credential
from protocol.rules.record import ClinicRef
from protocol.rules.sign_ins import SignInStanding
from protocol.rules.values import Line, Shape


class SecretOnlyIn(Shape):
    """The own secret, which opens a locked sign-in."""

    secret: str = Field(max_length=400, repr=False)


class ProofIn(SecretOnlyIn):
    """The own secret, and a code where a second factor is enrolled."""

    one_time_code: str | None = Field(
        default=None, max_length=40, repr=False,
        description="Six digits of the authenticator, or a recovery code.",
    )  # fmt: skip


class SwitchIn(ProofIn):
    """Who takes over at this workstation.

    With `cookie` a browser keeps the sign-in, where no script reads it, and no token is answered.
    """

    username: Line
    cookie: bool = Field(default=False, strict=True)


class SignInIn(SwitchIn):
    """A user name and a secret; `clinic_id` only where the server keeps several clinics.

    With `emergency` it is for emergency access alone, and needs no code (R43).
    """

    clinic_id: UUID | None = None
    emergency: EmergencyIn | None = None


class SecretIn(ProofIn):
    """The own secret, anew."""

    present_secret: str = Field(max_length=400, repr=False)
    secret: str = Field(min_length=12, max_length=400, repr=False)


class NewSecretIn(Shape):
    """A secret that an administrator sets: its owner sets an own one before anything else."""

    secret: str = Field(min_length=12, max_length=400, repr=False)


class CodeIn(Shape):
    """A code of the second factor that is offered."""

    one_time_code: str = Field(max_length=40, repr=False)


class NewApiTokenIn(ApiTokenIn):
    """A token for a program, with what proves who asks for it."""

    secret: str = Field(max_length=400, repr=False)
    one_time_code: str | None = Field(default=None, max_length=40, repr=False)

    def token(self) -> ApiTokenIn:
        """The token alone."""
        return ApiTokenIn.model_construct(
            **{name: getattr(self, name) for name in ApiTokenIn.model_fields}
        )


class CredentialOut(Out):
    """A professional credential, and whether its last day has passed at the clinic."""

    id: UUID
    title: str
    number: str | None
    issuer: str | None
    expires_on: date | None
    expired: bool

    @classmethod
    def of(cls, credential: Credential, today: date) -> Self:
        """From the rules' own."""
        values = credential.model_dump(exclude={"withdrawn"})
        return cls.model_construct(**values, expired=credential.expired(today))


class PersonOut(Out):
    """An account as it stands."""

    id: UUID
    username: str
    name: str
    credential: str
    roles: list[Role]
    active: bool
    ends_at: datetime | None
    credentials: list[CredentialOut]

    @classmethod
    def of(cls, person: Person, held: Iterable[Credential] = (), today: date | None = None) -> Self:
        """From the records' own."""
        credentials = [CredentialOut.of(one, today) for one in held if today is not None]
        values = {**person._asdict(), "roles": sorted(person.roles)}
        return cls.model_construct(**values, credentials=credentials)

    @classmethod
    def added(cls, person: PersonIn, now: datetime) -> Self:
        """A new account as it was taken."""
        values = person.model_dump(exclude={"secret", "roles", "ends_at"})
        return cls.model_construct(
            **values, roles=sorted(set(person.roles)), active=True, credentials=[],
            ends_at=standing_end(person.roles, person.ends_at, now),
        )  # fmt: skip

    @classmethod
    def acting(cls, actor: Actor, ends_at: datetime | None = None) -> Self:
        """Someone who is signed in."""
        return cls.model_construct(
            id=actor.person_id, username=actor.username, name=actor.name,
            credential=actor.credential, roles=sorted(actor.roles), active=True, ends_at=ends_at,
            credentials=[],
        )  # fmt: skip


class SignedInOut(Out):
    """A fresh token, shown once: the server keeps only its hash. None where a cookie carries it."""

    token: str | None
    sign_in_id: UUID
    expires_at: datetime
    clinic: ClinicRef
    person: PersonOut
    held: str | None = Field(description="Why it may do less than its person; null if it may all.")
    emergency_access: EmergencyOut | None

    @classmethod
    def of(cls, clinic: Clinic, signed_in: SignedIn, *, shown: bool = True) -> Self:
        """From what the sign-in gave."""
        actor = signed_in.actor
        return cls.model_construct(
            token=signed_in.token if shown else None, sign_in_id=signed_in.id,
            expires_at=signed_in.expires_at,
            clinic=clinic.ref, person=PersonOut.acting(actor),
            held=actor.ceiling.why.value if actor.ceiling else None,
            emergency_access=EmergencyOut.of(actor.emergency),
        )  # fmt: skip


class SignInOut(Out):
    """An open sign-in, or a program's token with its label and scopes."""

    id: UUID
    person_id: UUID
    username: str
    workstation: str
    label: str
    held: str | None
    scopes: list[str]
    second_factor: bool
    signed_in_at: datetime
    seen_at: datetime
    expires_at: datetime
    standing: SignInStanding
    emergency_access: EmergencyOut | None

    @classmethod
    def of(cls, one: SignIn, now: datetime) -> Self:
        """From the records' own."""
        return cls.model_construct(
            id=one.id, person_id=one.person.id, username=one.person.username,
            workstation=one.workstation, label=one.label, held=one.held or None,
            scopes=one.scopes.split(), second_factor=one.second_factor,
            signed_in_at=one.signed_in_at, seen_at=one.times.seen_at,
            expires_at=one.times.expires_at, standing=one.standing(now),
            emergency_access=EmergencyOut.of(one.holder(now, "").emergency),
        )  # fmt: skip


class ApiTokenOut(Out):
    """A program's token, shown once."""

    id: UUID
    token: str
    expires_at: datetime


class MeOut(Out):
    """Who is signed in, by what, and what the pages show at their top."""

    clinic: ClinicRef
    person: PersonOut
    sign_in: SignInOut
    emergency_access: EmergencyOut | None
    second_factor_enrolled: bool
    recovery_codes_left: int

    @classmethod
    def of(cls, clinic: Clinic, own: Own, now: datetime, today: date) -> Self:
        """From what the command found."""
        sign_in = SignInOut.of(own.sign_in, now)
        return cls.model_construct(
            clinic=clinic.ref, person=PersonOut.of(own.sign_in.person, own.credentials, today),
            sign_in=sign_in, emergency_access=sign_in.emergency_access,
            second_factor_enrolled=own.second_factor, recovery_codes_left=own.recovery_codes_left,
        )  # fmt: skip


class EnrolmentOut(Out):
    """A second factor that is offered: as an address, as its QR code, and to be typed."""

    id: UUID
    otpauth_uri: str
    shared_secret: str
    qr_svg: str

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        """From what the command gave."""
        code = segno.make(enrolment.uri, error="m", micro=False)
        return cls.model_construct(
            id=enrolment.id, otpauth_uri=enrolment.uri, shared_secret=enrolment.shared_secret,
            qr_svg=code.svg_inline(scale=4, title="Second factor", svgclass=None, lineclass=None),
        )  # fmt: skip


class RecoveryCodesOut(Out):
    """Codes that stand in for the second factor, each once; shown once."""

    recovery_codes: list[str]
