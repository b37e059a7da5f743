"""Documents in their versions: what is in force, what a session is pinned to, and its limits.

A version never changes, so it is parsed once in the life of the process.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, bindparam, select

from protocol.records import tables
from protocol.records.clinics import Clinic
from protocol.records.lookups import SessionState, person, table
from protocol.rules.charting import PersonRef
from protocol.rules.errors import NotFound
from protocol.rules.grants import Widened
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.limits import LimitInForce
from protocol.rules.measures import BUILT_IN, Measure
from protocol.rules.protocols import Document, PolicyDocument, ProtocolDocument, VersionStatus
from protocol.rules.record import VersionRef

VERSION, VERSION_STATUS = table(tables.DocumentVersionRow), table(tables.VersionStatusRow)
_DOCUMENT: TypeAdapter[Document] = TypeAdapter(Document)


def _latest_status_of_version() -> Any:  # noqa: ANN401 - a scalar subquery
    return (
        select(VERSION_STATUS.c.status)
        .where(
            VERSION_STATUS.c.clinic_id == VERSION.c.clinic_id,
            VERSION_STATUS.c.version_id == VERSION.c.id,
        )
        .order_by(VERSION_STATUS.c.audit_number.desc())
        .limit(1)
        .scalar_subquery()
        .label("status")
    )


class Version(NamedTuple):
    """One version of a document, with where it stands."""

    id: UUID
    kind: str
    name: str
    number: int
    digest: str
    status: VersionStatus
    author: PersonRef
    document: Document


def versions(
    connection: Connection, clinic: Clinic, *, kind: str, name: str | None = None,
    status: VersionStatus | None = None,
) -> list[Version]:  # fmt: skip
    """The versions of one kind, by name and number."""
    statement = select(VERSION, _latest_status_of_version()).where(
        VERSION.c.clinic_id == clinic.id, VERSION.c.kind == kind
    )
    if name is not None:
        statement = statement.where(VERSION.c.name == name)
    rows = connection.execute(statement.order_by(VERSION.c.name, VERSION.c.number)).all()
    found = [_version(clinic, row) for row in rows]
    return [one for one in found if status in (None, one.status)]


def version(connection: Connection, clinic: Clinic, kind: str, version_id: UUID) -> Version:
    """One version by its id. Raises NotFound."""
    statement = select(VERSION, _latest_status_of_version()).where(
        VERSION.c.clinic_id == clinic.id, VERSION.c.id == version_id, VERSION.c.kind == kind
    )
    row = connection.execute(statement).first()
    if row is None:
        raise NotFound(f"There is no such {kind} version.", version=str(version_id))
    return _version(clinic, row)


def version_digest(connection: Connection, clinic: Clinic, version_id: UUID) -> str | None:
    """The digest of the version with this id, if there is one."""
    statement = select(VERSION.c.digest).where(
        VERSION.c.clinic_id == clinic.id, VERSION.c.id == version_id
    )
    return connection.execute(statement).scalar()


def _version(clinic: Clinic, row: Row[Any]) -> Version:
    return Version(
        row.id, row.kind, row.name, row.number, row.digest, VersionStatus(row.status),
        person(row.author), _document(clinic, row.id, row.content),
    )  # fmt: skip


def _document(clinic: Clinic, version_id: UUID, content: str) -> Document:
    known = clinic.database.documents.get((clinic.id, version_id))
    if known is None:
        # A version never changes, so it is parsed once in the life of the process.
        known = clinic.database.documents[clinic.id, version_id] = _DOCUMENT.validate_json(content)
    return known


_CONTENT = select(VERSION.c.content).where(
    VERSION.c.clinic_id == bindparam("clinic_id"), VERSION.c.id == bindparam("id")
)


def document(connection: Connection, clinic: Clinic, version_id: UUID) -> Document:
    """The document of a version that is known to be there."""
    known = clinic.database.documents.get((clinic.id, version_id))
    if known is not None:
        return known
    content = connection.execute(_CONTENT, {"clinic_id": clinic.id, "id": version_id}).scalar_one()
    return _document(clinic, version_id, content)


def protocol_of(connection: Connection, clinic: Clinic, state: SessionState) -> ProtocolDocument:
    """The protocol that the session is pinned to."""
    found = document(connection, clinic, state.protocol_version_id)
    if not isinstance(found, ProtocolDocument):
        raise TypeError("the session is pinned to a document that is no protocol")
    return found


def policy_of(connection: Connection, clinic: Clinic, state: SessionState) -> PolicyDocument:
    """The clinic policy that the session is pinned to."""
    found = document(connection, clinic, state.policy_version_id)
    if not isinstance(found, PolicyDocument):
        raise TypeError("the session is pinned to a document that is no policy")
    return found


def measures_of(protocol: ProtocolDocument, policy: PolicyDocument) -> Mapping[str, Measure]:
    """The built-in measures with the clinic's own."""
    own = {one.code: one for one in (*policy.measures, *protocol.measures)}
    return {**BUILT_IN, **own} if own else BUILT_IN


