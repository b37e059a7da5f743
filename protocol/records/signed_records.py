"""Whether every signature stands where it was given: by whom, over which record, of which session.

A signature that is copied to another session, or whose entry was forged along with it, says one
thing and its entry or the record another (R25, R26).
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from protocol.records.clinics import Clinic, clinics
from protocol.records.database import Database
from protocol.records.lookups import SIGNATURE
from protocol.records.sealing import ENTRIES
from protocol.records.session_record import load_record
from protocol.rules.actions import Action
from protocol.rules.audit import Fault, Outcome
from protocol.rules.errors import NotFound
from protocol.rules.tampering import Tampering

_ENTRY = ("act", "outcome", "session", "signature", "person")


def signature_faults(database: Database, connection: Connection, clinic_id: UUID) -> list[Fault]:
    """The signatures that are not where and what they were given as, by their entries."""
    clinic = next((one for one in clinics(database) if one.id == clinic_id), None)
    if clinic is None:
        return []
    found = []
    for row in connection.execute(_with_entries(clinic_id)).all():
        what = _fault_of(connection, clinic, row)
        if what is not None:
            said = f"the signature that it sealed was copied or forged: {what}"
            number = row.audit_number
            found.append(Fault(str(clinic_id), number, said, Tampering.COPIED_SIGNATURE))
    return found


def _with_entries(clinic_id: UUID) -> Any:  # noqa: ANN401 - a statement
    entry = [ENTRIES.c[name] for name in ("action", "outcome", "person_id", "subject_id")]
    return (
        select(SIGNATURE, *entry, ENTRIES.c.session_id.label("sealed_session"))
        .join(
            ENTRIES,
            (ENTRIES.c.clinic_id == str(clinic_id))
            & (ENTRIES.c.number == SIGNATURE.c.audit_number),
        )
        .where(SIGNATURE.c.clinic_id == clinic_id)
        .order_by(SIGNATURE.c.audit_number)
    )


def _fault_of(connection: Connection, clinic: Clinic, row: Row[Any]) -> str | None:
    entry = (row.action, row.outcome, row.sealed_session, row.subject_id, row.person_id)
    given = (Action.SESSION_SIGN, Outcome.DONE, *map(str, (row.session_id, row.id, row.signer_id)))
    for name, one, other in zip(_ENTRY, entry, given, strict=True):
        if one != other:
            return f"its entry names another {name}"
    if row.anchor_size is not None and row.anchor_size >= row.audit_number:
        return "its anchor is over entries that came after it"
    try:
        record = load_record(connection, clinic, row.session_id, row.audit_number - 1)
    except NotFound:
        return "its session was not there when it was given"
    if record.digest() != row.record_digest:
        return "its digest is not that of the session's record as it was then"
    return None
