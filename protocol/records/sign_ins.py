"""Sign-ins: opened, looked up at every request in one statement, seen, locked and ended.

They are bookkeeping, not record: the entry of the act that opens or ends one is what is sealed.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from protocol.records import tables
from protocol.records.bookkeeping import bookkeeping
from protocol.records.clinics import Clinic
from protocol.records.drafts import discard_orphans
from protocol.records.lookups import table
from protocol.records.persons import JOINED, PERSON, Person, person_from
from protocol.records.prepared import Ask, Prepared, Rows, ask_all, asking
from protocol.records.work import Act
from protocol.rules.actions import Actor
from protocol.rules.ceilings import ceiling_of
from protocol.rules.emergency import Emergency
from protocol.rules.errors import NotSignedIn, Refusal, SignInLocked
from protocol.rules.sign_ins import SignInStanding, SignInTimes, seen_is_due, standing_of

SIGN_IN = table(tables.SignInRow)
_OWN = tuple(column for column in SIGN_IN.c if column.name not in ("clinic_id", "person_id"))
_TOKEN_COLUMNS = (
    JOINED.add_columns(*(column.label(f"own_{column.name}") for column in _OWN))
    .join(
        SIGN_IN,
        (SIGN_IN.c.clinic_id == PERSON.c.clinic_id) & (SIGN_IN.c.person_id == PERSON.c.id),
    )
    .where(SIGN_IN.c.token_hash == bindparam("token_hash"))
)
_BY_TOKEN = Prepared(_TOKEN_COLUMNS)
_NAMES = [str(column.key) for column in _TOKEN_COLUMNS.selected_columns]
_SEEN = (
    update(SIGN_IN)
    .where(
        SIGN_IN.c.token_hash == bindparam("hashed"),
        SIGN_IN.c.seen_at < bindparam("now"),
        SIGN_IN.c.locked_at.is_(None),
        SIGN_IN.c.ended_at.is_(None),
    )
    .values(seen_at=bindparam("now"))
)


class SignIn(NamedTuple):
    """One sign-in, or one program's token, with its person."""

    token_hash: str
    id: UUID
    clinic_id: UUID
    person: Person
    workstation: str
    label: str
    second_factor: bool
    signed_in_at: datetime
    times: SignInTimes
    held: str
    scopes: str
    emergency: Emergency | None

    def standing(self, now: datetime) -> SignInStanding:
        """Where it stands."""
        return standing_of(self.times, now)

    def actor(self, now: datetime, workstation: str) -> Actor:
        """The person as one who acts by this sign-in. Raises NotSignedIn, SignInLocked.

        Why a sign-in is over is told to the audit trail and not to who sent the token.
        """
        standing = self.standing(now)
        if standing is SignInStanding.OPEN:
            return self.holder(now, workstation)
        refusal: Refusal = NotSignedIn("No valid sign-in came with the request.")
        if standing.is_held:
            refusal = SignInLocked("The sign-in is locked; the secret opens it.")
        refusal.inside = {"sign_in": str(self.id), "standing": standing.value}
        raise refusal

    def holder(self, now: datetime, workstation: str) -> Actor:
        """The person behind the sign-in, wherever it stands."""
        person, emergency = self.person, self.emergency
        return Actor.model_construct(
            clinic_id=self.clinic_id, person_id=person.id, username=person.username,
            name=person.name, credential=person.credential, roles=person.roles,
            workstation=workstation[:120], ceiling=ceiling_of(self.held, self.scopes, self.id),
            emergency=emergency if emergency and now < emergency.ends_at else None,
        )  # fmt: skip

    def is_seen_now(self, now: datetime) -> bool:
        """Whether this request is to be written down as a sign of life."""
        return seen_is_due(self.times, now)


def sign_in_of(connection: Connection, token_hash: str) -> SignIn | None:
    """The sign-in of a token wherever it stands: the one statement of every request."""
    return sign_in_in(ask_all(connection, [asked_of_token(token_hash)])[0])


def asked_of_token(token_hash: str) -> Ask:
    """Whose sign-in this is, wherever it stands."""
    return asking(_BY_TOKEN, token_hash=token_hash)


def sign_in_in(rows: Rows) -> SignIn | None:
    """The sign-in that these rows give, if any."""
    return _of_row(rows[0]) if rows else None


@lru_cache(maxsize=2_000)
def _of_row(row: tuple[Any, ...]) -> SignIn:
    """A value of the row alone: the same row comes with every request of a sign-in."""
    return _sign_in(SimpleNamespace(**dict(zip(_NAMES, row, strict=True))))


def _sign_in(row: Any) -> SignIn:  # noqa: ANN401 - a row of the statement, however it was read
    emergency = None
    if row.own_emergency_id is not None:
        emergency = Emergency.model_construct(
            id=row.own_emergency_id, reason=row.own_emergency_reason,
            ends_at=row.own_emergency_ends_at,
        )  # fmt: skip
    idle = None if row.own_idle_s is None else timedelta(seconds=row.own_idle_s)
    times = SignInTimes(
        row.own_expires_at, row.own_seen_at, idle, row.own_locked_at, row.own_ended_at,
        row.active, row.ends_at,
    )  # fmt: skip
    return SignIn(
        row.own_token_hash, row.own_id, row.clinic_id, person_from(row), row.own_workstation,
        row.own_label, row.own_second_factor, row.own_signed_in_at, times, row.own_held,
        row.own_scopes, emergency,
    )  # fmt: skip


