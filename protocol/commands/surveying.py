"""Charting of unusual regularity in a window of time, listed neutrally (R64)."""

from datetime import datetime

from protocol.records import keeping, session_record, session_search
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.rules.actions import Action, Actor
from protocol.rules.regularity import Regular, regular


def regular_charting(
    clinic: Clinic, actor: Actor, *, since: datetime, until: datetime, now: datetime
) -> list[Regular]:
    """What crosses the policy's thresholds in the sessions charted in a window; nothing where the
    policy has none. It names sessions, people and times, no values."""
    window = {"since": since.isoformat(), "until": until.isoformat()}
    with reading(clinic, actor, Action.CHARTING_SURVEY, now, detail=window) as connection:
        policy = keeping.keeping_in_force(connection, clinic)
        if policy is None or policy.regular_charting is None:
            return []
        found: list[Regular] = []
        for session_id in session_search.charted_between(connection, clinic, since, until):
            record = session_record.load_record(connection, clinic, session_id)
            found += regular(session_id, record.entries, policy.regular_charting)
    return found
