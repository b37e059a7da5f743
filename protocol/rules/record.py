"""SessionRecord: the whole session as one frozen value, and what it says about itself.

Screen, sheet, export and signature all read this value; nothing else describes a session.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field

from protocol.rules.charting import (
    Addendum,
    Content,
    DosingEvent,
    Entry,
    MissedRound,
    Override,
    PersonRef,
    PhaseEntered,
    Plan,
    Reading,
    Retraction,
)  # fmt: skip
from protocol.rules.custody_balance import GivenDrug, SessionCustody
from protocol.rules.dosing import Dosed, Flow, Given, Segment, flow_after, segments, total_given
from protocol.rules.limits import Breach, Severity
from protocol.rules.patients import Patient
from protocol.rules.protocols import DrugLine, PolicyDocument, ProtocolDocument
from protocol.rules.requests import AmendmentRequest
from protocol.rules.schedule import Course
from protocol.rules.sessions import SessionStatus
from protocol.rules.signature import Signature, digest_of
from protocol.rules.values import Instant, Line, Prose, Shape

ENDED = frozenset({SessionStatus.COMPLETED, SessionStatus.STOPPED, SessionStatus.NOT_DONE})
NOT_SIGNED = {"signatures", "amendment_requests", "custody"}


class ClinicRef(Shape):
    """The clinic as printed: name, IANA zone, and whether it is a demonstration (R143)."""

    id: UUID
    name: Line
    zone: Line
    demonstration: bool


class VersionRef(Shape):
    """Which approved version the session is pinned to (decision 7)."""

    id: UUID
    name: Line
    number: int
    digest: str
    approved_by: PersonRef | None = None


class StatusChange(Shape):
    """The session's status from a moment on, with who changed it and why."""

    status: SessionStatus
    at: Instant
    recorded_at: Instant
    by: PersonRef
    number: int
    reason: Prose | None = None


class DrugTotal(NamedTuple):
    """One drug line's segments and their exact sum."""

    line: DrugLine
    flow: Flow
    parts: tuple[Segment, ...]
    given: Given


