"""What can be measured at the chair, and what is impossible by definition.

Codes are LOINC and UCUM from requirements section 10; bounds here are definitions (a percentage
ends at 100, a pressure is not negative), never clinical limits (R1, R110).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from protocol.rules.errors import Impossible, UnitMismatch, UnknownTerm
from protocol.rules.quantity import UnitCode, converted
from protocol.rules.values import Code, Exact, Line, Shape, plain


class MeasureKind(StrEnum):
    """How a value is to be read: a physical quantity, or an ordinal score (R100)."""

    QUANTITY = "quantity"
    SCORE = "score"


class Measure(Shape):
    """One thing that can be observed: name, unit(s) in UCUM, LOINC, and its definition's bounds.

    `low` and `high` are in `units[0]`; a score gets its bounds from the clinic's scale.
    """

    code: Code
    label: Line
    kind: MeasureKind = MeasureKind.QUANTITY
    units: tuple[str, ...] = Field(min_length=1, max_length=4)
    loinc: str | None = None
    low: Exact | None = None
    high: Exact | None = None
    whole: bool = Field(default=False, strict=True)
    tenfold_checked: bool = Field(default=False, strict=True)


class Scale(Shape):
    """A score's scale as the clinic set it: lowest, highest, step, and the anchors' words (R98)."""

    low: Exact
    high: Exact
    step: Exact = Decimal(1)
    anchors: dict[Line, Line] = Field(default_factory=dict, max_length=50)


def _quantity(
    code: str,
    label: str,
    unit: str,
    loinc: str | None,
    *more: str,
    high: str | None = None,
    low: str = "0",
    tenfold: bool = True,
) -> Measure:
    return Measure(
        code=code, label=label, units=(unit, *more), loinc=loinc, low=Decimal(low),
        high=None if high is None else Decimal(high), tenfold_checked=tenfold,
    )  # fmt: skip


def _score(code: str, label: str, loinc: str | None = None) -> Measure:
    return Measure(code=code, label=label, kind=MeasureKind.SCORE, units=("{score}",), loinc=loinc)


BUILT_IN: Mapping[str, Measure] = {
    measure.code: measure
    for measure in (
        _quantity("heart-rate", "Heart rate", "/min", "8867-4"),
        _quantity("systolic", "Systolic blood pressure", "mm[Hg]", "8480-6"),
        _quantity("diastolic", "Diastolic blood pressure", "mm[Hg]", "8462-4"),
        _quantity("mean-pressure", "Mean blood pressure", "mm[Hg]", "8478-0"),
        _quantity("spo2", "SpO2", "%", "59408-5", high="100"),
        _quantity("oxygen-flow", "Oxygen flow", "L/min", "3151-8", tenfold=False),
        _quantity("oxygen-concentration", "Oxygen concentration", "%", "3150-0", high="100"),
        _quantity("respiratory-rate", "Respiratory rate", "/min", "9279-1"),
        # 19891-1 is the partial pressure; 19889-5 would be the fraction (requirements 0.5).
        _quantity("etco2", "End-tidal CO2", "mm[Hg]", "19891-1"),
        _quantity(
            "temperature", "Temperature", "Cel", "8310-5", "[degF]", low="-273.15", tenfold=False
        ),
        _score("pain-rest", "Pain at rest", "72514-3"),
        _score("pain-movement", "Pain on movement", "72514-3"),
        _score("sedation", "Sedation"),
        _score("nausea", "Nausea"),
        _score("dissociation", "Dissociation"),
        _score("agitation", "Agitation"),
        _score("function", "Function"),
    )
}


class Observation(Shape):
    """One measured value with its unit; zero is a value, and nothing is preset."""

    measure: Code
    value: Exact
    unit: UnitCode
    site: Line | None = Field(default=None, description="Body site, for example of a pain.")


def measure_named(code: str, measures: Mapping[str, Measure]) -> Measure:
    """The measure by its code, or UnknownTerm."""
    found = measures.get(code)
    if found is None:
        raise UnknownTerm(f"There is no measure {code}.", measure=code)
    return found


def require_possible(
    observations: Iterable[Observation],
    measures: Mapping[str, Measure],
    scales: Mapping[str, Scale],
) -> None:
    """Refuse what no patient can have, by definition alone (decision 1).

    Raises Impossible, UnknownTerm or UnitMismatch; a value outside a clinic's plausibility range
    is not impossible and is not refused here.
    """
    seen: dict[str, Observation] = {}
    for observation in observations:
        measure = measure_named(observation.measure, measures)
        key = f"{observation.measure} {observation.site or ''}"
        if key in seen:
            raise Impossible(
                f"{measure.label} is there twice.", measure=measure.code, field=measure.code
            )
        seen[key] = observation
        _require_unit(observation, measure)
        _require_definition(observation, measure, scales)
    for site in {observation.site or "" for observation in seen.values()}:
        _require_order(seen.get(f"diastolic {site}"), seen.get(f"systolic {site}"))


def _require_unit(observation: Observation, measure: Measure) -> None:
    if observation.unit not in measure.units:
        raise UnitMismatch(
            f"{measure.label} is in {' or '.join(measure.units)}, not in {observation.unit}.",
            measure=measure.code, field=measure.code, unit=observation.unit,
        )  # fmt: skip


def _require_definition(
    observation: Observation, measure: Measure, scales: Mapping[str, Scale]
) -> None:
    low, high, step = measure.low, measure.high, None
    if measure.kind is MeasureKind.SCORE:
        scale = scales.get(measure.code)
        if scale is None:
            raise UnknownTerm(
                f"The clinic's policy sets no scale for {measure.code}.",
                measure=measure.code, field=measure.code,
            )  # fmt: skip
        low, high, step = scale.low, scale.high, scale.step
    value = converted(observation.value, observation.unit, measure.units[0])
    off_low = low is not None and value < low
    off_high = high is not None and value > high
    off_step = step is not None and low is not None and (value - low) % step != 0
    off_whole = measure.whole and value % 1 != 0
    if off_low or off_high or off_step or off_whole:
        raise Impossible(
            f"{measure.label} {plain(observation.value)} {observation.unit} is outside its"
            f" definition ({_span(low, high, step, measure.whole)}).",
            measure=measure.code, field=measure.code, value=plain(observation.value),
            unit=observation.unit,
        )  # fmt: skip


def _span(low: Decimal | None, high: Decimal | None, step: Decimal | None, whole: bool) -> str:
    parts = ["whole numbers"] if whole else []
    if low is not None:
        parts.append(f"from {plain(low)}")
    if high is not None:
        parts.append(f"to {plain(high)}")
    if step is not None:
        parts.append(f"in steps of {plain(step)}")
    return " ".join(parts)


def _require_order(diastolic: Observation | None, systolic: Observation | None) -> None:
    if diastolic is not None and systolic is not None and diastolic.value > systolic.value:
        raise Impossible(
            f"Diastolic {plain(diastolic.value)} mm[Hg] is above systolic"
            f" {plain(systolic.value)} mm[Hg].",
            field="diastolic", value=plain(diastolic.value), systolic=plain(systolic.value),
        )  # fmt: skip
