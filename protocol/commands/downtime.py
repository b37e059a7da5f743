"""What a downtime sheet is printed from: a protocol version, and what it stands on (R153)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from protocol.records import versions
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.rules.actions import Action, Actor
from protocol.rules.errors import NotAllowedNow
from protocol.rules.forms import FormDocument
from protocol.rules.protocols import PolicyDocument, ProtocolDocument, VersionStatus
from protocol.rules.record import VersionRef


class LaidOut(NamedTuple):
    """A protocol version, the policy in force (the clinic's units, measures and limits), and the
    forms in force that it asks for."""

    ref: VersionRef
    protocol: ProtocolDocument
    policy: PolicyDocument
    forms: tuple[FormDocument, ...]


def laid_out(clinic: Clinic, actor: Actor, version_id: UUID, *, now: datetime) -> LaidOut:
    """Any version of a protocol, to be printed blank. Raises NotFound, NotAllowedNow."""
    with reading(clinic, actor, Action.PROTOCOL_PRINT, now, subject=version_id) as connection:
        version = versions.version(connection, clinic, "protocol", version_id)
        policy = versions.active_policy(connection, clinic)
        if policy is None or not isinstance(policy.document, PolicyDocument):
            raise NotAllowedNow("The clinic has no policy in force, which a protocol stands on.")
        assert isinstance(version.document, ProtocolDocument)
        in_force = {
            one.name: one.document
            for one in versions.versions(
                connection, clinic, kind="form", status=VersionStatus.ACTIVE
            )
        }
        asked = [in_force.get(name) for name in dict.fromkeys(version.document.forms)]
        return LaidOut(
            versions.version_ref(connection, clinic, version_id), version.document,
            policy.document, tuple(one for one in asked if isinstance(one, FormDocument)),
        )  # fmt: skip
