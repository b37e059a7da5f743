"""Whether the parts of a document fit together; each fault names its path inside the document."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from protocol.rules.errors import DocumentInvalid
from protocol.rules.grants import RESERVED
from protocol.rules.limits import Limit, LimitOn
from protocol.rules.measures import BUILT_IN, Measure, MeasureKind, Scale
from protocol.rules.quantity import UNITS, comparable, unit_named

if TYPE_CHECKING:
    from protocol.rules.protocols import Concentration, PolicyDocument, ProtocolDocument, Round

_DRUG_AMOUNTS = frozenset({"mg", "[iU]", "meq", "mmol"})


def _fault(path: str, sentence: str) -> DocumentInvalid:
    return DocumentInvalid(f"{path}: {sentence}", path=path, rule=sentence)


def _require_unique(path: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code in seen:
            raise _fault(f"{path}.{index}", f"{code} is there twice")
        seen.add(code)


def _known(own: Iterable[Measure], known: Mapping[str, Measure] = BUILT_IN) -> dict[str, Measure]:
    measures = dict(known)
    for index, measure in enumerate(own):
        path = f"measures.{index}"
        if measure.code in measures:
            raise _fault(path, f"{measure.code} is a measure already")
        if measure.low is not None and measure.high is not None and measure.low > measure.high:
            raise _fault(path, "low is above high")
        for place, unit in enumerate(measure.units):
            if unit not in UNITS:
                raise _fault(f"{path}.units.{place}", f"{unit} is not a unit that is known")
            if not comparable(unit, measure.units[0]):
                raise _fault(f"{path}.units.{place}", f"{unit} is not a {measure.units[0]}")
        measures[measure.code] = measure
    return measures


def require_coherent_protocol(document: "ProtocolDocument") -> None:
    """Refuse with DocumentInvalid where codes repeat, or name what is not there.

    A measure that neither the product nor this protocol defines may still be the policy's:
    `require_measures_known` checks that where the policy is known: at drafting and approval.
    """
    _require_unique("phases", (phase.code for phase in document.phases))
    _require_unique("drug_lines", (line.code for line in document.drug_lines))
    _require_unique("limits", (limit.code for limit in document.limits))
    own = _known(document.measures, {})
    _known(document.measures)
    _require_scales(document.scales, own)
    for index, phase in enumerate(document.phases):
        _require_unique(f"phases.{index}.rounds", (one.code for one in phase.rounds))
        for number, one in enumerate(phase.rounds):
            _require_round(f"phases.{index}.rounds.{number}", one)
    for index, line in enumerate(document.drug_lines):
        _require_concentration(f"drug_lines.{index}.concentration", line.concentration)
    for index, limit in enumerate(document.limits):
        path = f"limits.{index}"
        if limit.drug_line is not None and document.drug_line(limit.drug_line) is None:
            raise _fault(f"{path}.drug_line", f"there is no drug line {limit.drug_line}")
        if limit.phase is not None and document.phase(limit.phase) is None:
            raise _fault(f"{path}.phase", f"there is no phase {limit.phase}")


def require_measures_known(document: "ProtocolDocument", policy: "PolicyDocument") -> None:
    """Refuse a protocol that names a measure or scale which neither it nor the policy defines."""
    measures = _known(document.measures, _known(policy.measures))
    scales = {**policy.scales, **document.scales}
    for index, phase in enumerate(document.phases):
        for number, one in enumerate(phase.rounds):
            for place, code in enumerate(one.measures):
                path = f"phases.{index}.rounds.{number}.measures.{place}"
                _require_measure(path, code, measures, scales)
    for index, limit in enumerate(document.limits):
        _require_limit(f"limits.{index}", limit, measures)


def _require_measure(
    path: str, code: str, measures: Mapping[str, Measure], scales: Mapping[str, Scale]
) -> None:
    measure = measures.get(code)
    if measure is None:
        raise _fault(path, f"there is no measure {code}")
    if measure.kind is MeasureKind.SCORE and code not in scales:
        raise _fault(path, f"the clinic's policy sets no scale for {code}")


def _require_limit(path: str, limit: Limit, measures: Mapping[str, Measure]) -> None:
    if limit.on is not LimitOn.MEASURE:
        return
    measure = measures.get(limit.measure or "")
    if measure is None:
        raise _fault(f"{path}.measure", f"there is no measure {limit.measure}")
    if limit.unit not in measure.units:
        raise _fault(f"{path}.unit", f"{measure.code} is in {' or '.join(measure.units)}")


def _require_round(path: str, one: "Round") -> None:
    if not one.at_min and not one.intervals:
        raise _fault(path, "a round has minutes or intervals")
    if any(minute < 0 for minute in one.at_min):
        raise _fault(f"{path}.at_min", "minutes are counted from the anchor, forward")
    if list(one.at_min) != sorted(set(one.at_min)):
        raise _fault(f"{path}.at_min", "minutes rise, each once")
    for index, interval in enumerate(one.intervals[:-1]):
        if interval.for_min is None:
            raise _fault(f"{path}.intervals.{index}", "only the last interval has no end")
    for index, interval in enumerate(one.intervals):
        if interval.for_min is not None and interval.for_min < interval.every_min:
            raise _fault(f"{path}.intervals.{index}", "it ends before its first round is due")
    _require_unique(f"{path}.measures", one.measures)


def _require_concentration(path: str, concentration: "Concentration") -> None:
    amount, volume = concentration.amount, concentration.volume
    if unit_named(amount.unit).amount not in _DRUG_AMOUNTS or unit_named(amount.unit).per:
        raise _fault(f"{path}.amount.unit", f"{amount.unit} is not an amount of drug")
    if not comparable(volume.unit, "mL"):
        raise _fault(f"{path}.volume.unit", f"{volume.unit} is not a volume")
    for name, quantity in (("amount", amount), ("volume", volume)):
        if quantity.value <= 0:
            raise _fault(f"{path}.{name}.value", "it is above zero")


def require_coherent_policy(document: "PolicyDocument") -> None:
    """Refuse with DocumentInvalid where a range, scale or limit contradicts itself."""
    measures = _known(document.measures)
    _require_unique("limits", (limit.code for limit in document.limits))
    _require_unique("plausible", (span.measure for span in document.plausible))
    for index, limit in enumerate(document.limits):
        _require_limit(f"limits.{index}", limit, measures)
        if limit.drug_line is not None or limit.phase is not None:
            raise _fault(f"limits.{index}", "a policy knows no drug lines or phases")
    _require_scales(document.scales, measures)
    for index, widening in enumerate(document.grants):
        if RESERVED.get(widening.action, widening.role) is not widening.role:
            raise _fault(f"grants.{index}", f"{widening.action} is not {widening.role}'s to have")
    for index, span in enumerate(document.plausible):
        path = f"plausible.{index}"
        if span.measure not in measures:
            raise _fault(f"{path}.measure", f"there is no measure {span.measure}")
        if span.unit not in measures[span.measure].units:
            raise _fault(f"{path}.unit", f"{span.unit} is not a unit of {span.measure}")
        if span.low > span.high:
            raise _fault(path, "low is above high")


def _require_scales(scales: Mapping[str, Scale], measures: Mapping[str, Measure]) -> None:
    for code, scale in scales.items():
        if code not in measures:
            raise _fault(f"scales.{code}", f"there is no measure {code}")
        if scale.low >= scale.high or scale.step <= 0:
            raise _fault(f"scales.{code}", "low is below high and the step above zero")
