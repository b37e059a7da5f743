"""Keeping, reading and discarding what was typed at a session and not saved (R42).

The page keeps it as it is typed, so that an idle lock loses nothing, and discards it once the entry
is saved. Keeping and discarding are in no audit entry, for nothing of the record changed; whoever
looks at a draft is audited as whoever looks at the session.
"""

import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.commands.signing_in import token_hash
from protocol.records import drafts
from protocol.records.clinics import Clinic
from protocol.records.drafts import DraftOf, drafting
from protocol.records.reading import reading
from protocol.rules.actions import Action, Actor
from protocol.rules.drafts import NONCE_BYTES, DraftIn, DraftPlace, decrypted, encrypted


class Draft(NamedTuple):
    """What was typed and when it was kept; nothing where there is no draft."""

    session_id: UUID
    kept_at: datetime | None = None
    content: dict[str, object] | None = None


def keep(
    clinic: Clinic, actor: Actor, token: str, session_id: UUID, wanted: DraftIn, *, now: datetime
) -> Draft:
    """Keep it in the place of the one before, for this sign-in alone. Raises NotFound."""
    place = DraftPlace(clinic.id, actor.person_id, session_id)
    kept = encrypted(wanted, token, place, secrets.token_bytes(NONCE_BYTES))
    own = DraftOf(token_hash(token), session_id)
    with drafting(clinic, actor, Action.DRAFT_KEEP, own, now) as connection:
        drafts.keep_draft(connection, clinic, own, kept, now)
    return Draft(session_id, now, wanted.content)


def draft(clinic: Clinic, actor: Actor, token: str, session_id: UUID, *, now: datetime) -> Draft:
    """This sign-in's draft at the session, if it has one. Raises NotFound, DraftUnreadable."""
    own = DraftOf(token_hash(token), session_id)
    with reading(clinic, actor, Action.DRAFT_VIEW, now, session=session_id) as connection:
        found = drafts.kept_draft(connection, clinic, own)
        if found is None:
            return Draft(session_id)
        place = DraftPlace(clinic.id, actor.person_id, session_id)
        return Draft(session_id, found.kept_at, decrypted(found.encrypted, token, place))


def discard(clinic: Clinic, actor: Actor, token: str, session_id: UUID, *, now: datetime) -> None:
    """Let this sign-in's draft go: what it said was saved, or is not wanted. Raises NotFound."""
    own = DraftOf(token_hash(token), session_id)
    with drafting(clinic, actor, Action.DRAFT_DISCARD, own, now) as connection:
        drafts.discard_draft(connection, clinic, own)
