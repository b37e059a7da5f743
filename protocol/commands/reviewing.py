"""Reviewing the audit trail: a signed look at a window, and the windows that lack one (R20)."""

from datetime import datetime

from protocol.commands.proving import authenticate
from protocol.records import keeping, windows
from protocol.records.clinics import Clinic
from protocol.records.keeping import Kept
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.tables import AuditReviewRow
from protocol.records.work import work
from protocol.rules.actions import Action, Actor
from protocol.rules.review import AuditReview, AuditReviewIn, Gap, gaps, require_past
from protocol.rules.signature import digest_of


def review(clinic: Clinic, actor: Actor, wanted: AuditReviewIn, *, now: datetime) -> AuditReview:
    """The actor's signed review of a window: full re-authentication, counts, digest, remark.

    Raises SignInFailed (wrong secret), Impossible (a window that reaches into the future).
    """
    authenticate(
        clinic, actor, wanted.secret, wanted.one_time_code, now=now, subject=wanted.id,
        action=Action.AUDIT_REVIEW,
    )  # fmt: skip
    shown = wanted.model_copy(update={"secret": "", "one_time_code": None})
    digest = digest_of(wanted.model_dump(mode="json", exclude={"secret", "one_time_code"}))
    with work(clinic, actor, Action.AUDIT_REVIEW, now, attempt=shown) as act:
        act.about(subject=wanted.id, since=wanted.since.isoformat(), until=wanted.until.isoformat())
        known = keeping.known_digest(act.connection, clinic, Kept.REVIEW, wanted.id)
        if not act.repeats(known, digest, "review"):
            require_past(wanted, now)
            seen = windows.window_seen(
                act.connection, clinic, wanted.since, wanted.until, up_to=act.number - 1,
                reviewer_id=actor.person_id,
            )  # fmt: skip
            act.about(entries=seen.entries, digest=seen.digest)
            act.add(
                new(AuditReviewRow,
                    clinic_id=clinic.id, id=wanted.id, since=wanted.since, until=wanted.until,
                    seen=seen.model_dump_json(), remark=wanted.remark,
                    reviewer_id=actor.person_id, reviewer=act.author.model_dump_json(),
                    reviewed_at=now, content_digest=digest,
                )
            )  # fmt: skip
    with clinic.database.looking() as connection:
        found = windows.reviews(connection, clinic)
    return next(one for one in found if one.id == wanted.id)


def reviews(clinic: Clinic, actor: Actor, *, now: datetime) -> list[AuditReview]:
    """Every review, by the window's beginning."""
    with reading(clinic, actor, Action.AUDIT_VIEW, now) as connection:
        return windows.reviews(connection, clinic)


def lacking_reviews(clinic: Clinic, actor: Actor, *, now: datetime) -> list[Gap]:
    """The stretches that no review covers; none where the policy asks for no review."""
    with reading(clinic, actor, Action.AUDIT_VIEW, now) as connection:
        policy = keeping.keeping_in_force(connection, clinic)
        if policy is None or policy.audit_review_every_days is None:
            return []
        return gaps(
            [(one.since, one.until) for one in windows.reviews(connection, clinic)],
            since=windows.founded_at(connection, clinic), now=now,
            every_days=policy.audit_review_every_days,
        )  # fmt: skip
