"""A course of treatment over HTTP, from a file of acts, and on the command line."""

import json
from typing import Any

import pytest

from tests.api.clinic import PROTOCOL, Ask, Chair, ago, an_id, dosing, entry, quantity
from tests.api.test_replay import codes

SCALE = {"low": "0", "high": "10"}
OUTCOME: dict[str, Any] = {
    "kind": "form", "name": "invented-outcome", "title": "Invented outcome", "purpose": "outcome",
    "items": [{"code": "pain", "label": "Pain", "kind": "scale", "scale": SCALE, "required": True}],
}  # fmt: skip
INTAKE: dict[str, Any] = OUTCOME | {
    "name": "invented-intake",
    "title": "Invented intake",
    "purpose": "intake",
}
PAIN = {"item": "pain", "value": "7"}
DAY = 24 * 60


def a_course(**details: Any) -> dict[str, Any]:
    return {
        "id": an_id(), "name": "Invented course", "icd_codes": ["M54.5"],
        "opened_at": ago(30 * DAY), **details,
    }  # fmt: skip


def opened(chair: Chair, **details: Any) -> str:
    body = a_course(**details)
    chair.post("paula", f"/patients/{chair.patient_id}/courses", body)
    return str(body["id"])


def a_response(
    form: str, *answers: dict[str, Any], minutes: float = 9, **more: Any
) -> dict[str, Any]:
    return {
        "id": an_id(), "form_version_id": form, "observed_at": ago(minutes),
        "answers": list(answers) or [PAIN], **more,
    }  # fmt: skip


def answer(chair: Chair, body: dict[str, Any], status: int = 201) -> Any:
    return chair.post("nora", f"/patients/{chair.patient_id}/responses", body, status)


def in_course(chair: Chair, course: str, protocol: str | None = None) -> str:
    session = an_id()
    body = {
        "id": session, "patient_id": chair.patient_id, "course_id": course,
        "protocol_version_id": protocol or chair.protocol_id, "prepared_at": ago(200),
    }  # fmt: skip
    chair.post("nora", "/sessions", body)
    chair.session_id = session
    return session


def test_a_course_is_lived_over_http_and_told_whole(chair: Chair) -> None:
    form = chair.put_in_force("forms", OUTCOME)
    schedule = {"form": "invented-outcome", "after_session_days": [1], "window_days": 2}
    course = opened(chair, planned=[{}, {}], scheduled=[schedule])
    session = in_course(chair, course)
    chair.chart("dosing-events", entry(20, dosing("bolus", dose=quantity("7 mg"))))
    chair.chart("complete", {"at": ago(9)}, status=200)
    answer(chair, a_response(form, minutes=2 * DAY, course_id=course))
    told = chair.get("nora", f"/courses/{course}")
    progress = told["progress"]
    assert (told["status"], progress["done"], progress["planned"]) == ("open", 1, 2)
    assert [(one["session_id"], one["number"]) for one in progress["sessions"]] == [(session, 1)]
    assert [(one["drug"], one["amount"]) for one in progress["given"]] == [("examplamine", "7")]
    (series,) = progress["series"]
    assert (series["instrument"]["form_version_number"], series["points"][0]["value"]) == (1, "7")
    assert [one["state"] for one in progress["due_forms"]] == ["upcoming"]
    line = chair.get("otto", f"/courses?patient_id={chair.patient_id}&status=open")["items"]
    assert [(one["id"], one["name"]) for one in line] == [(course, "Invented course")]
    assert chair.get("nora", f"/sessions/{session}")["record"]["course_id"] == course


def test_a_plan_is_changed_a_course_closed_and_reopened_over_http(chair: Chair) -> None:
    course = opened(chair)
    changed = {"id": an_id(), "name": "Invented course", "planned": [{}], "reason": "One more"}
    given = chair.post("paula", f"/courses/{course}/versions", changed)
    assert [one["reason"] for one in given["course"]["versions"]] == [None, "One more"]
    for verb, status in (("close", "closed"), ("reopen", "open")):
        body = {"id": an_id(), "reason": "Invented"}
        assert chair.post("paula", f"/courses/{course}/{verb}", body, 200)["status"] == status


def test_a_response_is_corrected_and_retracted_over_http(chair: Chair) -> None:
    form = chair.put_in_force("forms", OUTCOME)
    wrong = answer(chair, a_response(form))["response"]["id"]
    path = f"/patients/{chair.patient_id}/responses"
    better = a_response(form, {"item": "pain", "value": "6"}, reason="Misheard")
    right = chair.post("nora", f"{path}/{wrong}/correct", better)["response"]
    assert (right["replaces"], right["answers"][0]["value"]) == (wrong, "6")
    body = {"id": an_id(), "reason": "Another patient's"}
    assert chair.post("nora", f"{path}/{right['id']}/retract", body)["response"]["retracts"]
    listed = chair.get("otto", path)["responses"]
    assert [one["replaced_by"] is not None for one in listed] == [True, True, False]


def test_a_session_that_waits_for_its_intake_names_what_is_lacking(chair: Chair) -> None:
    form = chair.put_in_force("forms", INTAKE)
    protocol = chair.put_in_force("protocols", PROTOCOL | {"forms": ["invented-intake"]})
    course = opened(chair)
    session = in_course(chair, course, protocol)
    problem = chair.post("nora", f"/sessions/{session}/begin", {}, 409)
    assert (problem["code"], problem["facts"]["items"]) == ("form-incomplete", "pain")
    answer(chair, a_response(form, course_id=course))
    assert chair.post("nora", f"/sessions/{session}/begin", {}, 200)["status"] == "in-progress"


def _patient(path: str, who: str, body: Any) -> Ask:
    return lambda chair: chair.ask(who, "POST", f"/patients/{chair.patient_id}/{path}", json=body())


