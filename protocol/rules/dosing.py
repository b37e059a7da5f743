"""Dosing events -> constant-rate segments -> given amount, mL and amount per kg.

Only exact arithmetic on what was charted; no function here returns a dose from a target, a weight
or a response (R2). FHIR and OMOP keep one rate per administration, hence segments (R131).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from protocol.rules.charting import DosingEvent, DosingKind, Entry
from protocol.rules.errors import AlreadyRunning, NothingRunning, Refusal, UnitMismatch
from protocol.rules.protocols import Concentration
from protocol.rules.quantity import Quantity, from_family, in_family, rounded, total, unit_named
from protocol.rules.values import Computed, Exact, Instant, Line, Shape

_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


class Flow(StrEnum):
    """What a drug line is doing."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"


FLOW: dict[tuple[Flow, DosingKind], Flow] = {
    (Flow.IDLE, DosingKind.START): Flow.RUNNING,
    (Flow.RUNNING, DosingKind.RATE_CHANGE): Flow.RUNNING,
    (Flow.RUNNING, DosingKind.PAUSE): Flow.PAUSED,
    (Flow.PAUSED, DosingKind.RESUME): Flow.RUNNING,
    (Flow.RUNNING, DosingKind.STOP): Flow.IDLE,
    (Flow.PAUSED, DosingKind.STOP): Flow.IDLE,
    **{(flow, DosingKind.BOLUS): flow for flow in Flow},
}


class Dosed(NamedTuple):
    """One dosing event that stands (neither corrected nor retracted), with its weight in kg."""

    entry_id: UUID
    number: int
    observed_at: datetime
    event: DosingEvent
    weight_kg: Decimal | None


class Given(Shape):
    """What went in: amount in the drug line's own unit, mL, and amount per kg where known."""

    amount: Computed
    unit: str
    volume_ml: Computed
    amount_per_kg: Computed | None = None


class Segment(Shape):
    """A stretch at one constant rate, or a bolus; `end` is absent while it runs."""

    drug_line: Line
    entry_id: UUID
    event: DosingKind
    start: Instant
    end: Instant | None
    rate: Quantity | None = None
    dose: Quantity | None = None
    weight_kg: Exact | None = None
    given: Given | None


def dosed_of(entry: Entry) -> Dosed:
    """An entry's dosing event with the weight that was in force."""
    if not isinstance(entry.content, DosingEvent):
        raise TypeError("only a dosing entry has a dosing event")
    weight = None if entry.weight is None else entry.weight.value_kg
    return Dosed(entry.id, entry.number, entry.observed_at, entry.content, weight)


def in_order(events: Iterable[Dosed]) -> list[Dosed]:
    """By the time it happened; what happened at one moment, by the order of charting."""
    return sorted(events, key=lambda dosed: (dosed.observed_at, dosed.number))


def sequence_faults(events: Sequence[Dosed]) -> list[tuple[Dosed, Flow]]:
    """Events of one drug line that do not follow the one before: a stop with nothing running."""
    flow, faults = Flow.IDLE, []
    for dosed in in_order(events):
        following = FLOW.get((flow, dosed.event.event))
        if following is None:
            faults.append((dosed, flow))
        else:
            flow = following
    return faults


def flow_after(events: Sequence[Dosed]) -> Flow:
    """What one drug line is doing after its events."""
    flow = Flow.IDLE
    for dosed in in_order(events):
        flow = FLOW.get((flow, dosed.event.event), flow)
    return flow


def require_follows(events: Sequence[Dosed], added: Dosed) -> None:
    """Refuse an event that contradicts its drug line's other events, before or after it.

    Raises AlreadyRunning or NothingRunning; faults that were there already stay out of it.
    """
    line = [dosed for dosed in events if dosed.event.drug_line == added.event.drug_line]
    before = {dosed.entry_id for dosed, _ in sequence_faults(line)}
    for dosed, flow in sequence_faults([*line, added]):
        if dosed.entry_id not in before:
            raise _out_of_order(dosed, added, flow)


def _out_of_order(dosed: Dosed, added: Dosed, flow: Flow) -> Refusal:
    kind, line = added.event.event, added.event.drug_line
    doing = "not running" if flow is Flow.IDLE else flow.value
    facts = {"drug_line": line, "event": kind.value, "flow": flow.value}
    at = dosed.observed_at.isoformat(timespec="seconds")
    if dosed.entry_id == added.entry_id:
        sentence = f"{line} is {doing} at {at}: a {kind} does not follow."
    else:
        sentence = f"With this {kind}, the {dosed.event.event} of {line} at {at} does not follow."
    starts = dosed.event.event in (DosingKind.START, DosingKind.RESUME)
    refusal = AlreadyRunning if starts and flow is not Flow.IDLE else NothingRunning
    return refusal(sentence, **facts)


