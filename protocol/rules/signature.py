"""What a signature covers and closes: the digest of the whole record, its meaning, its time."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from protocol.rules.actions import Actor, Role
from protocol.rules.audit import canonical_json
from protocol.rules.charting import PersonRef
from protocol.rules.errors import AlreadySigned, NotPermitted, RecordChanged
from protocol.rules.values import Instant, Shape


class Meaning(StrEnum):
    """Why a person signs (21 CFR 11.50(a)(3)); the nurse authors, the physician approves (R33)."""

    AUTHORSHIP = "authorship"
    APPROVAL = "approval"


# urn:iso-astm:E1762-95:2013 (R31).
ASTM_E1762 = {
    Meaning.AUTHORSHIP: "1.2.840.10065.1.12.1.1",
    Meaning.APPROVAL: "1.2.840.10065.1.12.1.5",
}
MEANING_OF: dict[Role, Meaning] = {
    Role.NURSE: Meaning.AUTHORSHIP,
    Role.PHYSICIAN: Meaning.APPROVAL,
}


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


def digest_of(value: object) -> str:
    """SHA-256 in hex over the canonical JSON of a value without floats."""
    return sha256(canonical_json(value)).hexdigest()


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

    Raises NotPermitted (meaning of another role, or one person for two meanings), AlreadySigned
    (this meaning is given for this version), RecordChanged (the digest shown is not the digest
    now; R30).
    """
    if meaning not in {MEANING_OF[role] for role in actor.roles if role in MEANING_OF}:
        raise NotPermitted(
            f"{meaning} is not granted to {', '.join(sorted(actor.roles))}.", meaning=meaning.value
        )
    present = [one for one in signatures if one.record_digest == digest_now]
    for one in present:
        if one.meaning is meaning:
            raise AlreadySigned(
                f"{one.signer.name} signed the {meaning} of this version at"
                f" {one.signed_at.isoformat(timespec='seconds')}.",
                meaning=meaning.value, signed_by=one.signer.name,
            )  # fmt: skip
        if distinct_signers and one.signer.id == actor.person_id:
            raise NotPermitted(
                f"The clinic's policy asks two people for {one.meaning} and {meaning}.",
                meaning=meaning.value,
            )
    if shown_digest != digest_now:
        raise RecordChanged(
            "The digest shown before signing is not the digest of the record now.",
            shown=shown_digest, now=digest_now,
        )  # fmt: skip
