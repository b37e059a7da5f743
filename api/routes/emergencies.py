"""Emergency access: begun with a reason, ended, reported and reviewed (R43)."""

import logging
from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import API, PAGE, After, Limit, StrictRoute, acts, answer, page
from api.identity import SignedIn, moment
from api.schemas import PageOut
from api.schemas_emergency import EmergencyAccessOut, EmergencyOut, EmergencyReportOut
from protocol.commands import emergency
from protocol.commands.emergency import EmergencyIn, ReviewIn
from protocol.rules.actions import Action

LOG = logging.getLogger("chairside.emergency")
router = APIRouter(
    prefix=f"{API}/emergency-accesses", tags=["emergency access"], route_class=StrictRoute
)


@router.post("", **acts(Action.EMERGENCY_BEGIN, gives=EmergencyOut, status=201))
def begin(body: EmergencyIn, caller: SignedIn) -> Response:
    """Break the glass: until the time box ends this sign-in may read and chart any session."""
    now = moment()
    clinic, actor = caller.identified(now)
    broken = emergency.begin(clinic, actor, caller.token, body, now=now)
    LOG.warning("emergency access %s began", broken.id)
    return answer(EmergencyOut.model_construct(**broken.model_dump()), 201)


@router.post("/end", **acts(Action.EMERGENCY_END, status=204, refuses=(409,)))
def end(caller: SignedIn) -> Response:
    """End the sign-in's own emergency access before its time."""
    now = moment()
    clinic, actor = caller.identified(now)
    emergency.end(clinic, actor, caller.token, now=now)
    return Response(status_code=204)


@router.get("", **acts(Action.EMERGENCY_VIEW, gives=PageOut[EmergencyAccessOut], refuses=()))
def report(caller: SignedIn, after: After = None, limit: Limit = PAGE) -> Response:
    """Every emergency access there was, newest first, and whether somebody reviewed it."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = emergency.accesses(clinic, actor, now=now)
    return page([EmergencyAccessOut.of(one) for one in found], after, limit)


@router.get(
    "/{access_id}",
    **acts(Action.EMERGENCY_VIEW, gives=EmergencyReportOut, name="emergency_report",
           refuses=(404,)),
)  # fmt: skip
def report_one(access_id: UUID, caller: SignedIn) -> Response:
    """One emergency access, with every audit entry of what was done under it."""
    now = moment()
    clinic, actor = caller.identified(now)
    access, entries = emergency.done_under(clinic, actor, access_id, now=now)
    return answer(EmergencyReportOut.reported(access, entries))


@router.post(
    "/{access_id}/reviews",
    **acts(Action.EMERGENCY_REVIEW, gives=EmergencyAccessOut, status=201),
)
def review(access_id: UUID, body: ReviewIn, caller: SignedIn) -> Response:
    """What somebody else found who looked at it afterwards."""
    now = moment()
    clinic, actor = caller.identified(now)
    reviewed = emergency.review(clinic, actor, access_id, body, now=now)
    return answer(EmergencyAccessOut.of(reviewed), 201)
