"""Sessions go through their states by the table, and through nothing else (decision 6)."""

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import amending, charting, planning
from protocol.rules.actions import Action
from protocol.rules.charting import DOSING_ACTIONS, DosingKind
from protocol.rules.errors import (
    IdConflict,
    Impossible,
    NotAllowedNow,
    NotFound,
    ReasonMissing,
    Refusal,
)
from protocol.rules.sessions import TRANSITIONS, SessionStatus
from tests.commands.world import World, a_charted, a_dosing, a_reading, at

WAY: dict[SessionStatus, tuple[Action, ...]] = {
    SessionStatus.PREPARATION: (),
    SessionStatus.IN_PROGRESS: (Action.SESSION_BEGIN,),
    SessionStatus.ON_HOLD: (Action.SESSION_BEGIN, Action.SESSION_HOLD),
    SessionStatus.COMPLETED: (Action.SESSION_BEGIN, Action.SESSION_COMPLETE),
    SessionStatus.STOPPED: (Action.SESSION_BEGIN, Action.SESSION_STOP),
    SessionStatus.NOT_DONE: (Action.SESSION_CANCEL,),
    SessionStatus.ENTERED_IN_ERROR: (Action.SESSION_RETRACT,),
}
MOVES = (
    Action.SESSION_BEGIN, Action.SESSION_CANCEL, Action.SESSION_COMPLETE, Action.SESSION_HOLD,
    Action.SESSION_RESUME, Action.SESSION_RETRACT, Action.SESSION_STOP,
)  # fmt: skip
NEED_A_REASON = (Action.SESSION_CANCEL, Action.SESSION_RETRACT, Action.SESSION_STOP)
_DOSE = {"rate": "1 mL/h"}
CHARTED = {
    Action.READING_RECORD: a_reading("heart-rate 71 /min"),
    Action.NOTE_RECORD: {"kind": "note", "text": "x"},
    Action.PHASE_ENTER: {"kind": "phase", "phase": "before"},
    Action.ADJUNCT_RECORD: {
        "kind": "adjunct", "medicine": "inventol", "route": "oral",
        "dose": {"value": "4", "unit": "mg"},
    },
    Action.ADVERSE_EVENT_RECORD: {
        "kind": "adverse-event", "what": "nausea", "onset_at": at(0).isoformat(),
        "severity": "mild",
    },
    Action.DOSING_START: a_dosing("start", rate="1 mL/h"),
    Action.DOSING_BOLUS: a_dosing("bolus", dose="1 mg"),
}  # fmt: skip


def in_status(world: World, status: SessionStatus) -> object:
    session = world.session_on()
    for action in WAY[status]:
        world.act(action, 0, session=session, reason="as the test needs it")
    assert world.record(session).status is status
    return session


@pytest.mark.parametrize("status", SessionStatus)
def test_every_move_that_the_table_does_not_have_is_refused(
    world: World, status: SessionStatus
) -> None:
    for action in MOVES:
        session = in_status(world, status)
        following = TRANSITIONS.get((status, action))
        if following is None:
            with pytest.raises(NotAllowedNow):
                world.act(action, 1, session=session, reason="why")  # type: ignore[arg-type]
            assert world.record(session).status is status  # type: ignore[arg-type]
        else:
            record = world.act(action, 1, session=session, reason="why")  # type: ignore[arg-type]
            assert record.status is following


@pytest.mark.parametrize("status", SessionStatus)
def test_what_is_charted_follows_the_same_table(sqlite_world: World, status: SessionStatus) -> None:
    for action, content in CHARTED.items():
        session = in_status(sqlite_world, status)
        following = TRANSITIONS.get((status, action))
        if following is None:
            with pytest.raises(NotAllowedNow):
                sqlite_world.chart(0, content, session=session)  # type: ignore[arg-type]
        else:
            sqlite_world.chart(0, content, session=session)  # type: ignore[arg-type]
            assert sqlite_world.record(session).status is following  # type: ignore[arg-type]


@pytest.mark.parametrize("status", SessionStatus)
def test_without_a_signature_no_addendum_is_taken_in_any_state(
    sqlite_world: World, status: SessionStatus
) -> None:
    session = in_status(sqlite_world, status)
    addendum = a_charted(0, {"kind": "addendum", "text": "x"})
    with pytest.raises(NotAllowedNow):
        amending.add_addendum(
            sqlite_world.clinic,
            sqlite_world.nurse,
            session,  # type: ignore[arg-type]
            addendum,
            now=at(0),
        )


