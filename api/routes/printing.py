"""Sheets beside the summary: handover, and a protocol's downtime kit (R153)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import API, StrictRoute, acts
from api.identity import Caller, SignedIn, moment
from api.transcription import entry_table
from protocol.commands import courses, planning
from protocol.commands.downtime import LaidOut, laid_out
from protocol.records.clinics import Clinic
from protocol.rules.actions import Action
from reports.course_report import course_report
from reports.downtime import Version, downtime_sheet
from reports.handover import handover_sheet
from reports.listing import Printed
from reports.printing import listing_pdf

router = APIRouter(prefix=API, tags=["printing"], route_class=StrictRoute)
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_CSV = {"text/csv": {"schema": {"type": "string"}}}
Hours = Annotated[
    int, Query(ge=1, le=24, description="How far rounds without an end are laid out.")
]


@router.get(
    "/sessions/{session_id}/handover.pdf",
    **acts(Action.SESSION_PRINT, content=_PDF, name="session_handover", refuses=(404,)),
)
def handover(session_id: UUID, caller: SignedIn) -> Response:
    """What whoever takes over the session needs to know now: running, due, last, open."""
    now = moment()
    clinic, actor = caller.identified(now)
    record = planning.session(clinic, actor, session_id, now=now, action=Action.SESSION_PRINT)
    printed = Printed(now, actor.name, record.policy.page_size)
    return _named(listing_pdf(handover_sheet(record, printed)), f"handover-{session_id}.pdf")


@router.get(
    "/courses/{course_id}/sheet.pdf",
    **acts(Action.COURSE_PRINT, content=_PDF, name="course_sheet", refuses=(404,)),
)
def course(course_id: UUID, caller: SignedIn) -> Response:
    """A course on paper: sessions, pain and function value by value, sums, what is due."""
    now = moment()
    clinic, actor = caller.identified(now)
    told = courses.course(clinic, actor, course_id, now=now, action=Action.COURSE_PRINT)
    printed = Printed(now, actor.name, told.page_size)
    sheet = course_report(clinic.ref, told.patient, told.course, told.progress, printed)
    return _named(listing_pdf(sheet), f"course-{course_id}.pdf")


@router.get(
    "/protocols/{version_id}/downtime.pdf",
    **acts(Action.PROTOCOL_PRINT, content=_PDF, name="protocol_downtime_sheet"),
)
def downtime(version_id: UUID, caller: SignedIn, hours: Hours = 4) -> Response:
    """A blank sheet of this version, with its rounds laid out to write on."""
    now = moment()
    clinic, found, by = _laid_out(version_id, caller)
    printed = Printed(now, by, found.policy.page_size)
    sheet = downtime_sheet(clinic.ref, Version(*found), hours, printed)
    return _named(listing_pdf(sheet), f"downtime-{version_id}.pdf")


@router.get(
    "/protocols/{version_id}/downtime.csv",
    **acts(Action.PROTOCOL_PRINT, content=_CSV, name="protocol_downtime_table"),
)
def table(version_id: UUID, caller: SignedIn) -> Response:
    """The sheet's counterpart, to be filled in and entered as transcribed."""
    _, found, _ = _laid_out(version_id, caller)
    content = entry_table(found.protocol, found.policy).encode()
    return _named(content, f"downtime-{version_id}.csv", "text/csv; charset=utf-8; header=present")


def _laid_out(version_id: UUID, caller: Caller) -> tuple[Clinic, LaidOut, str]:
    now = moment()
    clinic, actor = caller.identified(now)
    return clinic, laid_out(clinic, actor, version_id, now=now), actor.name


def _named(content: bytes, file: str, media_type: str = "application/pdf") -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, media_type=media_type, headers=headers)
