"""Beside the chart: holds, disclosures with their accounting, and requests to amend."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import Caller, SignedIn, moment
from api.report_files import accounting_pdf, csv_rows
from api.schemas_keeping import (
    DISCLOSURE_FIELDS,
    AccountingIn,
    DisclosuresOut,
    HoldsOut,
    RequestsOut,
    disclosure_values,
)
from protocol.commands import disclosing, holding, requesting
from protocol.commands.disclosing import Accounting
from protocol.rules.actions import Action
from protocol.rules.disclosures import Disclosure, DisclosureIn
from protocol.rules.holds import Hold, HoldIn, LiftIn
from protocol.rules.requests import (
    AmendmentAnswerIn,
    AmendmentRequest,
    AmendmentRequestIn,
    StatementIn,
)
from reports.listing import Printed

router = APIRouter(prefix=API, tags=["keeping"], route_class=StrictRoute)
_OF_PATIENT = "/patients/{patient_id}/disclosures"
_CSV: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}}
_PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


@router.get("/holds", **acts(Action.HOLD_VIEW, gives=HoldsOut, refuses=()))
def find_holds(caller: SignedIn) -> Response:
    """Every hold, those that were lifted too."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(HoldsOut(holds=holding.holds(clinic, actor, now=now)))


@router.post("/holds", **acts(Action.HOLD_PLACE, gives=Hold, status=201))
def place_hold(body: HoldIn, caller: SignedIn) -> Response:
    """A hold on a patient, or on the whole clinic: nothing that it covers is purged."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(holding.place_hold(clinic, actor, body, now=now), 201)


@router.post("/holds/{hold_id}/lift", **acts(Action.HOLD_LIFT, gives=Hold))
def lift_hold(hold_id: UUID, body: LiftIn, caller: SignedIn) -> Response:
    """The hold no longer stands; it stays in the list."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(holding.lift_hold(clinic, actor, hold_id, body, now=now))


@router.post(_OF_PATIENT, **acts(Action.DISCLOSURE_RECORD, gives=Disclosure, status=201))
def record_disclosure(patient_id: UUID, body: DisclosureIn, caller: SignedIn) -> Response:
    """To whom something of the patient's record was given, what, why and when."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(disclosing.record_disclosure(clinic, actor, patient_id, body, now=now), 201)


@router.get(_OF_PATIENT, **acts(Action.DISCLOSURE_VIEW, gives=DisclosuresOut, refuses=(404,)))
def find_disclosures(
    patient_id: UUID, caller: SignedIn, window: Annotated[AccountingIn, Query()]
) -> Response:
    """The patient's disclosures in a window; without one, as far back as the policy says."""
    accounting, _ = _accounted(caller, patient_id, window, Action.DISCLOSURE_VIEW)
    return answer(DisclosuresOut.of(accounting))


@router.get(
    f"{_OF_PATIENT}.csv",
    **acts(Action.DISCLOSURE_ACCOUNT, content=_CSV, name="disclosure_account_csv", refuses=(404,)),
)
def account_csv(
    patient_id: UUID, caller: SignedIn, window: Annotated[AccountingIn, Query()]
) -> Response:
    """The accounting of the patient's disclosures as CSV."""
    accounting, _ = _accounted(caller, patient_id, window, Action.DISCLOSURE_ACCOUNT)
    rows = [DISCLOSURE_FIELDS, *map(disclosure_values, accounting.disclosures)]
    return StreamingResponse(
        csv_rows(rows), media_type="text/csv; charset=utf-8; header=present",
        headers=_named("disclosures.csv"),
    )  # fmt: skip


@router.get(
    f"{_OF_PATIENT}.pdf",
    **acts(Action.DISCLOSURE_ACCOUNT, content=_PDF, name="disclosure_account_pdf", refuses=(404,)),
)
def account_pdf(
    patient_id: UUID, caller: SignedIn, window: Annotated[AccountingIn, Query()]
) -> Response:
    """The accounting of the patient's disclosures on paper."""
    accounting, printed = _accounted(caller, patient_id, window, Action.DISCLOSURE_ACCOUNT)
    content = accounting_pdf(accounting, printed)
    return Response(content, media_type="application/pdf", headers=_named("disclosures.pdf"))


def _accounted(
    caller: Caller, patient_id: UUID, window: AccountingIn, action: Action
) -> tuple[Accounting, Printed]:
    now = moment()
    clinic, actor = caller.identified(now)
    found = disclosing.disclosures(
        clinic, actor, patient_id, now=now, since=window.since, until=window.until, action=action
    )
    return found, Printed(now, actor.name, found.page_size)


@router.post(
    "/patients/{patient_id}/amendment-requests",
    **acts(Action.AMENDMENT_REQUEST, gives=AmendmentRequest, status=201),
)
def log_request(patient_id: UUID, body: AmendmentRequestIn, caller: SignedIn) -> Response:
    """A patient's request to amend the record, with the clinic's clock from its policy."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(requesting.log_request(clinic, actor, patient_id, body, now=now), 201)


@router.get("/amendment-requests", **acts(Action.AMENDMENT_VIEW, gives=RequestsOut, refuses=()))
def find_requests(caller: SignedIn, patient_id: UUID | None = None) -> Response:
    """The requests to amend, of a patient or of the clinic, with where each stands."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = requesting.requests(clinic, actor, now=now, patient_id=patient_id)
    return answer(RequestsOut.of(found, now))


@router.post(
    "/amendment-requests/{request_id}/answer",
    **acts(Action.AMENDMENT_ANSWER, gives=AmendmentRequest, status=201),
)
def answer_request(request_id: UUID, body: AmendmentAnswerIn, caller: SignedIn) -> Response:
    """The request accepted, or denied with a written reason."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(requesting.answer_request(clinic, actor, request_id, body, now=now), 201)


@router.post(
    "/amendment-requests/{request_id}/statements",
    **acts(Action.AMENDMENT_STATE, gives=AmendmentRequest, status=201),
)
def state(request_id: UUID, body: StatementIn, caller: SignedIn) -> Response:
    """A statement of disagreement with a denial, or the clinic's rebuttal, kept with the record."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(requesting.state(clinic, actor, request_id, body, now=now), 201)


def _named(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}