@pytest.mark.parametrize(
    "status", [SessionStatus.PREPARATION, SessionStatus.IN_PROGRESS, SessionStatus.ON_HOLD]
)
def test_a_session_that_has_not_ended_cannot_be_signed(world: World, status: SessionStatus) -> None:
    with pytest.raises(NotAllowedNow):
        world.sign(session=in_status(world, status))  # type: ignore[arg-type]


def test_a_dose_begins_the_session_whether_or_not_anyone_said_so(world: World) -> None:
    world.chart(3, a_dosing("start", rate="1 mL/h"))
    change = world.record().history[-1]
    assert (change.status, change.at) == (SessionStatus.IN_PROGRESS, at(3))


@pytest.mark.parametrize("action", NEED_A_REASON)
def test_an_end_before_its_time_has_a_reason(world: World, action: Action) -> None:
    with pytest.raises(ReasonMissing):
        world.act(action, 1)
    record = world.act(action, 1, reason="It rained.")
    assert record.history[-1].reason == "It rained."


def test_nothing_is_changed_ahead_of_time(world: World) -> None:
    with pytest.raises(Impossible, match="future"):
        world.act(Action.SESSION_BEGIN, 1, at=at(1.01).isoformat())
    record = world.act(Action.SESSION_BEGIN, 5, at=at(-10).isoformat())
    change = record.history[-1]
    assert (change.at, change.recorded_at) == (at(-10), at(5))
    assert change.by.id == world.nurse.person_id


@pytest.mark.parametrize("content", CHARTED.values(), ids=[one.value for one in CHARTED])
def test_nothing_is_charted_ahead_of_time(sqlite_world: World, content: object) -> None:
    with pytest.raises(Impossible, match="future"):
        sqlite_world.chart(2, content, now=at(1))


def test_a_session_is_prepared_once(world: World) -> None:
    wanted = planning.SessionIn(
        id=uuid7(), patient_id=world.patient, protocol_version_id=world.protocol, series="spring"
    )
    first = planning.prepare(world.clinic, world.nurse, wanted, now=at(0))
    assert (first.series, first.status) == ("spring", SessionStatus.PREPARATION)
    assert planning.prepare(world.clinic, world.nurse, wanted, now=at(9)) == first
    other = wanted.model_copy(update={"series": "autumn"})
    with pytest.raises(IdConflict):
        planning.prepare(world.clinic, world.nurse, other, now=at(1))


def test_a_session_stands_on_a_protocol_in_force(world: World) -> None:
    second = world.protocol_with(indication="another")
    with pytest.raises(NotAllowedNow, match="retired"):
        world.session_on(world.protocol)
    world.session_on(second)
    with pytest.raises(NotFound):
        world.session_on(world.policy)
    with pytest.raises(NotFound):
        world.session_on(second, patient=uuid7())


def test_a_session_is_not_prepared_ahead_of_time(world: World) -> None:
    wanted = planning.SessionIn(
        id=uuid7(), patient_id=world.patient, protocol_version_id=world.protocol,
        prepared_at=at(1),
    )  # fmt: skip
    with pytest.raises(Impossible, match="future"):
        planning.prepare(world.clinic, world.nurse, wanted, now=at(0))


def test_sessions_are_found_by_patient_and_by_status(world: World) -> None:
    other = world.session_on(patient=world.enrolled(2))
    world.act(Action.SESSION_BEGIN, session=other)

    def found(**by: object) -> list[object]:
        answers = planning.find_sessions(
            world.clinic,
            world.nurse,
            now=at(1),
            **by,  # type: ignore[arg-type]
        )
        return [one.id for one in answers]

    assert found() == sorted([world.session, other])
    assert found(patient_id=world.patient) == [world.session]
    assert found(status=SessionStatus.IN_PROGRESS) == [other]
    assert found(limit=1) == [min(world.session, other)]
    assert found(after_id=min(world.session, other)) == [max(world.session, other)]


def test_every_act_of_the_table_is_walked_above_or_in_a_file_of_its_own() -> None:
    elsewhere = {
        Action.SESSION_SIGN, Action.SESSION_PLAN, Action.ADDENDUM_RECORD, Action.BREACH_OVERRIDE,
        Action.ENTRY_CORRECT, Action.ENTRY_RETRACT, Action.ROUND_MISS, Action.FORM_ANSWER,
        Action.FORM_OVERRIDE,
        *(DOSING_ACTIONS[kind] for kind in DosingKind),
    }  # fmt: skip
    assert {action for _, action in TRANSITIONS} == elsewhere | {*MOVES, *CHARTED}
    assert issubclass(NotAllowedNow, Refusal)
    assert callable(charting.record_entry)
