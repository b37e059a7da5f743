"""One vocabulary: permission, transition, audit entry, command, API operation and button (R11).

Grammar `object:verb`, alphabetical inside a group. Default deny: what no role grants is refused.
"""

from enum import StrEnum
from uuid import UUID

from protocol.rules.emergency import Emergency
from protocol.rules.errors import NotPermitted
from protocol.rules.values import Line, Shape


class Action(StrEnum):
    """Every act there is. Anything not here cannot be done, granted or audited."""

    AUDIT_CHECKPOINT = "audit:checkpoint"
    AUDIT_PROVE = "audit:prove"
    AUDIT_VERIFY = "audit:verify"
    AUDIT_VIEW = "audit:view"

    CLINIC_BACKUP = "clinic:backup"
    CLINIC_INIT = "clinic:init"
    CLINIC_RESTORE = "clinic:restore"
    CLINIC_VIEW = "clinic:view"

    API_TOKEN_ADD = "api-token:add"
    CREDENTIAL_RECORD = "credential:record"

    EMERGENCY_BEGIN = "emergency:begin"
    EMERGENCY_END = "emergency:end"
    EMERGENCY_REVIEW = "emergency:review"
    EMERGENCY_VIEW = "emergency:view"

    PERSON_ADD = "person:add"
    PERSON_CHANGE = "person:change"
    PERSON_LOCK = "person:lock"
    PERSON_RESET_SECRET = "person:reset-secret"
    PERSON_SET_SECRET = "person:set-secret"
    PERSON_SIGN_IN = "person:sign-in"
    PERSON_SIGN_OUT = "person:sign-out"
    PERSON_UNLOCK = "person:unlock"
    PERSON_VIEW = "person:view"

    SECOND_FACTOR_CONFIRM = "second-factor:confirm"
    SECOND_FACTOR_END = "second-factor:end"
    SECOND_FACTOR_ENROL = "second-factor:enrol"
    SECOND_FACTOR_RENEW_CODES = "second-factor:renew-codes"
    SECOND_FACTOR_RESET = "second-factor:reset"

    SIGN_IN_REVOKE = "sign-in:revoke"
    SIGN_IN_REVOKE_ANY = "sign-in:revoke-any"
    SIGN_IN_SEARCH = "sign-in:search"
    SIGN_IN_VIEW = "sign-in:view"

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


class Held(StrEnum):
    """Why a sign-in may do less than its person."""

    API_TOKEN = "api-token"
    EMERGENCY_SIGN_IN = "emergency-sign-in"
    SECOND_FACTOR_DUE = "second-factor-due"
    SECRET_TEMPORARY = "secret-temporary"


class Ceiling(Shape):
    """A sign-in that may do these acts of its person's and no others, and why."""

    why: Held
    actions: frozenset[Action]
    token_id: UUID | None = None


class Actor(Shape):
    """Who acts: an authenticated person at one clinic, and the workstation acted from (R11)."""

    clinic_id: UUID
    person_id: UUID
    username: Line
    name: Line
    credential: str = ""
    roles: frozenset[Role]
    workstation: str = ""
    ceiling: Ceiling | None = None
    emergency: Emergency | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What the detail of every audit entry of this actor says beside the act's own (R43)."""
        found = {}
        if self.emergency is not None:
            found["emergency_access"] = str(self.emergency.id)
        if self.ceiling is not None and self.ceiling.token_id is not None:
            found["api_token"] = str(self.ceiling.token_id)
        return found


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
_GLASS = {Action.EMERGENCY_BEGIN, Action.EMERGENCY_END}
_SELF = {
    Action.API_TOKEN_ADD, Action.PERSON_LOCK, Action.PERSON_SET_SECRET, Action.PERSON_SIGN_IN,
    Action.PERSON_SIGN_OUT, Action.PERSON_UNLOCK, Action.SECOND_FACTOR_CONFIRM,
    Action.SECOND_FACTOR_END, Action.SECOND_FACTOR_ENROL, Action.SECOND_FACTOR_RENEW_CODES,
    Action.SIGN_IN_REVOKE, Action.SIGN_IN_VIEW,
}  # fmt: skip
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
    Action(f"{document}:{verb}")
    for document in ("policy", "protocol")
    for verb in ("activate", "approve", "draft", "retire")
}

