"""Disclosures: to whom something of a patient's record was given, what, why and when (R50)."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from protocol.rules.charting import PersonRef
from protocol.rules.errors import Impossible, ReasonMissing
from protocol.rules.values import Instant, Line, Prose, Shape


class DisclosureIn(Shape):
    """A disclosure as entered; with `replaces` it corrects an earlier entry of the same patient."""

    id: UUID
    session_id: UUID | None = None
    disclosed_at: Instant
    recipient: Line
    recipient_address: Prose | None = None
    what: Prose = Field(description="What was disclosed, in brief.")
    purpose: Prose
    replaces: UUID | None = None
    reason: Prose | None = Field(default=None, description="Why an earlier entry is corrected.")


class Disclosure(DisclosureIn):
    """A disclosure as kept; one that was corrected stays and names the entry in its place."""

    patient_id: UUID
    recorded_at: Instant
    recorded_by: PersonRef
    replaced_by: UUID | None = None


def require_disclosed(wanted: DisclosureIn, now: datetime) -> None:
    """Refuse with Impossible what lies in the future, with ReasonMissing a bare correction."""
    if wanted.disclosed_at > now:
        raise Impossible(
            f"{wanted.disclosed_at.isoformat(timespec='seconds')} lies in the future.",
            field="disclosed_at",
        )
    if wanted.replaces is not None and wanted.reason is None:
        raise ReasonMissing("A correction has a reason.", field="reason")
