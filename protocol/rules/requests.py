"""A patient's request to amend the record: logged, answered in writing, disagreed with (R49).

Nothing that was charted changes by it. An accepted request names the correction or addendum that
came of it; a denied one carries the patient's statement of disagreement with the record.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from protocol.rules.charting import PersonRef
from protocol.rules.errors import Impossible, NotAllowedNow, ReasonMissing
from protocol.rules.keeping import RecordKeeping
from protocol.rules.values import Instant, Prose, Shape


class RequestState(StrEnum):
    """Where a request stands; overdue is by the clinic's own clock."""

    OPEN = "open"
    OVERDUE = "overdue"
    ACCEPTED = "accepted"
    DENIED = "denied"


class StatementKind(StrEnum):
    """The patient's statement of disagreement, and the clinic's rebuttal of it."""

    DISAGREEMENT = "disagreement"
    REBUTTAL = "rebuttal"


class AmendmentRequestIn(Shape):
    """A request as received: about one session, or about the record as a whole."""

    id: UUID
    session_id: UUID | None = None
    received_at: Instant
    what: Prose = Field(description="What the patient asks to have amended, in the own words.")
    why: Prose | None = Field(default=None, description="The patient's reason, if one was given.")


class AmendmentAnswerIn(Shape):
    """The clinic's answer; a denial has a written reason."""

    id: UUID
    accepted: bool = Field(strict=True)
    reason: Prose | None = None
    entry_id: UUID | None = Field(
        default=None, description="The correction or addendum that came of it."
    )


class StatementIn(Shape):
    """A statement that stays with the record."""

    id: UUID
    kind: StatementKind
    text: Prose


class AmendmentAnswer(AmendmentAnswerIn):
    """The answer as kept."""

    answered_at: Instant
    answered_by: PersonRef


class Statement(StatementIn):
    """A statement as kept."""

    recorded_at: Instant
    recorded_by: PersonRef


class AmendmentRequest(AmendmentRequestIn):
    """A request with all that came of it; `answer_due_at` is by the policy of that time."""

    patient_id: UUID
    recorded_at: Instant
    recorded_by: PersonRef
    answer_due_at: Instant | None = None
    answer: AmendmentAnswer | None = None
    statements: tuple[Statement, ...] = ()

    def state_at(self, now: datetime) -> RequestState:
        """Where it stands at a moment."""
        if self.answer is not None:
            return RequestState.ACCEPTED if self.answer.accepted else RequestState.DENIED
        late = self.answer_due_at is not None and now > self.answer_due_at
        return RequestState.OVERDUE if late else RequestState.OPEN


def answer_due_at(received_at: datetime, keeping: RecordKeeping | None) -> datetime | None:
    """When the clinic's own clock runs out, if its policy has one."""
    days = None if keeping is None else keeping.amendment_answer_days
    return None if days is None else received_at + timedelta(days=days)


def require_received(wanted: AmendmentRequestIn, now: datetime) -> None:
    """Refuse a request that is received in the future with Impossible."""
    if wanted.received_at > now:
        raise Impossible(
            f"{wanted.received_at.isoformat(timespec='seconds')} lies in the future.",
            field="received_at",
        )


def require_answerable(request: AmendmentRequest, wanted: AmendmentAnswerIn) -> None:
    """One answer, and a denial with its reason. Raises NotAllowedNow, ReasonMissing."""
    if request.answer is not None:
        raise NotAllowedNow(
            f"The request was answered by {request.answer.answered_by.name}.",
            request=str(request.id),
        )
    if not wanted.accepted and wanted.reason is None:
        raise ReasonMissing("A denial has a written reason.", field="reason")


def require_stateable(request: AmendmentRequest, wanted: StatementIn) -> None:
    """A disagreement follows a denial, a rebuttal a disagreement. Raises NotAllowedNow."""
    if request.answer is None or request.answer.accepted:
        raise NotAllowedNow("The request was not denied.", request=str(request.id))
    disagreed = any(one.kind is StatementKind.DISAGREEMENT for one in request.statements)
    if wanted.kind is StatementKind.REBUTTAL and not disagreed:
        raise NotAllowedNow("No statement of disagreement stands.", request=str(request.id))