GRANTS: dict[Role, frozenset[Action]] = {
    Role.NURSE: frozenset(_LOOK | _SELF | _CHART | _GLASS),
    Role.PHYSICIAN: frozenset(_LOOK | _SELF | _CHART | _GLASS | _AUTHOR | {Action.SESSION_PLAN}),
    Role.ADMINISTRATOR: frozenset(
        _SELF
        | _GLASS
        | {
            Action.AUDIT_CHECKPOINT,
            Action.AUDIT_PROVE,
            Action.AUDIT_VERIFY,
            Action.AUDIT_VIEW,
            Action.CLINIC_BACKUP,
            Action.CLINIC_INIT,
            Action.CLINIC_RESTORE,
            Action.CLINIC_VIEW,
            Action.CREDENTIAL_RECORD,
            Action.EMERGENCY_REVIEW,
            Action.EMERGENCY_VIEW,
            Action.PERSON_ADD,
            Action.PERSON_CHANGE,
            Action.PERSON_RESET_SECRET,
            Action.PERSON_VIEW,
            Action.SECOND_FACTOR_RESET,
            Action.SIGN_IN_REVOKE_ANY,
            Action.SIGN_IN_SEARCH,
            Action.POLICY_DRAFT,
            Action.POLICY_VIEW,
            Action.PROTOCOL_DRAFT,
            Action.PROTOCOL_VIEW,
        }
    ),
    Role.AUDITOR: frozenset(
        _LOOK
        | _SELF
        | {
            Action.AUDIT_PROVE,
            Action.AUDIT_VERIFY,
            Action.AUDIT_VIEW,
            Action.EMERGENCY_VIEW,
            Action.PERSON_VIEW,
            Action.SIGN_IN_SEARCH,
        }
    ),
}

# What emergency access adds to anyone's own roles: to read and to chart a session, and no more.
# It signs nothing, approves nothing and changes no account (R28, R43).
IN_EMERGENCY: frozenset[Action] = frozenset(
    (_LOOK | _CHART) - {Action.SESSION_EXPORT, Action.SESSION_RETRACT, Action.SESSION_SIGN}
)
# A clinic's policy may widen the defaults, never these: approval and planning stay a physician's,
# signing stays with who treats, accounts stay with the administrator (R28, R33, R115).
RESERVED: dict[Action, Role] = {
    Action.CLINIC_INIT: Role.ADMINISTRATOR,
    Action.CREDENTIAL_RECORD: Role.ADMINISTRATOR,
    Action.PERSON_ADD: Role.ADMINISTRATOR,
    Action.PERSON_CHANGE: Role.ADMINISTRATOR,
    Action.PERSON_RESET_SECRET: Role.ADMINISTRATOR,
    Action.SECOND_FACTOR_RESET: Role.ADMINISTRATOR,
    Action.POLICY_APPROVE: Role.PHYSICIAN,
    Action.PROTOCOL_APPROVE: Role.PHYSICIAN,
    Action.SESSION_PLAN: Role.PHYSICIAN,
}

Widened = frozenset[tuple[Role, Action]]


def may(actor: Actor, action: Action, widened: Widened = frozenset()) -> bool:
    """Whether the actor's roles grant the act, by default or by the clinic's policy (R40).

    A ceiling only takes away; an emergency only adds what is in IN_EMERGENCY (R43).
    """
    if actor.ceiling is not None and action not in actor.ceiling.actions:
        return False
    if actor.emergency is not None and action in IN_EMERGENCY:
        return True
    reserved = RESERVED.get(action)
    if reserved is not None and reserved not in actor.roles:
        return False
    return any(action in GRANTS[role] or (role, action) in widened for role in actor.roles)


def require_may(actor: Actor, action: Action, widened: Widened = frozenset()) -> None:
    """Refuse with NotPermitted unless `may()`; of a held sign-in the facts say why it is held."""
    if may(actor, action, widened):
        return
    roles = ", ".join(sorted(actor.roles)) or "no role"
    if actor.ceiling is not None and action not in actor.ceiling.actions:
        why = actor.ceiling.why.value
        raise NotPermitted(
            f"{action} is not granted to this sign-in: {why}.", action=action.value, held=why
        )
    raise NotPermitted(f"{action} is not granted to {roles}.", action=action.value, roles=roles)
