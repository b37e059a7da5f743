"""The whole story over HTTP: from a policy to a signed summary."""

import io
from decimal import Decimal

from pypdf import PdfReader

from tests.api.clinic import (
    POLICY,
    PROTOCOL,
    SECRET,
    ago,
    an_id,
    dosing,
    entry,
    heart_rate,
    quantity,
    reading,
)


def test_from_policy_to_signed_summary(chair):
    _plan_and_begin(chair)
    _override_what_was_high(chair)
    _correct_and_retract(chair)
    _end(chair)
    due = chair.get("nora", f"/sessions/{chair.session_id}/due-rounds")["due_rounds"]
    assert [one["state"] for one in due] == ["done", "done"]
    shown = chair.get("nora", f"/sessions/{chair.session_id}")
    assert shown["contradictions"] == []
    assert shown["totals"][0]["given"]["amount"] == "30"
    assert shown["totals"][0]["flow"] == "idle"

    assert chair.sign("nora", "authorship").status_code == 201
    assert chair.sign("paula", "approval").status_code == 201
    chair.chart("addenda", entry(0, {"kind": "addendum", "text": "The patient telephoned."}))
    signed = chair.get("nora", f"/sessions/{chair.session_id}")
    assert signed["signed"]
    first = signed["record"]["signatures"][0]["id"]
    now, then = _sheet(chair, ""), _sheet(chair, f"?at_signature={first}")
    assert "INVENTED" in now
    assert "telephoned" in now
    assert "telephoned" not in then
    found = chair.post("otto", "/audit/verify", status=200)
    assert found["intact"], found


def _plan_and_begin(chair):
    rate = quantity("30.0 mg/h")
    plan = {"kind": "plan", "drug_line": "line-1", "rate": rate, "duration_min": "60"}
    chair.chart("plans", entry(100, plan), who="paula")
    chair.chart("begin", {"at": ago(95)}, status=200)
    chair.chart("phases", entry(91, {"kind": "phase", "phase": "infusion"}))
    started = chair.chart("dosing-events", entry(90, dosing("start", rate=rate)))
    assert started["entry"]["content"]["rate"] == {"value": "30.0", "unit": "mg/h"}
    assert started["entry"]["weight"]["value_kg"] == "61.70"
    chair.chart("hold", {"at": ago(89)}, status=200)
    chair.chart("resume", {"at": ago(88)}, status=200)


def _override_what_was_high(chair):
    high = chair.chart("readings", entry(70, heart_rate("131")))
    assert [one["asks_for"] for one in high["breaches"]] == [["reason", "second-person"]]
    assert "131 /min is above the hard limit of 117 /min" in high["breaches"][0]["sentence"]
    override = {
        "kind": "override",
        "breach_id": high["breaches"][0]["breach"]["id"],
        "reason": "Seen by the physician.",
    }
    second = {"username": "paula", "secret": SECRET}
    overridden = chair.chart("overrides", entry(69, override, second_person=second))
    assert overridden["entry"]["second_person"]["name"] == "Paula"


def _correct_and_retract(chair):
    slipped = chair.chart("readings", entry(44, heart_rate("72")))["entry"]["id"]
    corrected = entry(
        44, heart_rate("27"), reason="Swapped.", replaces=slipped, confirmed=["heart-rate"]
    )
    again = chair.chart("corrections", corrected)
    assert [one["asks_for"] for one in again["breaches"]] == [["reason"]]
    breach_id = again["breaches"][0]["breach"]["id"]
    override = {"kind": "override", "breach_id": breach_id, "reason": "Known to be slow."}
    chair.chart("overrides", entry(43, override))
    wrong = chair.chart("notes", entry(43, {"kind": "note", "text": "Of another patient."}))
    retraction = {"kind": "retraction", "reason": "Wrong patient."}
    chair.chart("retractions", entry(42, retraction, replaces=wrong["entry"]["id"]))


def _end(chair):
    event = {"kind": "adverse-event", "what": "Nausea", "onset_at": ago(41), "severity": "mild"}
    chair.chart("adverse-events", entry(41, event))
    adjunct = {"kind": "adjunct", "medicine": "Inventrone", "route": "intravenous"}
    chair.chart("adjuncts", entry(40, adjunct | {"dose": quantity("3 mg")}))
    chair.chart("dosing-events", entry(30, dosing("stop")))
    chair.chart("phases", entry(29, {"kind": "phase", "phase": "recovery"}))
    chair.chart("complete", {"at": ago(5)}, status=200)


def _sheet(chair, query):
    sheet = chair.ask("paula", "GET", f"/sessions/{chair.session_id}/summary.pdf{query}")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.content)).pages)


