"""The two documents a physician writes: the protocol, and the clinic's policy.

Each is one immutable, validated document with a digest (decision 7). A version is drafted,
approved by a second person who is a physician, active, retired (R115). No document ships (R1).
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from protocol.rules.access import AccessPolicy
from protocol.rules.actions import Action, Role
from protocol.rules.coherence import require_coherent_policy, require_coherent_protocol
from protocol.rules.keeping import RecordKeeping
from protocol.rules.letterhead import Letterhead
from protocol.rules.limits import Limit
from protocol.rules.measures import Measure, Scale
from protocol.rules.quantity import Quantity, UnitCode
from protocol.rules.values import Code, Exact, Line, Prose, Shape

MINUTES_MAX = 7 * 24 * 60
Minutes = Annotated[int, Field(le=MINUTES_MAX, strict=True)]


class Anchor(StrEnum):
    """What a round's interval counts from (R91)."""

    PHASE_START = "phase-start"
    INFUSION_START = "infusion-start"
    RATE_CHANGE = "rate-change"
    BOLUS = "bolus"
    INFUSION_STOP = "infusion-stop"


class Interval(Shape):
    """One stretch of a round: every so many minutes, for so long; without `for_min`, to the end."""

    every_min: int = Field(ge=1, le=MINUTES_MAX, strict=True)
    for_min: int | None = Field(default=None, ge=1, le=MINUTES_MAX, strict=True)


class Round(Shape):
    """A group of measures due together: at fixed minutes after the anchor, then at intervals."""

    code: Code
    label: Line
    measures: tuple[Code, ...] = Field(min_length=1, max_length=40)
    anchor: Anchor = Anchor.PHASE_START
    at_min: tuple[Minutes, ...] = Field(default=(), max_length=100)
    intervals: tuple[Interval, ...] = Field(default=(), max_length=20)
    grace_min: int = Field(ge=0, le=MINUTES_MAX, strict=True)


class Phase(Shape):
    """A stretch of the session with its own rounds: pre-infusion, infusion, recovery, ..."""

    code: Code
    label: Line
    rounds: tuple[Round, ...] = Field(default=(), max_length=40)


class Concentration(Shape):
    """An amount in a volume, never a ratio or a bare percentage (R124)."""

    amount: Quantity
    volume: Quantity


class DrugLine(Shape):
    """What runs or is given: name, concentration, diluent, route. It holds no dose (R1)."""

    code: Code
    drug: Line
    concentration: Concentration
    diluent: Line | None = None
    route: Line
    note: Prose | None = Field(default=None, description="The clinic's own words (R116).")


class StopNote(Shape):
    """When staff stop or call, in the clinic's own words; shown, never evaluated (R90)."""

    label: Line
    text: Prose


class ProtocolDocument(Shape):
    """What a session is charted against. Every number in it is the clinic's."""

    kind: Literal["protocol"] = "protocol"
    name: Line
    indication: Prose | None = None
    phases: tuple[Phase, ...] = Field(min_length=1, max_length=20)
    drug_lines: tuple[DrugLine, ...] = Field(min_length=1, max_length=20)
    limits: tuple[Limit, ...] = Field(default=(), max_length=200)
    stop_notes: tuple[StopNote, ...] = Field(default=(), max_length=50)
    forms: tuple[Code, ...] = Field(default=(), max_length=20)
    measures: tuple[Measure, ...] = Field(
        default=(), max_length=50, description="The clinic's own measures, beside the built-in."
    )
    scales: dict[Code, Scale] = Field(
        default_factory=dict, max_length=50, description="Of this protocol's own score measures."
    )

    @model_validator(mode="after")
    def _coherent(self) -> "ProtocolDocument":
        require_coherent_protocol(self)
        return self

    def drug_line(self, code: str) -> DrugLine | None:
        """The drug line by its code, if the protocol has it."""
        return next((line for line in self.drug_lines if line.code == code), None)

    def phase(self, code: str) -> Phase | None:
        """The phase by its code, if the protocol has it."""
        return next((phase for phase in self.phases if phase.code == code), None)


class PlausibleRange(Shape):
    """Outside of it a value is confirmed as true before it is charted (R110)."""

    measure: Code
    low: Exact
    high: Exact
    unit: UnitCode


class Widening(Shape):
    """An act that this clinic grants to a role beyond the defaults."""

    role: Role
    action: Action


class PolicyDocument(Shape):
    """The clinic's own rules: scales, plausibility ranges, default limits, lateness, grants."""

    kind: Literal["policy"] = "policy"
    name: Line
    late_entry_after_min: int = Field(ge=0, le=MINUTES_MAX, strict=True)
    plausible: tuple[PlausibleRange, ...] = Field(default=(), max_length=200)
    scales: dict[Code, Scale] = Field(default_factory=dict, max_length=50)
    limits: tuple[Limit, ...] = Field(default=(), max_length=200)
    measures: tuple[Measure, ...] = Field(default=(), max_length=50)
    grants: tuple[Widening, ...] = Field(default=(), max_length=400)
    correction_reasons: tuple[Line, ...] = Field(default=(), max_length=50)
    override_reasons: tuple[Line, ...] = Field(default=(), max_length=50)
    distinct_signers: bool = Field(
        default=True, strict=True, description="Authorship and approval are two people's (R33)."
    )
    page_size: Literal["A4", "Letter"] = "A4"
    # Left out where absent, so that the digest of an earlier document stays what it was.
    access: AccessPolicy | None = Field(default=None, exclude_if=lambda value: value is None)
    keeping: RecordKeeping | None = Field(default=None, exclude_if=lambda value: value is None)
    letterhead: Letterhead | None = Field(default=None, exclude_if=lambda value: value is None)

    @model_validator(mode="after")
    def _coherent(self) -> "PolicyDocument":
        require_coherent_policy(self)
        return self


Document = ProtocolDocument | PolicyDocument


class VersionStatus(StrEnum):
    """Where a version stands. It is immutable from the moment it is drafted."""

    DRAFT = "draft"
    APPROVED = "approved"
    ACTIVE = "active"
    RETIRED = "retired"


_VERBS = {
    (VersionStatus.DRAFT, "approve"): VersionStatus.APPROVED,
    (VersionStatus.DRAFT, "retire"): VersionStatus.RETIRED,
    (VersionStatus.APPROVED, "activate"): VersionStatus.ACTIVE,
    (VersionStatus.APPROVED, "retire"): VersionStatus.RETIRED,
    (VersionStatus.ACTIVE, "retire"): VersionStatus.RETIRED,
}
VERSION_TRANSITIONS: dict[tuple[VersionStatus, Action], VersionStatus] = {
    (status, Action(f"{kind}:{verb}")): after
    for (status, verb), after in _VERBS.items()
    for kind in ("protocol", "policy")
}
