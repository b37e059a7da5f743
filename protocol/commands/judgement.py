"""What the rules find in a reading, a dosing event or a plan, with what they need looked up."""

from datetime import timedelta
from typing import NamedTuple

from protocol.records import lookups, session_search, versions
from protocol.records.lookups import SessionState
from protocol.records.work import Act
from protocol.rules.charting import (
    Addendum,
    Charted,
    DosingEvent,
    Plan,
    Reading,
    Retraction,
    Weight,
)
from protocol.rules.dosing import Dosed, amount_of, amount_over, given, in_order, require_follows
from protocol.rules.errors import AlreadyReplaced, NotFound, PlanOverLimit, UnknownTerm
from protocol.rules.judging import judged_dosing, judged_gap, judged_plan, judged_reading
from protocol.rules.limits import Breach, Judged, LimitInForce, Severity, breaches
from protocol.rules.measures import require_possible
from protocol.rules.patients import weight_in_force
from protocol.rules.plausibility import (
    doubts_about_dosing,
    doubts_about_reading,
    require_confirmed,
)
from protocol.rules.protocols import DrugLine, ProtocolDocument

_NO_TIME = timedelta()


class Finding(NamedTuple):
    """What stands beside an entry: what it breaches, and the weight that was in force."""

    breaches: tuple[Breach, ...] = ()
    weight: Weight | None = None


def judge_reading(act: Act, state: SessionState, charted: Charted) -> Finding:
    """Possible by definition, confirmed where unusual, then held against the limits in force."""
    content = charted.content
    assert isinstance(content, Reading)
    connection, clinic = act.seeing(state.id), act.clinic
    policy = versions.policy_of(connection, clinic, state)
    protocol = versions.protocol_of(connection, clinic, state)
    measures = versions.measures_of(protocol, policy)
    require_possible(content.observations, measures, {**policy.scales, **protocol.scales})
    previous = state.previous_observations()
    doubts = doubts_about_reading(content.observations, policy, measures, previous)
    require_confirmed(doubts, charted.confirmed)
    limits = versions.limits_in_force(connection, clinic, state)
    judged = judged_reading(content.observations, measures)
    return Finding(_breaches(act, state, charted, limits, judged, plan=False))


def judge_dosing(act: Act, state: SessionState, charted: Charted) -> Finding:
    """In order on its drug line, confirmed where unusual, then held against the limits."""
    content = charted.content
    assert isinstance(content, DosingEvent)
    record = act.record(state.id)
    line = _line(record.protocol, content.drug_line)
    weight = weight_in_force(record.patient.weights, charted.observed_at)
    added = Dosed(
        charted.id, act.number, charted.observed_at, content,
        None if weight is None else weight.value_kg,
    )  # fmt: skip
    _require_fits(line, added)
    events = [one for one in record.dosed_on(line.code) if one.entry_id != charted.replaces]
    if charted.replaces is None:
        require_follows(events, added)
    earlier = [one.event for one in in_order(events) if one.observed_at <= charted.observed_at]
    require_confirmed(doubts_about_dosing(content, earlier, record.plan), charted.confirmed)
    judged = judged_dosing(line, events, added)
    if not earlier:
        judged += _gap(act, state, charted, line)
    limits = versions.limits_in_force(act.connection, act.clinic, state)
    return Finding(_breaches(act, state, charted, limits, judged, plan=False), weight)


def judge_plan(act: Act, state: SessionState, charted: Charted) -> Finding:
    """Held against the limits on plans; a hard one refuses, a soft one asks for a reason.

    Raises PlanOverLimit, UnknownTerm, UnitMismatch.
    """
    content = charted.content
    assert isinstance(content, Plan)
    protocol = versions.protocol_of(act.connection, act.clinic, state)
    line = _line(protocol, content.drug_line)
    known = lookups.weights(act.connection, act.clinic, state.patient_id)
    weight = weight_in_force(known, charted.observed_at)
    judged = judged_plan(line, content, None if weight is None else weight.value_kg)
    judged += _gap(act, state, charted, line)
    limits = versions.limits_in_force(act.connection, act.clinic, state)
    found = _breaches(act, state, charted, limits, judged, plan=True)
    hard = [one for one in found if one.severity is Severity.HARD]
    if hard:
        raise PlanOverLimit(
            " ".join(one.sentence for one in hard),
            limits=", ".join(one.limit_code for one in hard),
        )
    return Finding(found, weight)


def judge_retraction(act: Act, state: SessionState, charted: Charted) -> Finding:
    """Of an entry of this session that stands."""
    replaced_kind(act, state, charted)
    return Finding()


def replaced_kind(act: Act, state: SessionState, charted: Charted) -> str:
    """The kind of the entry to be replaced, which must be there and be the newest."""
    record = act.record(state.id)
    target = next((one for one in record.entries if one.id == charted.replaces), None)
    if target is None:
        raise NotFound("The session has no such entry.", entry=str(charted.replaces))
    newer = record.replaced.get(target.id)
    if newer is not None or isinstance(target.content, Retraction | Addendum):
        raise AlreadyReplaced(
            "The entry was corrected or retracted before, or cannot be.",
            entry=str(target.id), by=None if newer is None else str(newer.id),
        )  # fmt: skip
    return target.content.kind


def _line(protocol: ProtocolDocument, code: str) -> DrugLine:
    line = protocol.drug_line(code)
    if line is None:
        raise UnknownTerm(
            f"The protocol has no drug line {code}.", field="drug_line", drug_line=code
        )
    return line


def _require_fits(line: DrugLine, added: Dosed) -> None:
    """Refuse with UnitMismatch a rate or dose that the drug line's concentration cannot turn."""
    event = added.event
    if event.rate is not None:
        amount, family = amount_over(event.rate, added.weight_kg, _NO_TIME)
        given(amount, family, line.concentration, added.weight_kg)
    if event.dose is not None:
        amount, family = amount_of(event.dose, added.weight_kg)
        given(amount, family, line.concentration, added.weight_kg)


def _gap(act: Act, state: SessionState, charted: Charted, line: DrugLine) -> list[Judged]:
    last = session_search.last_dosed_before(
        act.connection, act.clinic, state.patient_id, state.id, charted.observed_at
    )
    return judged_gap(line, last, charted.observed_at)


def _breaches(
    act: Act, state: SessionState, charted: Charted, limits: tuple[LimitInForce, ...],
    judged: list[Judged], *, plan: bool,
) -> tuple[Breach, ...]:  # fmt: skip
    if not limits:
        return ()
    phase = None
    if any(one.limit.phase is not None for one in limits):
        phase = lookups.phase_at(act.seeing(state.id), act.clinic, state.id, charted.observed_at)
    found = breaches(limits, judged, entry_id=charted.id, phase=phase, plan=plan)
    # The order in which the record gives them back.
    return tuple(sorted(found, key=lambda one: (one.limit_code, one.label)))
