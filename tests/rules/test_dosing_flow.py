"""What may follow what on a drug line, and what is refused."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.charting import DosingKind
from protocol.rules.dosing import (
    FLOW,
    Dosed,
    Flow,
    flow_after,
    in_order,
    require_follows,
    segments,
    sequence_faults,
)
from protocol.rules.errors import AlreadyRunning, NothingRunning, Refusal, UnitMismatch
from tests.rules.examples import a_concentration, at, dosed, dosing
from tests.rules.histories import histories, shuffled

LEADING_TO = {
    Flow.IDLE: [],
    Flow.RUNNING: [dosed(1, "start", 0)],
    Flow.PAUSED: [dosed(1, "start", 0), dosed(2, "pause", 5)],
}
REFUSALS: dict[tuple[Flow, str], type[Refusal]] = {
    (Flow.IDLE, "rate-change"): NothingRunning,
    (Flow.IDLE, "pause"): NothingRunning,
    (Flow.IDLE, "resume"): NothingRunning,
    (Flow.IDLE, "stop"): NothingRunning,
    (Flow.RUNNING, "start"): AlreadyRunning,
    (Flow.RUNNING, "resume"): AlreadyRunning,
    (Flow.PAUSED, "start"): AlreadyRunning,
    (Flow.PAUSED, "rate-change"): NothingRunning,
    (Flow.PAUSED, "pause"): NothingRunning,
}
FOLLOWS = {
    (Flow.IDLE, "start"): Flow.RUNNING,
    (Flow.IDLE, "bolus"): Flow.IDLE,
    (Flow.RUNNING, "rate-change"): Flow.RUNNING,
    (Flow.RUNNING, "bolus"): Flow.RUNNING,
    (Flow.RUNNING, "pause"): Flow.PAUSED,
    (Flow.RUNNING, "stop"): Flow.IDLE,
    (Flow.PAUSED, "bolus"): Flow.PAUSED,
    (Flow.PAUSED, "resume"): Flow.RUNNING,
    (Flow.PAUSED, "stop"): Flow.IDLE,
}


@pytest.mark.parametrize(("flow", "kind"), list(product(Flow, DosingKind)))
def test_every_event_follows_or_is_refused_in_every_flow(flow: Flow, kind: DosingKind) -> None:
    before, added = LEADING_TO[flow], dosed(9, kind, 30)
    assert flow_after(before) is flow
    if (flow, kind) in FOLLOWS:
        require_follows(before, added)
        assert FLOW[flow, kind] is flow_after([*before, added]) is FOLLOWS[flow, kind]
    else:
        with pytest.raises(REFUSALS[flow, kind]) as caught:
            require_follows(before, added)
        assert caught.value.facts == {"drug_line": "line-1", "event": kind, "flow": flow}
        assert flow_after([*before, added]) is flow


def test_the_refusal_names_the_line_the_time_and_what_it_is_doing() -> None:
    with pytest.raises(NothingRunning) as caught:
        require_follows([], dosed(1, "stop", 5))
    assert caught.value.sentence == (
        "line-1 is not running at 2031-05-06T09:05:00+00:00: a stop does not follow."
    )


def test_a_bolus_may_be_given_while_nothing_runs_and_starts_nothing() -> None:
    bolus = dosed(1, "bolus", 5)
    require_follows([], bolus)
    assert flow_after([bolus]) is Flow.IDLE


def test_a_late_event_is_judged_at_the_time_it_happened() -> None:
    charted = [dosed(1, "start", 0), dosed(2, "stop", 40)]
    require_follows(charted, dosed(3, "pause", 20))
    require_follows(charted, dosed(3, "start", 41))
    with pytest.raises(NothingRunning):
        require_follows(charted, dosed(3, "pause", 41))


def test_a_late_event_may_not_break_what_came_after_it() -> None:
    charted = [dosed(1, "start", 0), dosed(2, "rate-change", 30), dosed(3, "stop", 40)]
    with pytest.raises(NothingRunning) as caught:
        require_follows(charted, dosed(4, "stop", 20))
    assert "With this stop, the rate-change of line-1" in caught.value.sentence
    with pytest.raises(NothingRunning):
        require_follows(charted, dosed(4, "pause", 20))


def test_an_earlier_start_breaks_the_later_one() -> None:
    with pytest.raises(AlreadyRunning):
        require_follows([dosed(1, "start", 10)], dosed(2, "start", 5))


def test_a_fault_that_was_there_does_not_stop_the_next_true_fact() -> None:
    orphan = dosed(1, "stop", 10)
    require_follows([orphan], dosed(2, "start", 20))
    assert [one for one, _ in sequence_faults([orphan, dosed(2, "start", 20)])] == [orphan]


def test_a_late_start_heals_a_stop_that_had_none() -> None:
    orphan, start = dosed(1, "stop", 10), dosed(2, "start", 5)
    require_follows([orphan], start)
    assert sequence_faults([orphan, start]) == []


def test_the_other_drug_line_is_another_flow() -> None:
    other = dosed(2, "start", 5)._replace(event=dosing("start", rate="3 mL/h", line="line-2"))
    require_follows([dosed(1, "start", 0)], other)


def test_a_pause_and_a_stop_in_one_minute_stand_in_the_order_of_charting() -> None:
    start, pause, stop = dosed(1, "start", 0), dosed(2, "pause", 9), dosed(3, "stop", 9)
    require_follows([start, pause], stop)
    assert flow_after([stop, pause, start]) is Flow.IDLE
    assert [one.number for one in in_order([stop, pause, start])] == [1, 2, 3]
    with pytest.raises(NothingRunning):
        require_follows([start, dosed(4, "stop", 9)], dosed(5, "pause", 9))


@given(histories())
@settings(max_examples=30)
def test_a_legal_history_is_accepted_event_by_event(events: list[Dosed]) -> None:
    for index, added in enumerate(events):
        require_follows(events[:index], added)
    assert sequence_faults(events) == []


@given(histories(gap_min=1), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_flow_does_not_depend_on_the_order_of_charting(events: list[Dosed], chance) -> None:
    renumbered = shuffled(events, chance)
    assert sequence_faults(renumbered) == []
    assert flow_after(renumbered) is flow_after(events)


@given(st.lists(st.tuples(st.sampled_from(list(DosingKind)), st.integers(0, 60)), max_size=9))
@settings(max_examples=30)
def test_any_history_at_all_is_either_in_order_or_names_its_faults(steps) -> None:
    events = [dosed(number, kind, minute) for number, (kind, minute) in enumerate(steps)]
    faults = {one.entry_id for one, _ in sequence_faults(events)}
    kept = [one for one in events if one.entry_id not in faults]
    assert sequence_faults(kept) == []
    assert flow_after(kept) is flow_after(events)


@pytest.mark.parametrize(
    ("kind", "rate", "dose"),
    [
        ("start", "3 mg", None),
        ("start", "3 mg/mL", None),
        ("start", "3 [iU]/h", None),
        ("start", "3 /min", None),
        ("bolus", None, "3 [iU]"),
        ("bolus", None, "3 mg/h"),
        ("bolus", None, "3 %"),
        ("bolus", None, "3 mg/mL"),
    ],
)
def test_an_event_that_no_amount_follows_from_adds_up_to_nothing(
    kind: str, rate: str | None, dose: str | None
) -> None:
    with pytest.raises(UnitMismatch):
        segments([dosed(1, kind, 0, rate=rate, dose=dose)], a_concentration(), at(1))


@pytest.mark.parametrize(
    ("kind", "rate", "dose"),
    [("start", "3 ug/kg/min", None), ("bolus", None, "3 mg/kg")],
)
def test_an_event_per_kg_wants_a_weight(kind: str, rate: str | None, dose: str | None) -> None:
    weightless = dosed(1, kind, 0, rate=rate, dose=dose, weight=None)
    with pytest.raises(UnitMismatch, match="no weight was recorded by that time"):
        segments([weightless], a_concentration(), at(1))
    segments([dosed(1, kind, 0, rate=rate, dose=dose)], a_concentration(), at(1))
