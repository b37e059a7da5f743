"""What can be charted in a session: each kind of content, and the entry that carries it.

An entry has two times (observed, recorded; R58), its author, what it replaces and why. A
correction, a retraction and an override are entries too: nothing is overwritten (R55).
"""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from protocol.rules.actions import Action, Role
from protocol.rules.forms import Answer
from protocol.rules.measures import Observation
from protocol.rules.quantity import Quantity
from protocol.rules.values import Code, Exact, Instant, Line, Prose, Shape


class DosingKind(StrEnum):
    """The dosing events of an infusion record."""

    START = "start"
    RATE_CHANGE = "rate-change"
    BOLUS = "bolus"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class Source(StrEnum):
    """How an entry came in; shifted: the source hides dates, intervals are true (R153)."""

    CHARTED = "charted"
    TRANSCRIBED = "transcribed"
    TRANSCRIBED_SHIFTED = "transcribed-shifted"


class AdverseSeverity(StrEnum):
    """Severity as the clinician judges it (R104)."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class AdverseOutcome(StrEnum):
    """FHIR adverse-event-outcome."""

    RESOLVED = "resolved"
    RECOVERING = "recovering"
    ONGOING = "ongoing"
    RESOLVED_WITH_SEQUELAE = "resolvedWithSequelae"
    FATAL = "fatal"
    UNKNOWN = "unknown"


class Reading(Shape):
    """A set of observations made at one moment: vital signs, scores, pain with its site."""

    kind: Literal["reading"] = "reading"
    observations: tuple[Observation, ...] = Field(min_length=1, max_length=60)
    context: Line | None = Field(default=None, description="Cuff site, position, device (R150).")


def _require_not_negative(**quantities: Quantity | None) -> None:
    for name, quantity in quantities.items():
        if quantity is not None and quantity.value < 0:
            raise PydanticCustomError(
                "negative", "the {name} {quantity} is negative",
                {"name": name, "quantity": str(quantity)},
            )  # fmt: skip


class DosingEvent(Shape):
    """A start, rate change, bolus, pause, resume or stop of one drug line.

    `rate` goes with start, rate change and, where it differs, resume; `dose` with a bolus.
    """

    kind: Literal["dosing"] = "dosing"
    event: DosingKind
    drug_line: Code
    rate: Quantity | None = None
    dose: Quantity | None = None
    note: Prose | None = None

    @model_validator(mode="after")
    def _complete(self) -> "DosingEvent":
        wants_rate = self.event in (DosingKind.START, DosingKind.RATE_CHANGE)
        if wants_rate != (self.rate is not None) and self.event is not DosingKind.RESUME:
            raise ValueError(f"a {self.event} has {'a' if wants_rate else 'no'} rate")
        if (self.event is DosingKind.BOLUS) != (self.dose is not None):
            raise ValueError("a bolus, and nothing else, has a dose")
        _require_not_negative(rate=self.rate, dose=self.dose)
        return self


class AdverseEvent(Shape):
    """Something that went wrong for the patient: onset, severity, action, outcome (R104)."""

    kind: Literal["adverse-event"] = "adverse-event"
    what: Line
    onset_at: Instant
    resolved_at: Instant | None = None
    severity: AdverseSeverity
    action_taken: Prose | None = None
    outcome: AdverseOutcome = AdverseOutcome.UNKNOWN
    relatedness: Line | None = Field(default=None, description="As a clinician judges it.")


class Adjunct(Shape):
    """A medicine beside the protocol's drug lines, such as an anti-emetic that was given."""

    kind: Literal["adjunct"] = "adjunct"
    medicine: Line
    dose: Quantity
    route: Line
    indication: Line | None = None


class Note(Shape):
    """Free text."""

    kind: Literal["note"] = "note"
    text: Prose


class MissedRound(Shape):
    """Why a due round was not charted; the round stays missed (R63)."""

    kind: Literal["missed-round"] = "missed-round"
    phase: Code
    round: Code
    due_at: Instant
    reason: Prose


class PhaseEntered(Shape):
    """The session moves to a phase of its protocol."""

    kind: Literal["phase"] = "phase"
    phase: Code