BAD: dict[str, tuple[Ask, int, str]] = {
    "a nurse opens a course": (_patient("courses", "nora", a_course), 403, "not-permitted"),
    "a code without the form of ICD-10": (
        _patient("courses", "paula", lambda: a_course(icd_codes=["back"])), 422, "not-icd-10",
    ),
    "a form that is not in force": (
        _patient("courses", "paula", lambda: a_course(
            scheduled=[{"form": "nowhere", "on": ["2031-05-06"], "window_days": 1}]
        )), 422, "unknown-term",
    ),
    "a window that is a text": (
        _patient("courses", "paula", lambda: a_course(
            scheduled=[{"form": "nowhere", "on": ["2031-05-06"], "window_days": "1"}]
        )), 422, "int-type",
    ),
    "a course opened tomorrow": (
        _patient("courses", "paula", lambda: a_course(opened_at=ago(-DAY))), 422, "impossible",
    ),
    "a number that lost its digits": (
        _patient("responses", "nora", lambda: a_response(an_id(), {"item": "pain", "value": 7})),
        422, "number-not-text",
    ),
    "an unknown form": (
        _patient("responses", "nora", lambda: a_response(an_id())), 404, "not-found",
    ),
    "an auditor answers": (
        _patient("responses", "otto", lambda: a_response(an_id())), 403, "not-permitted",
    ),
    "an unknown course is looked at": (
        lambda chair: chair.ask("nora", "GET", f"/courses/{an_id()}"), 404, "not-found",
    ),
    "an administrator looks": (
        lambda chair: chair.ask("ada", "GET", "/courses"), 403, "not-permitted",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_a_problem_of_its_own_and_audited(chair: Chair, name: str) -> None:
    ask, status, code = BAD[name]
    before = chair.counts()
    response = ask(chair)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert chair.counts() == before
    assert chair.last_audited()["outcome"] == "refused"


def test_a_course_and_its_answers_come_from_a_file_and_are_marked(chair: Chair) -> None:
    form = chair.put_in_force("forms", OUTCOME)
    chair.put_in_force("policies", {
        "name": "Wider", "late_entry_after_min": 0,
        "grants": [{"role": "nurse", "action": f"course:{verb}"}
                   for verb in ("open", "change", "close", "reopen")],
    })  # fmt: skip
    course, response, retraction = a_course(), a_response(form), an_id()
    del course["opened_at"]
    corrected = a_response(form, {"item": "pain", "value": "6"}, reason="Misheard")
    change = {"id": an_id(), "name": "Invented course", "reason": "Another plan", "planned": [{}]}
    about = {"patient": chair.patient_id}
    of_course = {"course": course["id"]}
    lines = [
        {"act": "course:open", **about, "body": course, "at": ago(40)},
        {"act": "course:change", **of_course, "body": change},
        {"act": "response:record", **about, "body": response | {"course_id": course["id"]}},
        {"act": "response:correct", **about, "body": corrected | {"replaces": response["id"]}},
        {"act": "response:retract", **about,
         "body": {"id": retraction, "retracts": corrected["id"], "reason": "Not hers"}},
        {"act": "course:close", **of_course, "body": {"id": an_id(), "reason": "Over"},
         "at": ago(5)},
        {"act": "course:close", **of_course, "body": {"id": an_id(), "reason": "Again"}},
        {"act": "course:reopen", **of_course, "body": {"id": an_id(), "reason": "Not over"}},
        {"act": "course:open", "body": a_course()},
    ]  # fmt: skip
    assert codes(chair, *lines) == [*["done"] * 6, "not-allowed-now", "done", "invalid-shape"]
    listed = chair.get("nora", f"/patients/{chair.patient_id}/responses")["responses"]
    assert [one["response"]["source"] for one in listed][:2] == ["transcribed"] * 2
    assert chair.get("nora", f"/courses/{course['id']}")["status"] == "open"


def test_the_command_line_opens_shows_and_lists_a_course(
    chair: Chair, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from api.cli import run
    from tests.api.clinic import SECRET

    form = chair.put_in_force("forms", OUTCOME)
    file = tmp_path / "course.yaml"
    file.write_text("name: Invented course\nplanned: [{}, {}]\nicd_codes: [M54.5]\n")
    monkeypatch.setenv("CHAIRSIDE_DATABASE_URL", chair.database.url)
    monkeypatch.setenv("CHAIRSIDE_SECRET", SECRET)

    def said(*words: str, status: int = 0) -> str:
        assert run(["course", *words]) == status
        return capfd.readouterr().out

    patient = ("--patient", chair.patient_id)
    course = json.loads(said("open", str(file), *patient, "--as", "paula", "--json"))["course"]
    answer(chair, a_response(form, minutes=DAY, course_id=course))
    answer(chair, a_response(form, {"item": "pain", "absent": "asked-declined"}, course_id=course))
    shown = said("show", course, "--as", "nora")
    assert "sessions: 0 of 2 planned" in shown
    assert "between-sessions  7" in shown
    assert "between-sessions  asked-declined" in shown
    whole = json.loads(said("show", course, "--as", "nora", "--json"))
    assert whole["progress"]["planned"] == 2
    file.write_text("name: Renamed course\n")
    assert "Renamed course" in said(
        "change", course, str(file), "--reason", "A better name", "--as", "paula"
    )
    assert "closed" in said("close", course, "--reason", "Over", "--as", "paula")
    assert said("list", "--status", "closed", "--as", "nora").startswith(course)
    assert "invented-outcome" in said("responses", chair.patient_id, "--as", "nora")
    assert said("list", "--status", "ajar", "--as", "nora", status=2) == ""
