"""Which steps of a session wait for which forms, and what a form that is not complete refuses.

A dose that was given is a fact and begins the session whatever is lacking; a stop is for safety and
waits for nothing. What is lacking then stands as a contradiction until it is answered, or somebody
has said why (R102, R112).
"""

from protocol.rules.actions import Action
from protocol.rules.answer_refusals import FormIncomplete
from protocol.rules.form_state import FormState
from protocol.rules.forms import FormPurpose
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import SessionStatus

# An intake is answered once for a course, or in the session itself where it has none.
WAITS_FOR: dict[Action, frozenset[FormPurpose]] = {
    Action.SESSION_BEGIN: frozenset({FormPurpose.INTAKE, FormPurpose.PRE_SESSION}),
    Action.SESSION_COMPLETE: frozenset({FormPurpose.DISCHARGE}),
}


def require_forms_complete(record: SessionRecord, action: Action) -> None:
    """Refuse with FormIncomplete a step whose forms lack something that nobody has overridden."""
    purposes = WAITS_FOR.get(action, frozenset())
    due = [state for state in record.form_states if state.purpose in purposes and state.open]
    if not due:
        return
    raise FormIncomplete(
        " ".join(f"{state.title}: {one.sentence}" for state in due for one in state.open),
        action=action.value, forms=", ".join(state.form for state in due),
        items=", ".join(one.item for state in due for one in state.open),
        lacking=sum(len(state.open) for state in due),
    )  # fmt: skip


def forms_that_were_due(record: SessionRecord) -> tuple[FormState, ...]:
    """The forms of the steps that this session has taken, complete or not.

    Once it began, the intake and the pre-session ones; once it ended too, also those of discharge.
    """
    began = any(change.status is SessionStatus.IN_PROGRESS for change in record.history)
    if not began or record.status is SessionStatus.NOT_DONE:
        return ()
    due = {FormPurpose.INTAKE, FormPurpose.PRE_SESSION}
    if record.ended_at is not None:
        due.add(FormPurpose.DISCHARGE)
    return tuple(state for state in record.form_states if state.purpose in due)
