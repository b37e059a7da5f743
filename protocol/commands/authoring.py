"""Protocols and policies: drafting, approving by a second person, activating, retiring (R115)."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from protocol.records import versions as versioned
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.tables import DocumentVersionRow, VersionStatusRow
from protocol.records.versions import Version, jurisdiction_of
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.audit import canonical_json
from protocol.rules.coherence import require_measures_known
from protocol.rules.errors import NotAllowedNow, NotPermitted
from protocol.rules.jurisdiction import JurisdictionDocument
from protocol.rules.protocols import (
    VERSION_TRANSITIONS,
    Document,
    PolicyDocument,
    ProtocolDocument,
    VersionStatus,
)
from protocol.rules.signature import digest_of


def _action(kind: str, verb: str) -> Action:
    return Action(f"{kind}:{verb}")


def draft(
    clinic: Clinic, actor: Actor, version_id: UUID, document: Document, *, now: datetime
) -> Version:
    """A new version of the document of this name; it never changes from here on.

    Raises DocumentInvalid where a protocol names a measure that neither it, the product nor the
    clinic's policy in force defines.
    """
    content = document.model_dump(mode="json")
    digest = digest_of(content)
    with work(clinic, actor, _action(document.kind, "draft"), now, attempt=document) as act:
        act.about(subject=version_id, name=document.name, digest=digest)
        known = versioned.version_digest(act.connection, clinic, version_id)
        if not act.repeats(known, digest, "version"):
            _require_measures(act, document)
            earlier = versioned.versions(
                act.connection, clinic, kind=document.kind, name=document.name
            )
            act.add(
                new(DocumentVersionRow,
                    clinic_id=clinic.id, id=version_id, kind=document.kind, name=document.name,
                    number=len(earlier) + 1, content=canonical_json(content).decode(),
                    digest=digest, drafted_at=now, author_id=actor.person_id,
                    author=act.author.model_dump_json(),
                ),
                _status_row(act, version_id, VersionStatus.DRAFT),
            )  # fmt: skip
    return _found(clinic, document.kind, version_id)


def approve(clinic: Clinic, actor: Actor, kind: str, version_id: UUID, *, now: datetime) -> Version:
    """Approval by a physician who is not the author. Raises NotPermitted, NotAllowedNow."""
    with work(clinic, actor, _action(kind, "approve"), now) as act:
        act.about(subject=version_id)
        version = versioned.version(act.connection, clinic, kind, version_id)
        following = _following(version, act.action)
        if version.author.id == actor.person_id:
            raise NotPermitted(
                "The author of a version does not approve it: that takes a second person.",
                version=str(version_id),
            )
        _require_measures(act, version.document)
        act.add(_status_row(act, version_id, following))
    return _found(clinic, kind, version_id)


def activate(
    clinic: Clinic, actor: Actor, kind: str, version_id: UUID, *, now: datetime
) -> Version:
    """The version in force from now on; the one before it, and any other policy, retires.

    A jurisdiction profile is in force from its effective day; until then the one before stays.
    """
    with work(clinic, actor, _action(kind, "activate"), now) as act:
        act.about(subject=version_id)
        version = versioned.version(act.connection, clinic, kind, version_id)
        following = _following(version, act.action)
        for other in _superseded(act, version):
            act.add(_status_row(act, other.id, VersionStatus.RETIRED))
        act.add(_status_row(act, version_id, following))
    return _found(clinic, kind, version_id)


def retire(clinic: Clinic, actor: Actor, kind: str, version_id: UUID, *, now: datetime) -> Version:
    """No new session is pinned to this version; open ones keep it."""
    with work(clinic, actor, _action(kind, "retire"), now) as act:
        act.about(subject=version_id)
        version = versioned.version(act.connection, clinic, kind, version_id)
        act.add(_status_row(act, version_id, _following(version, act.action)))
    return _found(clinic, kind, version_id)


def versions(
    clinic: Clinic, actor: Actor, kind: str, *, now: datetime, name: str | None = None
) -> list[Version]:
    """Every version of one kind, by name and number."""
    with reading(clinic, actor, _action(kind, "view"), now) as connection:
        return versioned.versions(connection, clinic, kind=kind, name=name)


def version(clinic: Clinic, actor: Actor, kind: str, version_id: UUID, *, now: datetime) -> Version:
    """One version. Raises NotFound."""
    with reading(clinic, actor, _action(kind, "view"), now, subject=version_id) as connection:
        return versioned.version(connection, clinic, kind, version_id)


def _found(clinic: Clinic, kind: str, version_id: UUID) -> Version:
    with clinic.database.looking() as connection:
        return versioned.version(connection, clinic, kind, version_id)


def _following(version: Version, action: Action) -> VersionStatus:
    following = VERSION_TRANSITIONS.get((version.status, action))
    if following is None:
        raise NotAllowedNow(
            f"{action} does not follow {version.status}.", action=action.value,
            status=version.status.value,
        )  # fmt: skip
    return following


def _superseded(act: Act, version: Version) -> list[Version]:
    """What the version takes the place of: of its name, or whatever its name where the clinic has
    one alone."""
    name = None if version.kind in ("policy", "jurisdiction") else version.name
    active = versioned.versions(
        act.connection, act.clinic, kind=version.kind, name=name, status=VersionStatus.ACTIVE
    )
    if isinstance(version.document, JurisdictionDocument):
        today = act.now.astimezone(ZoneInfo(act.clinic.zone)).date()
        in_force = jurisdiction_of(active, today)
        if version.document.effective_on > today:
            return [one for one in active if one is not in_force]
    return active


def _require_measures(act: Act, document: Document) -> None:
    if isinstance(document, ProtocolDocument):
        active = versioned.active_policy(act.connection, act.clinic)
        policy = active.document if active else None
        if not isinstance(policy, PolicyDocument):
            raise NotAllowedNow("The clinic has no policy in force, which a protocol stands on.")
        require_measures_known(document, policy)


def _status_row(act: Act, version_id: UUID, status: VersionStatus) -> New:
    return new(VersionStatusRow,
        clinic_id=act.clinic.id, id=uuid7(), version_id=version_id, status=status.value,
        recorded_at=act.now, author_id=act.actor.person_id, author=act.author.model_dump_json(),
    )  # fmt: skip
