"""Signatures as the API gives them: the version that each covers, its text, whether it holds."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Out
from protocol.rules.custody_balance import SessionBalance
from protocol.rules.record import SessionRecord
from protocol.rules.signature import (
    ASTM_E1762,
    E1762,
    Signature,
    SigningState,
    short_digest,
    signing_state,
)
from protocol.rules.signature_proof import Checked


class SignatureOut(Out):
    """One signature: who, when, why (R25), over which version, and whether it is what was given."""

    signature: Signature
    meaning_system: str
    meaning_code: str = Field(description="The meaning in ASTM E1762 (R31).")
    version: int = Field(description="Counts the versions that were signed, from 1.")
    covers_now: bool = Field(description="Whether it covers the record as it is.")
    digest_short: str
    statement: str = Field(description="The signed text; `statement_digest` is its SHA-256.")
    valid: bool
    reason: str | None = Field(description="Why it is not valid.")

    @classmethod
    def of(cls, one: Checked) -> Self:
        """From the rules' own."""
        meaning = one.signature.meaning
        return cls.model_construct(
            signature=one.signature, meaning_system=E1762, meaning_code=ASTM_E1762[meaning],
            version=one.version, covers_now=one.covers_now,
            digest_short=short_digest(one.signature.record_digest), statement=one.statement,
            valid=one.fault is None, reason=one.fault,
        )  # fmt: skip


class SignaturesOut(Out):
    """A session's signatures in the order given, and the version that it stands at (R29)."""

    session_id: UUID
    signing: SigningState
    digest: str
    digest_short: str
    items: list[SignatureOut]
    custody: list[SessionBalance] = Field(
        description="The drug custody as it stands; no signature covers it (R80)."
    )

    @classmethod
    def of(cls, record: SessionRecord, found: Sequence[Checked]) -> Self:
        """From the rules' own."""
        digest = record.digest()
        return cls.model_construct(
            session_id=record.id, signing=signing_state(record.signatures, digest),
            digest=digest, digest_short=short_digest(digest),
            items=[SignatureOut.of(one) for one in found],
            custody=list(record.custody.balances) if record.custody else [],
        )  # fmt: skip
