"""Sign-ins that may do less than their person: what is left of each, and why (R28, R43, R47)."""

from collections.abc import Iterable
from uuid import UUID

from protocol.rules.actions import Action, Actor, Ceiling, Held
from protocol.rules.errors import NotPermitted
from protocol.rules.grants import IN_EMERGENCY, Widened, require_may

_WAY_OUT = {
    Action.PERSON_LOCK, Action.PERSON_SIGN_IN, Action.PERSON_SIGN_OUT, Action.PERSON_UNLOCK,
    Action.SIGN_IN_VIEW,
}  # fmt: skip
# What lifts the hold, and the way out.
HELD_TO: dict[Held, frozenset[Action]] = {
    Held.SECRET_TEMPORARY: frozenset(_WAY_OUT | {Action.PERSON_SET_SECRET}),
    Held.SECOND_FACTOR_DUE: frozenset(
        _WAY_OUT
        | {
            Action.PERSON_SET_SECRET,
            Action.SECOND_FACTOR_CONFIRM,
            Action.SECOND_FACTOR_ENROL,
        }
    ),
    Held.EMERGENCY_SIGN_IN: frozenset(
        _WAY_OUT | IN_EMERGENCY | {Action.EMERGENCY_BEGIN, Action.EMERGENCY_END}
    ),
}
# A program never signs, proves to be a person, breaks glass, or makes another token (R28); it
# types nothing, so it has no drafts (R42).
NOT_FOR_PROGRAMS: frozenset[Action] = frozenset(
    _WAY_OUT - {Action.SIGN_IN_VIEW}
    | {
        Action.API_TOKEN_ADD, Action.DRAFT_DISCARD, Action.DRAFT_KEEP, Action.DRAFT_VIEW,
        Action.EMERGENCY_BEGIN, Action.EMERGENCY_END,
        Action.PERSON_RESET_SECRET, Action.PERSON_SET_SECRET, Action.REQUEST_REFUSED,
        Action.SECOND_FACTOR_CONFIRM, Action.SECOND_FACTOR_END, Action.SECOND_FACTOR_ENROL,
        Action.SECOND_FACTOR_RENEW_CODES, Action.SECOND_FACTOR_RESET, Action.SESSION_SIGN,
        Action.SIGN_IN_REVOKE,
    }
)  # fmt: skip


def ceiling_of(held: str, scopes: str, token_id: UUID) -> Ceiling | None:
    """The ceiling of a sign-in as its row keeps it; an empty `held` is none."""
    if not held:
        return None
    why = Held(held)
    if why is not Held.API_TOKEN:
        return Ceiling(why=why, actions=HELD_TO[why])
    known = {one.value: one for one in Action}
    granted = frozenset(known[one] for one in scopes.split() if one in known)
    return Ceiling(why=why, actions=granted, token_id=token_id)


def require_scopes(actor: Actor, scopes: Iterable[Action], widened: Widened) -> None:
    """Refuse with NotPermitted a scope that no program has, or that the person has not."""
    for scope in scopes:
        if scope in NOT_FOR_PROGRAMS:
            raise NotPermitted(f"{scope} is no program's to do.", action=scope.value)
        require_may(actor, scope, widened)
