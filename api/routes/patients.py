"""Patients: enrolling, changing details, finding, weighing; what a course of sessions gave."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.dependencies import API, StrictRoute, acts, answer
from api.identity import SignedIn, moment
from api.schemas import EnrolIn, PageOut, PatientSearchIn, SeriesOut
from protocol.commands import enrolling, planning
from protocol.rules.actions import Action
from protocol.rules.charting import Weight
from protocol.rules.patients import Patient, PatientIn, WeightIn
from protocol.rules.values import Line

router = APIRouter(prefix=API, tags=["patients"], route_class=StrictRoute)


@router.post("/patients", **acts(Action.PATIENT_ENROL, gives=Patient, status=201, refuses=(409,)))
def enrol(body: EnrolIn, caller: SignedIn) -> Response:
    """A new patient, with two identifiers that nobody else has."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(enrolling.enrol(clinic, actor, body.id, body.details(), now=now), 201)


@router.post("/patient-search", **acts(Action.PATIENT_SEARCH, gives=PageOut[Patient], refuses=()))
def find_patients(body: PatientSearchIn, caller: SignedIn) -> Response:
    """Patients by the start of the family name or by a whole identifier, a page by their ids."""
    now = moment()
    clinic, actor = caller.identified(now)
    found = enrolling.find_patients(
        clinic, actor, body.words or "", now=now, after=body.after, limit=body.limit + 1
    )
    return answer(PageOut[Patient].cut(found, body.limit))


@router.get("/patients/{patient_id}", **acts(Action.PATIENT_VIEW, gives=Patient, refuses=(404,)))
def patient(patient_id: UUID, caller: SignedIn) -> Response:
    """One patient with the latest details and every weight."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(enrolling.patient(clinic, actor, patient_id, now=now))


@router.put("/patients/{patient_id}", **acts(Action.PATIENT_CHANGE, gives=Patient, refuses=(404,)))
def change_patient(patient_id: UUID, body: PatientIn, caller: SignedIn) -> Response:
    """New details from now on; the earlier version stays."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(enrolling.change_patient(clinic, actor, patient_id, body, now=now))


@router.post(
    "/patients/{patient_id}/weights", **acts(Action.PATIENT_WEIGH, gives=Weight, status=201)
)
def weigh(patient_id: UUID, body: WeightIn, caller: SignedIn) -> Response:
    """A weight in kg with its method and time."""
    now = moment()
    clinic, actor = caller.identified(now)
    return answer(enrolling.weigh(clinic, actor, patient_id, body, now=now), 201)


@router.get(
    "/patients/{patient_id}/series/{series}",
    **acts(Action.SESSION_VIEW, gives=SeriesOut, name="series_view", refuses=(404,)),
)
def series(
    patient_id: UUID, series: Annotated[Line, Path(description="The name of the course.")],
    caller: SignedIn,
) -> Response:  # fmt: skip
    """What the sessions of one course gave, per drug: exact sums of what was charted."""
    now = moment()
    clinic, actor = caller.identified(now)
    given = planning.given_in_series(clinic, actor, patient_id, series, now=now)
    return answer(SeriesOut.model_construct(series=series, as_of=now, given=list(given)))
