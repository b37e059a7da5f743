"""The shapes of what is charted, and of the patient it is charted for."""

from decimal import Decimal
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from protocol.rules.actions import Action
from protocol.rules.charting import (
    Content,
    DosingEvent,
    DosingKind,
    Plan,
    Reading,
    action_of,
)
from protocol.rules.patients import (
    AllergyState,
    Patient,
    PatientIn,
    WeightIn,
    WeightMethod,
    weight_in_force,
)
from tests.rules.examples import a_patient, a_weight, an_id, at, dosing, quantity

RATE, DOSE = quantity("3 mL/h"), quantity("3 mg")
WITH_RATE = {DosingKind.START, DosingKind.RATE_CHANGE, DosingKind.RESUME}


@pytest.mark.parametrize("kind", DosingKind)
def test_an_event_has_the_rate_or_the_dose_that_belongs_to_it(kind: DosingKind) -> None:
    def accepted(**quantities: Any) -> bool:
        try:
            DosingEvent(event=kind, drug_line="line-1", **quantities)
        except ValidationError:
            return False
        return True

    assert accepted(rate=RATE) == (kind in WITH_RATE)
    assert accepted(dose=DOSE) == (kind is DosingKind.BOLUS)
    assert accepted() == (kind not in {DosingKind.START, DosingKind.RATE_CHANGE, DosingKind.BOLUS})
    assert not accepted(rate=RATE, dose=DOSE)


def test_neither_a_dose_nor_a_rate_is_negative_and_either_may_be_zero() -> None:
    assert dosing("start", rate="0 mL/h").rate is not None
    with pytest.raises(ValidationError, match="the rate -1 mL/h is negative"):
        dosing("start", rate="-1 mL/h")
    with pytest.raises(ValidationError, match="the dose -1 mg is negative"):
        dosing("bolus", dose="-1 mg")


def test_a_dose_of_a_json_number_is_refused() -> None:
    text = '{"event": "bolus", "drug_line": "line-1", "dose": {"value": 1.1, "unit": "mg"}}'
    with pytest.raises(ValidationError, match="taken as text"):
        DosingEvent.model_validate_json(text)
    event = DosingEvent.model_validate_json(text.replace("1.1", '"1.10"'))
    assert str(event.dose) == "1.10 mg"


def test_a_plan_says_something_and_nothing_negative() -> None:
    assert Plan(drug_line="line-1", rate=RATE).dose is None
    for wrong in ({}, {"dose": quantity("-1 mg")}, {"rate": RATE, "duration_min": Decimal(0)}):
        with pytest.raises(ValidationError):
            Plan(drug_line="line-1", **wrong)


def test_a_reading_has_at_least_one_observation_and_no_unknown_field() -> None:
    with pytest.raises(ValidationError):
        Reading(observations=())
    with pytest.raises(ValidationError, match="extra_forbidden"):
        TypeAdapter(Content).validate_python({"kind": "note", "text": "x", "extra": "y"})


def test_every_kind_of_content_has_an_act() -> None:
    contents = get_args(get_args(Content)[0])
    acts = {
        action_of(content.model_construct()) for content in contents if content is not DosingEvent
    }
    acts |= {action_of(DosingEvent.model_construct(event=kind)) for kind in DosingKind}
    assert len(acts) == len(contents) - 1 + len(DosingKind)
    assert action_of(dosing("bolus", dose="1 mg")) is Action.DOSING_BOLUS


@pytest.mark.parametrize(
    "changes",
    [
        {"allergy_state": AllergyState.KNOWN},
        {"allergies": ("examplamine",)},
        {"born_on": "1849-12-31"},
        {"born_on": 19_785_600},
        {"identifiers": ({"system": "a", "value": "b"},) * 2},
        {"identifiers": ({"system": "a", "value": "b"},)},
        {"family": " "},
    ],
    ids=str,
)
def test_a_patient_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    details = {name: getattr(a_patient(), name) for name in PatientIn.model_fields}
    with pytest.raises(ValidationError):
        PatientIn(**(details | changes))
    assert a_patient().name == "INVENTED, Ida"


def test_a_patient_survives_json() -> None:
    patient = a_patient()
    assert Patient.model_validate_json(patient.model_dump_json()) == patient


def test_the_weight_in_force_is_the_latest_one_by_then() -> None:
    first, second, same = a_weight("61.7", 0), a_weight("62.3", 30), a_weight("62.4", 30)
    weights = (first, second, same)
    assert weight_in_force(weights, at(-1)) is None
    assert weight_in_force(weights, at(0)) == first
    assert weight_in_force(weights, at(29)) == first
    assert weight_in_force(weights, at(30)) == same
    assert weight_in_force((), at(30)) is None


@pytest.mark.parametrize("value", ["0", "-1", "1000", "70 kg"])
def test_a_weight_is_above_zero_and_below_a_ton(value: str) -> None:
    with pytest.raises(ValidationError):
        WeightIn(
            id=an_id("w"),
            value_kg=value,  # type: ignore[arg-type]
            method=WeightMethod.STATED,
            measured_at=at(0),
        )
