"""The dosing of a drug line is a sequence: what does not follow is refused, and sums are exact."""

from itertools import product

import pytest

from protocol.rules.charting import DosingKind
from protocol.rules.dosing import FLOW, Flow
from protocol.rules.errors import AlreadyRunning, NothingRunning
from tests.commands.world import World, a_dosing, at

CONTENTS = {
    "start": a_dosing("start", rate="7 mg/h"),
    "rate-change": a_dosing("rate-change", rate="14 mg/h"),
    "bolus": a_dosing("bolus", dose="1.9 mg"),
    "pause": a_dosing("pause"),
    "resume": a_dosing("resume"),
    "stop": a_dosing("stop"),
}
WAY = {Flow.IDLE: (), Flow.RUNNING: ("start",), Flow.PAUSED: ("start", "pause")}


@pytest.mark.parametrize(("flow", "kind"), [*product(Flow, DosingKind)])
def test_every_event_follows_or_is_refused(
    sqlite_world: World, flow: Flow, kind: DosingKind
) -> None:
    for minute, earlier in enumerate(WAY[flow]):
        sqlite_world.chart(minute, CONTENTS[earlier])
    if (flow, kind) in FLOW:
        sqlite_world.chart(9, CONTENTS[kind])
        return
    starts = kind in (DosingKind.START, DosingKind.RESUME) and flow is not Flow.IDLE
    with pytest.raises(AlreadyRunning if starts else NothingRunning):
        sqlite_world.chart(9, CONTENTS[kind])


def test_what_went_in_is_the_exact_sum_of_its_segments(world: World) -> None:
    for minute, kind in ((0, "start"), (10, "rate-change"), (15, "pause"), (20, "resume")):
        world.chart(minute, CONTENTS[kind])
    world.chart(22, CONTENTS["bolus"])
    world.chart(30, CONTENTS["stop"])
    [total] = world.record().totals()
    # 7 mg/h for 10 min, 14 for 5, 14 again for 10, and 1.9 mg at once; 7 mg are in 3 mL.
    assert [str(part.given and part.given.amount) for part in total.parts] == [
        "1.166666666667", "1.166666666667", "2.333333333333", "1.9",
    ]  # fmt: skip
    assert (str(total.given.amount), total.given.unit) == ("6.566666666667", "mg")
    assert total.flow is Flow.IDLE


def test_an_event_that_was_forgotten_fits_in_between_or_is_refused(world: World) -> None:
    world.chart(0, CONTENTS["start"])
    world.chart(30, CONTENTS["stop"])
    with pytest.raises(NothingRunning):
        world.chart(20, CONTENTS["stop"], now=at(40))
    world.chart(20, CONTENTS["pause"], now=at(40))
    with pytest.raises(AlreadyRunning):
        world.chart(10, CONTENTS["start"], now=at(40))
    world.chart(25, CONTENTS["resume"], now=at(40))
    [total] = world.record().totals()
    assert [(part.start, part.end) for part in total.parts] == [
        (at(0), at(20)), (at(25), at(30)),
    ]  # fmt: skip


def test_a_second_nurse_cannot_start_what_is_running(world: World) -> None:
    world.chart(0, CONTENTS["start"])
    with pytest.raises(AlreadyRunning, match=r"line-1 is running"):
        world.chart(1, CONTENTS["start"], by=world.second_nurse)
