"""One vocabulary: permission, transition, audit entry, command, API operation and button (R11).

Grammar `object:verb`, alphabetical inside a group. Default deny: what no role grants is refused.
"""

from enum import StrEnum
from uuid import UUID

from protocol.rules.emergency import Emergency
from protocol.rules.values import Line, Shape


class Action(StrEnum):
    """Every act there is. Anything not here cannot be done, granted or audited."""

    AUDIT_CHECKPOINT = "audit:checkpoint"
    AUDIT_PROVE = "audit:prove"
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

    COURSE_CHANGE = "course:change"
    COURSE_CLOSE = "course:close"
    COURSE_OPEN = "course:open"
    COURSE_PRINT = "course:print"
    COURSE_REOPEN = "course:reopen"
    COURSE_SEARCH = "course:search"
    COURSE_VIEW = "course:view"
    CUSTODY_BREAK = "custody:break"
    CUSTODY_DESTROY = "custody:destroy"
    CUSTODY_DRAW = "custody:draw"
    CUSTODY_FIND = "custody:find"
    CUSTODY_GIVE_BACK = "custody:give-back"
    CUSTODY_KEEP_LOCATION = "custody:keep-location"
    CUSTODY_KEEP_PRODUCT = "custody:keep-product"
    CUSTODY_LOSE = "custody:lose"
    CUSTODY_OPEN = "custody:open"
    CUSTODY_RECEIVE = "custody:receive"
    CUSTODY_RECONCILE = "custody:reconcile"
    CUSTODY_REVERSE = "custody:reverse"
    CUSTODY_TRANSFER = "custody:transfer"
    CUSTODY_VIEW = "custody:view"
    CUSTODY_WASTE = "custody:waste"
    CUSTODY_WITNESS = "custody:witness"
    DISCREPANCY_CLOSE = "discrepancy:close"
    DISCREPANCY_EXPLAIN = "discrepancy:explain"
    DISCREPANCY_VIEW = "discrepancy:view"

    API_TOKEN_ADD = "api-token:add"
    COUNT_ABANDON = "count:abandon"
    COUNT_BEGIN = "count:begin"
    COUNT_RECORD = "count:record"
    COUNT_VIEW = "count:view"
    CUSTODY_EXPORT = "custody:export"
    CUSTODY_PRINT = "custody:print"
    CUSTODY_SCAN = "custody:scan"
    LOSS_FILE = "loss:file"
    LOSS_REPORT = "loss:report"
    LOSS_VIEW = "loss:view"

    CREDENTIAL_RECORD = "credential:record"

    EMERGENCY_BEGIN = "emergency:begin"
    EMERGENCY_END = "emergency:end"
    EMERGENCY_REVIEW = "emergency:review"
    EMERGENCY_VIEW = "emergency:view"
    DISCLOSURE_ACCOUNT = "disclosure:account"
    DISCLOSURE_RECORD = "disclosure:record"
    DISCLOSURE_VIEW = "disclosure:view"

    HOLD_LIFT = "hold:lift"
    HOLD_PLACE = "hold:place"
    HOLD_VIEW = "hold:view"

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

    FORM_ACTIVATE = "form:activate"
    FORM_ANSWER = "form:answer"
    FORM_APPROVE = "form:approve"
    FORM_DRAFT = "form:draft"
    FORM_OVERRIDE = "form:override"
    FORM_RETIRE = "form:retire"
    FORM_VIEW = "form:view"
    JURISDICTION_ACTIVATE = "jurisdiction:activate"
    JURISDICTION_APPROVE = "jurisdiction:approve"
    JURISDICTION_DRAFT = "jurisdiction:draft"
    JURISDICTION_RETIRE = "jurisdiction:retire"
    JURISDICTION_VIEW = "jurisdiction:view"

    POLICY_ACTIVATE = "policy:activate"
    POLICY_APPROVE = "policy:approve"
    POLICY_DRAFT = "policy:draft"
    POLICY_RETIRE = "policy:retire"
    POLICY_VIEW = "policy:view"

    PROTOCOL_ACTIVATE = "protocol:activate"
    PROTOCOL_APPROVE = "protocol:approve"
    PROTOCOL_DRAFT = "protocol:draft"
    PROTOCOL_PRINT = "protocol:print"
    PROTOCOL_RETIRE = "protocol:retire"
    PROTOCOL_VIEW = "protocol:view"

    PATIENT_CHANGE = "patient:change"
    PATIENT_ENROL = "patient:enrol"
    PATIENT_SEARCH = "patient:search"
    PATIENT_VIEW = "patient:view"
    PATIENT_WEIGH = "patient:weigh"

    RESPONSE_CORRECT = "response:correct"
    RESPONSE_RECORD = "response:record"
    RESPONSE_RETRACT = "response:retract"
    RESPONSE_VIEW = "response:view"

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
    SESSION_SEAL = "session:seal"
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
    DRAFT_DISCARD = "draft:discard"
    DRAFT_KEEP = "draft:keep"
    DRAFT_VIEW = "draft:view"
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
