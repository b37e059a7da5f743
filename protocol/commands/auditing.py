"""Looking at the audit trail, and verifying that nothing in it was altered."""

from datetime import datetime
from typing import NamedTuple

from protocol.records import audit_search, verifying
from protocol.records.audit_search import AuditLine, Sought
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.records.verifying import Verified
from protocol.rules.actions import Action, Actor


class Verification(NamedTuple):
    """The clinic's chain, and what is wrong with the database or its guards."""

    chain: Verified
    database_faults: list[str]

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return self.chain.fault is None and not self.database_faults


def find_entries(
    clinic: Clinic, actor: Actor, sought: Sought, *, now: datetime, before: int | None = None,
    limit: int = 50,
) -> list[AuditLine]:  # fmt: skip
    """A page of entries, newest first."""
    with reading(clinic, actor, Action.AUDIT_VIEW, now) as connection:
        return audit_search.find(connection, clinic, sought, before=before, limit=limit)


def verify(clinic: Clinic, actor: Actor, *, now: datetime) -> Verification:
    """Walk the chain and every row that it seals; of other clinics' chains nothing is told."""
    with reading(clinic, actor, Action.AUDIT_VERIFY, now):
        chains = verifying.verify(clinic.database)
        faults = verifying.database_faults(clinic.database)
    return Verification(next(one for one in chains if one.clinic_id == clinic.id), faults)
