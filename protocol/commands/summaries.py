"""The summary that a signature makes: printed and sealed once, kept, and served as it was kept.

Whoever prints is above these rules, so a signature and its summary are two acts. What a crash
leaves between them is a signature whose summary is not kept yet; whoever asks for it first has it
made. It is made by the program, for nobody in person: the seal says that the file is as this
system printed it, not who approved it (R165).
"""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from protocol.commands.proving import system_actor
from protocol.records import kept_summaries
from protocol.records.clinics import Clinic
from protocol.records.course_records import with_course
from protocol.records.kept_summaries import KeptSummary
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.session_record import load_record
from protocol.records.tables import SealedSummaryRow
from protocol.records.trees import Tree
from protocol.records.work import work
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.errors import NotFound
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Signature


class SealedBytes(NamedTuple):
    """A sealed file: its bytes, the level of its seal, the SHA-256 of the seal's certificate."""

    content: bytes
    level: str
    key_digest: str


class Printable(NamedTuple):
    """What is to be printed: the record, the signature whose kept summary says all of it, and the
    signature that made the next version where an earlier one is asked for."""

    record: SessionRecord
    kept_for: Signature | None = None
    superseded_by: Signature | None = None


def kept_summary(
    clinic: Clinic, actor: Actor, session_id: UUID, signature_id: UUID, *, now: datetime
) -> KeptSummary | None:
    """What was kept for a signature, audited as a printing; nothing where it is not kept yet.

    Raises NotFound, NotPermitted, SummaryAltered.
    """
    with reading(clinic, actor, Action.SESSION_PRINT, now, session=session_id) as connection:
        return kept_summaries.find(connection, clinic, session_id, signature_id)


def kept(clinic: Clinic, session_id: UUID, signature_id: UUID) -> KeptSummary | None:
    """The same, after `printable` was audited. Raises SummaryAltered."""
    with clinic.database.looking() as connection:
        return kept_summaries.find(connection, clinic, session_id, signature_id)


def printable(
    clinic: Clinic, actor: Actor, session_id: UUID, *, now: datetime,
    at_signature: UUID | None = None,
) -> Printable:  # fmt: skip
    """The record for a printing of now, or of a signature. Raises NotFound, NotPermitted."""
    with reading(clinic, actor, Action.SESSION_PRINT, now, session=session_id) as connection:
        record = load_record(connection, clinic, session_id)
        if at_signature is None and not record.signatures:
            return Printable(with_course(connection, clinic, record, now))
        wanted = record.signatures[-1].id if at_signature is None else at_signature
        place = _place(record, wanted)
        number = record.signatures[place].number
        then = load_record(connection, clinic, session_id, number)
        if at_signature is None:
            given = then.signatures[-1] if then == record else None
            return Printable(with_course(connection, clinic, record, now), given)
        then = with_course(connection, clinic, then, now, number)
    later = record.signatures[place + 1 :]
    return Printable(then, superseded_by=later[0] if later else None)


def to_be_kept(clinic: Clinic, session_id: UUID, signature_id: UUID) -> SessionRecord:
    """The record as it was when a signature was given, with it, for `keep` to be called with what
    is printed of it. The program itself reads; the act that follows is audited."""
    with clinic.database.looking() as connection:
        record = load_record(connection, clinic, session_id)
        place = _place(record, signature_id)
        given = record.signatures[place]
        then = load_record(connection, clinic, session_id, given.number)
        return with_course(connection, clinic, then, given.signed_at, given.number)


def keep(
    clinic: Clinic, record: SessionRecord, sealed: SealedBytes, *, now: datetime
) -> KeptSummary:
    """Keep what was printed of the record's last signature, unless one is kept: that one holds."""
    given = record.signatures[-1]
    actor = system_actor(clinic.id, frozenset({Role.ADMINISTRATOR}))
    digest = sha256(sealed.content).hexdigest()
    with work(clinic, actor, Action.SESSION_SEAL, now) as act:
        act.about(patient=record.patient.id, session=record.id, subject=given.id)
        there = kept_summaries.find(act.connection, clinic, record.id, given.id)
        if there is not None:
            act.repeats(there.content_digest, there.content_digest, "summary")
            return there
        act.about(digest=digest, level=sealed.level)
        kept_summaries.keep_content(act.connection, clinic, given.id, sealed.content)
        act.add(new(SealedSummaryRow,
            clinic_id=clinic.id, signature_id=given.id, session_id=record.id,
            version=len(record.signatures), content_digest=digest,
            size_bytes=len(sealed.content), level=sealed.level, key_digest=sealed.key_digest,
            sealed_at=now,
        ))  # fmt: skip
    return KeptSummary(
        given.id, len(record.signatures), digest, sealed.level, sealed.key_digest, now,
        sealed.content,
    )  # fmt: skip


def _place(record: SessionRecord, signature_id: UUID) -> int:
    for place, one in enumerate(record.signatures):
        if one.id == signature_id:
            return place
    raise NotFound("The session has no such signature.", signature=str(signature_id))


class Known(NamedTuple):
    """What a database knows of a signature on paper: whether it was given there over that very
    record, what was kept of it and when, where the trail is another one, and what followed."""

    signed: bool
    kept_digest: str
    kept_at: datetime | None
    trail: str | None
    followed_by: Signature | None


def known_of(clinic: Clinic, session_id: UUID, given: Signature, *, now: datetime) -> Known:
    """A printed signature held against the record. The program itself verifies, and is audited.

    Kept bytes that were altered are a fact of the digest that was sealed; they are not read here.
    """
    actor = system_actor(clinic.id, frozenset({Role.ADMINISTRATOR}))
    with reading(clinic, actor, Action.AUDIT_VERIFY, now, subject=given.id) as connection:
        sealed = kept_summaries.sealed_digest(connection, clinic, given.id)
        trail = _trail_fault(Tree(connection, str(clinic.id)), given)
        try:
            signatures = load_record(connection, clinic, session_id).signatures
        except NotFound:
            return Known(False, "", None, trail, None)
    places = [place for place, one in enumerate(signatures) if one == given]
    later = signatures[places[0] + 1 :] if places else ()
    digest, at = sealed or ("", None)
    return Known(bool(places), digest, at, trail, later[0] if later else None)


def _trail_fault(tree: Tree, given: Signature) -> str | None:
    """The anchor on paper against the trail as it is: a history that was rewritten shows (R183)."""
    if given.anchor is None:
        return None
    size = tree.size
    if given.anchor.size > size:
        return f"its anchor is over {given.anchor.size} entries, and the trail has {size}"
    root = tree.head(given.anchor.size).root.hex()
    if root != given.anchor.root:
        return f"the first {given.anchor.size} entries of the trail are not those of its anchor"
    return None
