"""The demonstration's forms: the templates that ship, with invented scales and answers."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.documents import document_from
from api.shipped_forms import OPEN, template_text
from protocol.commands import courses, responding
from protocol.records.clinics import Clinic
from protocol.rules.actions import Actor
from protocol.rules.course import CourseIn
from protocol.rules.forms import FormDocument
from protocol.rules.responses import ResponseIn

INTAKE, CHECKLIST, DISCHARGE = "back-pain-intake", "pre-session-checklist", "discharge-list"
OUTCOME = "outcome-nrs"
SHIPPED = (INTAKE, CHECKLIST, DISCHARGE, OUTCOME)
# What the templates leave to the clinic, as the invented one writes it.
_WRITTEN = {"low": "'0'", "high": "'10'", "recall": "the invented week before"}
_YES = {"yes": True}
_NO = {"yes": False}


def form(name: str) -> FormDocument:
    """A template with every open place filled in."""
    text = template_text(name)
    for field, value in _WRITTEN.items():
        text = re.sub(rf"({field}): {re.escape(OPEN)}", rf"\1: {value}", text)
    found = document_from(text, "form", "yaml")
    assert isinstance(found, FormDocument)
    return found


def answers(**given: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a value of any kind of item
    """`answers(fasting_as_asked=True, escort_name="an aunt", medicines_today=["none-of-these"])`:
    yes or no, words, options, or a value of a scale in a tuple."""
    return [{"item": item.replace("_", "-"), **_value(one)} for item, one in given.items()]


def _value(one: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    if isinstance(one, bool):
        return _YES if one else _NO
    if isinstance(one, tuple):
        return {"value": one[0]}
    return {"chosen": one} if isinstance(one, list) else one if isinstance(one, dict) else {
        "text": one
    }  # fmt: skip


def opened_course(
    clinic: Clinic, team: dict[str, Actor], patient_id: UUID, began: datetime,
    versions: dict[str, UUID],
) -> UUID:  # fmt: skip
    """A course of four sessions that begins now, with its intake answered."""
    opened = began - timedelta(minutes=1)
    first = began.date()
    course = CourseIn.model_validate(
        {
            "id": uuid7(), "name": "Invented course",
            "indication": "Chronic back pain, invented for the demonstration.",
            "icd_codes": ["M54.5"],
            "planned": [{"on": first + timedelta(days=5 * place)} for place in range(4)],
            "scheduled": [{"form": OUTCOME, "after_session_days": [3], "window_days": 2}],
        }
    )  # fmt: skip
    courses.open_course(clinic, team["physician"], patient_id, course, now=began)
    intake = ResponseIn.model_validate(
        {
            "id": uuid7(), "form_version_id": versions[INTAKE], "course_id": course.id,
            "observed_at": opened,
            "answers": answers(**_INTAKE, consent_on={"day": first}),
        }
    )  # fmt: skip
    responding.record_response(
        clinic, team["physician"], patient_id, intake, now=began + timedelta(minutes=1)
    )
    return course.id


def measured_between(
    clinic: Clinic, nurse: Actor, patient_id: UUID, course_id: UUID, at: datetime, version: UUID
) -> None:
    """An outcome measure some days after a session."""
    response = ResponseIn.model_validate(
        {
            "id": uuid7(), "form_version_id": version, "course_id": course_id, "observed_at": at,
            "answers": answers(
                pain_now=("4",), pain_worst=("6",), function=("6",), remarks="By telephone."
            ),
        }
    )  # fmt: skip
    responding.record_response(clinic, nurse, patient_id, response, now=at + timedelta(minutes=2))


_INTAKE: dict[str, Any] = {
    "muscle_ache": True, "shooting_or_stabbing_pain": True, "pain_down_the_leg": True,
    "pain_down_the_leg_side": ["left"], "worse_with": ["lifting", "bending"],
    "better_when_reclining": True, "pain_site": {"site": "Lower back"},
    "suspected_cause": ["bulging-or-ruptured-disk"], "icd_10": "M54.5",
    "leg_raise_left": ["pain"], "leg_raise_right": ["no-pain"], "pain": ("7",), "function": ("3",),
    "mri_done": True, "mri_finding": "Invented: a disk that bulges.", "self_care_tried": True,
    "self_care_response": ["no-change"], "physical_therapy_tried": True,
    "physical_therapy_response": ["helped-for-a-time"],
    "cardiovascular_disease_poorly_controlled": False, "hypertension": False, "pregnancy": False,
    "psychosis_active": False, "psychosis_history": False, "hepatic_disease": False,
    "raised_intracranial_pressure": False, "raised_intraocular_pressure": False,
    "substance_use": False, "sleep_apnoea": False, "prior_reaction": False,
    "interacting_medicines": False, "consent_given": True, "questions_answered": True,
    "why_infusion": "Invented: what was tried before did not last.",
}  # fmt: skip
BEFORE: dict[str, Any] = {
    "identity_confirmed": True, "allergies_confirmed": True, "consent_confirmed": True,
    "fasting_as_asked": True, "escort_arranged": True, "escort_name": "An invented aunt",
    "pregnancy": ["does-not-apply"], "medicines_changed": False,
    "medicines_today": ["none-of-these"], "contraindication_new": False, "prior_reaction": False,
    "baseline_vitals_acceptable": True, "iv_access_works": True,
    "iv_access_site": {"site": "Left forearm"}, "emergency_equipment_present": True,
}  # fmt: skip
LEAVING: dict[str, Any] = {
    "alert_and_oriented": True, "vital_signs_as_before": True, "walks_as_before": True,
    "nausea_acceptable": True, "drinks": True, "pain_acceptable": True, "no_dissociation": True,
    "access_removed": True, "leaves_with_adult": True, "escort_name": "An invented aunt",
    "instructions_given": True, "no_driving_acknowledged": True, "transport": ["private-car"],
    "against_advice": False, "decided_by": "Petra Imaginary, MD",
}  # fmt: skip
