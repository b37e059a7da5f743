"""Holds: while one stands, nothing that it covers is purged (R51)."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import Field

from protocol.rules.charting import PersonRef
from protocol.rules.values import Instant, Line, Prose, Shape


class HoldIn(Shape):
    """A hold to be placed: on one patient, or without one on the whole clinic."""

    id: UUID
    patient_id: UUID | None = Field(default=None, description="Absent: the whole clinic.")
    matter: Line = Field(description="What it is for: a case, a request, an inquiry.")
    reason: Prose


class LiftIn(Shape):
    """Why a hold no longer stands."""

    reason: Prose


class Lifted(Shape):
    """That a hold was lifted: when, by whom and why."""

    at: Instant
    by: PersonRef
    reason: Prose


class Hold(HoldIn):
    """A hold as kept; without `lifted` it stands."""

    placed_at: Instant
    placed_by: PersonRef
    lifted: Lifted | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not lifted."""
        return self.lifted is None


def held(holds: Iterable[Hold], patient_id: str) -> bool:
    """Whether a standing hold covers what is about this patient, or about nobody ("")."""
    return any(
        one.stands and (one.patient_id is None or str(one.patient_id) == patient_id)
        for one in holds
    )
