"""Holds, disclosures and requests to amend, as the API gives them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import Field

from api.schemas import Out
from protocol.commands.disclosing import Accounting
from protocol.rules.disclosures import Disclosure
from protocol.rules.holds import Hold
from protocol.rules.requests import AmendmentRequest, RequestState
from protocol.rules.values import Instant, Shape


class AccountingIn(Shape):
    """A window of the time that disclosures were made."""

    since: Instant | None = Field(
        default=None, description="Absent: as far back as the policy accounts for disclosures."
    )
    until: Instant | None = Field(default=None, description="Not included; absent: now.")


class HoldsOut(Out):
    """Every hold, oldest first."""

    holds: list[Hold]


class DisclosuresOut(Out):
    """A patient's disclosures in a window."""

    since: datetime | None
    until: datetime
    disclosures: list[Disclosure]

    @classmethod
    def of(cls, found: Accounting) -> Self:
        """From what the command gave."""
        return cls.model_construct(
            since=found.since, until=found.until, disclosures=found.disclosures
        )


class RequestOut(AmendmentRequest):
    """A request with where it stands now."""

    state: RequestState


class RequestsOut(Out):
    """Requests to amend, in the order logged."""

    requests: list[RequestOut]

    @classmethod
    def of(cls, found: Sequence[AmendmentRequest], now: datetime) -> Self:
        """From what the command gave."""
        return cls.model_construct(
            requests=[
                RequestOut.model_construct(**dict(one), state=one.state_at(now)) for one in found
            ]
        )


DISCLOSURE_FIELDS = (
    "disclosed_at", "recipient", "recipient_address", "what", "purpose", "session_id", "id",
    "recorded_at", "recorded_by", "replaces", "reason", "replaced_by",
)  # fmt: skip


def disclosure_values(one: Disclosure) -> list[str]:
    """A disclosure as a row of a file."""
    values = one.model_dump(mode="json") | {"recorded_by": one.recorded_by.name}
    return ["" if values[name] is None else str(values[name]) for name in DISCLOSURE_FIELDS]
