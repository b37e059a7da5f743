"""What a signature covers and closes: the digest of the whole record, its meaning, its time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from pydantic import Field

from protocol.rules.actions import Actor, Role
from protocol.rules.audit import canonical_json
from protocol.rules.charting import PersonRef
from protocol.rules.errors import AlreadySigned, NotPermitted, RecordChanged
from protocol.rules.values import Instant, Shape


class Meaning(StrEnum):
    """Why a person signs (21 CFR 11.50(a)(3)); the nurse authors, the physician approves (R33)."""

    AUTHORSHIP = "authorship"
    REVIEW = "review"
    APPROVAL = "approval"
    RESPONSIBILITY = "responsibility"


# Of E1762 (R31): author's, review, verification (a physician countersigns what a nurse recorded)
# and validation (an attending physician takes an entry into the record).
E1762 = "urn:iso-astm:E1762-95:2013"
ASTM_E1762 = {
    Meaning.AUTHORSHIP: "1.2.840.10065.1.12.1.1",
    Meaning.REVIEW: "1.2.840.10065.1.12.1.13",
    Meaning.APPROVAL: "1.2.840.10065.1.12.1.5",
    Meaning.RESPONSIBILITY: "1.2.840.10065.1.12.1.6",
}
MEANINGS_OF: dict[Role, frozenset[Meaning]] = {
    Role.NURSE: frozenset({Meaning.AUTHORSHIP, Meaning.REVIEW}),
    Role.PHYSICIAN: frozenset({Meaning.REVIEW, Meaning.APPROVAL, Meaning.RESPONSIBILITY}),
}
# What every record is waiting for, and whose it is to give; the other meanings are a clinic's own.
AWAITED: dict[Meaning, Role] = {
    Meaning.AUTHORSHIP: Role.NURSE,
    Meaning.APPROVAL: Role.PHYSICIAN,
}
STATEMENT = "chairside-signature-1"


class SigningState(StrEnum):
    """Whether anyone signed, and whether the last signature covers the record as it is (R29)."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"


class Anchor(Shape):
    """The chain's Merkle tree as it stood committed before a signature: how many entries it had,
    and their root. Printed with the signature, it shows a history that was rewritten (R183)."""

    size: int
    root: str


class Signature(Shape):
    """A person's signature over one version of the record, named by its digest (R25, R26)."""

    id: UUID
    number: int
    signer: PersonRef
    meaning: Meaning
    signed_at: Instant
    record_digest: str
    protocol_version_id: UUID
    policy_version_id: UUID
    anchor: Anchor | None = None  # signatures from before there were anchors have none
    statement_digest: str | None = Field(
        default=None, description="SHA-256 of the signed text; absent from the first signatures."
    )


def digest_of(value: object) -> str:
    """SHA-256 in hex over the canonical JSON of a value without floats."""
    return sha256(canonical_json(value)).hexdigest()


def short_digest(digest: str) -> str:
    """The first eight digits in two groups: what a signer compares by eye (R30)."""
    return f"{digest[:4]} {digest[4:8]}".strip()


def signing_state(signatures: Sequence[Signature], digest_now: str) -> SigningState:
    """Draft, signed, or amended until it is signed again (R29)."""
    if not signatures:
        return SigningState.DRAFT
    covers = signatures[-1].record_digest == digest_now
    return SigningState.SIGNED if covers else SigningState.AMENDED


def statement(
    signature: Signature, clinic_id: UUID, session_id: UUID, protocol_digest: str,
    policy_digest: str,
) -> str:  # fmt: skip
    """The text that a signature is over: one fact a line, in this order, UTF-8 (R26).

    It names clinic, session, record, both versions, meaning, signer and time, so that no row can be
    copied to another session, person, meaning or moment and still be what was signed.
    """
    signer, meaning = signature.signer, signature.meaning
    return "\n".join(
        (
            STATEMENT,
            f"signature {signature.id}",
            f"clinic {clinic_id}",
            f"session {session_id}",
            f"record sha256:{signature.record_digest}",
            f"protocol {signature.protocol_version_id} sha256:{protocol_digest}",
            f"policy {signature.policy_version_id} sha256:{policy_digest}",
            f"meaning {meaning.value} {E1762} {ASTM_E1762[meaning]}",
            f"signer {signer.id} {canonical_json([signer.name, signer.credential]).decode()}",
            f"roles {' '.join(sorted(signer.roles))}",
            f"signed {signed_instant(signature.signed_at)}",
            "",
        )
    )


def statement_digest(text: str) -> str:
    """SHA-256 in hex of a signed text."""
    return sha256(text.encode()).hexdigest()


def signed_instant(moment: datetime) -> str:
    """A UTC instant of fixed width, as the audit entry of the signature has it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def require_signable(
    actor: Actor,
    meaning: Meaning,
    shown_digest: str,
    digest_now: str,
    signatures: Sequence[Signature],
    *,
    distinct_signers: bool,
) -> None:
    """Refuse a signature that is not this person's to give, or not over what was shown.

    Raises NotPermitted (a meaning of another role, or an author who also reviews, approves or
    answers for the own work where the policy asks for two people; R33), AlreadySigned (this meaning
    is given for this version), RecordChanged (the digest shown is not the digest now; R30).
    """
    if not any(meaning in MEANINGS_OF.get(role, ()) for role in actor.roles):
        raise NotPermitted(
            f"{meaning} is not granted to {', '.join(sorted(actor.roles))}.", meaning=meaning.value
        )
    for one in signatures:
        if one.record_digest != digest_now:
            continue
        if one.meaning is meaning:
            raise AlreadySigned(
                f"{one.signer.name} signed the {meaning} of this version at"
                f" {one.signed_at.isoformat(timespec='seconds')}.",
                meaning=meaning.value, signed_by=one.signer.name,
            )  # fmt: skip
        if distinct_signers and _co_signs(actor, meaning, one):
            raise NotPermitted(
                f"The clinic's policy asks two people for {one.meaning} and {meaning}.",
                meaning=meaning.value,
            )
    if shown_digest != digest_now:
        raise RecordChanged(
            f"The digest shown before signing, {short_digest(shown_digest)}, is not the digest of"
            f" the record now, {short_digest(digest_now)}.",
            shown=shown_digest, now=digest_now,
        )  # fmt: skip


def _co_signs(actor: Actor, meaning: Meaning, one: Signature) -> bool:
    """Whether the same person would be author and something else of one version."""
    same = one.signer.id == actor.person_id
    return same and Meaning.AUTHORSHIP in (meaning, one.meaning)
