"""Where a sign-in stands, and what a held one may do: pure answers (R28, R41, R43)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.access import AccessPolicy, access_of
from protocol.rules.actions import Action, Actor, Ceiling, Held, Role
from protocol.rules.ceilings import HELD_TO, NOT_FOR_PROGRAMS, ceiling_of, require_scopes
from protocol.rules.emergency import Emergency
from protocol.rules.errors import NotPermitted
from protocol.rules.grants import GRANTS, IN_EMERGENCY, may
from protocol.rules.sign_ins import SignInStanding, SignInTimes, seen_is_due, standing_of
from tests.rules.examples import an_actor

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)
IDLE = timedelta(minutes=10)
OPEN = SignInTimes(NINE + timedelta(hours=8), NINE, IDLE, None, None, True, None)
EMERGENCY = Emergency(id=UUID(int=7), reason="Invented", ends_at=NINE + timedelta(hours=1))
minutes = st.floats(0, 1000).map(lambda one: timedelta(minutes=one))


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, SignInStanding.OPEN),
        ({"locked_at": NINE}, SignInStanding.LOCKED),
        ({"seen_at": NINE - IDLE}, SignInStanding.IDLE),
        ({"seen_at": NINE - IDLE, "idle": None}, SignInStanding.OPEN),
        ({"expires_at": NINE}, SignInStanding.EXPIRED),
        ({"ended_at": NINE}, SignInStanding.ENDED),
        ({"active": False}, SignInStanding.DEACTIVATED),
        ({"standing_ends_at": NINE}, SignInStanding.DEACTIVATED),
        ({"standing_ends_at": NINE + IDLE}, SignInStanding.OPEN),
        # What ends it for good is said before what only locks it.
        ({"ended_at": NINE, "locked_at": NINE, "active": False}, SignInStanding.ENDED),
        ({"active": False, "locked_at": NINE}, SignInStanding.DEACTIVATED),
    ],
)
def test_each_standing_has_its_reason(changes: dict, standing: SignInStanding) -> None:
    assert standing_of(OPEN._replace(**changes), NINE) is standing


@given(st.lists(minutes, max_size=80))
def test_it_locks_within_the_idle_span_of_the_last_request_and_is_seldom_written(
    waits: list[timedelta],
) -> None:
    times, now, last = OPEN._replace(expires_at=NINE + timedelta(days=999)), NINE, NINE
    writes = 0
    for wait in waits:
        now += wait
        standing = standing_of(times, now)
        if now - last >= IDLE:
            assert standing is SignInStanding.IDLE
        if now - last < IDLE * 0.9:
            assert standing is SignInStanding.OPEN
        if standing is not SignInStanding.OPEN:
            return
        last = now
        if seen_is_due(times, now):
            times, writes = times._replace(seen_at=now), writes + 1
    assert writes <= (now - NINE) / (IDLE / 10)


@given(st.sampled_from(Action), st.frozensets(st.sampled_from(Role)), st.sampled_from(Held))
def test_a_ceiling_only_takes_away(action: Action, roles: frozenset[Role], held: Held) -> None:
    plain = an_actor(*roles)
    ceiling = ceiling_of(held.value, "session:view note:record gone:away", UUID(int=1))
    assert ceiling is not None
    actor = plain.model_copy(update={"ceiling": ceiling})
    assert may(actor, action) == (may(plain, action) and action in ceiling.actions)


@given(st.sampled_from(Action), st.frozensets(st.sampled_from(Role)))
def test_an_emergency_only_adds_reading_and_charting(
    action: Action, roles: frozenset[Role]
) -> None:
    plain: Actor = an_actor(*roles)
    actor = plain.model_copy(update={"emergency": EMERGENCY})
    assert may(actor, action) == (may(plain, action) or action in IN_EMERGENCY)


def test_an_emergency_signs_nothing_and_changes_nobody() -> None:
    charts = GRANTS[Role.NURSE]
    assert charts > IN_EMERGENCY
    assert not {one for one in IN_EMERGENCY if one.value.startswith(("person", "policy:a"))}
    assert Action.SESSION_SIGN not in IN_EMERGENCY | HELD_TO[Held.EMERGENCY_SIGN_IN]


def test_a_temporary_secret_is_good_for_an_own_one_only() -> None:
    assert Action.PERSON_SET_SECRET in HELD_TO[Held.SECRET_TEMPORARY]
    assert not HELD_TO[Held.SECRET_TEMPORARY] & IN_EMERGENCY
    assert Action.SECOND_FACTOR_ENROL in HELD_TO[Held.SECOND_FACTOR_DUE]


def test_a_program_gets_no_scope_of_a_person_and_none_that_the_person_has_not() -> None:
    nurse = an_actor(Role.NURSE)
    require_scopes(nurse, [Action.READING_RECORD, Action.SESSION_VIEW], frozenset())
    for scope in (*sorted(NOT_FOR_PROGRAMS), Action.PERSON_ADD, Action.SESSION_PLAN):
        with pytest.raises(NotPermitted):
            require_scopes(nurse, [scope], frozenset())


def test_what_is_done_is_marked_with_the_emergency_and_the_token() -> None:
    ceiling = Ceiling(why=Held.API_TOKEN, actions=frozenset(), token_id=UUID(int=9))
    actor = an_actor(Role.NURSE).model_copy(update={"ceiling": ceiling, "emergency": EMERGENCY})
    assert actor.marks == {
        "emergency_access": str(EMERGENCY.id), "api_token": str(UUID(int=9)),
    }  # fmt: skip
    assert an_actor(Role.NURSE).marks == {}


def test_the_policys_numbers_stand_in_front_of_ours() -> None:
    own = access_of(AccessPolicy(idle_min=7, failures_max=4, lock_out_min=3, emergency_min=13))
    assert (own.idle, own.emergency) == (timedelta(minutes=7), timedelta(minutes=13))
    assert (own.account.failures_max, own.account.pause) == (4, timedelta(minutes=3))
    assert access_of(None) == access_of(AccessPolicy())
    assert access_of(None).workstation.failures_max > access_of(None).account.failures_max