class SessionRecord(Shape):
    """Everything there is about one session, in the order it was recorded."""

    clinic: ClinicRef
    id: UUID
    patient: Patient
    series: Line | None = None
    protocol_version: VersionRef
    protocol: ProtocolDocument
    policy_version: VersionRef
    policy: PolicyDocument
    history: tuple[StatusChange, ...] = Field(min_length=1)
    entries: tuple[Entry, ...] = ()
    breaches: tuple[Breach, ...] = ()
    signatures: tuple[Signature, ...] = ()
    amendment_requests: tuple[AmendmentRequest, ...] = Field(
        default=(), description="The patient's, about this session or the record as a whole (R49)."
    )
    custody: SessionCustody | None = Field(
        default=None, exclude_if=lambda value: value is None,
        description="What of the clinic's ledger concerns this session; beside the chart (R80).",
    )  # fmt: skip

    @property
    def status(self) -> SessionStatus:
        """Where the session stands."""
        return self.history[-1].status

    @property
    def signed(self) -> bool:
        """Whether anyone signed: from then on only addenda."""
        return bool(self.signatures)

    @cached_property
    def replaced(self) -> dict[UUID, Entry]:
        """The corrected or retracted entries' ids, each with the entry that replaces it."""
        return {one.replaces: one for one in self.entries if one.replaces is not None}

    @cached_property
    def standing(self) -> tuple[Entry, ...]:
        """The entries that hold: neither corrected nor retracted, and no retraction itself."""
        return tuple(
            one
            for one in self.entries
            if one.id not in self.replaced and not isinstance(one.content, Retraction)
        )

    def of(self, kind: type[Content]) -> list[Entry]:
        """The standing entries of one kind of content, by the time observed."""
        found = [one for one in self.standing if isinstance(one.content, kind)]
        return sorted(found, key=lambda one: (one.observed_at, one.number))

    def is_late(self, entry: Entry) -> bool:
        """Whether an entry was recorded later than the clinic's threshold (R58)."""
        after = timedelta(minutes=self.policy.late_entry_after_min)
        return entry.recorded_at - entry.observed_at > after

    @cached_property
    def plan(self) -> Plan | None:
        """The latest plan that stands."""
        plans = [one for one in self.standing if isinstance(one.content, Plan)]
        latest = max(plans, key=lambda one: one.number, default=None)
        return latest.content if latest and isinstance(latest.content, Plan) else None

    @cached_property
    def dosed(self) -> tuple[Dosed, ...]:
        """The standing dosing events."""
        return tuple(dosed_of(one) for one in self.of(DosingEvent))

    def dosed_on(self, drug_line: str) -> list[Dosed]:
        """The standing dosing events of one drug line."""
        return [one for one in self.dosed if one.event.drug_line == drug_line]

    def totals(self, as_of: datetime | None = None) -> tuple[DrugTotal, ...]:
        """Per drug line: segments and given sums; a running segment counts up to `as_of`."""
        found = []
        for line in self.protocol.drug_lines:
            events = self.dosed_on(line.code)
            if events:
                parts = segments(events, line.concentration, as_of)
                found.append(
                    DrugTotal(
                        line, flow_after(events), parts, total_given(parts, line.concentration)
                    )
                )
        return tuple(found)

    @property
    def ended_at(self) -> datetime | None:
        """When the session ended, once it has."""
        return self.history[-1].at if self.status in ENDED else None

    def phase_at(self, moment: datetime) -> str | None:
        """The code of the phase the session was in at that moment."""
        before = [
            one.content.phase
            for one in self.of(PhaseEntered)
            if isinstance(one.content, PhaseEntered) and one.observed_at <= moment
        ]
        return before[-1] if before else None

    def course(self) -> Course:
        """What the schedule needs to know."""
        readings = [(e.observed_at, e.content) for e in self.of(Reading)]
        return Course(
            protocol=self.protocol,
            phases=[
                (e.content.phase, e.observed_at)
                for e in self.of(PhaseEntered)
                if isinstance(e.content, PhaseEntered)
            ],
            dosing=[(one.event.event, one.observed_at) for one in self.dosed],
            observed=[
                (at, frozenset(o.measure for o in content.observations))
                for at, content in readings
                if isinstance(content, Reading)
            ],
            explained=[
                e.content for e in self.of(MissedRound) if isinstance(e.content, MissedRound)
            ],
            ended_at=self.ended_at,
        )

    def overrides_of(self, breach: Breach) -> list[Entry]:
        """The standing reasons given for a breach, inline with the entry or afterwards.

        The reason of a correction says why it was corrected, not why a limit was crossed.
        """
        later = [
            one
            for one in self.of(Override)
            if isinstance(one.content, Override) and one.content.breach_id == breach.id
        ]
        own = [
            one
            for one in self.standing
            if one.id == breach.entry_id and one.reason and one.replaces is None
        ]
        return [*own, *later]

    def is_resolved(self, breach: Breach) -> bool:
        """Soft: a reason. Hard: a reason with a second person. Or the entry no longer stands."""
        if breach.entry_id in self.replaced:
            return True
        given = self.overrides_of(breach)
        if breach.severity is Severity.SOFT:
            return bool(given)
        return any(
            one.second_person is not None and one.second_person.id != one.recorded_by.id
            for one in given
        )

    @cached_property
    def addenda(self) -> tuple[Entry, ...]:
        """Text added after signing."""
        return tuple(one for one in self.entries if isinstance(one.content, Addendum))

    def digest(self) -> str:
        """SHA-256 over what was charted: what each signature covers (R26). A request to amend is
        the patient's, custody the clinic's: both stand beside it and leave signatures as they are.
        """
        content: dict[str, Any] = self.model_dump(mode="json", exclude=NOT_SIGNED)
        return digest_of(content)


def dosed_of(entry: Entry) -> Dosed:
    """An entry's dosing event with the weight that was in force."""
    if not isinstance(entry.content, DosingEvent):
        raise TypeError("only a dosing entry has a dosing event")
    weight = None if entry.weight is None else entry.weight.value_kg
    return Dosed(entry.id, entry.number, entry.observed_at, entry.content, weight)


def given_drugs(record: SessionRecord) -> tuple[GivenDrug, ...]:
    """What each drug line gave by the infusion's own arithmetic; a running one up to its last
    change, for its end is not charted."""
    return tuple(
        GivenDrug(
            one.line.drug, one.given.amount, one.given.unit, running=one.flow is not Flow.IDLE
        )
        for one in record.totals()
    )
