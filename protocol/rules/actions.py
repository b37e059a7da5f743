"""One vocabulary: permission, transition, audit entry, command, API operation and button (R11).

Grammar `object:verb`, alphabetical inside a group. Default deny: what no role grants is refused.
"""

from enum import StrEnum
from uuid import UUID

from protocol.rules.errors import NotPermitted
from protocol.rules.values import Line, Shape


class Action(StrEnum):
    """Every act there is. Anything not here cannot be done, granted or audited."""

    AMENDMENT_ANSWER = "amendment:answer"
    AMENDMENT_REQUEST = "amendment:request"
    AMENDMENT_STATE = "amendment:state"
    AMENDMENT_VIEW = "amendment:view"

    AUDIT_EXPORT = "audit:export"
    AUDIT_PRINT = "audit:print"
    AUDIT_PURGE = "audit:purge"
    AUDIT_REVIEW = "audit:review"
    AUDIT_SEARCH = "audit:search"
    AUDIT_VERIFY = "audit:verify"
    AUDIT_VIEW = "audit:view"

    CHARTING_SURVEY = "charting:survey"

    CLINIC_BACKUP = "clinic:backup"
    CLINIC_INIT = "clinic:init"
    CLINIC_RESTORE = "clinic:restore"
    CLINIC_VIEW = "clinic:view"

    DISCLOSURE_ACCOUNT = "disclosure:account"
    DISCLOSURE_RECORD = "disclosure:record"
    DISCLOSURE_VIEW = "disclosure:view"

    HOLD_LIFT = "hold:lift"
    HOLD_PLACE = "hold:place"
    HOLD_VIEW = "hold:view"

    PERSON_ADD = "person:add"
    PERSON_CHANGE = "person:change"
    PERSON_SET_SECRET = "person:set-secret"
    PERSON_SIGN_IN = "person:sign-in"
    PERSON_SIGN_OUT = "person:sign-out"
    PERSON_VIEW = "person:view"

    POLICY_ACTIVATE = "policy:activate"
    POLICY_APPROVE = "policy:approve"
    POLICY_DRAFT = "policy:draft"
    POLICY_RETIRE = "policy:retire"
    POLICY_VIEW = "policy:view"

    PROTOCOL_ACTIVATE = "protocol:activate"
    PROTOCOL_APPROVE = "protocol:approve"
    PROTOCOL_DRAFT = "protocol:draft"
    PROTOCOL_RETIRE = "protocol:retire"
    PROTOCOL_VIEW = "protocol:view"

    PATIENT_CHANGE = "patient:change"
    PATIENT_ENROL = "patient:enrol"
    PATIENT_SEARCH = "patient:search"
    PATIENT_VIEW = "patient:view"
    PATIENT_WEIGH = "patient:weigh"

    SESSION_BEGIN = "session:begin"
    SESSION_CANCEL = "session:cancel"
    SESSION_COMPLETE = "session:complete"
    SESSION_HOLD = "session:hold"
    SESSION_PLAN = "session:plan"
    SESSION_PREPARE = "session:prepare"
    SESSION_PRINT = "session:print"
    SESSION_EXPORT = "session:export"
    SESSION_RESUME = "session:resume"
    SESSION_RETRACT = "session:retract"
    SESSION_SEARCH = "session:search"
    SESSION_SIGN = "session:sign"
    SESSION_STOP = "session:stop"
    SESSION_VIEW = "session:view"

    ADDENDUM_RECORD = "addendum:record"
    ADJUNCT_RECORD = "adjunct:record"
    ADVERSE_EVENT_RECORD = "adverse-event:record"
    BREACH_OVERRIDE = "breach:override"
    DOSING_BOLUS = "dosing:bolus"
    DOSING_CHANGE_RATE = "dosing:change-rate"
    DOSING_PAUSE = "dosing:pause"
    DOSING_RESUME = "dosing:resume"
    DOSING_START = "dosing:start"
    DOSING_STOP = "dosing:stop"
    ENTRY_CORRECT = "entry:correct"
    ENTRY_RETRACT = "entry:retract"
    NOTE_RECORD = "note:record"
    PHASE_ENTER = "phase:enter"
    READING_RECORD = "reading:record"
    ROUND_MISS = "round:miss"

    REQUEST_REFUSED = "request:refused"


class Role(StrEnum):
    """What a person is at the clinic; permissions hang on roles, never on names."""

    NURSE = "nurse"
    PHYSICIAN = "physician"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Actor(Shape):
    """Who acts: an authenticated person at one clinic, and the workstation acted from (R11)."""

    clinic_id: UUID
    person_id: UUID
    username: Line
    name: Line
    credential: str = ""
    roles: frozenset[Role]
    workstation: str = ""


