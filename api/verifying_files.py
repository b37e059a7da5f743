"""A printed file held against the database that its record came from (R166, R167)."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from protocol.commands import summaries
from protocol.records.clinics import Clinic
from reports.seal_check import Finding, Found
from reports.verification import Verification


def held_against(
    clinic: Clinic, content: bytes, result: Verification, now: datetime
) -> tuple[Verification, dict[str, Any]]:
    """What the database adds to a verification: more findings, and the facts that it knows."""
    record = result.record
    assert record is not None
    if not record.signatures:
        return result, {"database": "nothing of a draft is kept"}
    given = record.signatures[-1]
    known = summaries.known_of(clinic, record.id, given, now=now)
    found = []
    if not known.signed:
        what = f"the database has no such signature {given.id} of this record"
        found.append(Finding(Found.SIGNATURE_UNKNOWN, what))
    if known.kept_digest and known.kept_digest != sha256(content).hexdigest():
        what = f"the file kept for signature {given.id} has the SHA-256 {known.kept_digest}"
        found.append(Finding(Found.NOT_AS_KEPT, what))
    if known.trail is not None:
        found.append(Finding(Found.TRAIL_DIFFERS, known.trail))
    facts: dict[str, Any] = {"database": "the signature is in it" if known.signed else "not in it"}
    facts["kept_at"] = None if known.kept_at is None else known.kept_at.isoformat()
    if known.followed_by is not None:
        at = known.followed_by.signed_at.isoformat(timespec="seconds")
        facts["superseded_by"] = f"version {len(record.signatures) + 1}, signed {at}"
    return result._replace(findings=(*result.findings, *found)), facts
