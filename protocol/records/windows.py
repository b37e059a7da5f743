"""What a window of the audit trail holds, and the reviews of such windows (R20).

The digest is over the hashes of the window's entries in their order, read as a stream: whoever
holds the trail can reckon it again, and find that the reviewer saw these entries and no others.
"""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import person, table
from protocol.records.sealing import ENTRIES
from protocol.rules.audit import canonical_instant
from protocol.rules.review import AuditReview, Counted, WindowSeen

_REVIEW, _CLINIC = table(tables.AuditReviewRow), table(tables.ClinicRow)
_PAGE = 2_000


def window_seen(
    connection: Connection, clinic: Clinic, since: datetime, until: datetime, *, up_to: int,
    reviewer_id: UUID,
) -> WindowSeen:  # fmt: skip
    """The entries of a window as far as the trail went at entry `up_to`."""
    entries = (
        select(ENTRIES.c.action, ENTRIES.c.outcome, ENTRIES.c.person_id, ENTRIES.c.hash)
        .where(
            ENTRIES.c.clinic_id == str(clinic.id),
            ENTRIES.c.at >= canonical_instant(since), ENTRIES.c.at < canonical_instant(until),
            ENTRIES.c.number <= up_to,
        )
        .order_by(ENTRIES.c.at, ENTRIES.c.number)
    )  # fmt: skip
    digest, own, reviewer = sha256(), 0, str(reviewer_id)
    counts: Counter[tuple[str, str]] = Counter()
    with connection.execute(entries, execution_options={"yield_per": _PAGE}) as rows:
        for action, outcome, person_id, hashed in rows:
            counts[action, outcome] += 1
            own += person_id == reviewer
            digest.update(f"{hashed}\n".encode())
    return WindowSeen(
        entries=counts.total(), by_reviewer=own, digest=digest.hexdigest(),
        counts=tuple(
            Counted(action=action, outcome=outcome, entries=entries)
            for (action, outcome), entries in sorted(counts.items())
        ),
    )  # fmt: skip


def reviews(connection: Connection, clinic: Clinic) -> list[AuditReview]:
    """Every review of the clinic, by the window's beginning."""
    rows = connection.execute(
        select(_REVIEW)
        .where(_REVIEW.c.clinic_id == clinic.id)
        .order_by(_REVIEW.c.since, _REVIEW.c.audit_number)
    )
    return [
        AuditReview(
            id=row.id, since=row.since, until=row.until, remark=row.remark,
            seen=WindowSeen.model_validate_json(row.seen), reviewer=person(row.reviewer),
            reviewed_at=row.reviewed_at,
        )
        for row in rows
    ]  # fmt: skip


def founded_at(connection: Connection, clinic: Clinic) -> datetime:
    """When the clinic's trail began."""
    found: datetime = connection.execute(
        select(_CLINIC.c.founded_at).where(_CLINIC.c.clinic_id == clinic.id)
    ).scalar_one()
    return found


def last_number(connection: Connection, clinic: Clinic) -> int:
    """The number of the trail's last entry."""
    newest = select(ENTRIES.c.number).where(ENTRIES.c.clinic_id == str(clinic.id))
    number: int | None = connection.execute(
        newest.order_by(ENTRIES.c.number.desc()).limit(1)
    ).scalar()
    return number or 0
