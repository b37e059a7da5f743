"""When a location's next inventory is due, by the jurisdiction profile in force (R79)."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from uuid import UUID

from protocol.rules.counts import Count, CountEnding, CountKind
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.values import Day, Line, Shape


class InventoryState(StrEnum):
    """Where a location stands with its inventories; without a rule nothing is asked."""

    UNSCHEDULED = "unscheduled"
    SCHEDULED = "scheduled"
    DUE = "due"
    OVERDUE = "overdue"


class InventoryDue(Shape):
    """The next inventory of a location, and what asks for it."""

    location_id: UUID
    location: Line
    state: InventoryState
    kind: CountKind | None = None
    due_on: Day | None = None
    last_on: Day | None = None
    by: Line | None = None


def inventory_due(
    location: tuple[UUID, str], counts: Iterable[Count], held_since: date | None, today: date,
    profile: tuple[JurisdictionDocument, str] | None,
) -> InventoryDue:  # fmt: skip
    """What is due at a location that has held drugs since a day; `profile` comes with its name.

    The initial inventory is due on the day on which the keeping begins; on its due day an inventory
    is due, and overdue from the next one.
    """
    done = [
        one.counted_on for one in counts
        if one.ending is CountEnding.RECORDED and one.kind is not CountKind.SPOT
    ]  # fmt: skip
    last = max(done, default=None)
    rule, name = (None, None) if profile is None else (profile[0].inventory, profile[1])
    kind, due_on = CountKind.PERIODIC, None
    if rule is not None and last is not None:
        due_on = rule.due_on(last)
    elif rule is not None and rule.initial and held_since is not None:
        kind, due_on = CountKind.INITIAL, held_since
    return InventoryDue(
        location_id=location[0], location=location[1], state=_state(due_on, today),
        kind=None if due_on is None else kind, due_on=due_on, last_on=last,
        by=None if due_on is None else name,
    )  # fmt: skip


def _state(due_on: date | None, today: date) -> InventoryState:
    if due_on is None:
        return InventoryState.UNSCHEDULED
    if today < due_on:
        return InventoryState.SCHEDULED
    return InventoryState.DUE if today == due_on else InventoryState.OVERDUE
