"""The session as the API gives it: the whole record, and what it says about itself right now."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas import Out
from api.schemas_charting import BreachOut
from api.schemas_emergency import EmergencyOut
from protocol.rules.contradictions import Contradiction, contradictions
from protocol.rules.dosing import Flow, Given, Segment
from protocol.rules.emergency import Emergency
from protocol.rules.form_state import FormState
from protocol.rules.record import DrugTotal, SessionRecord
from protocol.rules.schedule import DueRound, due_rounds
from protocol.rules.sessions import SessionStatus
from protocol.rules.signature import SigningState, short_digest, signing_state


class DrugTotalOut(Out):
    """One drug line: what it is doing, its segments at constant rates, and their exact sum."""

    drug_line: str
    drug: str
    flow: Flow
    segments: list[Segment]
    given: Given

    @classmethod
    def of(cls, total: DrugTotal) -> Self:
        """From the rules' own."""
        return cls.model_construct(
            drug_line=total.line.code, drug=total.line.drug, flow=total.flow,
            segments=list(total.parts), given=total.given,
        )  # fmt: skip


class JudgedBreachOut(BreachOut):
    """A breach of the record, and whether anything closed it."""

    resolved: bool


class SessionOut(Out):
    """The whole record, and everything that the server computes from it as of `as_of`."""

    as_of: datetime
    status: SessionStatus
    signed: bool
    signing: SigningState = Field(description="Amended: the last signature covers less than this.")
    digest: str = Field(description="What a signature covers; it is sent back to sign.")
    digest_short: str = Field(description="What a signer compares by eye, here and on paper.")
    totals: list[DrugTotalOut]
    due_rounds: list[DueRound]
    breaches: list[JudgedBreachOut]
    contradictions: list[Contradiction] = Field(description="What blocks a signature.")
    forms: list[FormState] = Field(
        description="The pinned forms: the answers that hold, the scores, and what is lacking."
    )
    late_entry_ids: list[UUID]
    replaced_entry_ids: list[UUID]
    emergency_access: EmergencyOut | None = Field(
        description="In force for who looks: to be shown as a banner (R43)."
    )
    record: SessionRecord

    @classmethod
    def of(cls, record: SessionRecord, now: datetime, emergency: Emergency | None = None) -> Self:
        """From the record, at this moment."""
        until, digest = record.ended_at or now, record.digest()
        return cls.model_construct(
            as_of=now, status=record.status, signed=record.signed, digest=digest,
            digest_short=short_digest(digest), signing=signing_state(record.signatures, digest),
            totals=[DrugTotalOut.of(one) for one in record.totals(until)],
            due_rounds=list(due_rounds(record.course(), now)),
            breaches=[
                JudgedBreachOut.model_construct(
                    breach=one, sentence=one.sentence, asks_for=one.asks_for,
                    resolved=record.is_resolved(one),
                )
                for one in record.breaches
            ],
            contradictions=list(contradictions(record, now)), forms=list(record.form_states),
            late_entry_ids=[one.id for one in record.entries if record.is_late(one)],
            replaced_entry_ids=list(record.replaced),
            emergency_access=EmergencyOut.of(emergency), record=record,
        )  # fmt: skip


class DueRoundsOut(Out):
    """The rounds so far and the next one of each series, by due time."""

    as_of: datetime
    due_rounds: list[DueRound]
