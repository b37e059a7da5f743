"""Emergency access (break-glass): a reason, a time box, and a mark on all that is done (R43)."""

from uuid import UUID

from protocol.rules.values import Instant, Line, Shape


class Emergency(Shape):
    """Emergency access in force: shown as a banner wherever its holder looks."""

    id: UUID
    reason: Line
    ends_at: Instant
