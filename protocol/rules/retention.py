"""The lawful purge of audit detail: what may go, and the tombstone that stays (R51, R189).

A purge takes the details of entries, never an entry, a signature or anything clinical: the entries
keep their salted digests, so the chain still verifies. Two people, a reason and a legal basis; the
clinic's retention rule for it must have run out, and no hold may cover it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field, model_validator

from protocol.rules.actions import Actor, Role
from protocol.rules.charting import PersonRef
from protocol.rules.errors import (
    Impossible,
    NotAllowedNow,
    NotPermitted,
    SecondPersonMissing,
    UnknownTerm,
)
from protocol.rules.holds import Hold, held
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.keeping import RecordKeeping, RetentionRule, months_after
from protocol.rules.values import Code, Instant, Line, Prose, Shape

_CUSTODY = frozenset({"count", "custody", "discrepancy", "loss"})


class PurgeIn(Shape):
    """A purge to be done: of one record class, up to a moment, of one patient or of all."""

    id: UUID
    record_class: Code = Field(description="A class of the policy's retention rules.")
    until: Instant = Field(description="Entries before this moment.")
    since: Instant | None = None
    patient_id: UUID | None = None
    reason: Prose
    legal_basis: Line

    @model_validator(mode="after")
    def _coherent(self) -> "PurgeIn":
        if self.since is not None and self.since >= self.until:
            raise ValueError("a window begins before it ends")
        return self


class Purge(PurgeIn):
    """A purge as kept: how many details went, and how many a hold kept."""

    purged: int
    held: int
    purged_at: Instant
    by: PersonRef
    second_person: PersonRef
    waiting: int = Field(
        default=0, description="Details whose tombstone stands and which were not removed yet."
    )


def require_rule(keeping: RecordKeeping | None, record_class: str) -> RetentionRule:
    """The policy's rule for the class. Raises UnknownTerm: without a rule nothing is purged."""
    rule = None if keeping is None else keeping.rule(record_class)
    if rule is None:
        raise UnknownTerm(
            f"The policy in force has no retention rule for {record_class}.",
            field="record_class", record_class=record_class,
        )  # fmt: skip
    return rule


def require_run_out(
    keeping: RecordKeeping, rule: RetentionRule, until: datetime, now: datetime
) -> None:
    """Refuse while any rule that covers one of the acts still runs. Raises NotAllowedNow."""
    if until > now:
        raise Impossible("The purge reaches into the future.", field="until")
    for one in keeping.covering(rule.acts):
        ends = months_after(until, one.keep_months)
        if ends > now:
            raise NotAllowedNow(
                f"The retention of {one.record_class} runs until"
                f" {ends.isoformat(timespec='seconds')} ({one.legal_basis}).",
                record_class=one.record_class, runs_until=ends.isoformat(),
            )  # fmt: skip


def require_custody_kept(
    profile: JurisdictionDocument | None, rule: RetentionRule, until: datetime, now: datetime
) -> None:
    """Refuse while the jurisdiction profile in force has the records of custody kept, where the
    class covers an act of custody (R51, R82). Raises NotAllowedNow."""
    kept = None if profile is None else profile.retention
    if kept is None or not any(one.value.partition(":")[0] in _CUSTODY for one in rule.acts):
        return
    ends = months_after(until, kept.keep_months)
    if ends > now:
        raise NotAllowedNow(
            f"Records of custody are kept until {ends.isoformat(timespec='seconds')}"
            f" ({kept.legal_basis}).", record_class=rule.record_class, runs_until=ends.isoformat(),
        )  # fmt: skip


def require_not_held(holds: Sequence[Hold], patient_id: UUID | None) -> None:
    """Refuse what a standing hold covers as a whole. Raises NotAllowedNow."""
    whole = "" if patient_id is None else str(patient_id)
    for one in holds:
        if held([one], whole):
            raise NotAllowedNow(
                f"A hold stands since {one.placed_at.isoformat(timespec='seconds')}:"
                f" {one.matter}.", hold=str(one.id),
            )  # fmt: skip


def require_two(actor: Actor, second: Actor | None) -> Actor:
    """A physician or administrator beside the one who acts; raises SecondPersonMissing."""
    if second is None or second.person_id == actor.person_id:
        raise SecondPersonMissing("A purge takes two people.")
    if not second.roles & {Role.PHYSICIAN, Role.ADMINISTRATOR}:
        raise NotPermitted("The second person is no physician or administrator.")
    return second
