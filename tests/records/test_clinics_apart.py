"""Two clinics in one database neither see nor touch each other's rows (decision 10)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import (
    amending,
    authoring,
    charting,
    drafts,
    emergency,
    enrolling,
    people,
    planning,
    proving,
    second_factor,
    signing,
    signing_in,
)
from protocol.records import accounts
from protocol.records.clinics import clinic_by, clinics
from protocol.records.sealing import ENTRIES
from protocol.records.verifying import verify
from protocol.rules.actions import Action, Role
from protocol.rules.credentials import Credential
from protocol.rules.drafts import DraftIn
from protocol.rules.errors import NotFound, SignInFailed, UnknownTerm
from protocol.rules.patients import PatientIn, WeightIn
from protocol.rules.protocols import PolicyDocument
from tests.commands.templates import Templates, Worlds
from tests.commands.world import PATIENT, POLICY, SECRET, World, a_charted, a_reading, at
from tests.records.attack import SEALED_TABLES, Attack

SERIES = "an invented course"
NOTE = {"kind": "note", "text": "Not for them."}
_SIGNATURE = {"id": uuid7(), "meaning": "authorship", "record_digest": "0" * 64, "secret": SECRET}
# What someone of the one clinic tries with the ids of the other (`own`, `other`).
TRIES: dict[str, Callable[[World, World], object]] = {
    "chart": lambda own, other: own.chart(1, NOTE, session=other.session),
    "plan": lambda own, other: own.chart(
        1, {"kind": "plan", "drug_line": "line-1", "rate": {"value": "1", "unit": "mL/h"}},
        by=own.physician, session=other.session,
    ),
    "correct": lambda own, other: amending.correct_entry(
        own.clinic, own.nurse, other.session,
        a_charted(1, NOTE, replaces=uuid7(), reason="why"), now=at(1),
    ),
    "retract": lambda own, other: amending.retract_entry(
        own.clinic, own.nurse, other.session,
        a_charted(1, {"kind": "retraction", "reason": "why"}, replaces=uuid7()), now=at(1),
    ),
    "add an addendum": lambda own, other: amending.add_addendum(
        own.clinic, own.nurse, other.session,
        a_charted(1, {"kind": "addendum", "text": "x"}), now=at(1),
    ),
    "begin": lambda own, other: own.act(Action.SESSION_BEGIN, session=other.session),
    "view the session": lambda own, other: own.record(other.session),
    "sign": lambda own, other: signing.sign(
        own.clinic, own.nurse, other.session, signing.SignatureIn.model_validate(_SIGNATURE),
        now=at(1),
    ),
    "list the signatures": lambda own, other: signing.signatures(
        own.clinic, own.nurse, other.session, now=at(1)
    ),
    "prepare for the patient": lambda own, other: own.session_on(patient=other.patient),
    "prepare on the protocol": lambda own, other: own.session_on(protocol=other.protocol),
    "view what a series gave": lambda own, other: planning.given_in_series(
        own.clinic, own.nurse, other.patient, SERIES, now=at(1)
    ),
    "change the patient": lambda own, other: enrolling.change_patient(
        own.clinic, own.nurse, other.patient, PatientIn.model_validate(PATIENT), now=at(1)
    ),
    "weigh the patient": lambda own, other: enrolling.weigh(
        own.clinic, own.nurse, other.patient,
        WeightIn.model_validate({"id": uuid7(), "value_kg": "61", "method": "measured",
                                 "measured_at": at(0).isoformat()}), now=at(1),
    ),
    "view the patient": lambda own, other: enrolling.patient(
        own.clinic, own.nurse, other.patient, now=at(1)
    ),
    "approve": lambda own, other: authoring.approve(
        own.clinic, own.physician, "protocol", other.protocol, now=at(1)
    ),
    "activate": lambda own, other: authoring.activate(
        own.clinic, own.physician, "protocol", other.protocol, now=at(1)
    ),
    "retire": lambda own, other: authoring.retire(
        own.clinic, own.physician, "policy", other.policy, now=at(1)
    ),
    "view the protocol": lambda own, other: authoring.version(
        own.clinic, own.nurse, "protocol", other.protocol, now=at(1)
    ),
    "change the person": lambda own, other: people.change_person(
        own.clinic, own.administrator, other.nurse.person_id, people.StandingIn(active=False),
        now=at(1),
    ),
    "reset the secret": lambda own, other: people.reset_secret(
        own.clinic, own.administrator, other.nurse.person_id, "an invented first one", now=at(1)
    ),
    "record a credential": lambda own, other: people.record_credential(
        own.clinic, own.administrator, other.nurse.person_id,
        Credential(id=uuid7(), title="Licence"), now=at(1),
    ),
    "reset the second factor": lambda own, other: second_factor.reset(
        own.clinic, own.administrator, other.nurse.person_id, now=at(1)
    ),
    "revoke the sign-in": lambda own, other: signing_in.revoke(
        own.clinic, own.administrator, _signed_in(other), now=at(1), anyones=True
    ),
    "report on the emergency": lambda own, other: emergency.done_under(
        own.clinic, own.auditor, _broken(other), now=at(1)
    ),
    "review the emergency": lambda own, other: emergency.review(
        own.clinic, own.administrator, _broken(other),
        emergency.ReviewIn(id=uuid7(), words="Seen."), now=at(1),
    ),
    "keep a draft": lambda own, other: drafts.keep(
        own.clinic, own.nurse, _token(own), other.session, DraftIn(content={}), now=at(1)
    ),
    "view a draft": lambda own, other: drafts.draft(
        own.clinic, own.nurse, _token(own), other.session, now=at(1)
    ),
    "discard a draft": lambda own, other: drafts.discard(
        own.clinic, own.nurse, _token(own), other.session, now=at(1)
    ),
}  # fmt: skip


def _token(world: World) -> str:
    return signing_in.sign_in(world.clinic, "nurse", SECRET, now=at(0)).token


def _signed_in(world: World) -> UUID:
    return signing_in.sign_in(world.clinic, "nurse", SECRET, now=at(0)).id


def _broken(world: World) -> UUID:
    wanted = emergency.EmergencyIn(id=uuid7(), reason="Invented")
    emergency.sign_in_for_emergency(world.clinic, "nurse", SECRET, wanted, now=at(0))
    return wanted.id


@pytest.fixture
def both(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[Worlds]:
    """Two clinics in one database."""
    with templates.copies(engine_name, "neighbours", tmp_path) as worlds:
        yield worlds


@pytest.fixture
def world(both: Worlds) -> World:
    """The one who tries."""
    return both[0]


@pytest.fixture
def neighbour(both: Worlds) -> World:
    """The one who is not to be touched; it has a session in a series."""
    second = both[1]
    in_series = planning.SessionIn(
        id=uuid7(), patient_id=second.patient, protocol_version_id=second.protocol, series=SERIES
    )
    planning.prepare(second.clinic, second.nurse, in_series, now=at(0))
    given = planning.given_in_series(second.clinic, second.nurse, second.patient, SERIES, now=at(0))
    assert given == ()
    return second


def test_nobody_reaches_another_clinics_rows_by_their_ids(world: World, neighbour: World) -> None:
    with Attack.looking(world) as looking:
        own_rows = [one for one in SEALED_TABLES if one.name != "emergency_access"]
        before = [looking.rows(one) for one in own_rows]
        reached = []
        for name, attempt in TRIES.items():
            try:
                attempt(world, neighbour)
                reached.append(name)
            except NotFound:
                pass
        assert reached == []
        assert [looking.rows(one) for one in own_rows] == before
        own = ENTRIES.c.clinic_id == str(world.clinic.id)
        refused = looking.rows(ENTRIES, own, ENTRIES.c.code == "not-found")
    assert len(refused) == len(TRIES)


def test_every_command_is_tried_or_needs_no_id_of_the_clinic() -> None:
    tried = {function for one in TRIES.values() for function in one.__code__.co_names}
    through_the_world = {"prepare", "change_status", "session", "record_entry"}
    unneeded = {
        # They take no id of a row, or their own new one.
        "found_clinic", "add_person", "set_secret", "sign_in", "sign_out", "second_person",
        "people", "credentials", "standing_end", "draft", "versions", "enrol", "find_patients",
        "find_sessions", "last_changes",
        # What other commands are made of, or their shapes.
        "chart", "asked_ahead", "record_reading", "record_dosing_event", "record_plan",
        "status_row", "token_hash", "system_actor", "held_by", "opened", "today_at", "hashed",
        "refused", "require_granted",
        # They take the own token, or nothing but the own account.
        "lock", "unlock", "standing", "switch_user", "add_api_token", "own_account",
        "own_sign_ins", "all_sign_ins", "confirm", "renew_codes", "end", "begin",
        "sign_in_for_emergency", "accesses",
        # They prove someone before a command that is tried here.
        "prove", "authenticate",
    }  # fmt: skip
    own = {
        name
        for module in (
            amending, authoring, charting, drafts, emergency, enrolling, people, planning,
            proving, second_factor, signing, signing_in,
        )
        for name, value in vars(module).items()
        if callable(value) and not isinstance(value, type) and not name.startswith("_")
        and getattr(value, "__module__", "") == module.__name__
        and not name.startswith(("judge_", "require_", "entry_digest"))
    }  # fmt: skip
    assert own - unneeded - through_the_world <= tried


def test_lists_show_the_own_clinic_alone(world: World, neighbour: World) -> None:
    found_patients = enrolling.find_patients(world.clinic, world.nurse, "", now=at(1))
    assert [one.id for one in found_patients] == [world.patient]
    sessions = planning.find_sessions(world.clinic, world.nurse, now=at(1))
    assert [one.id for one in sessions] == [world.session]
    versions = authoring.versions(world.clinic, world.nurse, "protocol", now=at(1))
    assert [one.id for one in versions] == [world.protocol]
    persons = people.people(world.clinic, world.administrator, now=at(1))
    assert {one.id for one in persons} >= {world.nurse.person_id}
    assert neighbour.nurse.person_id not in {one.id for one in persons}


def test_the_same_ids_names_and_identifiers_may_stand_in_both(
    world: World, neighbour: World
) -> None:
    own = world.chart(1, NOTE).entry
    other = neighbour.chart(1, {"kind": "note", "text": "Theirs."}, id=own.id).entry
    assert own.id == other.id
    assert world.record().entries[0].content == own.content
    assert neighbour.record().entries[0].content == other.content


def test_a_secret_opens_its_own_clinic_alone(world: World, neighbour: World) -> None:
    newcomer = people.PersonIn(
        id=uuid7(), username="only_here", name="Only Here", roles=(Role.NURSE,), secret=SECRET
    )
    people.add_person(world.clinic, world.administrator, newcomer, now=at(1))
    signed_in = signing_in.sign_in(world.clinic, "only_here", SECRET, now=at(2))
    with pytest.raises(SignInFailed):
        signing_in.sign_in(neighbour.clinic, "only_here", SECRET, now=at(2))
    clinic, _ = accounts.actor_by_token(
        world.database, signing_in.token_hash(signed_in.token), at(3), ""
    )
    assert clinic.id == world.clinic.id


def test_a_policy_widens_its_own_clinic_alone(world: World, neighbour: World) -> None:
    grants = [{"role": "auditor", "action": "note:record"}]
    world.policy_with(name="Wider", grants=grants)
    world.chart(1, NOTE, by=world.auditor)
    with pytest.raises(Exception, match="not granted"):
        neighbour.chart(1, NOTE, by=neighbour.auditor)
    assert PolicyDocument.model_validate(POLICY).grants == ()


def test_an_override_names_no_breach_of_another_clinic(world: World, neighbour: World) -> None:
    [breach] = neighbour.chart(1, a_reading("heart-rate 99 /min")).breaches
    with pytest.raises(UnknownTerm):
        world.chart(2, {"kind": "override", "breach_id": breach.id, "reason": "calm"})


def test_each_clinic_has_a_chain_of_its_own(world: World, neighbour: World) -> None:
    before = {one.clinic_id: one for one in verify(world.database)}
    assert set(before) == {world.clinic.id, neighbour.clinic.id}
    world.chart(1, NOTE)
    after = {one.clinic_id: one for one in verify(world.database)}
    assert after[neighbour.clinic.id] == before[neighbour.clinic.id]
    assert after[world.clinic.id].entries == before[world.clinic.id].entries + 1


def test_damage_in_one_chain_leaves_the_other_whole(world: World, neighbour: World) -> None:
    with Attack(world) as attack:
        own = ENTRIES.c.clinic_id == str(world.clinic.id)
        row = attack.rows(ENTRIES, own, ENTRIES.c.number == 5)[0]
        with attack.edited(ENTRIES, row, code="made up"):
            assert world.fault() is not None
            assert neighbour.fault() is None


def test_with_several_clinics_one_is_to_be_named(world: World, neighbour: World) -> None:
    assert {one.id for one in clinics(world.database)} == {world.clinic.id, neighbour.clinic.id}
    with pytest.raises(NotFound, match="to be named"):
        clinic_by(world.database, None)
    with pytest.raises(NotFound, match="no such clinic"):
        clinic_by(world.database, uuid7())
    assert clinic_by(world.database, neighbour.clinic.id).name == "Neighbouring clinic"
