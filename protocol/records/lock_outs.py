"""Counting wrong secrets: rows in the database, so that a restart forgets nothing and every process
counts alike (R34). They are changed inside a turn at the door, which other processes wait for."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import table
from protocol.rules.access import Access, LockOutRule
from protocol.rules.lock_out import NONE, Guesses, after_failure, after_success, is_locked

_LOCK_OUT = table(tables.LockOutRow)


class Counted(NamedTuple):
    """What a wrong secret is counted for, and by which rule."""

    subject: str
    rule: LockOutRule


def counted_for(person_id: UUID | None, workstation: str, access: Access) -> tuple[Counted, ...]:
    """The account and the workstation. Unknown user names share one row: a name that was typed may
    be somebody's secret in the wrong field, so it is not kept."""
    return (
        Counted(f"account {person_id or '-'}", access.account),
        Counted(f"workstation {workstation[:120]}", access.workstation),
    )


def any_locked(
    connection: Connection, clinic: Clinic, counted: Iterable[Counted], now: datetime
) -> bool:
    """Whether the account or the workstation is paused."""
    found = _guesses(connection, clinic, [one.subject for one in counted])
    return any(is_locked(guesses, now) for guesses in found.values())


def count_failure(
    connection: Connection, clinic: Clinic, counted: Iterable[Counted], now: datetime
) -> list[str]:
    """Count one failure everywhere; answers the subjects that it paused."""
    counted = tuple(counted)
    found = _guesses(connection, clinic, [one.subject for one in counted])
    paused = []
    for subject, rule in counted:
        before = found.get(subject, NONE)
        after = after_failure(before, rule, now)
        _keep(connection, clinic, subject, after, known=subject in found)
        if is_locked(after, now) and not is_locked(before, now):
            paused.append(subject)
    return paused


def failures_of(connection: Connection, clinic: Clinic, subject: str) -> int:
    """How many failures are counted against a subject."""
    return _guesses(connection, clinic, [subject]).get(subject, NONE).failures


def clear(connection: Connection, clinic: Clinic, subject: str, now: datetime) -> None:
    """A right secret was given: what was counted for the account is forgotten."""
    before = _guesses(connection, clinic, [subject]).get(subject)
    if before is not None and before != NONE:
        _keep(connection, clinic, subject, after_success(before, now), known=True)


def _guesses(connection: Connection, clinic: Clinic, subjects: list[str]) -> dict[str, Guesses]:
    rows = connection.execute(
        select(_LOCK_OUT).where(
            _LOCK_OUT.c.clinic_id == clinic.id, _LOCK_OUT.c.subject.in_(subjects)
        )
    )
    return {row.subject: Guesses(row.failures, row.since, row.locked_until) for row in rows}


def _keep(
    connection: Connection, clinic: Clinic, subject: str, guesses: Guesses, *, known: bool
) -> None:
    key = {"clinic_id": clinic.id, "subject": subject}
    if not known:
        connection.execute(insert(_LOCK_OUT), key | guesses._asdict())
        return
    own = (_LOCK_OUT.c.clinic_id == clinic.id) & (_LOCK_OUT.c.subject == subject)
    connection.execute(update(_LOCK_OUT).where(own).values(**guesses._asdict()))
