"""The access policy in force at a clinic."""

from sqlalchemy import Connection

from protocol.records import versions
from protocol.records.clinics import Clinic
from protocol.rules.access import Access, access_of
from protocol.rules.protocols import PolicyDocument


def access_in_force(connection: Connection, clinic: Clinic) -> Access:
    """The active policy's numbers; without one, those that stand in for it."""
    active = versions.active_policy(connection, clinic)
    document = None if active is None else active.document
    return access_of(document.access if isinstance(document, PolicyDocument) else None)
