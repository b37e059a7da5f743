"""Correcting, retracting, adding after signing: nothing is overwritten (R55, R56, R60)."""

from datetime import datetime
from uuid import UUID

from protocol.commands.charting import JUDGES, Recorded, chart
from protocol.commands.judgement import Finding, judge_retraction, replaced_kind
from protocol.records.clinics import Clinic
from protocol.records.lookups import SessionState
from protocol.records.work import Act
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import Addendum, Charted, Retraction, action_of
from protocol.rules.errors import Impossible, ReasonMissing


def correct_entry(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime,
    second: Actor | None = None,
) -> Recorded:  # fmt: skip
    """A new entry in place of an earlier one of the same kind, which stays visible.

    Raises ReasonMissing, NotFound, AlreadyReplaced, Impossible (another kind), and whatever the
    kind's own judgement refuses.
    """
    return chart(
        clinic, actor, session_id, charted, _judge_correction, now=now, second=second,
        action=Action.ENTRY_CORRECT,
    )  # fmt: skip


def retract_entry(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime
) -> Recorded:
    """An entry that is not true of this patient leaves the normal view; a marker stays."""
    if not isinstance(charted.content, Retraction):
        raise TypeError("a retraction is charted by its own command")
    return chart(clinic, actor, session_id, charted, judge_retraction, now=now)


def add_addendum(
    clinic: Clinic, actor: Actor, session_id: UUID, charted: Charted, *, now: datetime
) -> Recorded:
    """Text after signing; the signed version stays as it was (R29)."""
    if not isinstance(charted.content, Addendum):
        raise TypeError("an addendum is charted by its own command")
    return chart(clinic, actor, session_id, charted, _judge_addendum, now=now)


def _judge_correction(act: Act, state: SessionState, charted: Charted) -> Finding:
    if charted.reason is None:
        raise ReasonMissing("A correction has a reason.", field="reason")
    kind = replaced_kind(act, state, charted)
    if kind != charted.content.kind:
        raise Impossible(f"A {charted.content.kind} does not correct a {kind}.", field="content")
    act.require(action_of(charted.content))
    judge = JUDGES.get(type(charted.content))
    return Finding() if judge is None else judge(act, state, charted)


def _judge_addendum(_act: Act, _state: SessionState, _charted: Charted) -> Finding:
    return Finding()