def test_the_export_is_the_record_in_the_same_bytes_each_time(chair):
    chair.chart("readings", entry(3, reading(("pain-rest", "0", "{score}"))))
    first = chair.ask("otto", "GET", f"/sessions/{chair.session_id}/export")
    again = chair.ask("paula", "GET", f"/sessions/{chair.session_id}/export")
    assert first.status_code == 200
    assert first.content == again.content
    shown = chair.get("nora", f"/sessions/{chair.session_id}")
    assert first.json() == shown["record"]
    assert chair.last_audited()["action"] in ("session:export", "session:view")


def test_what_a_course_gave_is_the_exact_sum_of_its_sessions(chair):
    chair.chart_infusion()
    chair.session_id = chair.prepare()
    chair.chart("dosing-events", entry(3, dosing("bolus", dose=quantity("0.1 mg"))))
    other = chair.prepare("course-2")
    given = chair.get("nora", f"/patients/{chair.patient_id}/series/course-1")["given"]
    assert len(given) == 1
    assert (given[0]["drug"], given[0]["unit"], given[0]["sessions"]) == ("examplamine", "mg", 2)
    shown = [
        chair.get("nora", f"/sessions/{one['id']}")["totals"]
        for one in chair.get("nora", f"/sessions?patient_id={chair.patient_id}")["items"]
        if one["id"] != other
    ]
    amounts = [total[0]["given"]["amount"] for total in shown]
    assert sum(map(Decimal, amounts)) == Decimal(given[0]["amount"])
    assert chair.get("nora", f"/patients/{chair.patient_id}/series/course-2")["given"] == []
    chair.get("nora", f"/patients/{chair.patient_id}/series/none", 404)


def test_a_second_version_is_compared_with_the_first_by_path(chair):
    second = an_id()
    changed = PROTOCOL | {"indication": "Invented", "phases": PROTOCOL["phases"][:1]}
    chair.post("peter", "/protocols", {"id": second, "document": changed})
    found = chair.get("nora", f"/protocols/{second}/differences?before={chair.protocol_id}")[
        "differences"
    ]
    assert [one["path"] for one in found] == ["indication", "phases.recovery"]
    assert found[0] == {"path": "indication", "before": None, "after": "Invented"}
    assert found[1]["after"] is None


def test_versions_are_listed_by_name_and_number_and_a_page_at_a_time(chair):
    for name in ("Second", "Third"):
        chair.post("paula", "/policies", {"id": an_id(), "document": POLICY | {"name": name}})
    first = chair.get("nora", "/policies?limit=2")
    rest = chair.get("nora", f"/policies?limit=2&after={first['next']}")
    assert [one["name"] for one in first["items"] + rest["items"]] == [
        "Invented policy", "Second", "Third",
    ]  # fmt: skip
    assert rest["next"] is None
    one = chair.get("nora", f"/policies/{chair.policy_id}")
    assert (one["status"], one["document"]["name"]) == ("active", "Invented policy")
    chair.post("paula", f"/policies/{rest['items'][0]['id']}/retire", status=200)


def test_patients_are_found_by_name_and_changed_and_kept_as_they_were(chair):
    found = chair.post("nora", "/patient-search", {"words": "inv"}, 200)["items"]
    assert [one["id"] for one in found] == [chair.patient_id]
    body = {name: found[0][name] for name in ("identifiers", "family", "sex", "born_on")}
    body |= {"given": "Ida Maria", "allergy_state": "known", "allergies": ["Inventin"]}
    changed = chair.ask("nora", "PUT", f"/patients/{chair.patient_id}", json=body)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert chair.get("nora", f"/patients/{chair.patient_id}")["allergies"] == ["Inventin"]
    assert chair.post("nora", "/patient-search", {"words": "nobody"}, 200)["items"] == []


def test_a_closed_account_ends_with_the_next_request(empty):
    people = {one["username"]: one["id"] for one in empty.get("ada", "/people")["items"]}
    path = f"/people/{people['nora']}/standing"
    closed = empty.ask("ada", "PUT", path, json={"roles": ["nurse"], "active": False})
    assert closed.status_code == 204
    assert empty.ask("nora", "GET", "/protocols").status_code == 401


def test_a_secret_is_changed_by_who_knows_it_and_a_token_ends_at_sign_out(empty):
    body = {"present_secret": SECRET, "secret": "another invented secret"}
    assert empty.ask("nora", "PUT", "/me/secret", json=body).status_code == 204
    assert empty.ask("nora", "PUT", "/me/secret", json=body).status_code == 401
    empty.post("nora", "/sign-out", status=204)
    assert empty.ask("nora", "GET", "/protocols").status_code == 401
    empty.sign_in("nora", "another invented secret")
    empty.get("nora", "/protocols")
