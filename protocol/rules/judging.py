"""Which numbers an entry puts to the limits: as charted, and as exact arithmetic makes of them.

A rate in mL/h also counts in mg/h and mg/kg/h by the drug line's concentration and the weight in
force, so a limit in any of them applies (decision 7: every limit that applies speaks).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from protocol.rules.charting import DosingKind, Plan
from protocol.rules.dosing import (
    Dosed,
    Given,
    amount_of,
    amount_over,
    given,
    running_time,
    segments,
    total_given,
)
from protocol.rules.limits import Judged, LimitOn
from protocol.rules.measures import Measure, Observation
from protocol.rules.protocols import DrugLine
from protocol.rules.quantity import Quantity, comparable, rounded

_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


def judged_reading(
    observations: Iterable[Observation], measures: Mapping[str, Measure]
) -> list[Judged]:
    """Each observation as it was charted."""
    return [
        Judged(
            on=LimitOn.MEASURE,
            value=one.value,
            unit=one.unit,
            measure=one.measure,
            label=measures[one.measure].label,
        )
        for one in observations
    ]


def judged_dosing(line: DrugLine, events: list[Dosed], added: Dosed) -> list[Judged]:
    """The rate or dose of an event, and what it makes of totals, duration and bolus interval."""
    event = added.event
    together = [*(one for one in events if one.entry_id != added.entry_id), added]
    found: list[Judged] = []
    if event.rate is not None:
        found += _rates(line, event.rate, added.weight_kg)
    if event.event in (DosingKind.START, DosingKind.BOLUS):
        found.append(_concentration(line))
    if event.dose is not None:
        amount, family = amount_of(event.dose, added.weight_kg)
        went_in = given(amount, family, line.concentration, added.weight_kg)
        found += _doses(
            line, went_in, (LimitOn.SINGLE_DOSE, LimitOn.SINGLE_DOSE_PER_KG), "Single dose"
        )
        found += _bolus_interval(line, together, added)
    return [*found, *_so_far(line, together, added)]


def judged_plan(line: DrugLine, plan: Plan, weight_kg: Decimal | None) -> list[Judged]:
    """What a plan intends: rate, whole dose, duration."""
    found = [_concentration(line)]
    if plan.rate is not None:
        found += _rates(line, plan.rate, weight_kg)
    if plan.duration_min is not None:
        found.append(_of(line, LimitOn.DURATION, plan.duration_min, "min", "Duration"))
    whole = _whole(line, plan, weight_kg)
    if whole is not None:
        kinds = (LimitOn.CUMULATIVE_DOSE, LimitOn.CUMULATIVE_DOSE_PER_KG)
        found += _doses(line, whole, kinds, "Total dose")
        if plan.rate is None and plan.duration_min is None:
            kinds = (LimitOn.SINGLE_DOSE, LimitOn.SINGLE_DOSE_PER_KG)
            found += _doses(line, whole, kinds, "Single dose")
    return found


def judged_gap(line: DrugLine, last_session_at: datetime | None, at: datetime) -> list[Judged]:
    """The days since the patient was last given anything in another session."""
    if last_session_at is None:
        return []
    days = Fraction((at - last_session_at) // _MICROSECOND, timedelta(days=1) // _MICROSECOND)
    value = rounded(days).quantize(Decimal("0.01"))
    return [_of(line, LimitOn.DAYS_SINCE_LAST_SESSION, value, "d", "Days since the last session")]


def _of(line: DrugLine, on: LimitOn, value: Decimal, unit: str, label: str) -> Judged:
    return Judged(
        on=on, value=value, unit=unit, drug_line=line.code, label=f"{label} of {line.drug}"
    )


def _rates(line: DrugLine, rate: Quantity, weight_kg: Decimal | None) -> list[Judged]:
    amount, family = amount_over(rate, weight_kg, _HOUR)
    hourly = given(amount, family, line.concentration, weight_kg)
    found = [_of(line, LimitOn.RATE, rate.value, rate.unit, "Rate")]
    derived = [(hourly.volume_ml, "mL/h"), (hourly.amount, f"{hourly.unit}/h")]
    if hourly.amount_per_kg is not None:
        derived.append((hourly.amount_per_kg, f"{hourly.unit}/kg/h"))
    found += [
        _of(line, LimitOn.RATE, value, unit, "Rate")
        for value, unit in derived
        if not comparable(unit, rate.unit)
    ]
    return found


def _doses(line: DrugLine, one: Given, kinds: tuple[LimitOn, LimitOn], label: str) -> list[Judged]:
    total, per_kg = kinds
    found = [
        _of(line, total, one.amount, one.unit, label),
        _of(line, total, one.volume_ml, "mL", label),
    ]
    if one.amount_per_kg is not None:
        found.append(_of(line, per_kg, one.amount_per_kg, f"{one.unit}/kg", label))
    return found


def _concentration(line: DrugLine) -> Judged:
    per_ml = given(Fraction(1), "mL", line.concentration, None)
    return _of(line, LimitOn.CONCENTRATION, per_ml.amount, f"{per_ml.unit}/mL", "Concentration")


def _bolus_interval(line: DrugLine, together: list[Dosed], added: Dosed) -> list[Judged]:
    boluses = [
        one.observed_at
        for one in together
        if one.event.event is DosingKind.BOLUS and one.entry_id != added.entry_id
    ]
    gaps = [abs(added.observed_at - at) for at in boluses]
    if not gaps:
        return []
    minutes = Fraction(min(gaps) // _MICROSECOND, timedelta(minutes=1) // _MICROSECOND)
    label = "Time between boluses"
    return [_of(line, LimitOn.BOLUS_INTERVAL, rounded(minutes), "min", label)]


def _so_far(line: DrugLine, together: list[Dosed], added: Dosed) -> list[Judged]:
    """Totals up to the latest event known: a limit is judged again with every event."""
    as_of = max(one.observed_at for one in together)
    parts = segments(together, line.concentration, as_of)
    whole = total_given(parts, line.concentration)
    kinds = (LimitOn.CUMULATIVE_DOSE, LimitOn.CUMULATIVE_DOSE_PER_KG)
    found = _doses(line, whole, kinds, "Total dose") if whole.amount else []
    ran = running_time(parts, as_of)
    if ran and added.event.event is not DosingKind.BOLUS:
        minutes = Fraction(ran // _MICROSECOND, timedelta(minutes=1) // _MICROSECOND)
        found.append(_of(line, LimitOn.DURATION, rounded(minutes), "min", "Duration"))
    return found


def _whole(line: DrugLine, plan: Plan, weight_kg: Decimal | None) -> Given | None:
    if plan.dose is not None:
        amount, family = amount_of(plan.dose, weight_kg)
        return given(amount, family, line.concentration, weight_kg)
    if plan.rate is not None and plan.duration_min is not None:
        minutes = Fraction(plan.duration_min)
        amount, family = amount_over(plan.rate, weight_kg, timedelta(minutes=1))
        return given(amount * minutes, family, line.concentration, weight_kg)
    return None
