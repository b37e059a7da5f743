"""A course of treatment on paper: each value by itself, and what a change is a change of."""

from io import BytesIO

from pypdf import PdfReader

from tests.api.clinic import Chair, ago
from tests.api.test_courses import DAY, OUTCOME, PAIN, a_response, answer, in_course, opened


def test_a_course_is_printed_value_by_value_and_the_printing_audited(chair: Chair) -> None:
    form = chair.put_in_force("forms", OUTCOME)
    course = opened(
        chair, planned=[{"note": "The first"}, {}],
        scheduled=[{"form": OUTCOME["name"], "on": [ago(0)[:10]], "window_days": 2}],
    )  # fmt: skip
    answer(chair, a_response(form, PAIN, minutes=9 * DAY, course_id=course))
    answer(chair, a_response(form, {**PAIN, "value": "4"}, course_id=course))
    in_course(chair, course)
    chair.chart_infusion()
    printed = chair.ask("nora", "GET", f"/courses/{course}/sheet.pdf")
    assert printed.status_code == 200
    assert chair.last_audited()["action"] == "course:print"
    pages = [one.extract_text() for one in PdfReader(BytesIO(printed.content)).pages]
    paper = " ".join(" ".join(pages).split())
    assert all("INVENTED, Ida" in page for page in pages)
    assert "1 of 2 planned sessions took place" in paper
    assert "On a scale from 0 to 10." in paper
    assert "43 % less: 3 of 7." in paper
    assert "The first" in paper
    assert "M54.5" in paper


def test_a_course_without_anything_says_so(chair: Chair) -> None:
    course = opened(chair)
    printed = chair.ask("paula", "GET", f"/courses/{course}/sheet.pdf")
    paper = PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    assert "No session belongs to it." in paper