def amount_over(
    rate: Quantity, weight_kg: Decimal | None, elapsed: timedelta
) -> tuple[Fraction, str]:
    """Rate x (weight) x time, exactly, in the first unit of the rate's amount family.

    Raises UnitMismatch when the unit is no rate, or is per kg and no weight is known.
    """
    unit = unit_named(rate.unit)
    if "h" not in unit.per or "mL" in unit.per:
        raise UnitMismatch(f"{rate.unit} is not a rate.", unit=rate.unit, field="rate")
    hours = Fraction(elapsed // _MICROSECOND, _HOUR // _MICROSECOND)
    return in_family(rate.value, rate.unit) * _per_kg(unit.per, rate.unit, weight_kg) * hours, (
        unit.amount
    )


def amount_of(dose: Quantity, weight_kg: Decimal | None) -> tuple[Fraction, str]:
    """A dose in the first unit of its amount family; per kg it is multiplied by the weight."""
    unit = unit_named(dose.unit)
    if unit.per - {"kg"} or unit.amount not in ("mg", "mL", "[iU]", "meq", "mmol"):
        raise UnitMismatch(f"{dose.unit} is not a dose.", unit=dose.unit, field="dose")
    return in_family(dose.value, dose.unit) * _per_kg(unit.per, dose.unit, weight_kg), unit.amount


def _per_kg(per: frozenset[str], code: str, weight_kg: Decimal | None) -> Fraction:
    if "kg" not in per:
        return Fraction(1)
    if weight_kg is None:
        raise UnitMismatch(
            f"{code} counts per kg, and no weight was recorded by that time.", unit=code,
            field="weight",
        )  # fmt: skip
    return Fraction(weight_kg)


def given(
    amount: Fraction, family: str, concentration: Concentration, weight_kg: Decimal | None
) -> Given:
    """An exact amount of drug or of volume as amount, mL and amount per kg of one drug line.

    Raises UnitMismatch when the drug line's concentration is in another family ([iU] for mg).
    """
    per_ml = _per_ml(concentration)
    due = unit_named(concentration.amount.unit).amount
    if family == "mL":
        volume, drug = amount, amount * per_ml
    elif family == due:
        volume, drug = amount / per_ml, amount
    else:
        raise UnitMismatch(
            f"The drug line is in {concentration.amount.unit}, not in {family}.", unit=family,
            due=concentration.amount.unit,
        )  # fmt: skip
    code = concentration.amount.unit
    own = from_family(drug, code)
    per_kg = None if weight_kg is None else rounded(own / Fraction(weight_kg))
    return Given(amount=rounded(own), unit=code, volume_ml=rounded(volume), amount_per_kg=per_kg)


def _per_ml(concentration: Concentration) -> Fraction:
    drug, volume = concentration.amount, concentration.volume
    return in_family(drug.value, drug.unit) / in_family(volume.value, volume.unit)


def segments(
    events: Sequence[Dosed], concentration: Concentration, as_of: datetime | None
) -> tuple[Segment, ...]:
    """The segments of one drug line, in order; a running one is given up to `as_of`.

    Events that do not follow are left out: `sequence_faults` names them.
    """
    found: list[Segment] = []
    faults = {dosed.entry_id for dosed, _ in sequence_faults(events)}
    running: Dosed | None = None
    rate: Quantity | None = None
    for dosed in in_order(events):
        event = dosed.event
        if dosed.entry_id in faults:
            continue
        if event.event is DosingKind.BOLUS:
            found.append(_bolus(dosed, concentration))
            continue
        if running is not None and rate is not None:
            found.append(_stretch(running, rate, dosed.observed_at, None, concentration))
        rate = event.rate or rate
        running = dosed if event.event not in (DosingKind.PAUSE, DosingKind.STOP) else None
    if running is not None and rate is not None:
        found.append(_stretch(running, rate, None, as_of, concentration))
    return tuple(sorted(found, key=lambda one: one.start))


def _bolus(dosed: Dosed, concentration: Concentration) -> Segment:
    dose = dosed.event.dose
    if dose is None:
        raise UnitMismatch("A bolus has a dose.", field="dose")
    amount, family = amount_of(dose, dosed.weight_kg)
    return Segment(
        drug_line=dosed.event.drug_line, entry_id=dosed.entry_id, event=DosingKind.BOLUS,
        start=dosed.observed_at, end=dosed.observed_at, dose=dose, weight_kg=dosed.weight_kg,
        given=given(amount, family, concentration, dosed.weight_kg),
    )  # fmt: skip


def _stretch(
    dosed: Dosed, rate: Quantity, end: datetime | None, as_of: datetime | None,
    concentration: Concentration,
) -> Segment:  # fmt: skip
    until = end or as_of
    went_in = None
    if until is not None:
        elapsed = max(until - dosed.observed_at, timedelta())
        amount, family = amount_over(rate, dosed.weight_kg, elapsed)
        went_in = given(amount, family, concentration, dosed.weight_kg)
    return Segment(
        drug_line=dosed.event.drug_line, entry_id=dosed.entry_id, event=dosed.event.event,
        start=dosed.observed_at, end=end, rate=rate, weight_kg=dosed.weight_kg, given=went_in,
    )  # fmt: skip


def total_given(parts: Iterable[Segment], concentration: Concentration) -> Given:
    """The exact sum of the segments' given amounts; per kg only where every part has a weight."""
    amounts = [part.given for part in parts if part.given is not None]
    per_kg = [one.amount_per_kg for one in amounts]
    known = [value for value in per_kg if value is not None]
    return Given(
        amount=total([one.amount for one in amounts]),
        unit=concentration.amount.unit,
        volume_ml=total([one.volume_ml for one in amounts]),
        amount_per_kg=total(known) if known and len(known) == len(per_kg) else None,
    )


def running_time(parts: Iterable[Segment], as_of: datetime | None) -> timedelta:
    """How long the drug line ran, pauses left out."""
    spans = [
        max((part.end or as_of or part.start) - part.start, timedelta())
        for part in parts
        if part.event is not DosingKind.BOLUS
    ]
    return sum(spans, timedelta())
