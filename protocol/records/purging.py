"""The purge of audit detail: which details may go, their tombstones, and their removal (R51, R189).

A purge is two steps. Its act writes the tombstones and is sealed and committed like any other; then
the details go that a tombstone stands for. What a crash leaves between the two is a detail that
waits: the same purge sent again removes it, and until then the trail verifies either way.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, func, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import SESSION, person, table
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.rules.actions import Action
from protocol.rules.audit import canonical_instant
from protocol.rules.errors import NotFound
from protocol.rules.holds import Hold, held
from protocol.rules.retention import Purge

# A purge of more is several purges, each with its own entry and people.
PURGED_MAX = 10_000
PURGE, TOMBSTONE = table(tables.PurgeRow), table(tables.TombstoneRow)


class Purgeable(NamedTuple):
    """The details that may go, by number with their digests, and how many a hold keeps."""

    digests: dict[int, str]
    held: int


def purgeable(
    connection: Connection, clinic: Clinic, acts: Sequence[Action], holds: Sequence[Hold], *,
    since: datetime | None, until: datetime, patient_id: UUID | None,
) -> Purgeable:  # fmt: skip
    """The oldest PURGED_MAX details of these acts in a window that no hold covers."""
    statement = (
        select(
            ENTRIES.c.number, ENTRIES.c.detail_digest, ENTRIES.c.patient_id, ENTRIES.c.session_id
        )
        .join(
            DETAILS,
            (DETAILS.c.clinic_id == ENTRIES.c.clinic_id) & (DETAILS.c.number == ENTRIES.c.number),
        )
        .where(
            ENTRIES.c.clinic_id == str(clinic.id), ENTRIES.c.action.in_([*acts]),
            ENTRIES.c.at < canonical_instant(until), ~_stone(clinic),
        )
        .order_by(ENTRIES.c.at, ENTRIES.c.number)
    )  # fmt: skip
    if since is not None:
        statement = statement.where(ENTRIES.c.at >= canonical_instant(since))
    if patient_id is not None:
        statement = statement.where(ENTRIES.c.patient_id == str(patient_id))
    sessions = _held_sessions(connection, clinic, holds)
    found: dict[int, str] = {}
    kept = 0
    with connection.execute(statement, execution_options={"yield_per": PURGED_MAX}) as rows:
        for number, digest, patient, session in rows:
            if held(holds, patient) or held(holds, sessions.get(session, "")):
                kept += 1
            elif len(found) < PURGED_MAX:
                found[number] = digest
    return Purgeable(found, kept)


def _stone(clinic: Clinic) -> Any:  # noqa: ANN401 - an EXISTS
    return (
        select(TOMBSTONE.c.number)
        .where(TOMBSTONE.c.clinic_id == clinic.id, TOMBSTONE.c.number == ENTRIES.c.number)
        .exists()
    )


def _held_sessions(connection: Connection, clinic: Clinic, holds: Sequence[Hold]) -> dict[str, str]:
    """The sessions of held patients: an entry may name the session alone."""
    patients = [one.patient_id for one in holds if one.stands and one.patient_id is not None]
    rows = connection.execute(
        select(SESSION.c.id, SESSION.c.patient_id).where(
            SESSION.c.clinic_id == clinic.id, SESSION.c.patient_id.in_(patients)
        )
    )
    return {str(row.id): str(row.patient_id) for row in rows}


def purges(connection: Connection, clinic: Clinic) -> list[Purge]:
    """Every purge, oldest first, with how many of its details were not removed yet."""
    rows = connection.execute(
        select(PURGE).where(PURGE.c.clinic_id == clinic.id).order_by(PURGE.c.audit_number)
    ).all()
    return [
        Purge(
            id=row.id, record_class=row.record_class, since=row.since, until=row.until,
            patient_id=row.patient_id, reason=row.reason, legal_basis=row.legal_basis,
            purged=row.purged, held=row.held, purged_at=row.purged_at, by=person(row.author),
            second_person=person(row.second_person),
            waiting=_waiting(connection, clinic, row.audit_number),
        )
        for row in rows
    ]  # fmt: skip


def purge(connection: Connection, clinic: Clinic, purge_id: UUID) -> Purge:
    """One purge. Raises NotFound."""
    found = next((one for one in purges(connection, clinic) if one.id == purge_id), None)
    if found is None:
        raise NotFound("There is no such purge at this clinic.", purge=str(purge_id))
    return found


def _stones(clinic: Clinic, audit_number: int) -> Any:  # noqa: ANN401 - a subquery
    return select(TOMBSTONE.c.number).where(
        TOMBSTONE.c.clinic_id == clinic.id, TOMBSTONE.c.audit_number == audit_number
    )


def _waiting(connection: Connection, clinic: Clinic, audit_number: int) -> int:
    return connection.execute(
        select(func.count()).where(
            DETAILS.c.clinic_id == str(clinic.id),
            DETAILS.c.number.in_(_stones(clinic, audit_number)),
        )
    ).scalar_one()


def remove_purged(clinic: Clinic, purge_id: UUID) -> None:
    """Remove the details that a purge's tombstones stand for; done twice it is done once.

    SQLite overwrites what it frees and folds its log into the file, so that the bytes are gone from
    both; PostgreSQL frees them at its next vacuum.
    """
    database = clinic.database
    door = database.door(str(clinic.id))
    group = door.enter()
    try:
        connection = group.connection
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        connection.exec_driver_sql("SAVEPOINT purge")
        try:
            numbers = connection.execute(
                select(PURGE.c.audit_number).where(
                    PURGE.c.clinic_id == clinic.id, PURGE.c.id == purge_id
                )
            ).scalars()
            for number in numbers.all():
                connection.execute(
                    delete(DETAILS).where(
                        DETAILS.c.clinic_id == str(clinic.id),
                        DETAILS.c.number.in_(_stones(clinic, number)),
                    )
                )
        except BaseException:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT purge")
            raise
        connection.exec_driver_sql("RELEASE SAVEPOINT purge")
    finally:
        door.leave(group)
    if database.is_sqlite:
        with closing(database.engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
