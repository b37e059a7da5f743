"""The summary says everything that was charted, what was changed, and what is lacking."""

import re
from decimal import Decimal

import pytest

from protocol.rules.charting import DosingKind, Entry, Plan, Source
from protocol.rules.contradictions import contradictions
from protocol.rules.patients import AllergyState, Sex
from protocol.rules.sessions import SessionStatus
from protocol.rules.signature import Anchor, Meaning
from tests.reports import examples, hand
from tests.reports.hand import Chart, quantity, record_of
from tests.reports.reading_sheets import (
    bare,
    figure,
    own_words,
    runs_of,
    said,
    section,
    sheet_of,
)

NOT_PRINTED = {
    "kind", "measure", "unit", "drug_line", "phase", "round", "event", "severity", "outcome",
    "breach_id", "onset_at", "resolved_at", "due_at",
}  # fmt: skip


def charted(entry: Entry) -> list[str]:
    """What a person typed into an entry, as it is printed."""
    return list(_leaves(entry.content.model_dump()))


def _leaves(value: object, key: str = "") -> list[str]:
    if isinstance(value, dict):
        if set(value) == {"value", "unit"}:
            return [format(value["value"].normalize(), ",f")]
        return [leaf for name, one in value.items() for leaf in _leaves(one, name)]
    if isinstance(value, tuple | list):
        return [leaf for one in value for leaf in _leaves(one, key)]
    if value is None or key in NOT_PRINTED:
        return []
    return [format(value, ",f") if isinstance(value, Decimal) else str(value)]


@pytest.mark.parametrize("name", ["full", "signed", "amended", "hostile"])
def test_everything_that_was_typed_is_on_the_sheet(name):
    record = getattr(examples, name)()
    words = [bare(run.text) for run in runs_of(sheet_of(record))]
    whole = "\n".join(words)
    lacking = [
        value for entry in record.entries for value in charted(entry) if bare(value) not in whole
    ]
    assert not lacking


def test_shifted_times_are_said_to_be_shifted():
    chart = Chart()
    chart.vitals("10:00", "101 70 60 99 14", source=Source.TRANSCRIBED_SHIFTED)
    sheet = sheet_of(record_of(chart))
    assert "dates and times of day are shifted, intervals are true" in said(sheet.facts)
    assert "TRANSCRIBED, dates shifted" in said(section(sheet, "Readings"))


def test_the_first_page_begins_with_pain_and_what_was_given_of_the_plan():
    sheet = sheet_of(examples.full())
    pain = ("8 → 3", "first 09:50, last 11:30 · 0 to 10 · 62 % less: 5 of 8")
    assert figure(sheet, "Pain at rest, lower back") == pain
    assert figure(sheet, "examplamine, given of planned") == (
        "26.8 of 28 mg", "computed · 0.3829 mg per kg · 26.8 mL · 57 min running",
    )  # fmt: skip
    assert figure(sheet, "placebazole, given") == (
        "35 mcg", "computed · 0.5 mcg per kg · 0.175 mL · no plan",
    )  # fmt: skip
    assert figure(sheet, "Entries amended") == ("3", "2 corrected · 1 retracted · 3 recorded late")


@pytest.mark.parametrize(
    ("dose", "value"),
    [
        (quantity("28", "mg"), "10 of 28 mg"),
        (quantity("0.4", "mg/kg"), "0.1429 of 0.4 mg per kg"),
        (quantity("20", "mL"), "10 of 20 mL"),
    ],
)  # fmt: skip
def test_what_was_given_stands_in_the_unit_of_the_plan(dose, value):
    chart = Chart()
    chart.add("09:30", Plan(drug_line="line-1", dose=dose))
    chart.dose("10:00", DosingKind.BOLUS, dose=quantity("10", "mg"))
    label = "examplamine, given of planned"
    assert figure(sheet_of(record_of(chart)), label)[0] == value


def test_an_empty_session_names_what_it_lacks_and_leaves_nothing_blank():
    sheet = sheet_of(examples.empty())
    assert sheet.nothing == (
        "Nothing recorded of: limits crossed, missed rounds, adverse events, plan, dosing events,"
        " readings, other medicines, notes, corrections."
    )
    facts = {one.label: said(one.value) for one in sheet.facts}
    assert facts["Weight used"] == "Not recorded"
    assert facts["Status"] == "Preparation · since 09:30"
    assert "The session has no end: its status is preparation." in said(
        section(sheet, "What blocks a signature")
    )
    assert [place.name for place in sheet.signatures] == ["Not signed", "Not signed"]


@pytest.mark.parametrize("name", ["empty", "full", "signed", "amended"])
def test_no_cell_is_blank_but_the_end_of_a_total(name):
    sheet = sheet_of(getattr(examples, name)())
    for part in sheet.sections:
        for table in part.tables:
            for row in table.rows:
                blank = [place for place, cell in enumerate(row.cells) if not said(cell).strip()]
                assert blank in ([], [1] if row.kind == "total" else [])


def test_the_banner_has_the_patient_in_the_order_of_the_nhs():
    banner = sheet_of(examples.full()).banner
    assert banner.name == "EXAMPLE, Robin"
    assert [(one.label, said(one.value)) for one in banner.facts] == [
        ("Born", "14-Jul-1985 (41 y)"), ("Sex", "Female"), ("MRN", "0012 3456"),
        ("Insurance no.", "EX-77-1001"),
    ]  # fmt: skip
    assert banner.allergies == "penicillin (rash); latex (contact)"


@pytest.mark.parametrize(
    ("state", "words"),
    [(AllergyState.NONE_KNOWN, "None known"), (AllergyState.NOT_RECORDED, "Not recorded")],
)
def test_no_known_allergy_and_no_record_of_one_are_told_apart(state, words):
    patient = hand.PATIENT.model_copy(update={"allergy_state": state, "allergies": ()})
    banner = sheet_of(record_of(Chart(), patient=patient)).banner
    assert (banner.allergies, banner.allergies_known) == (words, False)