class Plan(Shape):
    """A physician's intention for the session: drug line, dose or rate, duration."""

    kind: Literal["plan"] = "plan"
    drug_line: Code
    dose: Quantity | None = None
    rate: Quantity | None = None
    duration_min: Exact | None = None
    note: Prose | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Plan":
        if self.dose is None and self.rate is None:
            raise ValueError("a plan has a dose or a rate")
        _require_not_negative(dose=self.dose, rate=self.rate)
        if self.duration_min is not None and self.duration_min <= 0:
            raise ValueError("a duration is above zero")
        return self


class Override(Shape):
    """The reason for a breach; a hard one also needs the entry's second person (R113)."""

    kind: Literal["override"] = "override"
    breach_id: UUID
    reason: Prose


class Retraction(Shape):
    """An entry that is not true of this patient; a marker stays in its place (R60)."""

    kind: Literal["retraction"] = "retraction"
    reason: Prose


class Addendum(Shape):
    """Text added after signing; the signed version stays as it was (R29)."""

    kind: Literal["addendum"] = "addendum"
    text: Prose


class FormResponse(Shape):
    """Answers to items of a form that the session is pinned to; several complete one another."""

    kind: Literal["form-response"] = "form-response"
    form: Code
    answers: tuple[Answer, ...] = Field(min_length=1, max_length=300)


class FormOverride(Shape):
    """Why a step goes on although items of a form are unanswered or not met (R102)."""

    kind: Literal["form-override"] = "form-override"
    form: Code
    items: tuple[Code, ...] = Field(min_length=1, max_length=300)
    reason: Prose


Content = Annotated[
    Reading | DosingEvent | AdverseEvent | Adjunct | Note | MissedRound | PhaseEntered | Plan
    | Override | FormResponse | FormOverride | Retraction | Addendum,
    Field(discriminator="kind"),
]  # fmt: skip


class Charted(Shape):
    """What a caller sends: an id of its own making, when it was observed, and the content.

    `confirmed` names the fields whose unusual value is confirmed as true (R110); `reason` serves
    every limit that the entry crosses, or says why a correction is made (R57, R113).
    """

    id: UUID
    observed_at: Instant
    content: Content
    confirmed: tuple[Line, ...] = Field(default=(), max_length=60)
    reason: Prose | None = None
    replaces: UUID | None = None
    source: Source = Source.CHARTED


class PersonRef(Shape):
    """A person as named on the record at that moment (R25)."""

    id: UUID
    name: Line
    credential: str = ""
    roles: tuple[Role, ...] = ()


class Weight(Shape):
    """A body weight in kg with how and when it was taken (R126)."""

    id: UUID
    value_kg: Exact
    method: Line
    measured_at: Instant


class Entry(Shape):
    """One charted fact as the record keeps it."""

    id: UUID
    number: int = Field(description="The audit entry that sealed it; gives the order of recording.")
    observed_at: Instant
    recorded_at: Instant
    recorded_by: PersonRef
    second_person: PersonRef | None = None
    content: Content
    confirmed: tuple[Line, ...] = ()
    reason: Prose | None = None
    replaces: UUID | None = None
    source: Source = Source.CHARTED
    weight: Weight | None = Field(default=None, description="The weight in force, for dosing.")


DOSING_ACTIONS: dict[DosingKind, Action] = {
    DosingKind.START: Action.DOSING_START,
    DosingKind.RATE_CHANGE: Action.DOSING_CHANGE_RATE,
    DosingKind.BOLUS: Action.DOSING_BOLUS,
    DosingKind.PAUSE: Action.DOSING_PAUSE,
    DosingKind.RESUME: Action.DOSING_RESUME,
    DosingKind.STOP: Action.DOSING_STOP,
}
_ACTIONS: dict[type[Shape], Action] = {
    Reading: Action.READING_RECORD,
    AdverseEvent: Action.ADVERSE_EVENT_RECORD,
    Adjunct: Action.ADJUNCT_RECORD,
    Note: Action.NOTE_RECORD,
    MissedRound: Action.ROUND_MISS,
    PhaseEntered: Action.PHASE_ENTER,
    Plan: Action.SESSION_PLAN,
    Override: Action.BREACH_OVERRIDE,
    FormResponse: Action.FORM_ANSWER,
    FormOverride: Action.FORM_OVERRIDE,
    Retraction: Action.ENTRY_RETRACT,
    Addendum: Action.ADDENDUM_RECORD,
}


def action_of(content: Content) -> Action:
    """The act that charts this content: one vocabulary (decision 5)."""
    if isinstance(content, DosingEvent):
        return DOSING_ACTIONS[content.event]
    return _ACTIONS[type(content)]
