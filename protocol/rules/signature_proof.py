"""Whether a signature that is kept is the one that was given (R26).

It is judged against three things that lie apart: the record as it was at the signature's own entry,
the text that was signed, and the audit entry that sealed the row.
"""

from typing import NamedTuple

from protocol.rules.actions import Action
from protocol.rules.audit import AuditEntry, Outcome, entry_hash
from protocol.rules.record import SessionRecord
from protocol.rules.signature import (
    MEANINGS_OF,
    Signature,
    short_digest,
    signed_instant,
    statement,
    statement_digest,
)


class Sealing(NamedTuple):
    """The audit entry at a signature's number, its hash as stored, and the digest of its rows."""

    entry: AuditEntry
    hashed: str
    rows_digest: str


class Checked(NamedTuple):
    """A signature with the record that it covers, its signed text, and what is wrong with it."""

    signature: Signature
    version: int
    covers_now: bool
    statement: str
    fault: str | None


def signed_text(signature: Signature, record: SessionRecord) -> str:
    """The text of a signature over a record."""
    return statement(
        signature, record.clinic.id, record.id, record.protocol_version.digest,
        record.policy_version.digest,
    )  # fmt: skip


def signature_fault(
    signature: Signature, then: SessionRecord | None, sealing: Sealing | None
) -> str | None:
    """What is wrong with a signature, given the record up to its own entry; None where nothing is.

    A copied, moved or edited row, and a record that was altered under a signature, all fail here.
    """
    if then is None:
        return f"The session was not there at audit entry {signature.number}."
    return (
        _fault_of_record(signature, then)
        or _fault_of_text(signature, then)
        or _fault_of_sealing(signature, then, sealing)
    )


def _fault_of_record(signature: Signature, then: SessionRecord) -> str | None:
    digest = then.digest()
    if digest != signature.record_digest:
        return (
            f"It covers the record {short_digest(signature.record_digest)}, and the record at its"
            f" entry is {short_digest(digest)}."
        )
    pins = (then.protocol_version.id, then.policy_version.id)
    if pins != (signature.protocol_version_id, signature.policy_version_id):
        return "It names another version of the protocol or the policy than the session has."
    if not any(signature.meaning in MEANINGS_OF.get(role, ()) for role in signature.signer.roles):
        return f"Its meaning, {signature.meaning}, is not its signer's to give."
    return None


def _fault_of_text(signature: Signature, then: SessionRecord) -> str | None:
    signed = signature.statement_digest
    if signed is None or signed == statement_digest(signed_text(signature, then)):
        return None
    return "Its text is not the text that was signed."


def _fault_of_sealing(
    signature: Signature, then: SessionRecord, sealing: Sealing | None
) -> str | None:
    if sealing is None:
        return "No audit entry seals it."
    entry = sealing.entry
    told = (entry.action, entry.outcome, entry.session_id, entry.subject_id, entry.person_id)
    signed = (
        Action.SESSION_SIGN.value, Outcome.DONE.value, str(then.id), str(signature.id),
        str(signature.signer.id),
    )  # fmt: skip
    if told != signed or entry.at != signed_instant(signature.signed_at):
        return f"Audit entry {entry.number} is not of this signature."
    if entry_hash(entry) != sealing.hashed:
        return f"Audit entry {entry.number} is not what was sealed."
    if entry.rows_digest != sealing.rows_digest:
        return f"Its row is not what audit entry {entry.number} sealed."
    return None
