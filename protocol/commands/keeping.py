"""What every act beside the chart shares: the same id sent again, and whose a session is."""

from uuid import UUID

from protocol.records import keeping, lookups
from protocol.records.keeping import Kept
from protocol.records.work import Act
from protocol.rules.errors import NotFound
from protocol.rules.signature import digest_of
from protocol.rules.values import Shape


def content_digest(wanted: Shape, owner: UUID | None = None) -> str:
    """The digest of what was sent, with whom or what it was sent about."""
    return digest_of([None if owner is None else str(owner), wanted.model_dump(mode="json")])


def repeats(act: Act, kept: Kept, id_: UUID, digest: str) -> bool:
    """Whether this was sent before with the same content; raises IdConflict for other content."""
    known = keeping.known_digest(act.connection, act.clinic, kept, id_)
    return act.repeats(known, digest, kept.value.replace("_", " "))


def require_of_patient(act: Act, patient_id: UUID, session_id: UUID | None) -> None:
    """Refuse with NotFound an unknown patient, or a session that is another patient's."""
    lookups.patient(act.connection, act.clinic, patient_id)
    if session_id is None:
        return
    state = lookups.session_state(act.connection, act.clinic, session_id)
    if state.patient_id != patient_id:
        raise NotFound("The patient has no such session.", session=str(session_id))
