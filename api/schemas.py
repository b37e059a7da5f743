"""What the API takes and gives beside the rules' own shapes: bodies end in `In`, answers in `Out`.

An answer is made of values that the rules or the records have validated, so it is built without
being validated again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from protocol.records.session_search import SessionLine
from protocol.records.versions import Version
from protocol.rules.charting import PersonRef
from protocol.rules.course import SeriesGiven
from protocol.rules.differences import Difference
from protocol.rules.forms import FormDocument
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.patients import PatientIn
from protocol.rules.protocols import PolicyDocument, ProtocolDocument, VersionStatus
from protocol.rules.sessions import SessionStatus
from protocol.rules.values import Line, Shape

Item = TypeVar("Item")


class EnrolIn(PatientIn):
    """A patient with an id of the client's making."""

    id: UUID

    def details(self) -> PatientIn:
        """The patient's details alone."""
        return PatientIn.model_construct(
            **{name: getattr(self, name) for name in PatientIn.model_fields}
        )


class PatientSearchIn(Shape):
    """Words in a body, so that no name is in an address or a log (R46)."""

    words: Line | None = Field(default=None, description="Start of a family name, or identifier.")
    after: UUID | None = Field(default=None, description="The last id of the page before.")
    limit: int = Field(default=50, ge=1, le=200, strict=True)


class ProtocolDraftIn(Shape):
    """A protocol to be kept as a new version, under an id of the client's making."""

    id: UUID
    document: ProtocolDocument


class PolicyDraftIn(Shape):
    """A policy to be kept as a new version, under an id of the client's making."""

    id: UUID
    document: PolicyDocument


class FormDraftIn(Shape):
    """A form to be kept as a new version, under an id of the client's making."""

    id: UUID
    document: FormDocument


class JurisdictionDraftIn(Shape):
    """A jurisdiction profile to be kept as a new version, under an id of the client's making."""

    id: UUID
    document: JurisdictionDocument


class Out(BaseModel):
    """An answer."""


class PageOut(Out, Generic[Item]):
    """A page of a list; `next` is what takes the page that follows, null at the end."""

    items: list[Item]
    next: UUID | None = None

    @classmethod
    def cut(cls, found: Sequence[Any], limit: int) -> "PageOut[Item]":
        """A page from what was found, which is one more than the page holds if there is more."""
        more = len(found) > limit
        return cls.model_construct(
            items=list(found[:limit]), next=found[limit - 1].id if more else None
        )


class VersionLineOut(Out):
    """A version in a list."""

    id: UUID
    kind: str
    name: str
    number: int
    digest: str
    status: VersionStatus
    author: PersonRef

    @classmethod
    def line(cls, version: Version) -> "VersionLineOut":
        """From the records' own, without the document."""
        values = version._asdict()
        del values["document"]
        return VersionLineOut.model_construct(**values)


class DocumentOut(VersionLineOut):
    """A version with its document."""

    @classmethod
    def of(cls, version: Version) -> Self:
        """From the records' own."""
        return cls.model_construct(**version._asdict())


class ProtocolOut(DocumentOut):
    """A version of a protocol."""

    document: ProtocolDocument


class PolicyOut(DocumentOut):
    """A version of the clinic's policy."""

    document: PolicyDocument


class FormOut(DocumentOut):
    """A version of a form."""

    document: FormDocument


class JurisdictionOut(DocumentOut):
    """A version of the jurisdiction profile."""

    document: JurisdictionDocument


class DifferenceOut(Out):
    """One place where two documents differ; what is absent on one side is null."""

    path: str
    before: str | None
    after: str | None


class DifferencesOut(Out):
    """Where two versions differ, by path."""

    before: VersionLineOut
    after: VersionLineOut
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, before: Version, after: Version, found: Iterable[Difference]) -> Self:
        """From the rules' own."""
        return cls.model_construct(
            before=VersionLineOut.line(before), after=VersionLineOut.line(after),
            differences=[DifferenceOut.model_construct(**one._asdict()) for one in found],
        )  # fmt: skip


class SeriesOut(Out):
    """What the sessions of one course gave; what runs is counted up to `as_of`."""

    series: str
    as_of: datetime
    given: list[SeriesGiven]


class SessionLineOut(Out):
    """A session in a list."""

    id: UUID
    patient_id: UUID
    protocol_version_id: UUID
    policy_version_id: UUID
    series: str | None
    status: SessionStatus

    @classmethod
    def of(cls, line: SessionLine) -> Self:
        """From the records' own."""
        return cls.model_construct(**line._asdict())
