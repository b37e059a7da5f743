"""The course of treatment on a session's sheet: one line of facts, and where its intake is."""

from decimal import Decimal
from typing import Any

from protocol.rules.course import SeriesGiven, SessionCourse
from protocol.rules.form_state import Response
from protocol.rules.forms import Answer, FormPurpose
from protocol.rules.record import SessionRecord
from protocol.rules.responses import PatientResponse
from tests.reports.examples import full
from tests.reports.form_sheets import CHECKLIST, pinned
from tests.reports.hand import DOCTOR, at, uid
from tests.reports.reading_sheets import bare, pages_of, pdf_of, rows_said, said, section, sheet_of

GIVEN = SeriesGiven(
    drug="examplamine", unit="mg", amount=Decimal("71.25"), volume_ml=Decimal("30.5"),
    amount_per_kg=Decimal("1.09375"), sessions=2,
)  # fmt: skip


def a_course(**changes: Any) -> SessionCourse:
    values: dict[str, Any] = {
        "id": uid("course"), "name": "Back & <i>leg</i>", "number": 2, "planned": 6,
        "days_since_last": Decimal("13.90"), "last_given_at": at("09:00"), "given": (GIVEN,),
    }  # fmt: skip
    return SessionCourse(**(values | changes))


def in_course(**changes: Any) -> SessionRecord:
    return full().model_copy(update={"course_so_far": a_course(**changes)})


def line(record: SessionRecord) -> str | None:
    facts = {one.label: said(one.value) for one in sheet_of(record).facts}
    return facts.get("Course")


def test_a_session_of_a_course_says_its_place_the_days_and_what_the_course_gave():
    assert line(in_course()) == (
        "Back & <i>leg</i> · session 2 of 6 planned sessions · 13.90 days since the last session"
        " · computed for the course so far"
        " · examplamine 71.25 mg, 30.5 mL, 1.094 mg per kg in 2 sessions"
    )


def test_what_is_not_known_of_a_course_is_left_out_or_said_so():
    bare_course = in_course(
        number=None, planned=0, days_since_last=None, last_given_at=None, given=()
    )
    assert line(bare_course) == "Back & <i>leg</i> · session not recorded of no plan"


def test_a_session_of_no_course_says_nothing_of_one():
    assert line(full()) is None


def test_the_course_stands_on_page_one_as_it_was_typed():
    assert bare("Back & <i>leg</i> · session 2 of 6") in pages_of(pdf_of(in_course()))[0]


def test_an_answer_that_the_course_has_given_to_its_intake_is_printed_with_the_session():
    intake = CHECKLIST | {"purpose": "intake", "title": "Intake"}
    (form,) = pinned(intake)
    given = PatientResponse(
        **Response(
            id=uid("intake"), number=3, observed_at=at("08:00"), recorded_at=at("08:00"),
            recorded_by=DOCTOR, answers=(Answer(item="named", yes=True),),
        ).__dict__,
        patient_id=uid("patient"), course_id=uid("course"), form=intake["name"],
        form_title="Intake", form_purpose=FormPurpose.INTAKE, form_version_id=form.version.id,
        form_version_number=4, late=False,
    )  # fmt: skip
    record = full().model_copy(update={"forms": (form,), "intake": (given,)})
    printed = section(sheet_of(record), "Intake")
    named = next(row for row in rows_said(printed) if row[0].startswith("Name"))
    assert named[1:] == ["yes", "08:00", "OKAFOR, Samuel, MD"]
    assert "answers of its course count" in printed.about[0]
