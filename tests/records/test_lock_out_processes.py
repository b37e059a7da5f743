"""Lock-out is counted over processes, and no restart forgets it (R34)."""

import pytest

from protocol.records.lookups import table
from protocol.records.tables import LockOutRow
from protocol.rules.errors import SignInFailed
from tests.commands.proofs import sign_in
from tests.commands.world import World
from tests.forked import Forked
from tests.records import guessing_process


def guessing(world: World, guesses: int) -> Forked:
    arguments = (world.database.url, str(world.clinic.id), "nurse", str(guesses))
    return Forked(guessing_process.main, *arguments)


def ended(process: Forked) -> str:
    with process.out:
        said = process.out.read()
    assert process.wait(120) == 0
    return said.strip()


def test_two_processes_count_together_and_a_third_finds_the_account_paused(world: World) -> None:
    world.policy_with(access={"failures_max": 8, "lock_out_min": 5})
    for process in [guessing(world, 4), guessing(world, 4)]:
        assert ended(process) == "4"
    with world.database.looking() as connection:
        rows = connection.execute(table(LockOutRow).select()).all()
    account = f"account {world.nurse.person_id}"
    assert [one.failures for one in rows if one.subject == account] == [8]
    assert [one.failures for one in rows if one.subject.startswith("workstation")] == [8]
    restarted = world.in_copy(world.database.url)
    with pytest.raises(SignInFailed):
        sign_in(restarted, minute=4.9)
    assert sign_in(restarted, minute=5)
    assert restarted.fault() is None
    restarted.database.close()


def test_one_failure_less_pauses_nobody(world: World) -> None:
    world.policy_with(access={"failures_max": 8, "lock_out_min": 5})
    for process in [guessing(world, 4), guessing(world, 3)]:
        ended(process)
    assert sign_in(world, minute=1)
