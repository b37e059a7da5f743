"""The audit trail as the API asks for it and gives it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self, get_type_hints
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from api.schemas import Out
from api.schemas_charting import SecondPersonIn
from protocol.commands.auditing import Verification
from protocol.records.audit_search import AuditLine, Order, Page, Sought
from protocol.rules.actions import Action
from protocol.rules.audit import SORTABLE, AuditEntry, Fault, Outcome
from protocol.rules.regularity import Regular, Regularity
from protocol.rules.retention import Purge, PurgeIn
from protocol.rules.review import AuditReview, Gap
from protocol.rules.tampering import Tampering
from protocol.rules.values import Instant, Shape

# What both engines keep an entry's number in.
NUMBER_MAX = 2**31 - 1


def _sortable(value: str) -> str:
    if value not in SORTABLE:
        raise PydanticCustomError(
            "not_one_of", "The trail is sorted by one of {fields}.", {"fields": ", ".join(SORTABLE)}
        )
    return value


SortBy = Annotated[
    str, AfterValidator(_sortable), WithJsonSchema({"type": "string", "enum": list(SORTABLE)})
]


class AuditSoughtIn(Shape):
    """What entries are sought by, and in which order; whatever is absent is not asked."""

    person_id: UUID | None = None
    patient_id: UUID | None = None
    session_id: UUID | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    since: Instant | None = None
    until: Instant | None = Field(default=None, description="Not included.")
    sort: SortBy = Field(
        default="at",
        description="By another field than time, a list has 50,000 entries at most.",
    )
    descending: bool = Field(default=True, description="Whether the last comes first.")

    def sought(self) -> Sought:
        """As the records take it."""
        return Sought(**{name: getattr(self, name) for name in Sought._fields})

    def order(self) -> Order:
        """As the records take it."""
        return Order(self.sort, self.descending)


class AuditSearchIn(AuditSoughtIn):
    """A page of what is sought."""

    after: int | None = Field(
        default=None, ge=1, le=NUMBER_MAX, description="What `next` of the page before said."
    )
    limit: int = Field(default=50, ge=1, le=200)


def entry_values(line: AuditLine) -> dict[str, Any]:
    """A line as it is given: every hashed field, so that whoever has it can reckon the hash."""
    return {
        **line.entry._asdict(), "hash": line.hash, "person_name": line.person_name,
        "detail": line.detail,
    }  # fmt: skip


ENTRY_FIELDS = (*AuditEntry._fields, "hash", "person_name", "detail")
_KINDS: dict[str, Any] = {
    **get_type_hints(AuditEntry), "hash": str, "person_name": str,
    "detail": dict[str, Any] | None,
}  # fmt: skip
_FIELDS: dict[str, Any] = {name: (_KINDS[name], ...) for name in ENTRY_FIELDS}
AuditEntryOut = create_model(
    "AuditEntryOut", __base__=Out,
    __doc__="An audit entry; `detail` is null once it was lawfully purged.", **_FIELDS,
)  # fmt: skip


class AuditPageOut(Out):
    """Entries in order; `next` is what `after` takes for the page that follows, null at the end.

    A page that was looked for among very many entries may hold fewer than the limit, or none, and
    still name the next one.
    """

    items: list[AuditEntryOut]  # type: ignore[valid-type]
    next: int | None

    @classmethod
    def of(cls, page: Page) -> Self:
        """From the records' own."""
        items = [AuditEntryOut.model_construct(**entry_values(one)) for one in page.lines]
        return cls.model_construct(items=items, next=page.next)


class ReviewsOut(Out):
    """Every review, and the stretches that lack one by the clinic's policy."""

    reviews: list[AuditReview]
    lacking: list[Gap]


class PurgesOut(Out):
    """Every purge of audit detail, oldest first."""

    purges: list[Purge]


class PurgeWithSecondIn(PurgeIn):
    """A purge with the second person, who authenticates for it."""

    second_person: SecondPersonIn

    def wanted(self) -> PurgeIn:
        """The purge alone: nothing of the second person's secret goes on."""
        return PurgeIn.model_construct(
            **{name: getattr(self, name) for name in PurgeIn.model_fields}
        )


class WindowIn(Shape):
    """A window of time."""

    since: Instant
    until: Instant = Field(description="Not included.")


class RegularOut(Out):
    """What is listed for its regularity: no values, and no judgement."""

    kind: Regularity
    session_id: UUID
    person_id: UUID
    name: str
    entries: int
    first_at: datetime
    last_at: datetime


class RegularitiesOut(Out):
    """The listing of a window; empty where the policy has no thresholds."""

    items: list[RegularOut]

    @classmethod
    def of(cls, found: Sequence[Regular]) -> Self:
        """From the rules' own."""
        items = [RegularOut.model_construct(**one._asdict()) for one in found]
        return cls.model_construct(items=items)


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
