"""No secret and no token is in an answer, a log or the audit trail, whatever name it came under."""

import json
import logging

import pytest

from tests.api.clinic import Chair, an_id, entry, heart_rate

HIDDEN = "this must never be seen anywhere"
JSON = {"content-type": "application/json"}


def _bodies() -> dict[str, tuple[str, str | None, str]]:
    person = {"id": an_id(), "username": "mia", "name": "Mia", "roles": ["nurse"]}
    second = {"username": "nils", "secret": HIDDEN}
    noted = entry(5, {"kind": "note", "text": "a"})
    return {
        "a sign-in of another shape": ("/sign-in", None, json.dumps(
            {"username": 1, "secret": HIDDEN, "passwort": HIDDEN})),
        "a sign-in that is no JSON": ("/sign-in", None, f'{{"secret": "{HIDDEN}"'),
        "a sign-in with a wrong secret": ("/sign-in", None, json.dumps(
            {"username": "nora", "secret": HIDDEN})),
        "a secret that is too long": ("/people", "ada", json.dumps(
            person | {"secret": HIDDEN * 100})),
        "a secret under a field that is not there": ("/people", "ada", json.dumps(
            person | {"sekret": HIDDEN})),
        "a secret with a NUL": ("/people", "ada", json.dumps(person | {"secret": HIDDEN + "\0"})),
        "a second person in a body of another shape": ("/sessions/{}/notes", "nora", json.dumps(
            noted | {"second_person": second | {"more": 1}, "content": {}})),
        "a second person in what is no JSON": ("/sessions/{}/notes", "nora", json.dumps(
            noted | {"second_person": second}) + "}"),
        "a second person with a wrong secret": ("/sessions/{}/readings", "nora", json.dumps(
            entry(5, heart_rate("71")) | {"second_person": second})),
    }  # fmt: skip


@pytest.mark.parametrize("what", list(_bodies()))
def test_a_secret_is_seen_nowhere(
    chair: Chair, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path, who, body = _bodies()[what]
    path = path.format(chair.session_id)
    response = chair.ask(who, "POST", path, content=body, headers=JSON)
    assert response.status_code in (401, 422), response.text
    assert HIDDEN not in response.text
    assert HIDDEN not in caplog.text
    entries = chair.get("otto", "/audit/entries?limit=200")["items"]
    assert HIDDEN not in json.dumps(entries)
    assert entries[1]["outcome"] == "refused" or entries[0]["outcome"] == "refused"


def test_a_token_is_seen_once(chair: Chair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chair.sign_in("nora")
    chair.get("nora", f"/sessions/{chair.session_id}")
    assert chair.tokens["nora"] not in caplog.text
    assert chair.tokens["nora"] not in json.dumps(chair.get("otto", "/audit/entries?limit=200"))


def test_the_access_log_names_operations_and_ids_and_no_words(
    chair: Chair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="chairside.access")
    chair.get("nora", f"/patients/{chair.patient_id}/series/Invented", 404)
    chair.client.get("/api/v1/sessions?status=Invented")
    lines = [record.getMessage() for record in caplog.records if record.name.endswith("access")]
    assert len(lines) == 2
    assert f"patient_id={chair.patient_id}" in lines[0]
    assert "Invented" not in caplog.text


def test_what_nobody_expected_is_a_problem_without_details(
    chair: Chair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from protocol.commands import enrolling

    def fail(*_arguments: object, **_more: object) -> None:
        raise LookupError(HIDDEN)

    monkeypatch.setattr(enrolling, "patient", fail)
    response = chair.ask("nora", "GET", f"/patients/{chair.patient_id}")
    assert (response.status_code, response.json()["code"]) == (500, "failed")
    assert HIDDEN not in response.text + caplog.text
    assert "LookupError" in caplog.text


def test_the_attempted_value_is_kept(chair: Chair) -> None:
    body = entry(5, {"kind": "note", "text": "a", "colour": "violet"})
    assert chair.ask("nora", "POST", f"/sessions/{chair.session_id}/notes", json=body).is_error
    audited = chair.last_audited()
    assert "violet" in audited["detail"]["attempted"]
    assert audited["detail"]["facts"]["rule"] == "unknown-field"
