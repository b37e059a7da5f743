"""Sessions: preparing one against approved versions, and moving it through its states."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import Field
from uuid_utils.compat import uuid7

from protocol.commands.course_sessions import course_of
from protocol.records import lookups, session_search, versions
from protocol.records.clinics import Clinic
from protocol.records.columns import offset_min
from protocol.records.course_records import with_course
from protocol.records.reading import reading
from protocol.records.rows import New, new
from protocol.records.session_record import load_record
from protocol.records.tables import SessionFormRow, SessionRow, SessionStatusRow
from protocol.records.versions import Version
from protocol.records.work import Act, work
from protocol.rules.actions import Action, Actor
from protocol.rules.answer_refusals import FormNotInForce
from protocol.rules.course import SeriesGiven
from protocol.rules.errors import Impossible, NotAllowedNow, NotFound, ReasonMissing
from protocol.rules.form_gates import WAITS_FOR, require_forms_complete
from protocol.rules.protocols import ProtocolDocument, VersionStatus
from protocol.rules.record import SessionRecord
from protocol.rules.series import series_given
from protocol.rules.sessions import SessionStatus, after
from protocol.rules.signature import digest_of
from protocol.rules.values import Instant, Line, Prose, Shape

# What leaves the chair tells of the course; a look at the session would load every other one.
_WITH_COURSE = frozenset({Action.SESSION_EXPORT, Action.SESSION_PRINT})
_NEEDS_REASON = frozenset({Action.SESSION_CANCEL, Action.SESSION_STOP, Action.SESSION_RETRACT})


class SessionIn(Shape):
    """A session to be prepared: whose, and by which active protocol version."""

    id: UUID
    patient_id: UUID
    protocol_version_id: UUID
    series: Line | None = Field(default=None, description="The course of sessions it belongs to.")
    prepared_at: Instant | None = Field(default=None, description="Absent: now.")
    # Left out where there is none, so that what was sent before keeps its digest.
    course_id: UUID | None = Field(
        default=None, exclude_if=lambda one: one is None, description="Of the patient's courses."
    )


class StatusIn(Shape):
    """When a session changed its state, and why."""

    at: Instant | None = Field(default=None, description="Absent: now.")
    reason: Prose | None = None


def prepare(clinic: Clinic, actor: Actor, wanted: SessionIn, *, now: datetime) -> SessionRecord:
    """A session in preparation, pinned to the protocol version and the policy in force.

    Raises NotFound, NotAllowedNow when no policy is in force or the protocol is not active (R1),
    FormNotInForce when the protocol asks for a form of which no version is active; NotFound or
    NotAllowedNow for a course that is another patient's or was closed.
    """
    digest = digest_of(wanted.model_dump(mode="json"))
    with work(clinic, actor, Action.SESSION_PREPARE, now, attempt=wanted) as act:
        act.about(patient=wanted.patient_id, session=wanted.id, subject=wanted.id)
        known = session_search.session_digest(act.connection, clinic, wanted.id)
        if not act.repeats(known, digest, "session"):
            lookups.patient(act.connection, clinic, wanted.patient_id)
            policy = versions.active_policy(act.connection, clinic)
            protocol = versions.version(
                act.connection, clinic, "protocol", wanted.protocol_version_id
            )
            if protocol.status is not VersionStatus.ACTIVE or policy is None:
                raise NotAllowedNow(
                    f"{protocol.name} version {protocol.number} is {protocol.status}; a session"
                    " stands on an active protocol and a policy in force.",
                    status=protocol.status.value,
                )
            prepared_at = _not_ahead(wanted.prepared_at or now, now)
            course = course_of(act, wanted.patient_id, wanted.course_id, prepared_at)
            act.add(
                new(SessionRow,
                    clinic_id=clinic.id, id=wanted.id, patient_id=wanted.patient_id,
                    protocol_version_id=protocol.id, policy_version_id=policy.id,
                    series=wanted.series, content_digest=digest,
                ),
                *course.rows(act, wanted.id),
                *_form_rows(act, wanted.id, protocol, course.intakes),
                status_row(act, wanted.id, SessionStatus.PREPARATION, prepared_at, None),
            )  # fmt: skip
    return _found(clinic, wanted.id)


def _form_rows(
    act: Act, session_id: UUID, protocol: Version, intakes: Mapping[str, UUID]
) -> list[New]:
    """The active version of each form that the protocol asks for, to be pinned (R98); of an intake
    the version that the course has answered."""
    document = protocol.document
    assert isinstance(document, ProtocolDocument)
    found = []
    for code in dict.fromkeys(document.forms):
        active = versions.versions(
            act.connection, act.clinic, kind="form", name=code, status=VersionStatus.ACTIVE
        )
        version_id = intakes.get(code) or (active[-1].id if active else None)
        if version_id is None:
            raise FormNotInForce(
                f"{protocol.name} version {protocol.number} asks for the form {code}, of which no"
                " version is active.",
                form=code, protocol=protocol.name, version=protocol.number,
            )  # fmt: skip
        found.append(
            new(SessionFormRow,
                clinic_id=act.clinic.id, session_id=session_id, form=code,
                version_id=version_id,
            )
        )  # fmt: skip
    return found


def change_status(
    clinic: Clinic, actor: Actor, action: Action, session_id: UUID, change: StatusIn,
    *, now: datetime,
) -> SessionRecord:  # fmt: skip
    """Begin, hold, resume, complete, stop, cancel or retract a session.

    Raises NotAllowedNow, AlreadySigned, ReasonMissing (stop, cancel, retract), Impossible (a time
    in the future), FormIncomplete (begin, complete) where a form lacks something that nobody has
    overridden.
    """
    with work(clinic, actor, action, now, attempt=change) as act:
        state = lookups.session_state(act.connection, clinic, session_id)
        act.about(patient=state.patient_id, session=session_id, subject=session_id)
        following = after(state.status, action, signed=state.signed)
        if action in _NEEDS_REASON and change.reason is None:
            raise ReasonMissing(f"{action} has a reason.", field="reason")
        at = _not_ahead(change.at or now, now)
        if action in WAITS_FOR and versions.protocol_of(act.connection, clinic, state).forms:
            require_forms_complete(act.record(session_id), action)
        act.about(before=state.status.value, after=following.value)
        act.add(status_row(act, session_id, following, at, change.reason))
    return _found(clinic, session_id)


def session(
    clinic: Clinic,
    actor: Actor,
    session_id: UUID,
    *,
    now: datetime,
    action: Action = Action.SESSION_VIEW,
    up_to: int | None = None,
    at_signature: UUID | None = None,
) -> SessionRecord:
    """The whole record of a session, or as it was up to an earlier audit entry or a signature.

    `action` says what it is read for: to view, print or export; each is audited as such (R10).
    """
    with reading(clinic, actor, action, now, session=session_id) as connection:
        record = load_record(connection, clinic, session_id, up_to)
        if at_signature is not None:
            signed = [one for one in record.signatures if one.id == at_signature]
            if not signed:
                raise NotFound("The session has no such signature.", signature=str(at_signature))
            up_to, now = signed[0].number, signed[0].signed_at
            record = load_record(connection, clinic, session_id, up_to)
        if action in _WITH_COURSE:
            return with_course(connection, clinic, record, now, up_to)
        return record


def given_in_series(
    clinic: Clinic, actor: Actor, patient_id: UUID, series: str, *, now: datetime
) -> tuple[SeriesGiven, ...]:
    """What the sessions of one course of one patient gave, per drug. Raises NotFound."""
    with reading(
        clinic, actor, Action.SESSION_VIEW, now, patient=patient_id, subject=patient_id
    ) as connection:
        found = session_search.sessions_of_series(connection, clinic, patient_id, series)
        if not found:
            raise NotFound("The patient has no session in such a series.", patient=str(patient_id))
        return series_given((load_record(connection, clinic, one) for one in found), now)


def find_sessions(
    clinic: Clinic, actor: Actor, *, now: datetime, patient_id: UUID | None = None,
    status: SessionStatus | None = None, after_id: UUID | None = None, limit: int = 50,
) -> list[session_search.SessionLine]:  # fmt: skip
    """Sessions in the order of their ids, by patient or status."""
    with reading(clinic, actor, Action.SESSION_SEARCH, now, patient=patient_id) as connection:
        return session_search.find(
            connection, clinic, patient_id=patient_id, status=status, after=after_id, limit=limit
        )


def last_changes(
    clinic: Clinic, actor: Actor, *, now: datetime, since: datetime | None = None
) -> list[session_search.Changed]:
    """Every session prepared since that moment, in order of time, and how far its record goes."""
    with reading(clinic, actor, Action.SESSION_SEARCH, now) as connection:
        return session_search.last_changes(connection, clinic, since)


def status_row(
    act: Act, session_id: UUID, status: SessionStatus, at: datetime, reason: str | None
) -> New:
    """The row of a status from now on."""
    return new(SessionStatusRow,
        clinic_id=act.clinic.id, id=uuid7(), session_id=session_id, status=status.value,
        action=act.action.value, changed_at=at, changed_offset_min=offset_min(at),
        recorded_at=act.now, author_id=act.actor.person_id, author=act.author.model_dump_json(),
        reason=reason,
    )  # fmt: skip


def _not_ahead(at: datetime, now: datetime) -> datetime:
    if at > now:
        raise Impossible("The time lies in the future (R59).", field="at", value=at.isoformat())
    return at


def _found(clinic: Clinic, session_id: UUID) -> SessionRecord:
    with clinic.database.looking() as connection:
        return load_record(connection, clinic, session_id)
