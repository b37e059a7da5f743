"""One thread for a server's acts: shared commits, and no act pays for another's failure."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.commands.charting import Recorded
from protocol.records.door import NotStored
from protocol.records.prepared import Ask
from protocol.records.rows import New
from protocol.records.runner import Answer, Runner, Turn
from protocol.records.tables import TextRow
from protocol.records.work import work
from protocol.rules.actions import Action
from protocol.rules.charting import Charted
from protocol.rules.errors import IdConflict, NothingRunning
from protocol.rules.sessions import SessionStatus
from tests.commands.world import World, a_charted, a_dosing, a_reading, at

Does = Callable[[Turn], object]


@pytest.fixture(params=["its own group", "another thread's group"], autouse=True)
def shares(request: pytest.FixtureRequest) -> str:
    """Whether the runner's turn begins a transaction or goes on with one (savepoints then)."""
    return str(request.param)


def run(world: World, acts: Sequence[Does], shares: str) -> list[Answer]:
    """Submit these acts while nothing of them can run, so that all of them share one turn."""
    door = world.clinic.database.door(str(world.clinic.id))
    answers: list[Answer] = []
    go_on, done = threading.Event(), threading.Event()

    def answer(some: Sequence[Answer]) -> None:
        answers.extend(one for one in some if one.caller is not None)
        if len(answers) == len(acts):
            done.set()

    group = door.enter() if shares == "another thread's group" else None
    runner = Runner(world.clinic.database, world.clinic.id, answer)
    runner.submit(lambda _turn: go_on.wait(60), None)
    for number, act in enumerate(acts):
        runner.submit(act, number, asks(world, act))
    go_on.set()
    if group is not None:
        while not door._waiting:
            done.wait(0.001)
        door.leave(group)
    assert done.wait(60), "an act was never answered"
    runner.close()
    return answers


@dataclass(frozen=True)
class Charts:
    """An act that charts, with what it asks of its session told ahead."""

    world: World
    charted: Charted
    session_id: UUID

    def __call__(self, _turn: Turn) -> Recorded:
        world = self.world
        return charting.record_entry(
            world.clinic, world.nurse, self.session_id, self.charted, now=at(60)
        )


def asks(world: World, act: Does) -> list[Ask]:
    if not isinstance(act, Charts):
        return []
    return charting.asked_ahead(world.clinic.id, act.session_id, act.charted)


def chart(world: World, charted: Charted, session_id: UUID | None = None) -> Does:
    return Charts(world, charted, session_id or world.session)


def a_pulse(minute: float = 1) -> Charted:
    return a_charted(minute, a_reading("heart-rate 71 /min"))


def breaks(turn: Turn) -> None:
    turn.connection.execute(text("SELECT nothing FROM nowhere"))


def test_acts_are_answered_in_order_by_one_commit(world: World, shares: str) -> None:
    turns: list[Turn] = []
    readings = [a_pulse() for _ in range(5)]

    def seen(charted: Charted) -> Does:
        def act(turn: Turn) -> object:
            turns.append(turn)
            return chart(world, charted)(turn)

        return act

    answers = run(world, [seen(one) for one in readings], shares)
    assert [one.caller for one in answers] == list(range(5))
    assert len(set(map(id, turns))) == 1
    assert [one.id for one in world.record().entries] == [one.id for one in readings]
    assert world.fault() is None


def test_nothing_is_answered_before_it_is_stored(world: World) -> None:
    stored: list[int] = []
    done = threading.Event()

    def answer(_some: Sequence[Answer]) -> None:
        stored.append(len(world.record().entries))
        done.set()

    runner = Runner(world.clinic.database, world.clinic.id, answer)
    runner.submit(chart(world, a_pulse()), None)
    assert done.wait(60)
    runner.close()
    assert stored == [1]


def test_a_refusal_is_its_own_act_s_alone(world: World, shares: str) -> None:
    stop = a_charted(1, a_dosing("stop"))
    answers = run(
        world, [chart(world, a_pulse()), chart(world, stop), chart(world, a_pulse())], shares
    )
    assert [type(one.error) for one in answers] == [type(None), NothingRunning, type(None)]
    assert len(world.record().entries) == 2
    assert world.fault() is None


def test_an_act_sees_what_waits_of_its_own_session(world: World, shares: str) -> None:
    start = a_charted(1, a_dosing("start", rate="11.3 mL/h"))
    again = a_charted(2, a_dosing("start", rate="11.3 mL/h"))
    stop = a_charted(3, a_dosing("stop"))
    answers = run(world, [chart(world, one) for one in (start, again, stop)], shares)
    assert [one.error is None for one in answers] == [True, False, True]
    assert world.record().status is SessionStatus.IN_PROGRESS
    assert len(world.record().entries) == 2


def test_the_same_entry_twice_in_one_commit_is_kept_once(world: World, shares: str) -> None:
    reading = a_pulse()
    answers = run(world, [chart(world, reading), chart(world, reading)], shares)
    results = [one.result for one in answers]
    assert [isinstance(one, Recorded) and one.repeated for one in results] == [False, True]
    assert len(world.record().entries) == 1


def test_an_error_of_the_database_is_its_own_act_s_alone(world: World, shares: str) -> None:
    answers = run(world, [chart(world, a_pulse()), breaks, chart(world, a_pulse())], shares)
    assert [type(one.error) for one in answers] == [type(None), NotStored, type(None)]
    assert len(world.record().entries) == 2
    assert world.fault() is None


def test_one_id_in_two_sessions_of_one_commit_is_a_conflict_of_the_second(
    world: World, shares: str
) -> None:
    """The rows of two sessions wait together, so the engine alone sees it, at the commit."""
    reading, other = a_pulse(), world.session_on()
    acts = [chart(world, reading), chart(world, reading, other), chart(world, a_pulse())]
    answers = run(world, acts, shares)
    assert [type(one.error) for one in answers] == [type(None), IdConflict, type(None)]
    assert len(world.record().entries) == 2
    assert world.fault() is None


def test_what_fails_between_its_rows_and_its_entry_leaves_neither(
    world: World, shares: str
) -> None:
    """A line feed in an audit field is found when the rows are on their way already."""
    spoilt = world.nurse.model_copy(update={"workstation": "chair\n1"})

    def act(_turn: Turn) -> object:
        return charting.record_entry(world.clinic, spoilt, world.session, a_pulse(), now=at(60))

    answers = run(world, [chart(world, a_pulse()), act, chart(world, a_pulse())], shares)
    assert [type(one.error) for one in answers] == [type(None), ValueError, type(None)]
    assert len(world.record().entries) == 2
    assert world.fault() is None


def test_a_row_that_cannot_be_sealed_is_not_written_with_another_act_s(
    world: World, shares: str
) -> None:
    def act(_turn: Turn) -> None:
        with work(world.clinic, world.nurse, Action.NOTE_RECORD, at(60)) as one:
            one.about(session=world.session)
            own = {"clinic_id": world.clinic.id, "words": "Invented"}
            one.add(New(TextRow, own | {"entry_id": uuid7()}))
            one.add(
                New(TextRow, {"clinic_id": world.clinic.id, "entry_id": object(), "words": "b"})
            )

    answers = run(world, [act, chart(world, a_pulse())], shares)
    assert [type(one.error) for one in answers] == [TypeError, type(None)]
    assert len(world.record().entries) == 1
    assert world.fault() is None
