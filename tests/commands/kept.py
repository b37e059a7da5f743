"""Everything that is kept beside the chart, told once; every number and word is invented."""

from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import disclosing, holding, purging, requesting, reviewing
from protocol.rules.actions import Actor
from protocol.rules.disclosures import Disclosure, DisclosureIn
from protocol.rules.holds import Hold, HoldIn, LiftIn
from protocol.rules.requests import (
    AmendmentAnswerIn,
    AmendmentRequest,
    AmendmentRequestIn,
    StatementIn,
)
from protocol.rules.retention import Purge, PurgeIn
from protocol.rules.review import AuditReview, AuditReviewIn
from tests.commands.world import SECRET, World, at

KEEPING: dict[str, Any] = {
    "audit_review_every_days": 11,
    "amendment_answer_days": 23,
    "disclosures_accounted_months": 31,
    "retention": [
        {"record_class": "signing", "acts": ["session:sign"], "keep_months": 0,
         "legal_basis": "an invented law"},
        {"record_class": "charting", "acts": ["reading:record", "note:record"], "keep_months": 7,
         "legal_basis": "another invented law"},
    ],
}  # fmt: skip


def a_hold(world: World, minute: float = 63, **changes: Any) -> Hold:
    wanted = {"id": uuid7(), "matter": "An invented case", "reason": "A letter came.", **changes}
    return holding.place_hold(
        world.clinic, world.administrator, HoldIn.model_validate(wanted), now=at(minute)
    )


def lifted(world: World, hold: Hold, minute: float = 64) -> Hold:
    lift = LiftIn(reason="The case is closed.")
    return holding.lift_hold(world.clinic, world.administrator, hold.id, lift, now=at(minute))


def a_disclosure(world: World, minute: float = 65, **changes: Any) -> Disclosure:
    wanted = {
        "id": uuid7(), "disclosed_at": at(minute).isoformat(), "recipient": "Invented insurer",
        "what": "The summary of one session", "purpose": "Payment", **changes,
    }  # fmt: skip
    return disclosing.record_disclosure(
        world.clinic, world.nurse, world.patient, DisclosureIn.model_validate(wanted),
        now=at(minute),
    )  # fmt: skip


def a_request(world: World, minute: float = 66, **changes: Any) -> AmendmentRequest:
    wanted = {
        "id": uuid7(), "received_at": at(minute).isoformat(), "session_id": world.session,
        "what": "I said six, not nought.", **changes,
    }  # fmt: skip
    return requesting.log_request(
        world.clinic, world.nurse, world.patient, AmendmentRequestIn.model_validate(wanted),
        now=at(minute),
    )  # fmt: skip


def an_answer(world: World, request: UUID, minute: float = 67, **changes: Any) -> AmendmentRequest:
    wanted = {"id": uuid7(), "accepted": False, "reason": "It is accurate.", **changes}
    return requesting.answer_request(
        world.clinic, world.physician, request, AmendmentAnswerIn.model_validate(wanted),
        now=at(minute),
    )  # fmt: skip


def a_statement(
    world: World, request: UUID, minute: float = 68, **changes: Any
) -> AmendmentRequest:
    wanted = {"id": uuid7(), "kind": "disagreement", "text": "I was there.", **changes}
    return requesting.state(
        world.clinic, world.nurse, request, StatementIn.model_validate(wanted), now=at(minute)
    )


def a_review(
    world: World, minute: float = 70, by: Actor | None = None, **changes: Any
) -> AuditReview:
    wanted = {
        "id": uuid7(), "since": at(0).isoformat(), "until": at(minute).isoformat(),
        "remark": "Looked through.", "secret": SECRET, **changes,
    }  # fmt: skip
    return reviewing.review(
        world.clinic, by or world.auditor, AuditReviewIn.model_validate(wanted), now=at(minute)
    )


def a_purge(world: World, minute: float = 75, second: Actor | None = None, **changes: Any) -> Purge:
    wanted = {
        "id": uuid7(), "record_class": "signing", "until": at(minute).isoformat(),
        "reason": "The period has run out.", "legal_basis": "an invented law", **changes,
    }  # fmt: skip
    return purging.purge(
        world.clinic, world.administrator, PurgeIn.model_validate(wanted),
        second=second or world.physician, now=at(minute),
    )  # fmt: skip


def keep(world: World) -> None:
    """One of each, on a policy that has periods."""
    world.policy_with(keeping=KEEPING)
    lifted(world, a_hold(world, patient_id=world.patient))
    wrong = a_disclosure(world)
    a_disclosure(world, replaces=wrong.id, reason="Another insurer")
    request = a_request(world)
    an_answer(world, request.id)
    a_statement(world, request.id)
    a_review(world)
    a_purge(world)
