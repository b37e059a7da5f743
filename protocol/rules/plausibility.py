"""What is possible but unusual, and is confirmed as true before it is charted (R110, R114).

Checks state facts; they never block: the same entry with the field confirmed goes through.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from protocol.rules.charting import DosingEvent, Plan
from protocol.rules.errors import ConfirmationMissing
from protocol.rules.measures import Measure, Observation
from protocol.rules.protocols import PolicyDocument
from protocol.rules.quantity import Quantity, comparable, converted, in_family, unit_named
from protocol.rules.values import plain

# R114's "about ten times": a factor of 10 give or take a fifth, in either direction.
TENFOLD_LOW, TENFOLD_HIGH = Fraction(8), Fraction(12)


class Doubt(NamedTuple):
    """A field whose value is unusual, and the fact that makes it so."""

    field: str
    sentence: str


def doubts_about_reading(
    observations: Iterable[Observation],
    policy: PolicyDocument,
    measures: Mapping[str, Measure],
    previous: Mapping[str, Observation],
) -> list[Doubt]:
    """Values outside the clinic's plausibility range, and tenfold steps from the last value."""
    ranges = {span.measure: span for span in policy.plausible}
    found = []
    for observation in observations:
        measure, span = measures[observation.measure], ranges.get(observation.measure)
        value = f"{measure.label} {plain(observation.value)} {observation.unit}"
        if span is not None:
            own = converted(observation.value, observation.unit, span.unit)
            if not span.low <= own <= span.high:
                found.append(
                    Doubt(
                        observation.measure,
                        f"{value} is outside the clinic's plausible range of {plain(span.low)} to"
                        f" {plain(span.high)} {span.unit}.",
                    )
                )
                continue
        last = previous.get(observation.measure)
        if measure.tenfold_checked and last is not None:
            step = _tenfold(observation.value, observation.unit, last.value, last.unit)
            if step:
                found.append(
                    Doubt(
                        observation.measure,
                        f"{value} is about {step} the previous value of {plain(last.value)}"
                        f" {last.unit}.",
                    )
                )
    return found


def doubts_about_dosing(
    event: DosingEvent, earlier: Sequence[DosingEvent], plan: Plan | None
) -> list[Doubt]:
    """A tenfold step from the plan or the event before, or a known number under another unit."""
    entered = event.rate or event.dose
    if entered is None:
        return []
    field = "rate" if event.rate is not None else "dose"
    known: list[tuple[str, Quantity]] = []
    if plan is not None and plan.drug_line == event.drug_line:
        known += [(f"planned {n}", q) for n, q in (("rate", plan.rate), ("dose", plan.dose)) if q]
    for before in reversed(earlier):
        quantity = before.rate if field == "rate" else before.dose
        if quantity is not None and before.drug_line == event.drug_line:
            known.append((f"previous {field}", quantity))
            break
    sentences = [fact for name, quantity in known for fact in _slips(entered, name, quantity)]
    return [Doubt(field, " ".join(sentences))] if sentences else []


def _slips(entered: Quantity, name: str, known: Quantity) -> list[str]:
    if comparable(entered.unit, known.unit):
        step = _tenfold(entered.value, entered.unit, known.value, known.unit)
        if step:
            return [f"{entered} is about {step} the {name} of {known}."]
        if entered.unit != known.unit and entered.value == known.value != 0:
            return [f"{entered} has the number of the {name} of {known} under another unit."]
        return []
    # Cases of R114: the mL/h number typed into the mg/h field.
    both_rates = ("h" in unit_named(entered.unit).per) == ("h" in unit_named(known.unit).per)
    if both_rates and entered.value == known.value != 0:
        return [f"{entered} has the number of the {name} of {known} under another unit."]
    return []


def _tenfold(value: Decimal, unit: str, known: Decimal, known_unit: str) -> str | None:
    if unit in ("Cel", "[degF]"):
        return None  # an interval scale has no tenfold
    one, other = in_family(value, unit), in_family(known, known_unit)
    if one <= 0 or other <= 0:
        return None
    if TENFOLD_LOW <= one / other <= TENFOLD_HIGH:
        return "10 times"
    if TENFOLD_LOW <= other / one <= TENFOLD_HIGH:
        return "a tenth of"
    return None


def require_confirmed(doubts: Iterable[Doubt], confirmed: Iterable[str]) -> None:
    """Refuse with ConfirmationMissing, naming every field that is not confirmed as true."""
    known = set(confirmed)
    open_doubts = [doubt for doubt in doubts if doubt.field not in known]
    if open_doubts:
        raise ConfirmationMissing(
            " ".join(doubt.sentence for doubt in open_doubts),
            fields=", ".join(doubt.field for doubt in open_doubts),
        )