def active_policy(connection: Connection, clinic: Clinic) -> Version | None:
    """The policy in force at the clinic, if one is."""
    found = versions(connection, clinic, kind="policy", status=VersionStatus.ACTIVE)
    return found[-1] if found else None


def jurisdiction_of(active: Sequence[Version], today: date) -> Version | None:
    """Of the active profiles the one in force: that of the latest effective day that has come."""
    come = [
        one for one in active
        if isinstance(one.document, JurisdictionDocument) and one.document.effective_on <= today
    ]  # fmt: skip
    return max(come, key=_effective, default=None)


def _effective(version: Version) -> tuple[date, int]:
    assert isinstance(version.document, JurisdictionDocument)
    return version.document.effective_on, version.number


def active_jurisdiction(connection: Connection, clinic: Clinic, now: datetime) -> Version | None:
    """The jurisdiction profile in force at a moment, by the clinic's own calendar."""
    active = versions(connection, clinic, kind="jurisdiction", status=VersionStatus.ACTIVE)
    return jurisdiction_of(active, now.astimezone(ZoneInfo(clinic.zone)).date())


def widened(connection: Connection, clinic: Clinic) -> Widened:
    """What the policy in force grants beyond the defaults."""
    active = active_policy(connection, clinic)
    if active is None or not isinstance(active.document, PolicyDocument):
        return frozenset()
    return frozenset((one.role, one.action) for one in active.document.grants)


def version_ref(connection: Connection, clinic: Clinic, version_id: UUID) -> VersionRef:
    """A version as named on the record, with who approved it."""
    row = connection.execute(
        select(VERSION.c.id, VERSION.c.name, VERSION.c.number, VERSION.c.digest).where(
            VERSION.c.clinic_id == clinic.id, VERSION.c.id == version_id
        )
    ).one()
    approved = connection.execute(
        select(VERSION_STATUS.c.author).where(
            VERSION_STATUS.c.clinic_id == clinic.id,
            VERSION_STATUS.c.version_id == version_id,
            VERSION_STATUS.c.status == VersionStatus.APPROVED.value,
        )
    ).scalar()
    return VersionRef(
        id=row.id, name=row.name, number=row.number, digest=row.digest,
        approved_by=None if approved is None else person(approved),
    )  # fmt: skip


def limits_in_force(
    connection: Connection, clinic: Clinic, state: SessionState
) -> tuple[LimitInForce, ...]:
    """Every limit of the session's pinned protocol and policy, with where it stands (R113)."""
    key = (clinic.id, state.protocol_version_id, state.policy_version_id)
    known = clinic.database.limits.get(key)
    if known is None:
        known = clinic.database.limits[key] = tuple(
            LimitInForce(
                limit=limit,
                source=f"{reference.name}, {kind} version {reference.number}",
                version_id=reference.id,
            )
            for kind, reference, limits in (
                (
                    "protocol",
                    version_ref(connection, clinic, state.protocol_version_id),
                    protocol_of(connection, clinic, state).limits,
                ),
                (
                    "policy",
                    version_ref(connection, clinic, state.policy_version_id),
                    policy_of(connection, clinic, state).limits,
                ),
            )
            for limit in limits
        )
    return known
