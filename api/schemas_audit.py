"""The audit trail as the API asks for it and gives it."""

from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Out
from protocol.commands.auditing import Verification
from protocol.records.audit_search import AuditLine, Sought
from protocol.rules.actions import Action
from protocol.rules.audit import Fault, Outcome
from protocol.rules.tampering import Tampering
from protocol.rules.values import Instant, Shape

# What both engines keep an entry's number in.
NUMBER_MAX = 2**31 - 1


class AuditSearchIn(Shape):
    """What entries are sought by; whatever is absent is not asked."""

    person_id: UUID | None = None
    patient_id: UUID | None = None
    session_id: UUID | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    since: Instant | None = None
    until: Instant | None = Field(default=None, description="Not included.")
    before: int | None = Field(
        default=None, ge=1, le=NUMBER_MAX, description="The last number of the page before."
    )
    limit: int = Field(default=50, ge=1, le=200)

    def sought(self) -> Sought:
        """As the records take it."""
        return Sought(**{name: getattr(self, name) for name in Sought._fields})


class AuditEntryOut(Out):
    """An audit entry; `detail` is null once it was lawfully purged."""

    number: int
    at: str
    person_id: str
    roles: str
    workstation: str
    action: str
    outcome: str
    code: str
    patient_id: str
    session_id: str
    subject_id: str
    hash: str
    detail: dict[str, Any] | None

    @classmethod
    def of(cls, line: AuditLine) -> Self:
        """From the records' own."""
        return cls.model_construct(**line._asdict())


class AuditPageOut(Out):
    """Entries, newest first; `next` is what `before` takes for the page that follows."""

    items: list[AuditEntryOut]
    next: int | None

    @classmethod
    def cut(cls, found: Sequence[AuditLine], limit: int) -> Self:
        """A page from what was found, which is one more than the page holds if there is more."""
        items = [AuditEntryOut.of(one) for one in found[:limit]]
        more = len(found) > limit
        return cls.model_construct(items=items, next=items[-1].number if more else None)


class FaultOut(Out):
    """What does not hold: at which entry, why, and how it was bent as far as that shows."""

    number: int
    kind: Tampering
    what: str

    @classmethod
    def found(cls, fault: Fault) -> Self:
        """From the rules' own."""
        return cls(number=fault.number, kind=Tampering(fault.kind), what=fault.what)


class VerificationOut(Out):
    """What a verification found: how many entries, the head of the chain, the root of its tree, and
    what is wrong, the first fault once more by itself."""

    intact: bool
    entries: int
    head: str
    root: str
    fault: FaultOut | None
    faults: list[FaultOut]
    database_faults: list[str]

    @classmethod
    def of(cls, found: Verification) -> Self:
        """From what the command gave."""
        fault = found.chain.fault
        return cls.model_construct(
            intact=found.intact, entries=found.chain.entries, head=found.chain.head,
            root=found.chain.root, fault=fault and FaultOut.found(fault),
            faults=[FaultOut.found(one) for one in found.chain.faults],
            database_faults=found.database_faults,
        )  # fmt: skip
