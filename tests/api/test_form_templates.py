"""The templates that ship: each becomes a form once the clinic has filled in what is left open."""

import re
from typing import Any

import pytest
import yaml

from api.documents import DocumentFaulty, document_from, parsed
from api.shipped_forms import OPEN, names, template_text, templates
from protocol.rules.forms import FormDocument, FormPurpose
from protocol.rules.quantity import UNITS

# Numbers that an invented clinic fills in; options' scores rise, so that each has its own.
FILLED = {"low": "0", "high": "10", "met_low": "3", "answered_min": 2, "score": "1"}
DRUG_UNITS = {"ng", "ug", "mcg", "µg", "mg", "mL", "ml", "mmol", "units", "mg/kg", "mL/h", "mg/h"}
INTAKE_WORDS = """
    muscle ache; shooting or stabbing pain; pain down the leg; lifting; bending; standing; walking;
    better when reclining; onset; course; muscle or ligament strain; bulging or ruptured disk;
    arthritis; spinal stenosis; skeletal irregularity; osteoporosis with compression fracture;
    unknown; sit; stand; walk; leg raise; left; right; angle; clinic's scale; functions; x-ray; ct;
    mri; blood tests; bone scan; nerve studies; emg; date; finding; self-care; physical therapy;
    tai chi; diet; electrical stimulation; opioid medicines; non-opioid medicines;
    muscle relaxants; topical; antidepressants; injections; surgery; response; contraindication;
    consent; why an infusion; icd-10
"""
PRE_SESSION_WORDS = """
    identity; two identifiers; consent; fasting; adult; escort; pregnancy; does not apply;
    medicines changed; benzodiazepine; sedative; stimulant; mao inhibitor; opioid; iv access;
    pump; allergies; cardiovascular; psychiatric; hepatic; intracranial; intraocular; substance;
    sleep-apnoea; reaction; baseline vital signs; asa; airway
"""
DISCHARGE_WORDS = "alert; walks; nausea; drinks; adult; escort; instructions; drive; left; advice"


def filled(value: Any, key: str = "") -> Any:
    """The template with an invented clinic's words and numbers where it leaves them open."""
    if isinstance(value, dict):
        return {name: filled(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each) for each in value]
    return FILLED.get(key, "An invented text") if value == OPEN else value


def form(name: str) -> FormDocument:
    document = filled(yaml.safe_load(template_text(name)))
    found = document_from(yaml.safe_dump(document), "form", "yaml")
    assert isinstance(found, FormDocument)
    return found


@pytest.mark.parametrize("name", names())
def test_a_template_that_the_clinic_has_filled_in_is_a_form(name: str) -> None:
    assert form(name).purpose in FormPurpose


@pytest.mark.parametrize("name", [one.name for one in templates() if one.open_places])
def test_what_the_clinic_left_open_is_refused_at_its_path(name: str) -> None:
    with pytest.raises(DocumentFaulty) as refused:
        document_from(template_text(name), "form", "yaml")
    assert len(refused.value.lines) == template_text(name).count(OPEN)
    for line in refused.value.lines:
        assert re.fullmatch(r"[a-z]\S+: the template leaves this to the clinic", line)


@pytest.mark.parametrize("name", [one.name for one in templates() if not one.open_places])
def test_a_template_that_leaves_nothing_open_is_imported_as_it_is(name: str) -> None:
    assert document_from(template_text(name), "form", "yaml") == form(name)


@pytest.mark.parametrize("name", names())
def test_no_template_holds_a_scale_a_threshold_a_dose_or_a_rate(name: str) -> None:
    text = template_text(name)
    document = parsed(text.replace(OPEN, "open"), "yaml")
    assert isinstance(document, dict)
    for item in document["items"]:
        assert set(item.get("scale", {}).values()) <= {"open"}
        assert "low" not in item
        assert "high" not in item
        unit = item.get("unit")
        assert unit is None or (unit in UNITS and unit == "deg")
    for score in document.get("scores", []):
        assert "bands" not in score
        assert score.get("met_low", "open") == "open"
        assert "met_high" not in score
    units = "|".join(map(re.escape, sorted(DRUG_UNITS)))
    number = rf"\d+(\.\d+)?\s*({units})\b"
    assert not re.search(number, text)


@pytest.mark.parametrize("name", names())
def test_a_template_says_where_its_text_is_from_and_under_what_licence(name: str) -> None:
    document = yaml.safe_load(template_text(name))
    assert document["source"]
    assert document["licence"]


@pytest.mark.parametrize("name", ["outcome-peg-structure", "outcome-odi-structure"])
def test_an_instrument_without_a_free_licence_ships_without_a_word_of_its_items(name: str) -> None:
    document = yaml.safe_load(template_text(name))
    assert {item["label"] for item in document["items"]} == {OPEN}
    options = [one for item in document["items"] for one in item.get("options", [])]
    assert {option["label"] for option in options} <= {OPEN}
    assert document["licence"] == OPEN


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("back-pain-intake", INTAKE_WORDS),
        ("pre-session-checklist", PRE_SESSION_WORDS),
        ("discharge-list", DISCHARGE_WORDS),
        ("adverse-event-follow-up", "resolved; ongoing; care; relatedness; action taken"),
        ("outcome-nrs", "pain; function"),
    ],
)
def test_a_template_asks_for_everything_that_it_is_for(name: str, words: str) -> None:
    said = " ".join(
        " ".join([item.label, item.section or "", item.explanation or "", item.kind, item.code])
        + " ".join(option.label for option in item.options) + (item.coding or "")
        for item in form(name).items
    ).lower()  # fmt: skip
    lacking = [one for one in re.split(r";\s*", " ".join(words.split())) if one not in said]
    assert lacking == []


def test_what_decides_on_an_infusion_is_required_and_nothing_of_it_is_answered_beforehand() -> None:
    intake = form("back-pain-intake")
    required = {item.code for item in intake.items if item.required}
    assert {"pain", "function", "consent-given", "why-infusion", "pregnancy"} <= required
    assert all(item.kind == "yes-no" for item in intake.items if item.met_when)
    leg = [item for item in intake.items if item.code.endswith("-angle")]
    assert {(item.code, item.unit) for item in leg} == {
        ("leg-raise-left-angle", "deg"), ("leg-raise-right-angle", "deg"),
    }  # fmt: skip


def test_a_score_of_discharge_has_no_threshold_before_the_clinic_sets_one() -> None:
    (score,) = yaml.safe_load(template_text("discharge-score"))["scores"]
    assert score["met_low"] == OPEN


def test_leaving_against_advice_can_be_recorded_and_hides_nothing() -> None:
    discharge = form("discharge-list")
    shown_by = {item.shown_when.item for item in discharge.items if item.shown_when}
    only_then = [
        item.code
        for item in discharge.items
        if item.shown_when and item.shown_when.item == "against-advice"
    ]
    assert discharge.item("against-advice") is not None
    assert only_then == ["against-advice-in-words", "against-advice-signed"]
    assert shown_by == {"leaves-with-adult", "against-advice"}
