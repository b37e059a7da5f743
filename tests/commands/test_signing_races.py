"""Of two at once one wins, on both engines (R173)."""

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID

from protocol.commands import planning
from protocol.rules.actions import Action
from protocol.rules.errors import AlreadySigned, RecordChanged, Refusal
from protocol.rules.signature import AWAITED, Meaning
from tests.commands.world import World, a_reading, at

ROUNDS = 2


def outcomes(*acts: Callable[[], object]) -> list[object]:
    """What comes of acts that start at one moment: their answers or their refusals."""
    start, found = threading.Barrier(len(acts)), [object()] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            found[place] = act()
        except Refusal as refusal:
            found[place] = refusal

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "an act waits for ever"
    return found


def kinds(found: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in found)


def ended(world: World) -> tuple[UUID, str]:
    """One more session that can be signed, with its digest."""
    session = world.session_on()
    world.act(Action.SESSION_BEGIN, 1, session=session)
    record = world.act(Action.SESSION_COMPLETE, 50, session=session)
    return session, record.digest()


def test_of_two_who_sign_one_meaning_at_once_one_wins(world: World) -> None:
    for _ in range(ROUNDS):
        session, digest = ended(world)
        sign = partial(world.sign, digest=digest, session=session)
        found = outcomes(partial(sign, world.nurse), partial(sign, world.second_nurse))
        assert kinds(found) == ["AlreadySigned", "Signature"]
        assert len(world.record(session).signatures) == 1
    assert world.fault() is None


def test_of_three_processes_that_sign_at_once_one_wins(world: World) -> None:
    others = [world.in_copy(world.database.url) for _ in range(3)]
    session, digest = ended(world)
    found = outcomes(*(partial(one.sign, digest=digest, session=session) for one in others))
    for other in others:
        other.database.close()
    assert kinds(found) == ["AlreadySigned", "AlreadySigned", "Signature"]
    assert world.fault() is None


def test_of_a_signature_and_an_edit_at_once_one_wins(world: World) -> None:
    for _ in range(ROUNDS):
        session, digest = ended(world)
        reading = a_reading("heart-rate 71 /min")
        signed, charted = outcomes(
            partial(world.sign, digest=digest, session=session),
            partial(world.chart, 10, reading, session=session, now=at(60)),
        )
        record = world.record(session)
        assert isinstance(signed, RecordChanged) is not isinstance(charted, AlreadySigned)
        assert bool(record.entries) is not bool(record.signatures)
        assert all(one.record_digest == record.digest() for one in record.signatures)


def test_of_a_signature_and_a_change_of_status_at_once_one_wins(world: World) -> None:
    session, digest = ended(world)
    change = planning.StatusIn(reason="wrong patient")
    signed, retracted = outcomes(
        partial(world.sign, digest=digest, session=session),
        partial(
            planning.change_status, world.clinic, world.nurse, Action.SESSION_RETRACT, session,
            change, now=at(60),
        ),
    )  # fmt: skip
    assert isinstance(signed, RecordChanged) is not isinstance(retracted, AlreadySigned)


def test_a_nurse_and_a_physician_may_sign_at_once(world: World) -> None:
    session, digest = ended(world)
    sign = partial(world.sign, digest=digest, session=session)
    found = outcomes(sign, partial(sign, world.physician, Meaning.APPROVAL))
    assert kinds(found) == ["Signature", "Signature"]
    assert {one.meaning for one in world.record(session).signatures} == set(AWAITED)
