"""Forms: versioned questionnaires in FHIR Questionnaire's shape, and the answers given to them.

A form is a document like a protocol: drafted, approved, active, retired, immutable, pinned by the
session that asks for it (R90, R98). Nothing is preset and unknown is never met (R93, R102).
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from protocol.rules.actions import Role
from protocol.rules.form_coherence import require_coherent_form
from protocol.rules.measures import Scale
from protocol.rules.quantity import UnitCode
from protocol.rules.values import Code, Day, Exact, Instant, Line, Prose, Shape


class FormPurpose(StrEnum):
    """When a form is asked for; it says which step waits for it."""

    INTAKE = "intake"
    PRE_SESSION = "pre-session"
    DISCHARGE = "discharge"
    OUTCOME = "outcome"
    FOLLOW_UP = "follow-up"


class ItemKind(StrEnum):
    """What an item takes as its answer."""

    YES_NO = "yes-no"
    ONE_OF = "one-of"
    SEVERAL_OF = "several-of"
    NUMBER = "number"
    SCALE = "scale"
    TEXT = "text"
    DATE = "date"
    BODY_SITE = "body-site"


class Absent(StrEnum):
    """Why an item has no value; none of them ever meets a requirement (FHIR data-absent-reason)."""

    UNKNOWN = "asked-unknown"
    DECLINED = "asked-declined"
    NOT_APPLICABLE = "not-applicable"


class Option(Shape):
    """One possible answer, with its score where the instrument gives it one."""

    code: Code
    label: Line
    score: Exact | None = None


class Condition(Shape):
    """Shown when another item was answered with one of these (`yes` and `no`, or options)."""

    item: Code
    answered: tuple[Code, ...] = Field(min_length=1, max_length=50)


class Item(Shape):
    """One question: its kind, who answers it, when it is shown, and what meets it.

    Of a number `low` and `high` are what the form takes, both included; of several options all
    that were chosen are among `met_when` where it is met.
    """

    code: Code
    label: Line
    kind: ItemKind
    section: Line | None = None
    explanation: Prose | None = None
    required: bool = Field(default=False, strict=True)
    timed: bool = Field(default=False, strict=True, description="The answer has its own time.")
    answered_by: tuple[Role, ...] = Field(default=(), description="Empty: whoever may answer.")
    shown_when: Condition | None = None
    met_when: tuple[Code, ...] = Field(
        default=(), max_length=50, description="The answers that meet it; empty: any answer."
    )
    options: tuple[Option, ...] = Field(default=(), max_length=50)
    scale: Scale | None = None
    unit: UnitCode | None = None
    low: Exact | None = None
    high: Exact | None = None
    coding: Literal["icd-10"] | None = Field(default=None, description="A text of this form.")


class ScoringMethod(StrEnum):
    """How a score comes from its items (R98)."""

    SUM = "sum"
    MEAN = "mean"
    PERCENT_OF_MAXIMUM = "percent-of-answered-maximum"


class Band(Shape):
    """A named range of a score, both ends included; only where the clinic writes one."""

    label: Line
    low: Exact
    high: Exact


class Scoring(Shape):
    """A score: its items, its method, and how many answers it needs before there is one.

    `met_low` and `met_high` are the clinic's own range, both ends included, in which the score
    meets the step that asks for the form (R102); without either it meets nothing and gates nothing.
    """

    code: Code
    label: Line
    method: ScoringMethod
    items: tuple[Code, ...] = Field(min_length=1, max_length=100)
    answered_min: int = Field(ge=1, le=100, strict=True)
    bands: tuple[Band, ...] = Field(default=(), max_length=20)
    met_low: Exact | None = None
    met_high: Exact | None = None


class FormDocument(Shape):
    """A form: its items in order, its scores, and where its text comes from (R99).

    `name` is what a protocol's `forms` names; a version of it is in force at most once.
    """

    kind: Literal["form"] = "form"
    name: Code
    title: Line
    purpose: FormPurpose
    items: tuple[Item, ...] = Field(min_length=1, max_length=300)
    scores: tuple[Scoring, ...] = Field(default=(), max_length=20)
    recall: Line | None = Field(default=None, description="The period an answer is about.")
    source: Prose | None = None
    licence: Prose | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "FormDocument":
        require_coherent_form(self)
        return self

    def item(self, code: str) -> Item | None:
        """The item by its code, if the form has it."""
        return next((item for item in self.items if item.code == code), None)


class Answer(Shape):
    """What was answered to one item: one value of its kind, or why there is none."""

    item: Code
    yes: bool | None = Field(default=None, strict=True)
    chosen: tuple[Code, ...] = Field(default=(), max_length=50)
    value: Exact | None = Field(default=None, description="Of a number or a scale.")
    unit: UnitCode | None = None
    text: Prose | None = None
    day: Day | None = None
    site: Line | None = None
    absent: Absent | None = None
    at: Instant | None = Field(default=None, description="Of a timed item.")
