"""A long audit trail of many people, patients and acts, made entry by entry through the sealing."""

from datetime import timedelta
from uuid import UUID

from protocol.records.clinics import Clinic
from protocol.records.sealing import Happening, append
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import Outcome
from tests.commands.world import NINE

PEOPLE, PATIENTS, SESSIONS = 23, 211, 503
ACTS = [one for one in Action if one.value.endswith((":view", ":record", ":search"))]
_GROUP = 2_000


def nth(kind: int, number: int) -> UUID:
    """An id of the invented trail: of a person (1), a patient (2) or a session (3)."""
    return UUID(int=(kind << 96) + number)


def fill(clinic: Clinic, actor: Actor, entries: int) -> None:
    """So many entries, a second apart; each hundredth is a refusal."""
    for start in range(0, entries, _GROUP):
        door = clinic.database.door(str(clinic.id))
        group = door.enter()
        try:
            for number in range(start, min(start + _GROUP, entries)):
                who = actor.model_copy(update={"person_id": nth(1, number % PEOPLE)})
                append(group, clinic.database, who, _happening(number))
        finally:
            door.leave(group)


def _happening(number: int) -> Happening:
    session = str(nth(3, number % SESSIONS))
    return Happening(
        at=NINE + timedelta(seconds=number), action=ACTS[number % len(ACTS)].value,
        outcome=Outcome.REFUSED if number % 101 == 0 else Outcome.DONE,
        patient_id=str(nth(2, number % PATIENTS)), session_id=session, subject_id=session,
    )  # fmt: skip
