"""Drafts, as the rules encrypted them: one a sign-in and session, gone with the sign-in (R42).

They are bookkeeping, not record: they are replaced and deleted, and no entry seals them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, or_, select, update

from protocol.records import tables, versions
from protocol.records.bookkeeping import bookkeeping
from protocol.records.clinics import Clinic
from protocol.records.lookups import session_state, table
from protocol.records.work import record_refusal
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotSignedIn, Refusal
from protocol.rules.grants import require_may

_DRAFT, _SIGN_IN = table(tables.DraftRow), table(tables.SignInRow)


class DraftOf(NamedTuple):
    """Whose draft it is, by the token's hash, and at which session."""

    token_hash: str
    session_id: UUID


class KeptDraft(NamedTuple):
    """A draft as it lies in the database."""

    encrypted: bytes
    kept_at: datetime


@contextmanager
def drafting(
    clinic: Clinic, actor: Actor, action: Action, own: DraftOf, now: datetime
) -> Iterator[Connection]:
    """A turn at the door for who may and is still signed in, at a session that is there.

    That it was done is in no audit entry; that it was refused is (R18). Raises NotPermitted,
    NotSignedIn, NotFound.
    """
    try:
        with bookkeeping(clinic) as connection:
            try:
                require_may(actor, action)
            except Refusal:
                require_may(actor, action, versions.widened(connection, clinic))
            _require_signed_in(connection, clinic, actor, own)
            session_state(connection, clinic, own.session_id)
            yield connection
    except Refusal as refusal:
        record_refusal(
            clinic, actor, refusal, now, action=action,
            first=lambda act: act.about(session=own.session_id, subject=own.session_id),
        )  # fmt: skip
        raise


def _require_signed_in(connection: Connection, clinic: Clinic, actor: Actor, own: DraftOf) -> None:
    """A sign-out that came between leaves no draft behind it."""
    standing = select(_SIGN_IN.c.id).where(
        _SIGN_IN.c.token_hash == own.token_hash, _SIGN_IN.c.clinic_id == clinic.id,
        _SIGN_IN.c.person_id == actor.person_id, _SIGN_IN.c.ended_at.is_(None),
    )  # fmt: skip
    if connection.execute(standing).first() is None:
        raise NotSignedIn("No valid sign-in came with the request.")


def keep_draft(
    connection: Connection, clinic: Clinic, own: DraftOf, encrypted: bytes, now: datetime
) -> None:
    """Put it in the place of the one before, in a turn at the door."""
    values = {"encrypted": encrypted, "kept_at": now}
    replaced = connection.execute(update(_DRAFT).where(_is(clinic, own)).values(**values))
    if not replaced.rowcount:
        connection.execute(
            insert(_DRAFT), values | {"clinic_id": clinic.id} | own._asdict()
        )  # fmt: skip


def kept_draft(connection: Connection, clinic: Clinic, own: DraftOf) -> KeptDraft | None:
    """The draft as it is kept, if there is one. Raises NotFound where there is no such session."""
    session_state(connection, clinic, own.session_id)
    found = select(_DRAFT.c.encrypted, _DRAFT.c.kept_at).where(_is(clinic, own))
    row = connection.execute(found).first()
    return None if row is None else KeptDraft(row.encrypted, row.kept_at)


def discard_draft(connection: Connection, clinic: Clinic, own: DraftOf) -> None:
    """Let it go, if it is there."""
    connection.execute(delete(_DRAFT).where(_is(clinic, own)))


def discard_orphans(connection: Connection, clinic: Clinic, now: datetime) -> None:
    """Let go the drafts whose sign-in has ended or expired: nobody can open them any more."""
    over = exists().where(
        _SIGN_IN.c.token_hash == _DRAFT.c.token_hash,
        or_(_SIGN_IN.c.ended_at.is_not(None), _SIGN_IN.c.expires_at <= now),
    )
    connection.execute(delete(_DRAFT).where(_DRAFT.c.clinic_id == clinic.id, over))


def _is(clinic: Clinic, own: DraftOf) -> ColumnElement[bool]:
    return (
        (_DRAFT.c.clinic_id == clinic.id)
        & (_DRAFT.c.token_hash == own.token_hash)
        & (_DRAFT.c.session_id == own.session_id)
    )
