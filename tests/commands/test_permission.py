"""What no role grants is refused: every act with every role, through the one door (R40)."""

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import authoring
from protocol.records.reading import reading
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor, Role
from protocol.rules.errors import DocumentInvalid, NotPermitted
from protocol.rules.grants import GRANTS, RESERVED
from protocol.rules.protocols import PolicyDocument
from tests.commands.world import POLICY, World, at


def in_role(world: World, *roles: Role) -> Actor:
    return world.nurse.model_copy(update={"roles": frozenset(roles)})


class _Stop(Exception):
    """Inside the door; nothing is to be written."""


def is_let_in(world: World, actor: Actor, action: Action) -> bool:
    try:
        with work(world.clinic, actor, action, at(0)) as act:
            assert isinstance(act, Act)
            raise _Stop
    except _Stop:
        return True
    except NotPermitted:
        return False


@pytest.mark.parametrize("role", Role)
def test_the_door_lets_in_what_the_role_grants_and_nothing_else(world: World, role: Role) -> None:
    actor = in_role(world, role)
    assert {action for action in Action if is_let_in(world, actor, action)} == GRANTS[role]


@pytest.mark.parametrize("role", Role)
def test_what_is_read_is_granted_by_the_same_table(sqlite_world: World, role: Role) -> None:
    actor, seen = in_role(sqlite_world, role), set()
    for action in Action:
        try:
            with reading(sqlite_world.clinic, actor, action, at(0)):
                seen.add(action)
        except NotPermitted:
            pass
    assert seen == GRANTS[role]


def test_who_has_no_role_may_nothing(sqlite_world: World) -> None:
    actor = in_role(sqlite_world)
    assert not any(is_let_in(sqlite_world, actor, action) for action in Action)


def test_who_has_two_roles_may_what_either_grants(sqlite_world: World) -> None:
    actor = in_role(sqlite_world, Role.NURSE, Role.ADMINISTRATOR)
    let_in = {action for action in Action if is_let_in(sqlite_world, actor, action)}
    assert let_in == GRANTS[Role.NURSE] | GRANTS[Role.ADMINISTRATOR]


@pytest.mark.parametrize("role", Role)
def test_a_policy_widens_what_a_role_may_but_never_what_is_reserved(
    world: World, role: Role
) -> None:
    reserved = {action for action, needed in RESERVED.items() if needed is not role}
    for action in reserved:
        with pytest.raises(DocumentInvalid):
            world.policy_with(grants=[{"role": role.value, "action": action.value}])
    grants = [{"role": role.value, "action": one.value} for one in Action if one not in reserved]
    world.policy_with(grants=grants)
    actor = in_role(world, role)
    let_in = {action for action in Action if is_let_in(world, actor, action)}
    assert let_in == set(Action) - reserved


def test_what_a_policy_grants_ends_with_the_policy(world: World) -> None:
    grants = [{"role": "auditor", "action": "note:record"}]
    world.policy_with(name="Wider", grants=grants)
    note = {"kind": "note", "text": "x"}
    world.chart(1, note, by=world.auditor)
    world.policy_with(name="Narrower")
    with pytest.raises(NotPermitted):
        world.chart(2, note, by=world.auditor)


def test_a_grant_in_a_draft_grants_nothing(world: World) -> None:
    wider = POLICY | {"grants": [{"role": "auditor", "action": "note:record"}]}
    document = PolicyDocument.model_validate(wider)
    authoring.draft(world.clinic, world.physician, uuid7(), document, now=at(0))
    with pytest.raises(NotPermitted):
        world.chart(1, {"kind": "note", "text": "x"}, by=world.auditor)