def write_seen(clinic: Clinic, token_hash: str, now: datetime) -> None:
    """Write down a sign of life; asked for at most ten times in an idle span."""
    with bookkeeping(clinic) as connection:
        connection.execute(_SEEN, {"hashed": token_hash, "now": now})


def open_sign_in(  # noqa: PLR0913 - one keyword for each column that is not the act's
    act: Act, token_hash: str, sign_in_id: UUID, *, expires_at: datetime,
    idle: timedelta | None = None, second_factor: bool = False, held: str = "", scopes: str = "",
    label: str = "", emergency: Emergency | None = None,
) -> None:  # fmt: skip
    """Keep a token's hash; written with the act's audit entry."""
    values = {
        "token_hash": token_hash, "clinic_id": act.clinic.id, "id": sign_in_id,
        "person_id": act.actor.person_id, "workstation": act.actor.workstation, "label": label,
        "second_factor": second_factor, "signed_in_at": act.now, "expires_at": expires_at,
        "seen_at": act.now, "idle_s": None if idle is None else int(idle.total_seconds()),
        "held": held, "scopes": scopes,
    }  # fmt: skip
    act.connection.execute(insert(SIGN_IN), values | _emergency(emergency))
    discard_orphans(act.connection, act.clinic, act.now)
    act.changes_unsealed = True


def _emergency(emergency: Emergency | None) -> dict[str, Any]:
    if emergency is None:
        return {"emergency_id": None, "emergency_reason": None, "emergency_ends_at": None}
    return {
        "emergency_id": emergency.id, "emergency_reason": emergency.reason,
        "emergency_ends_at": emergency.ends_at,
    }  # fmt: skip


def change_sign_in(act: Act, token_hash: str, **values: object) -> None:
    """Lock, unlock, or lift the hold of one sign-in; written with the act's audit entry."""
    own = (SIGN_IN.c.clinic_id == act.clinic.id) & (SIGN_IN.c.token_hash == token_hash)
    act.connection.execute(update(SIGN_IN).where(own).values(**values))
    act.changes_unsealed = True


def break_glass(act: Act, token_hash: str, emergency: Emergency | None) -> None:
    """Put emergency access on a sign-in, or take it off."""
    change_sign_in(act, token_hash, **_emergency(emergency))


def end_sign_ins(
    act: Act, *, person_id: UUID | None = None, sign_in_id: UUID | None = None,
    token_hash: str | None = None, but: str = "",
) -> int:  # fmt: skip
    """End the open sign-ins that fit all that is said, but for one, and their drafts (R42).

    Answers how many ended.
    """
    fits = [SIGN_IN.c.clinic_id == act.clinic.id, SIGN_IN.c.ended_at.is_(None)]
    if person_id is not None:
        fits.append(SIGN_IN.c.person_id == person_id)
    if sign_in_id is not None:
        fits.append(SIGN_IN.c.id == sign_in_id)
    if token_hash is not None:
        fits.append(SIGN_IN.c.token_hash == token_hash)
    statement = update(SIGN_IN).where(*fits, SIGN_IN.c.token_hash != but)
    ended = act.connection.execute(statement.values(ended_at=act.now)).rowcount
    discard_orphans(act.connection, act.clinic, act.now)
    act.changes_unsealed = True
    return ended


def open_sign_ins(
    connection: Connection, clinic: Clinic, now: datetime, person_id: UUID | None = None
) -> list[SignIn]:
    """The sign-ins and tokens of one person, or of all, that are neither ended nor expired."""
    statement = (
        JOINED.add_columns(*(column.label(f"own_{column.name}") for column in _OWN))
        .join(
            SIGN_IN,
            (SIGN_IN.c.clinic_id == PERSON.c.clinic_id) & (SIGN_IN.c.person_id == PERSON.c.id),
        )
        .where(
            SIGN_IN.c.clinic_id == clinic.id,
            SIGN_IN.c.ended_at.is_(None),
            SIGN_IN.c.expires_at > now,
        )
        .order_by(SIGN_IN.c.id)
    )
    if person_id is not None:
        statement = statement.where(SIGN_IN.c.person_id == person_id)
    return [_sign_in(row) for row in connection.execute(statement)]


def owner_of(connection: Connection, clinic: Clinic, sign_in_id: UUID) -> UUID | None:
    """Whose sign-in it is, if there is one."""
    own = (SIGN_IN.c.clinic_id == clinic.id) & (SIGN_IN.c.id == sign_in_id)
    found: UUID | None = connection.execute(select(SIGN_IN.c.person_id).where(own)).scalar()
    return found
