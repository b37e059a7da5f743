"""What the demonstration keeps beside the chart: a disclosure, and a request to amend that was
denied and disagreed with; then a report of its own audit trail on paper."""

from datetime import datetime, timedelta
from pathlib import Path

from uuid_utils.compat import uuid7

from api.demo_story import Story
from api.report_files import audit_pdf
from protocol.commands import auditing, disclosing, requesting
from protocol.records.audit_search import Order, Sought
from protocol.records.clinics import Clinic
from protocol.rules.actions import Actor
from protocol.rules.disclosures import DisclosureIn
from protocol.rules.requests import (
    AmendmentAnswerIn,
    AmendmentRequestIn,
    StatementIn,
    StatementKind,
)
from reports.listing import Printed
from reports.printing import PdfUnavailable

AUDIT_REPORT = "demo-audit-report.pdf"


def keep_beside(clinic: Clinic, team: dict[str, Actor], story: Story) -> None:
    """One disclosure and one request about an invented session."""
    nurse, patient = team["nurse"], story.patient_id
    told = story.at(600)
    disclosure = DisclosureIn(
        id=uuid7(), session_id=story.session_id, disclosed_at=told,
        recipient="Invented insurer of Examplia", what="The summary of one session",
        purpose="Asked for by the insurer, with the patient's written permission.",
    )  # fmt: skip
    disclosing.record_disclosure(clinic, nurse, patient, disclosure, now=told)
    request = AmendmentRequestIn(
        id=uuid7(), session_id=story.session_id, received_at=story.at(700),
        what="The record says that I had no nausea. I felt a little sick on the way home.",
    )  # fmt: skip
    logged = requesting.log_request(clinic, nurse, patient, request, now=story.at(701))
    answer = AmendmentAnswerIn(
        id=uuid7(), accepted=False,
        reason="What was charted is what was said at the chair; the way home is not part of it.",
    )  # fmt: skip
    requesting.answer_request(clinic, team["physician"], logged.id, answer, now=story.at(2_000))
    statement = StatementIn(
        id=uuid7(), kind=StatementKind.DISAGREEMENT, text="I would have said so if asked."
    )
    requesting.state(clinic, nurse, logged.id, statement, now=story.at(3_000))


def print_trail(clinic: Clinic, auditor: Actor, home: Path, now: datetime) -> None:
    """The trail of the running session, as the auditor prints it, beside the database; a machine
    without Pango makes the demonstration without it."""
    sought = Sought(since=now - timedelta(hours=1))
    report = auditing.print_entries(clinic, auditor, sought, now=now, order=Order())
    try:
        (home / AUDIT_REPORT).write_bytes(audit_pdf(report, Printed(now, auditor.name)))
    except PdfUnavailable:
        return
