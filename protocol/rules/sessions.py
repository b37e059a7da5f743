"""Session states (FHIR event-status) as one table; signing is separate from status (decision 6)."""

from enum import StrEnum

from protocol.rules.actions import Action
from protocol.rules.errors import AlreadySigned, NotAllowedNow


class SessionStatus(StrEnum):
    """FHIR event-status: where a session stands."""

    PREPARATION = "preparation"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    STOPPED = "stopped"
    NOT_DONE = "not-done"
    ENTERED_IN_ERROR = "entered-in-error"


_S = SessionStatus
# Facts are recordable late, so a session that has ended still takes them until it is signed (R112).
_RECORDING = frozenset(
    {
        Action.ADJUNCT_RECORD,
        Action.ADVERSE_EVENT_RECORD,
        Action.BREACH_OVERRIDE,
        Action.DOSING_BOLUS,
        Action.DOSING_CHANGE_RATE,
        Action.DOSING_PAUSE,
        Action.DOSING_RESUME,
        Action.DOSING_START,
        Action.DOSING_STOP,
        Action.ENTRY_CORRECT,
        Action.ENTRY_RETRACT,
        Action.FORM_ANSWER,
        Action.FORM_OVERRIDE,
        Action.NOTE_RECORD,
        Action.PHASE_ENTER,
        Action.READING_RECORD,
        Action.ROUND_MISS,
        Action.SESSION_PLAN,
    }
)
_NOT_BEGUN = (_S.PREPARATION, _S.NOT_DONE)
_DOSING = frozenset({Action.DOSING_START, Action.DOSING_BOLUS})
_STEPS: dict[tuple[SessionStatus, Action], SessionStatus] = {
    (_S.PREPARATION, Action.SESSION_BEGIN): _S.IN_PROGRESS,
    (_S.PREPARATION, Action.SESSION_CANCEL): _S.NOT_DONE,
    (_S.IN_PROGRESS, Action.SESSION_HOLD): _S.ON_HOLD,
    (_S.ON_HOLD, Action.SESSION_RESUME): _S.IN_PROGRESS,
    (_S.IN_PROGRESS, Action.SESSION_COMPLETE): _S.COMPLETED,
    (_S.ON_HOLD, Action.SESSION_COMPLETE): _S.COMPLETED,
    (_S.IN_PROGRESS, Action.SESSION_STOP): _S.STOPPED,
    (_S.ON_HOLD, Action.SESSION_STOP): _S.STOPPED,
    (_S.PREPARATION, Action.SESSION_STOP): _S.STOPPED,
}
_OPEN = (_S.PREPARATION, _S.IN_PROGRESS, _S.ON_HOLD)
_ENDED = (_S.COMPLETED, _S.STOPPED, _S.NOT_DONE)

TRANSITIONS: dict[tuple[SessionStatus, Action], SessionStatus] = {
    **{(status, action): status for status in (*_OPEN, *_ENDED) for action in _RECORDING},
    # A dose that was given began the session, whether or not anyone had said so before.
    **{(status, action): _S.IN_PROGRESS for status in _NOT_BEGUN for action in _DOSING},
    **{(status, Action.SESSION_RETRACT): _S.ENTERED_IN_ERROR for status in (*_OPEN, *_ENDED)},
    **{(status, Action.SESSION_SIGN): status for status in (*_ENDED, _S.ENTERED_IN_ERROR)},
    **{(status, Action.ADDENDUM_RECORD): status for status in (*_ENDED, _S.ENTERED_IN_ERROR)},
    **_STEPS,
}
AFTER_SIGNING = frozenset({Action.ADDENDUM_RECORD, Action.SESSION_SIGN})


def after(status: SessionStatus, action: Action, *, signed: bool) -> SessionStatus:
    """The status that follows, by one lookup.

    Raises AlreadySigned for anything but an addendum or a further signature on a signed session,
    NotAllowedNow for every pair that is not in TRANSITIONS.
    """
    if signed and action not in AFTER_SIGNING:
        raise AlreadySigned(
            f"{action} after signing: a signed session takes addenda only.", action=action.value
        )
    if not signed and action is Action.ADDENDUM_RECORD:
        raise NotAllowedNow(
            "An addendum follows a signature, and the session is not signed.", action=action.value
        )
    following = TRANSITIONS.get((status, action))
    if following is None:
        raise NotAllowedNow(
            f"{action} does not follow {status}.", action=action.value, status=status.value
        )
    return following
