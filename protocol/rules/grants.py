"""Who may do what: what each role is granted, and what a policy may widen. Default deny (R40)."""

from protocol.rules.actions import Action, Actor, Role
from protocol.rules.errors import NotPermitted

_LOOK = {
    Action.CLINIC_VIEW,
    Action.COURSE_PRINT,
    Action.COURSE_SEARCH,
    Action.COURSE_VIEW,
    Action.FORM_VIEW,
    Action.JURISDICTION_VIEW,
    Action.PATIENT_SEARCH,
    Action.PATIENT_VIEW,
    Action.POLICY_VIEW,
    Action.PROTOCOL_PRINT,
    Action.PROTOCOL_VIEW,
    Action.RESPONSE_VIEW,
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
    Action.DRAFT_DISCARD,
    Action.DRAFT_KEEP,
    Action.DRAFT_VIEW,
    Action.ENTRY_CORRECT,
    Action.ENTRY_RETRACT,
    Action.FORM_ANSWER,
    Action.FORM_OVERRIDE,
    Action.NOTE_RECORD,
    Action.PATIENT_CHANGE,
    Action.PATIENT_ENROL,
    Action.PATIENT_WEIGH,
    Action.PHASE_ENTER,
    Action.READING_RECORD,
    Action.RESPONSE_CORRECT,
    Action.RESPONSE_RECORD,
    Action.RESPONSE_RETRACT,
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
    for document in ("form", "jurisdiction", "policy", "protocol")
    for verb in ("activate", "approve", "draft", "retire")
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
    Action.COUNT_VIEW,
    Action.CUSTODY_EXPORT,
    Action.CUSTODY_PRINT,
    Action.CUSTODY_VIEW,
    Action.DISCLOSURE_ACCOUNT,
    Action.DISCLOSURE_VIEW,
    Action.DISCREPANCY_VIEW,
    Action.HOLD_VIEW,
    Action.LOSS_VIEW,
}
# What is done to stock; what is drawn for a patient is with those who treat.
_STOCK = {
    Action.COUNT_ABANDON,
    Action.COUNT_BEGIN,
    Action.COUNT_RECORD,
    Action.COUNT_VIEW,
    Action.CUSTODY_EXPORT,
    Action.CUSTODY_PRINT,
    Action.CUSTODY_SCAN,
    Action.LOSS_FILE,
    Action.LOSS_REPORT,
    Action.LOSS_VIEW,
    Action.CUSTODY_BREAK,
    Action.CUSTODY_DESTROY,
    Action.CUSTODY_FIND,
    Action.CUSTODY_GIVE_BACK,
    Action.CUSTODY_LOSE,
    Action.CUSTODY_RECEIVE,
    Action.CUSTODY_RECONCILE,
    Action.CUSTODY_REVERSE,
    Action.CUSTODY_TRANSFER,
    Action.CUSTODY_VIEW,
    Action.DISCREPANCY_CLOSE,
    Action.DISCREPANCY_EXPLAIN,
    Action.DISCREPANCY_VIEW,
}
_CUSTODY = _STOCK | {
    Action.CUSTODY_DRAW,
    Action.CUSTODY_OPEN,
    Action.CUSTODY_WASTE,
    Action.CUSTODY_WITNESS,
}

# Why a patient is treated, and how often, is a physician's; a policy may widen it (R90).
_COURSE = {
    Action.COURSE_CHANGE,
    Action.COURSE_CLOSE,
    Action.COURSE_OPEN,
    Action.COURSE_REOPEN,
}

GRANTS: dict[Role, frozenset[Action]] = {
    Role.NURSE: frozenset(_LOOK | _SELF | _CHART | _GLASS | _RIGHTS | _CUSTODY),
    Role.PHYSICIAN: frozenset(
        _LOOK
        | _SELF
        | _CHART
        | _GLASS
        | _AUTHOR
        | _COURSE
        | _CUSTODY
        | _RIGHTS
        | {Action.AMENDMENT_ANSWER, Action.HOLD_VIEW, Action.SESSION_PLAN}
    ),
    Role.ADMINISTRATOR: frozenset(
        _SELF
        | _GLASS
        | _OVERSIGHT
        | _RIGHTS
        | _STOCK
        | {
            Action.AMENDMENT_ANSWER,
            Action.CUSTODY_KEEP_LOCATION,
            Action.CUSTODY_KEEP_PRODUCT,
            Action.AUDIT_CHECKPOINT,
            Action.AUDIT_PROVE,
            Action.AUDIT_PURGE,
            Action.HOLD_LIFT,
            Action.HOLD_PLACE,
            Action.AUDIT_VERIFY,
            Action.AUDIT_VIEW,
            Action.CLINIC_BACKUP,
            Action.CLINIC_INIT,
            Action.CLINIC_RESTORE,
            Action.CLINIC_VIEW,
            Action.CREDENTIAL_RECORD,
            Action.EMERGENCY_REVIEW,
            Action.EMERGENCY_VIEW,
            Action.FORM_DRAFT,
            Action.FORM_VIEW,
            Action.PERSON_ADD,
            Action.PERSON_CHANGE,
            Action.PERSON_RESET_SECRET,
            Action.PERSON_VIEW,
            Action.SECOND_FACTOR_RESET,
            Action.SESSION_SEAL,
            Action.SIGN_IN_REVOKE_ANY,
            Action.SIGN_IN_SEARCH,
            Action.JURISDICTION_DRAFT,
            Action.JURISDICTION_VIEW,
            Action.POLICY_DRAFT,
            Action.POLICY_VIEW,
            Action.PROTOCOL_DRAFT,
            Action.PROTOCOL_VIEW,
        }
    ),
    Role.AUDITOR: frozenset(
        _LOOK
        | _SELF
        | _OVERSIGHT
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
    Action.AUDIT_PURGE: Role.ADMINISTRATOR,
    Action.CLINIC_INIT: Role.ADMINISTRATOR,
    Action.CREDENTIAL_RECORD: Role.ADMINISTRATOR,
    Action.HOLD_LIFT: Role.ADMINISTRATOR,
    Action.PERSON_ADD: Role.ADMINISTRATOR,
    Action.PERSON_CHANGE: Role.ADMINISTRATOR,
    Action.PERSON_RESET_SECRET: Role.ADMINISTRATOR,
    Action.SECOND_FACTOR_RESET: Role.ADMINISTRATOR,
    Action.FORM_APPROVE: Role.PHYSICIAN,
    Action.JURISDICTION_APPROVE: Role.PHYSICIAN,
    Action.POLICY_APPROVE: Role.PHYSICIAN,
    Action.PROTOCOL_APPROVE: Role.PHYSICIAN,
    Action.SESSION_SEAL: Role.ADMINISTRATOR,  # done by the program itself, for nobody in person
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
