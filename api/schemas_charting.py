"""The bodies of charting: the rules' `Charted` with one kind of content, and a second person."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from api.schemas import Out
from protocol.commands.charting import Recorded
from protocol.rules.charting import (
    Addendum,
    Adjunct,
    AdverseEvent,
    Charted,
    DosingEvent,
    Entry,
    FormOverride,
    FormResponse,
    MissedRound,
    Note,
    Override,
    PhaseEntered,
    Plan,
    Reading,
    Retraction,
)
from protocol.rules.limits import Breach
from protocol.rules.values import Line, Shape


class SecondPersonIn(Shape):
    """A second person, who authenticates for this one entry."""

    username: Line
    secret: str = Field(max_length=400, repr=False)
    one_time_code: str | None = Field(default=None, max_length=40, repr=False)


class ChartedIn(Charted):
    """An entry that a second person may stand for too: what a hard limit asks for."""

    second_person: SecondPersonIn | None = None

    def charted(self) -> Charted:
        """The entry alone: nothing of the second person's secret goes on."""
        return Charted.model_construct(
            **{name: getattr(self, name) for name in Charted.model_fields}
        )


class ReadingIn(ChartedIn):
    """Observations of one moment."""

    content: Reading


class DosingEventIn(ChartedIn):
    """A dosing event of a drug line."""

    content: DosingEvent


class PlanIn(ChartedIn):
    """A physician's plan."""

    content: Plan


class AdverseEventIn(ChartedIn):
    """Something that went wrong for the patient."""

    content: AdverseEvent


class AdjunctIn(ChartedIn):
    """A medicine beside the protocol's drug lines."""

    content: Adjunct


class NoteIn(ChartedIn):
    """Free text."""

    content: Note


class MissedRoundIn(ChartedIn):
    """Why a due round was not charted."""

    content: MissedRound


class PhaseIn(ChartedIn):
    """The session moves to a phase."""

    content: PhaseEntered


class OverrideIn(ChartedIn):
    """The reason for a breach; for a hard one with the second person."""

    content: Override


class FormResponseIn(ChartedIn):
    """Answers to items of a form that the session is pinned to."""

    content: FormResponse


class FormOverrideIn(ChartedIn):
    """Why a step goes on although items of a form are lacking."""

    content: FormOverride


class CorrectionIn(ChartedIn):
    """An entry in place of an earlier one of its kind, which `replaces` names; with a reason."""

    replaces: UUID


class RetractionIn(Charted):
    """The marker in place of an entry that is not true of this patient; `replaces` names it."""

    content: Retraction
    replaces: UUID


class AddendumIn(Charted):
    """Text after signing."""

    content: Addendum


class BreachOut(Out):
    """A breach with its sentence, and what closes it."""

    breach: Breach
    sentence: str
    asks_for: tuple[Literal["reason", "second-person"], ...]

    @classmethod
    def of(cls, breach: Breach) -> Self:
        """From the rules' own."""
        return cls.model_construct(
            breach=breach, sentence=breach.sentence, asks_for=breach.asks_for
        )


class RecordedOut(Out):
    """An entry as kept, what it breaches, and the server's time."""

    entry: Entry
    breaches: list[BreachOut]
    repeated: bool = Field(description="Whether it was sent before, with this content.")
    server_time: datetime

    @classmethod
    def of(cls, recorded: Recorded, now: datetime) -> Self:
        """From what the command gave."""
        return cls.model_construct(
            entry=recorded.entry, breaches=[BreachOut.of(one) for one in recorded.breaches],
            repeated=recorded.repeated, server_time=now,
        )  # fmt: skip
