"""Every pair of status and action against a table written apart from the code."""

import pytest

from protocol.rules.actions import Action
from protocol.rules.errors import AlreadySigned, NotAllowedNow
from protocol.rules.sessions import TRANSITIONS, SessionStatus, after

STEPS = {
    ("preparation", "session:begin"): "in-progress",
    ("preparation", "session:cancel"): "not-done",
    ("preparation", "session:stop"): "stopped",
    ("preparation", "dosing:start"): "in-progress",
    ("preparation", "dosing:bolus"): "in-progress",
    ("not-done", "dosing:start"): "in-progress",
    ("not-done", "dosing:bolus"): "in-progress",
    ("in-progress", "session:hold"): "on-hold",
    ("in-progress", "session:complete"): "completed",
    ("in-progress", "session:stop"): "stopped",
    ("on-hold", "session:resume"): "in-progress",
    ("on-hold", "session:complete"): "completed",
    ("on-hold", "session:stop"): "stopped",
}
OPEN = ("preparation", "in-progress", "on-hold")
ENDED = ("completed", "stopped", "not-done")
RECORDING = (
    "adjunct:record", "adverse-event:record", "breach:override", "dosing:bolus",
    "dosing:change-rate", "dosing:pause", "dosing:resume", "dosing:start", "dosing:stop",
    "entry:correct", "entry:retract", "form:answer", "form:override", "note:record", "phase:enter",
    "reading:record", "round:miss",
    "session:plan",
)  # fmt: skip


def expected(status: str, action: str) -> str | None:
    if (status, action) in STEPS:
        return STEPS[status, action]
    if status == "entered-in-error":
        return status if action == "session:sign" else None
    if action == "session:retract":
        return "entered-in-error"
    if action in RECORDING or (action == "session:sign" and status in ENDED):
        return status
    return None


@pytest.mark.parametrize("status", SessionStatus)
def test_an_unsigned_session_moves_as_the_table_says(status: SessionStatus) -> None:
    for action in Action:
        following = expected(status, action)
        if following is None:
            with pytest.raises(NotAllowedNow) as caught:
                after(status, action, signed=False)
            assert caught.value.facts["action"] == action
        else:
            assert after(status, action, signed=False) == following, action


@pytest.mark.parametrize("status", SessionStatus)
def test_a_signed_session_takes_only_addenda_and_signatures(status: SessionStatus) -> None:
    for action in Action:
        if action not in (Action.ADDENDUM_RECORD, Action.SESSION_SIGN):
            with pytest.raises(AlreadySigned):
                after(status, action, signed=True)
        elif status in OPEN:
            with pytest.raises(NotAllowedNow):
                after(status, action, signed=True)
        else:
            assert after(status, action, signed=True) is status


def test_an_addendum_follows_a_signature() -> None:
    with pytest.raises(NotAllowedNow, match="An addendum follows a signature"):
        after(SessionStatus.COMPLETED, Action.ADDENDUM_RECORD, signed=False)


def test_every_status_can_be_reached_and_a_mistake_is_the_last() -> None:
    reached = {SessionStatus.PREPARATION}
    for _ in SessionStatus:
        reached |= {to for (since, _), to in TRANSITIONS.items() if since in reached}
    assert reached == set(SessionStatus)
    last = {to for (since, _), to in TRANSITIONS.items() if since == "entered-in-error"}
    assert last == {SessionStatus.ENTERED_IN_ERROR}


def test_a_session_that_ended_begins_again_only_by_a_dose_that_belies_not_done() -> None:
    again = {
        (status, action)
        for (status, action), following in TRANSITIONS.items()
        if status in ENDED and following in OPEN
    }
    assert again == {("not-done", "dosing:start"), ("not-done", "dosing:bolus")}
