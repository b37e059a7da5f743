"""Who may do what: default deny, and acts that no policy can hand on."""

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.rules.actions import Action, Role
from protocol.rules.errors import NotPermitted
from protocol.rules.grants import GRANTS, IN_EMERGENCY, RESERVED, may, require_may
from protocol.rules.signature import MEANINGS_OF
from tests.rules.examples import an_actor

SYSTEM_ONLY = {Action.REQUEST_REFUSED}
EVERYTHING = frozenset(product(Role, Action))


def test_every_act_is_granted_to_some_role_or_is_the_system_s_own() -> None:
    granted = frozenset[Action]().union(*GRANTS.values())
    assert set(Action) - granted == SYSTEM_ONLY


def test_every_role_has_its_grants() -> None:
    assert set(GRANTS) == set(Role)


def test_an_act_is_named_object_and_verb() -> None:
    for action in Action:
        assert re.fullmatch("[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*", action)
        assert action.name == re.sub("[:-]", "_", action).upper()


def test_who_has_no_role_may_nothing() -> None:
    for action in Action:
        assert not may(an_actor(), action, EVERYTHING)
        with pytest.raises(NotPermitted, match="is not granted to no role"):
            require_may(an_actor(), action, EVERYTHING)


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_it_is_granted_and_is_refused_the_rest(role: Role) -> None:
    actor = an_actor(role)
    for action in Action:
        if action in GRANTS[role]:
            require_may(actor, action)
        else:
            with pytest.raises(NotPermitted) as caught:
                require_may(actor, action)
            assert caught.value.facts == {"action": action, "roles": role}


@pytest.mark.parametrize(("action", "owner"), list(RESERVED.items()))
def test_a_reserved_act_cannot_be_widened(action: Action, owner: Role) -> None:
    for role in Role:
        assert may(an_actor(role), action, EVERYTHING) == (role is owner)
    assert action in GRANTS[owner]


def test_a_policy_widens_one_act_for_one_role() -> None:
    widened = frozenset({(Role.AUDITOR, Action.NOTE_RECORD)})
    assert may(an_actor(Role.AUDITOR), Action.NOTE_RECORD, widened)
    assert not may(an_actor(Role.AUDITOR), Action.NOTE_RECORD)
    assert not may(an_actor(Role.ADMINISTRATOR), Action.NOTE_RECORD, widened)


@given(st.frozensets(st.sampled_from(Role)), st.sampled_from(Action))
@settings(max_examples=30)
def test_two_roles_may_what_either_may(roles: Any, action: Action) -> None:
    assert may(an_actor(*roles), action) == any(may(an_actor(role), action) for role in roles)


# Of the record a patient asks about, not of the chart.
RIGHTS = {
    Action.AMENDMENT_REQUEST, Action.AMENDMENT_STATE, Action.AMENDMENT_VIEW,
    Action.DISCLOSURE_ACCOUNT, Action.DISCLOSURE_RECORD, Action.DISCLOSURE_VIEW,
}  # fmt: skip


def test_accounts_are_the_administrator_s_and_charts_are_not() -> None:
    shared = GRANTS[Role.ADMINISTRATOR] & GRANTS[Role.NURSE]
    assert not shared & IN_EMERGENCY - {
        Action.JURISDICTION_VIEW,
        Action.CLINIC_VIEW,
        Action.FORM_VIEW,
        Action.POLICY_VIEW,
        Action.PROTOCOL_VIEW,
        *RIGHTS,
    }
    own = {"api-token", "emergency", "person", "second-factor", "sign-in"}
    own |= {"count", "custody", "discrepancy", "loss"}  # stock is no chart
    assert {one.value.partition(":")[0] for one in shared - IN_EMERGENCY - RIGHTS} == own
    assert Action.SESSION_VIEW not in GRANTS[Role.ADMINISTRATOR]


def test_only_who_may_sign_has_a_meaning_to_sign_with() -> None:
    assert {role for role in Role if Action.SESSION_SIGN in GRANTS[role]} == set(MEANINGS_OF)
