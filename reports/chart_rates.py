"""The rates and boluses of each drug line as charted: a stretch for each rate, a gap for a pause.

Rates are drawn as entered and never converted: what was entered in another unit stands in a pane of
its own (R123). Events that do not follow from those before are left out, as in the sums.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from protocol.rules.charting import DosingKind
from protocol.rules.dosing import Dosed, in_order, sequence_faults
from protocol.rules.protocols import DrugLine
from protocol.rules.quantity import Quantity
from reports.view import View


class Stretch(NamedTuple):
    """A stretch at one rate; `end` is None while it runs."""

    start: datetime
    end: datetime | None
    rate: Quantity


class Paused(NamedTuple):
    """A pause: from when to what ended it, None while it lasts."""

    start: datetime
    end: datetime | None


class Given(NamedTuple):
    """A bolus as charted."""

    at: datetime
    dose: Quantity


class Rates(NamedTuple):
    """One drug line's rates in one unit, with its pauses and boluses."""

    line: DrugLine
    unit: str
    stretches: tuple[Stretch, ...]
    pauses: tuple[Paused, ...]
    boluses: tuple[Given, ...]

    @property
    def values(self) -> list[Decimal]:
        """The rates that were charted."""
        return [one.rate.value for one in self.stretches]


def all_rates(view: View) -> list[Rates]:
    """Every drug line with dosing events that stand, in the protocol's order."""
    lines = view.record.protocol.drug_lines
    return [one for line in lines for one in _of_line(line, view.record.dosed_on(line.code))]


def _of_line(line: DrugLine, events: Sequence[Dosed]) -> list[Rates]:
    stretches, pauses, boluses = _followed(events)
    units = list(dict.fromkeys(one.rate.unit for one in stretches))
    if not units:
        return [Rates(line, "", (), (), tuple(boluses))] if boluses else []
    found = []
    for number, unit in enumerate(units):
        mine = tuple(one for one in stretches if one.rate.unit == unit)
        ends = {one.end for one in mine}
        found.append(
            Rates(
                line, unit, mine, tuple(one for one in pauses if one.start in ends),
                tuple(boluses) if number == 0 else (),
            )
        )  # fmt: skip
    return found


def _followed(events: Sequence[Dosed]) -> tuple[list[Stretch], list[Paused], list[Given]]:
    faults = {dosed.entry_id for dosed, _ in sequence_faults(events)}
    stretches: list[Stretch] = []
    pauses: list[Paused] = []
    boluses: list[Given] = []
    since: datetime | None = None
    paused: datetime | None = None
    rate: Quantity | None = None
    for dosed in in_order(events):
        event, at = dosed.event, dosed.observed_at
        if dosed.entry_id in faults:
            continue
        if event.event is DosingKind.BOLUS:
            if event.dose is not None:
                boluses.append(Given(at, event.dose))
            continue
        if since is not None and rate is not None:
            stretches.append(Stretch(since, at, rate))
        if paused is not None:
            pauses.append(Paused(paused, at))
        rate = event.rate or rate
        runs = event.event not in (DosingKind.PAUSE, DosingKind.STOP)
        since = at if runs else None
        paused = at if event.event is DosingKind.PAUSE else None
    if since is not None and rate is not None:
        stretches.append(Stretch(since, None, rate))
    if paused is not None:
        pauses.append(Paused(paused, None))
    return stretches, pauses, boluses