def test_an_unknown_sex_is_not_recorded():
    patient = hand.PATIENT.model_copy(update={"sex": Sex.UNKNOWN})
    banner = sheet_of(record_of(Chart(), patient=patient)).banner
    assert said(banner.facts[1].value) == "Not recorded"


def test_long_allergies_are_counted_in_the_banner_and_listed_whole():
    sheet = sheet_of(examples.hostile())
    assert sheet.banner.allergies == "12 known allergies, listed on page 1"
    assert said(sheet.facts[0].value) == "; ".join(examples.hostile().patient.allergies)


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        ("full", "DRAFT (unsigned)", "no signature"),
        ("signed", "SIGNED", "authorship and approval"),
        ("amended", "AMENDED", "1 addendum after the last signature, not signed since"),
    ],
)
def test_the_status_says_whether_the_record_is_signed_as_it_is(name, status, detail):
    sheet = sheet_of(getattr(examples, name)())
    assert (sheet.status, sheet.status_detail) == (status, detail)


def test_a_record_that_only_its_author_signed_says_what_is_lacking():
    record = examples.answered()
    only = examples.signature(record, hand.NURSE, Meaning.AUTHORSHIP, "11:50")
    sheet = sheet_of(record.model_copy(update={"signatures": (only,)}))
    assert (sheet.status, sheet.status_detail) == ("SIGNED", "authorship; approval not signed")
    assert [(one.meaning, one.signed) for one in sheet.signatures] == [
        ("authorship", True), ("approval", False),
    ]  # fmt: skip


def test_a_record_that_was_changed_without_an_addendum_is_not_called_signed():
    record = examples.signed()
    changed = record.model_copy(update={"series": "another series"})
    sheet = sheet_of(changed)
    assert (sheet.status, sheet.status_detail) == (
        "AMENDED", "changes after the last signature, not signed since",
    )  # fmt: skip
    assert "covers an earlier version of the record" in said(sheet.signatures)


def test_a_session_entered_in_error_says_so_beside_the_status():
    record = record_of(Chart(), statuses=[("09:30", "preparation"), ("09:40", "entered-in-error")])
    assert record.status is SessionStatus.ENTERED_IN_ERROR
    assert sheet_of(record).status == "DRAFT (unsigned) · ENTERED IN ERROR"


def test_the_signed_example_could_have_been_signed_and_the_full_one_could_not():
    assert contradictions(examples.answered(), hand.PRINTED_AT) == ()
    assert contradictions(examples.full(), hand.PRINTED_AT) != ()


def test_a_signature_shows_name_credential_role_meaning_time_zone_and_digest():
    record = examples.signed()
    place = sheet_of(record).signatures[1]
    assert (place.meaning, place.name) == ("approval", "OKAFOR, Samuel, MD")
    assert [said(line) for line in place.lines] == [
        "physician", "20-Nov-2026 11:53 UTC+01:00 (Europe/Berlin)",
        f"covers this version of the record, SHA-256 {record.digest()}",
    ]  # fmt: skip


def test_a_signature_shows_the_audit_trail_that_it_stands_on():
    record = examples.signed()
    anchored = record.signatures[1].model_copy(
        update={"anchor": Anchor(size=4711, root="ab" * 32)}
    )  # fmt: skip
    record = record.model_copy(update={"signatures": (record.signatures[0], anchored)})
    first, second = sheet_of(record).signatures
    assert said(second.lines[-1]) == f"audit trail of 4711 entries before it, root {'ab' * 32}"
    assert "audit trail" not in said(first.lines)


def test_an_addendum_is_printed_with_its_author_and_time():
    addenda = said(section(sheet_of(examples.amended()), "Addenda"))
    assert "12:30  OKAFOR, Samuel, MDThe patient telephoned: no complaint." in addenda


def test_our_own_words_hold_no_notation_that_is_taken_for_another():
    sheet = sheet_of(examples.amended())
    words = [one.replace("\u00a0", " ") for one in own_words(sheet)]
    unsafe = re.compile(
        r"[@&<>µμ]|\bcc\b|\bIU\b|\bug\b|\d(mg|mcg|mL|kg|min|h)\b|\b(mg|mcg|mL|kg|L|h|min)/"
        r"|(?<![\d.])\.\d|\d\.\d*0 (mg|mcg|mL|units)\b"
    )
    assert not [one for one in words if unsafe.search(one)]


def test_a_stray_dose_notation_would_be_found():
    sheet = sheet_of(record_of(Chart(), series="5.0 mg/h"))
    assert "5.0 mg/h" not in own_words(sheet)
    assert "5.0 mg/h" in said(sheet.facts)


def test_the_time_zone_is_said_once_and_printing_names_who_and_when():
    sheet = sheet_of(examples.full())
    zones = [run.text for run in runs_of(sheet) if "Europe/Berlin" in run.text]
    assert zones == ["24-hour, Europe/Berlin (UTC+01:00); a time without a date is of 20-Nov-2026"]
    assert (
        sheet.foot[0]
        .replace("\u00a0", " ")
        .endswith("printed 20-Nov-2026 13:07 by WRIGHT, Dana, RN")
    )
    assert "not a patient monitor" in sheet.foot[-1]


def test_a_clinic_that_is_no_demonstration_has_no_demonstration_mark():
    clinic = examples.full().clinic.model_copy(update={"demonstration": False})
    assert sheet_of(record_of(Chart(), clinic=clinic)).demonstration == ""
    assert sheet_of(examples.full()).demonstration == "DEMONSTRATION · NOT A REAL PATIENT"
