"""Documents: drafted, approved by a second physician, in force, retired, never changed (R115)."""

from collections.abc import Callable
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import authoring
from protocol.records.versions import Version
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import (
    DocumentInvalid,
    IdConflict,
    NotAllowedNow,
    NotFound,
    NotPermitted,
)
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.protocols import (
    VERSION_TRANSITIONS,
    Document,
    PolicyDocument,
    ProtocolDocument,
    VersionStatus,
)
from tests.commands.world import POLICY, PROTOCOL, World, at

KINDS = ("protocol", "policy", "jurisdiction")
STEPS: dict[str, Callable[..., Version]] = {
    "approve": authoring.approve,
    "activate": authoring.activate,
    "retire": authoring.retire,
}
WAY = {
    VersionStatus.DRAFT: (),
    VersionStatus.APPROVED: ("approve",),
    VersionStatus.ACTIVE: ("approve", "activate"),
    VersionStatus.RETIRED: ("retire",),
}


def a_document(kind: str, **changes: Any) -> Document:
    if kind == "policy":
        return PolicyDocument.model_validate(POLICY | {"name": "Next policy"} | changes)
    if kind == "jurisdiction":
        profile = {"name": "Inventia", "effective_on": "2031-05-06"}
        return JurisdictionDocument.model_validate(profile | changes)
    return ProtocolDocument.model_validate(PROTOCOL | {"name": "Next protocol"} | changes)


def drafted(world: World, document: Document, by: Actor | None = None) -> Version:
    return authoring.draft(world.clinic, by or world.physician, uuid7(), document, now=at(0))


def step(world: World, verb: str, version: Version, by: Actor | None = None) -> Version:
    actor = by or world.second_physician
    return STEPS[verb](world.clinic, actor, version.kind, version.id, now=at(1))


def in_status(world: World, kind: str, status: VersionStatus) -> Version:
    version = drafted(world, a_document(kind))
    for verb in WAY[status]:
        version = step(world, verb, version)
    assert version.status is status
    return version


@pytest.mark.parametrize("kind", KINDS)
def test_a_version_goes_from_draft_to_retired(world: World, kind: str) -> None:
    version = drafted(world, a_document(kind))
    assert (version.status, version.number) == (VersionStatus.DRAFT, 1)
    assert version.author.name == world.physician.name
    ways = ("approve", VersionStatus.APPROVED), ("activate", VersionStatus.ACTIVE)
    for verb, status in (*ways, ("retire", VersionStatus.RETIRED)):
        assert step(world, verb, version).status is status
    read = authoring.version(world.clinic, world.nurse, kind, version.id, now=at(2))
    assert (read.document, read.status) == (a_document(kind), VersionStatus.RETIRED)


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_that_the_table_does_not_have_is_refused(sqlite_world: World, kind: str) -> None:
    for status in VersionStatus:
        for verb in STEPS:
            following = VERSION_TRANSITIONS.get((status, Action(f"{kind}:{verb}")))
            version = in_status(sqlite_world, kind, status)
            if following is not None:
                assert step(sqlite_world, verb, version).status is following
                continue
            with pytest.raises(NotAllowedNow, match=status.value):
                step(sqlite_world, verb, version)


@pytest.mark.parametrize("kind", KINDS)
def test_its_author_does_not_approve_it(world: World, kind: str) -> None:
    version = drafted(world, a_document(kind))
    with pytest.raises(NotPermitted, match="second person"):
        step(world, "approve", version, by=world.physician)
    assert step(world, "approve", version).status is VersionStatus.APPROVED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", ["nurse", "administrator", "auditor"])
def test_only_a_physician_approves(world: World, kind: str, role: str) -> None:
    version = drafted(world, a_document(kind), by=world.administrator)
    with pytest.raises(NotPermitted):
        step(world, "approve", version, by=getattr(world, role))


def test_a_new_version_in_force_retires_the_one_before_it(world: World) -> None:
    second = world.protocol_with(indication="invented")
    other = world.version(a_document("protocol"))
    found = authoring.versions(world.clinic, world.nurse, "protocol", now=at(0))
    assert {(one.id, one.number): one.status for one in found} == {
        (world.protocol, 1): VersionStatus.RETIRED,
        (second, 2): VersionStatus.ACTIVE,
        (other, 1): VersionStatus.ACTIVE,
    }


def test_there_is_one_policy_in_force_whatever_its_name(world: World) -> None:
    second = world.version(a_document("policy"))
    found = authoring.versions(world.clinic, world.nurse, "policy", now=at(0))
    assert {one.id: one.status for one in found} == {
        world.policy: VersionStatus.RETIRED,
        second: VersionStatus.ACTIVE,
    }


def test_a_session_keeps_the_versions_it_was_prepared_on(world: World) -> None:
    world.policy_with(late_entry_after_min=55)
    world.protocol_with(indication="another")
    record = world.record()
    assert (record.policy_version.id, record.protocol_version.id) == (
        world.policy, world.protocol,
    )  # fmt: skip
    assert record.policy.late_entry_after_min == POLICY["late_entry_after_min"]
    assert record.protocol.indication is None
    approved_by = record.protocol_version.approved_by
    assert approved_by is not None
    assert approved_by.id == world.second_physician.person_id


def test_a_version_is_never_changed(world: World) -> None:
    version = drafted(world, a_document("protocol"))
    other = a_document("protocol", indication="changed")
    with pytest.raises(IdConflict):
        authoring.draft(world.clinic, world.physician, version.id, other, now=at(1))
    again = authoring.draft(
        world.clinic, world.physician, version.id, a_document("protocol"), now=at(1)
    )
    assert again == version


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"measures": ["no-such-measure"]}, "phases.0.rounds.0.measures.0"),
        ({"measures": ["heart-rate", "nausea"]}, "phases.0.rounds.0.measures.1"),
    ],
    ids=["unknown", "without-a-scale"],
)
def test_a_protocol_that_names_an_unknown_measure_is_refused_with_its_path(
    world: World, changes: dict[str, Any], path: str
) -> None:
    one = PROTOCOL["phases"][1]["rounds"][0] | changes
    document = a_document("protocol", phases=[{"code": "x", "label": "X", "rounds": [one]}])
    with pytest.raises(DocumentInvalid) as refused:
        drafted(world, document)
    assert refused.value.facts["path"] == path


def test_a_measure_that_the_policy_defines_is_known(world: World) -> None:
    own = {"code": "tremor", "label": "Tremor", "units": ["{score}"], "kind": "score"}
    scale = POLICY["scales"] | {"tremor": {"low": "0", "high": "4"}}
    world.policy_with(measures=[own], scales=scale)
    one = PROTOCOL["phases"][1]["rounds"][0] | {"measures": ["tremor"]}
    phases = [{"code": "x", "label": "X", "rounds": [one]}]
    assert drafted(world, a_document("protocol", phases=phases)).status is VersionStatus.DRAFT


def test_a_protocol_needs_a_policy_in_force(world: World) -> None:
    authoring.retire(world.clinic, world.physician, "policy", world.policy, now=at(0))
    with pytest.raises(NotAllowedNow, match="no policy in force"):
        drafted(world, a_document("protocol"))


def test_a_version_of_the_one_kind_is_not_found_as_the_other(world: World) -> None:
    with pytest.raises(NotFound):
        authoring.version(world.clinic, world.nurse, "policy", world.protocol, now=at(0))
