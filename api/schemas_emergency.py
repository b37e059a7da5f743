"""Emergency access as the API gives it: the banner, and the report (R43)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from api.schemas import Out
from api.schemas_audit import AuditEntryOut, entry_values
from protocol.records.audit_search import AuditLine
from protocol.records.emergencies import EmergencyAccess
from protocol.rules.charting import PersonRef
from protocol.rules.emergency import Emergency


class EmergencyOut(Out):
    """Emergency access in force: to be shown as a banner wherever its holder looks (R43)."""

    id: UUID
    reason: str
    ends_at: datetime

    @classmethod
    def of(cls, emergency: Emergency | None) -> "EmergencyOut | None":
        """From the rules' own; nothing where there is none."""
        return None if emergency is None else cls.model_construct(**emergency.model_dump())


class ClosureOut(Out):
    """What followed an emergency access: it was ended, or reviewed."""

    step: str
    at: datetime
    by: PersonRef
    words: str


class EmergencyAccessOut(Out):
    """An emergency access in the report."""

    id: UUID
    person: PersonRef
    workstation: str
    reason: str
    began_at: datetime
    ended_at: datetime
    without_second_factor: bool
    reviewed: bool
    closures: list[ClosureOut]

    @classmethod
    def values(cls, one: EmergencyAccess) -> dict[str, Any]:
        """The fields, from the records' own."""
        closures = [ClosureOut.model_construct(**each._asdict()) for each in one.closures]
        own = {name: getattr(one, name) for name in EmergencyAccessOut.model_fields}
        return own | {"closures": closures}

    @classmethod
    def of(cls, one: EmergencyAccess) -> "EmergencyAccessOut":
        """From the records' own."""
        return EmergencyAccessOut.model_construct(**cls.values(one))


class EmergencyReportOut(EmergencyAccessOut):
    """One emergency access, with every audit entry of what was done under it."""

    entries: list[AuditEntryOut]  # type: ignore[valid-type]

    @classmethod
    def reported(cls, one: EmergencyAccess, entries: Iterable[AuditLine]) -> Self:
        """From what the command found."""
        lines = [AuditEntryOut.model_construct(**entry_values(each)) for each in entries]
        return cls.model_construct(**cls.values(one), entries=lines)
