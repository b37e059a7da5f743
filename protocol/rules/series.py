"""What the sessions of one course gave altogether, per drug: exact sums, and nothing more (R2)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.rules.course import SeriesGiven
from protocol.rules.dosing import Given
from protocol.rules.quantity import comparable, converted, total
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import SessionStatus


def series_given(records: Iterable[SessionRecord], as_of: datetime) -> tuple[SeriesGiven, ...]:
    """The sum per drug, in the order first given; what runs counts up to `as_of`.

    A session entered in error gave nothing. Amounts that no unit holds together ([iU] and mg) stay
    apart.
    """
    found: list[list[_Part]] = []
    for record in records:
        if record.status is SessionStatus.ENTERED_IN_ERROR:
            continue
        for each in record.totals(as_of):
            part = _Part(record.id, each.line.drug, each.given)
            alike = next((parts for parts in found if _add_up(parts[0], part)), None)
            if alike is None:
                found.append([part])
            else:
                alike.append(part)
    return tuple(_sum(parts) for parts in found)


class _Part(NamedTuple):
    session_id: UUID
    drug: str
    given: Given


def _add_up(one: _Part, other: _Part) -> bool:
    return one.drug == other.drug and comparable(one.given.unit, other.given.unit)


def _sum(parts: list[_Part]) -> SeriesGiven:
    amounts = [part.given for part in parts]
    unit = amounts[0].unit
    per_kg = [
        converted(one.amount_per_kg, one.unit, unit)
        for one in amounts
        if one.amount_per_kg is not None
    ]
    return SeriesGiven(
        drug=parts[0].drug, unit=unit,
        amount=total([converted(one.amount, one.unit, unit) for one in amounts]),
        volume_ml=total([one.volume_ml for one in amounts]),
        amount_per_kg=total(per_kg) if len(per_kg) == len(amounts) else None,
        sessions=len({part.session_id for part in parts}),
    )  # fmt: skip