_LOOK = {
    Action.CLINIC_VIEW,
    Action.PATIENT_SEARCH,
    Action.PATIENT_VIEW,
    Action.POLICY_VIEW,
    Action.PROTOCOL_VIEW,
    Action.SESSION_EXPORT,
    Action.SESSION_PRINT,
    Action.SESSION_SEARCH,
    Action.SESSION_VIEW,
}
_SELF = {Action.PERSON_SIGN_IN, Action.PERSON_SIGN_OUT, Action.PERSON_SET_SECRET}
_CHART = {
    Action.ADDENDUM_RECORD,
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
    Action.NOTE_RECORD,
    Action.PATIENT_CHANGE,
    Action.PATIENT_ENROL,
    Action.PATIENT_WEIGH,
    Action.PHASE_ENTER,
    Action.READING_RECORD,
    Action.ROUND_MISS,
    Action.SESSION_BEGIN,
    Action.SESSION_CANCEL,
    Action.SESSION_COMPLETE,
    Action.SESSION_HOLD,
    Action.SESSION_PREPARE,
    Action.SESSION_RESUME,
    Action.SESSION_RETRACT,
    Action.SESSION_SIGN,
    Action.SESSION_STOP,
}
_AUTHOR = {
    Action.POLICY_ACTIVATE,
    Action.POLICY_APPROVE,
    Action.POLICY_DRAFT,
    Action.POLICY_RETIRE,
    Action.PROTOCOL_ACTIVATE,
    Action.PROTOCOL_APPROVE,
    Action.PROTOCOL_DRAFT,
    Action.PROTOCOL_RETIRE,
}

# What a patient asks of the clinic may be taken down by whoever is asked (R49, R50).
_RIGHTS = {
    Action.AMENDMENT_REQUEST,
    Action.AMENDMENT_STATE,
    Action.AMENDMENT_VIEW,
    Action.DISCLOSURE_ACCOUNT,
    Action.DISCLOSURE_RECORD,
    Action.DISCLOSURE_VIEW,
}
# Looking at who looked; the auditor's review is a record of the own, not of the chart (R20).
_OVERSIGHT = {
    Action.AMENDMENT_VIEW,
    Action.AUDIT_EXPORT,
    Action.AUDIT_PRINT,
    Action.AUDIT_REVIEW,
    Action.AUDIT_SEARCH,
    Action.CHARTING_SURVEY,
    Action.DISCLOSURE_ACCOUNT,
    Action.DISCLOSURE_VIEW,
    Action.HOLD_VIEW,
}

GRANTS: dict[Role, frozenset[Action]] = {
    Role.NURSE: frozenset(_LOOK | _SELF | _CHART | _RIGHTS),
    Role.PHYSICIAN: frozenset(
        _LOOK
        | _SELF
        | _CHART
        | _AUTHOR
        | _RIGHTS
        | {Action.AMENDMENT_ANSWER, Action.HOLD_VIEW, Action.SESSION_PLAN}
    ),
    Role.ADMINISTRATOR: frozenset(
        _SELF
        | _OVERSIGHT
        | _RIGHTS
        | {
            Action.AMENDMENT_ANSWER,
            Action.AUDIT_PURGE,
            Action.HOLD_LIFT,
            Action.HOLD_PLACE,
            Action.AUDIT_VERIFY,
            Action.AUDIT_VIEW,
            Action.CLINIC_BACKUP,
            Action.CLINIC_INIT,
            Action.CLINIC_RESTORE,
            Action.CLINIC_VIEW,
            Action.PERSON_ADD,
            Action.PERSON_CHANGE,
            Action.PERSON_VIEW,
            Action.POLICY_DRAFT,
            Action.POLICY_VIEW,
            Action.PROTOCOL_DRAFT,
            Action.PROTOCOL_VIEW,
        }
    ),
    Role.AUDITOR: frozenset(
        _LOOK | _SELF | _OVERSIGHT | {Action.AUDIT_VERIFY, Action.AUDIT_VIEW, Action.PERSON_VIEW}
    ),
}

# A clinic's policy may widen the defaults, never these: approval and planning stay a physician's,
# signing stays with who treats, accounts stay with the administrator (R28, R33, R115).
RESERVED: dict[Action, Role] = {
    Action.AUDIT_PURGE: Role.ADMINISTRATOR,
    Action.CLINIC_INIT: Role.ADMINISTRATOR,
    Action.HOLD_LIFT: Role.ADMINISTRATOR,
    Action.PERSON_ADD: Role.ADMINISTRATOR,
    Action.PERSON_CHANGE: Role.ADMINISTRATOR,
    Action.POLICY_APPROVE: Role.PHYSICIAN,
    Action.PROTOCOL_APPROVE: Role.PHYSICIAN,
    Action.SESSION_PLAN: Role.PHYSICIAN,
}

Widened = frozenset[tuple[Role, Action]]


def may(actor: Actor, action: Action, widened: Widened = frozenset()) -> bool:
    """Whether the actor's roles grant the act, by default or by the clinic's policy (R40)."""
    reserved = RESERVED.get(action)
    if reserved is not None and reserved not in actor.roles:
        return False
    return any(action in GRANTS[role] or (role, action) in widened for role in actor.roles)


def require_may(actor: Actor, action: Action, widened: Widened = frozenset()) -> None:
    """Refuse with NotPermitted unless `may()`."""
    if not may(actor, action, widened):
        roles = ", ".join(sorted(actor.roles)) or "no role"
        raise NotPermitted(f"{action} is not granted to {roles}.", action=action.value, roles=roles)
