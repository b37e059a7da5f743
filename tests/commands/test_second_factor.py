"""The second factor: enrolled, confirmed, used once a code, replaced by recovery codes (R47)."""

import threading

import pytest

from protocol.commands import second_factor, signing_in
from protocol.rules.errors import CodeNotRight, NotFound, SecondFactorMissing, SignInFailed
from tests.commands.proofs import Authenticator, holder, last, sign_in
from tests.commands.world import SECRET, World, at
from tests.records.attack import SEALED_TABLES, Attack
from tests.records.test_trail import trail


@pytest.fixture
def authenticator(world: World) -> Authenticator:
    return Authenticator(world, world.nurse)


def refused(world: World, code: str | None, minute: float = 0) -> None:
    with pytest.raises(SignInFailed):
        sign_in(world, minute=minute, code=code)


def test_an_offered_factor_is_in_force_once_a_code_of_it_came(world: World) -> None:
    offered = second_factor.enrol(world.clinic, world.nurse, SECRET, None, now=at(0))
    assert offered.uri.startswith("otpauth://totp/Invented%20clinic:nurse?secret=")
    assert sign_in(world, minute=1)
    with pytest.raises(CodeNotRight):
        second_factor.confirm(world.clinic, world.nurse, "000000", now=at(1))
    with pytest.raises(NotFound):
        second_factor.confirm(world.clinic, world.physician, "000000", now=at(1))
    assert sign_in(world, minute=2)


def test_without_the_code_or_with_another_nobody_gets_in(
    world: World, authenticator: Authenticator
) -> None:
    for code in (None, "", "000000", authenticator.code(-30), "x" * 2_000):
        refused(world, code)
    signed_in = sign_in(world, code=authenticator.code(0))
    assert holder(world, signed_in)
    assert last(world)["detail"]["second_factor"] is True


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_clock_may_be_half_a_minute_off(
    world: World, authenticator: Authenticator, seconds: int
) -> None:
    assert sign_in(world, code=authenticator.code(0, seconds))


def test_a_code_is_taken_once_and_none_before_it(
    world: World, authenticator: Authenticator
) -> None:
    code, before = authenticator.code(0), authenticator.code(0, -30)
    assert sign_in(world, code=f" {code[:3]} {code[3:]} ")
    refused(world, code)
    refused(world, before)
    fresh = world.in_copy(world.database.url)  # another process, another cache
    refused(fresh, code)
    fresh.database.close()
    assert sign_in(world, minute=1, code=authenticator.code(1))


def test_a_code_that_signed_in_does_not_sign(world: World, authenticator: Authenticator) -> None:
    from protocol.commands import signing

    world.completed()
    code = authenticator.code(60)
    sign_in(world, minute=60, code=code)
    digest = world.record().digest()

    def sign(one_time_code: str) -> None:
        wanted = signing.SignatureIn.model_validate(
            {"id": world.protocol, "meaning": "authorship",
             "record_digest": digest, "secret": SECRET, "one_time_code": one_time_code}
        )  # fmt: skip
        signing.sign(world.clinic, world.nurse, world.session, wanted, now=at(61))

    with pytest.raises(SignInFailed):
        sign(code)
    sign(authenticator.code(61))
    assert len(world.record().signatures) == 1


def test_of_two_requests_with_one_code_one_wins(world: World, authenticator: Authenticator) -> None:
    code = authenticator.code(0)
    came: list[object] = []
    start = threading.Barrier(6)

    def attempt() -> None:
        start.wait()
        try:
            came.append(sign_in(world, code=code))
        except SignInFailed:
            came.append(None)

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one is None for one in came) == [False, *[True] * 5]
    outcomes = [one["outcome"] for one in trail(world)[-6:]]
    assert sorted(outcomes) == ["done", *["refused"] * 5]
    assert world.fault() is None


def test_a_recovery_code_stands_in_once(world: World, authenticator: Authenticator) -> None:
    first, second = authenticator.recovery_codes[:2]
    assert len(set(authenticator.recovery_codes)) == 10
    assert sign_in(world, code=first)
    refused(world, first)
    assert sign_in(world, minute=1, code=second.upper().replace("-", " "))
    fresh = second_factor.renew_codes(
        world.clinic, world.nurse, SECRET, authenticator.code(2), now=at(2)
    )
    refused(world, authenticator.recovery_codes[2], 3)
    assert sign_in(world, minute=4, code=fresh[0])


def test_no_recovery_code_is_kept_in_the_open(world: World, authenticator: Authenticator) -> None:
    with Attack.looking(world) as looking:
        words = "".join(str(looking.rows(one)) for one in SEALED_TABLES) + str(trail(world))
    for code in authenticator.recovery_codes:
        assert code not in words
        assert code.replace("-", "") not in words
    assert authenticator.shared_secret not in str(trail(world))


def test_a_new_factor_takes_the_old_ones_place_and_the_old_one_proves_it(
    world: World, authenticator: Authenticator
) -> None:
    with pytest.raises(SignInFailed):
        second_factor.enrol(world.clinic, world.nurse, SECRET, None, now=at(0))
    offered = second_factor.enrol(
        world.clinic, world.nurse, SECRET, authenticator.code(0), now=at(0)
    )
    assert sign_in(world, minute=1, code=authenticator.code(1))
    authenticator.totp = type(authenticator.totp)(offered.shared_secret)
    second_factor.confirm(world.clinic, world.nurse, authenticator.code(2), now=at(2))
    assert sign_in(world, minute=3, code=authenticator.code(3))


def test_its_owner_ends_it_and_an_administrator_resets_a_lost_one(
    world: World, authenticator: Authenticator
) -> None:
    with pytest.raises(SignInFailed):
        second_factor.end(world.clinic, world.nurse, SECRET, None, now=at(0))
    second_factor.end(world.clinic, world.nurse, SECRET, authenticator.code(0), now=at(0))
    assert sign_in(world, minute=1)
    Authenticator(world, world.physician)
    nurse, physician = world.nurse.person_id, world.physician.person_id
    second_factor.reset(world.clinic, world.administrator, physician, now=at(2))
    assert sign_in(world, "physician", minute=3)
    with pytest.raises(NotFound):
        second_factor.reset(world.clinic, world.administrator, nurse, now=at(2))


def test_what_the_policy_asks_for_is_not_ended(world: World, authenticator: Authenticator) -> None:
    world.policy_with(access={"second_factor": ["nurse"]})
    with pytest.raises(SecondFactorMissing):
        second_factor.end(world.clinic, world.nurse, SECRET, authenticator.code(0), now=at(0))


def test_a_wrong_code_counts_for_the_lock_out(world: World, authenticator: Authenticator) -> None:
    world.policy_with(access={"failures_max": 3, "lock_out_min": 5})
    for _ in range(3):
        refused(world, "000000")
    refused(world, authenticator.code(1), 1)
    assert sign_in(world, minute=5, code=authenticator.code(5))
    assert signing_in.own_sign_ins(world.clinic, world.nurse, now=at(6))
