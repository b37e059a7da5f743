"""Every bad input gets a problem of its own, changes nothing, and stands in the audit trail."""

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.api.clinic import (
    POLICY,
    PROTOCOL,
    SECRET,
    Ask,
    ago,
    an_id,
    charted,
    dosing,
    entry,
    heart_rate,
    quantity,
    reading,
)

RATE = quantity("30.0 mg/h")
LONG = 10_000_000


def raw(path: str, body: str | bytes) -> Ask:
    """A body that no JSON library of a client would write."""
    headers = {"content-type": "application/json"}
    return lambda chair: chair.ask(
        "nora", "POST", f"/sessions/{chair.session_id}/{path}", content=body, headers=headers
    )


def with_value(literal: str) -> Ask:
    """A heart rate whose value is this piece of JSON."""
    text = json.dumps(entry(5, heart_rate("@")))
    return raw("readings", text.replace('"@"', literal))


def drafted(plural: str, document: dict[str, Any]) -> Ask:
    body = {"id": an_id(), "document": document}
    return lambda chair: chair.ask("paula", "POST", f"/{plural}", json=body)


def protocol_naming(measure: str) -> dict[str, Any]:
    document = deepcopy(PROTOCOL)
    document["phases"][0]["rounds"][0]["measures"] = [measure]
    return document


def policy_limiting(low: str, high: str) -> dict[str, Any]:
    limit = POLICY["limits"][0] | {"low": low, "high": high}
    return POLICY | {"limits": [limit]}


START = dosing("start", rate=RATE)
BAD: dict[str, tuple[Ask, int, str]] = {
    "a float where a dose is due": (
        charted("dosing-events", entry(5, dosing("bolus", dose={"value": 1.5, "unit": "mg"}))),
        422, "number-not-text"),
    "NaN": (with_value("NaN"), 422, "not-a-number"),
    "NaN as text": (with_value('"NaN"'), 422, "not-a-decimal"),
    "infinity": (with_value("-Infinity"), 422, "not-a-number"),
    "infinity as text": (with_value('"Infinity"'), 422, "not-a-decimal"),
    "1e400": (with_value("1e400"), 422, "number-too-large"),
    "an integer of ten thousand digits": (with_value("9" * 10_000), 422, "number-too-large"),
    "1,5": (with_value('"1,5"'), 422, "ambiguous-separator"),
    "a negative rate": (
        charted("dosing-events", entry(5, dosing("start", rate=quantity("-1 mg/h")))),
        422, "negative"),
    "a future time": (charted("readings", entry(-6000, heart_rate("71"))), 422, "impossible"),
    "a time without a zone": (
        charted("readings", {**entry(5, heart_rate("71")), "observed_at": "2026-01-02T03:04:05"}),
        422, "zone-missing"),
    "a time that is a number": (
        charted("readings", {**entry(5, heart_rate("71")), "observed_at": 1_700_000_000}),
        422, "time-not-text"),
    "an unknown unit": (
        charted("dosing-events", entry(5, dosing("start", rate=quantity("30 drops/min")))),
        422, "unit-unknown"),
    "a unit of another dimension": (
        charted("dosing-events", entry(5, dosing("start", rate=quantity("30 mg")))),
        422, "unit-mismatch"),
    "another unit than the measure's": (
        charted("readings", entry(5, reading(("heart-rate", "71", "mm[Hg]")))),
        422, "unit-mismatch"),
    "a value that is impossible by definition": (
        charted("readings", entry(5, reading(("spo2", "101", "%")))), 422, "impossible"),
    "a measure that is not there": (
        charted("readings", entry(5, reading(("mood", "1", "1")))), 422, "unknown-term"),
    "an unusual value without a confirmation": (
        charted("readings", entry(5, heart_rate("240"))), 409, "confirmation-missing"),
    "a body of ten megabytes": (raw("notes", b" " * LONG), 413, "too-large"),
    "a body of two megabytes that does not say its length": (
        lambda chair: chair.ask(
            "nora", "POST", f"/sessions/{chair.session_id}/notes",
            content=(b" " * 100_000 for _ in range(20)),
            headers={"content-type": "application/json"},
        ),
        413, "too-large"),
    "a NUL in a text": (
        charted("notes", entry(5, {"kind": "note", "text": "a\0b"})), 422, "control-character"),
    "a NUL in a unit": (
        charted("readings", entry(5, reading(("heart-rate", "71", "/m\0")))),
        422, "control-character"),
    "a lone surrogate in a text": (
        raw("notes", json.dumps(entry(5, {"kind": "note", "text": "a\ud800b"}))),
        422, "lone-surrogate"),
    "a lone surrogate in a name": (
        raw("notes", json.dumps(entry(5, {"kind": "note", "\udfff": "b"}))),
        422, "lone-surrogate"),
    "a protocol that names a measure that is not there": (
        drafted("protocols", protocol_naming("mood")), 422, "document-invalid"),
    "a protocol whose codes repeat": (
        drafted("protocols", PROTOCOL | {"phases": PROTOCOL["phases"][:1] * 2}),
        422, "document-invalid"),
    "a limit with low above high": (
        drafted("policies", policy_limiting("98", "97")), 422, "low-above-high"),
    "a rate change with nothing running": (
        charted("dosing-events", entry(5, dosing("rate-change", rate=RATE))),
        409, "nothing-running"),
    "a plan over a hard limit": (
        charted("plans", entry(5, {"kind": "plan", "drug_line": "line-1",
                                   "rate": quantity("92 mL/h")}), "paula"),
        409, "plan-over-limit"),
    "a nurse who plans": (
        charted("plans", entry(5, {"kind": "plan", "drug_line": "line-1", "rate": RATE})),
        403, "not-permitted"),
    "a nurse who approves a protocol": (
        lambda chair: chair.ask("nora", "POST", f"/protocols/{chair.protocol_id}/approve"),
        403, "not-permitted"),
    "a second person who is the same person": (
        charted("readings", entry(5, heart_rate("71"),
                                  second_person={"username": "nora", "secret": SECRET})),
        403, "not-permitted"),
    "a second person with a wrong secret": (
        charted("readings", entry(5, heart_rate("71"),
                                  second_person={"username": "nils", "secret": "wrong"})),
        401, "sign-in-failed"),
    "a second person who does not treat": (
        charted("readings", entry(5, heart_rate("71"),
                                  second_person={"username": "otto", "secret": SECRET})),
        403, "not-permitted"),
    "a stop without a reason": (charted("stop", {}), 422, "reason-missing"),
    "an addendum before a signature": (
        charted("addenda", entry(5, {"kind": "addendum", "text": "Too early."})),
        409, "not-allowed-now"),
    "a session that is not there": (
        lambda chair: chair.ask("nora", "GET", f"/sessions/{an_id()}"), 404, "not-found"),
    "an id that is no UUID": (
        lambda chair: chair.ask("nora", "GET", "/sessions/1%00"), 422, "not-a-uuid"),
    "a series with a NUL": (
        lambda chair: chair.ask("nora", "GET", f"/patients/{chair.patient_id}/series/a%00"),
        422, "control-character"),
    "a page of none": (
        lambda chair: chair.ask("nora", "GET", "/sessions?limit=0"), 422, "greater-than-equal"),
    "an unknown field": (
        charted("notes", entry(5, {"kind": "note", "text": "a", "colour": "red"})),
        422, "unknown-field"),
    "a kind of another route": (charted("notes", entry(5, heart_rate("71"))), 422, "not-one-of"),
    "a blank text": (
        charted("notes", entry(5, {"kind": "note", "text": " "})), 422, "blank"),
    "one name twice": (raw("notes", '{"id": 1, "id": 2}'), 422, "name-twice"),
    "what is no JSON": (raw("notes", "{"), 422, "not-json"),
    "what is not UTF-8": (raw("notes", b'"\xff"'), 422, "not-utf8"),
    "arrays in arrays without end": (raw("notes", "[" * 100_000), 422, "json-too-deep"),
    "no body": (raw("notes", ""), 422, "missing"),
    "a list for an object": (raw("notes", "[]"), 422, "not-an-object"),
    "a body that is declared as a form": (
        lambda chair: chair.ask("nora", "POST", f"/sessions/{chair.session_id}/notes",
                                content="a=b", headers={
                                    "content-type": "application/x-www-form-urlencoded"}),
        415, "not-declared-json"),
}  # fmt: skip
# What the trail calls it where the problem names the rule that was broken.
SHAPE = "invalid-shape"


@pytest.mark.parametrize("what", BAD)
def test_a_bad_input_is_refused_changes_nothing_and_is_audited(chair, what):
    ask, status, code = BAD[what]
    before = chair.counts()
    number = chair.last_audited()["number"]
    response = ask(chair)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert chair.counts() == before
    audited = chair.last_audited()
    assert audited["number"] > number
    assert audited["outcome"] == "refused"
    assert audited["code"] in (code, SHAPE)
    assert audited["person_id"] != "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(("first", "code"), [
    (entry(9, START), "already-running"), (entry(9, dosing("stop")), "nothing-running"),
])  # fmt: skip
def test_a_second_start_and_a_second_stop_are_refused(chair, first, code):
    chair.chart("dosing-events", entry(10, START))
    if code == "nothing-running":
        chair.chart("dosing-events", first)
    again = {**first, "id": an_id(), "observed_at": ago(8)}
    assert chair.refused(charted("dosing-events", again), 409)["code"] == code


def test_an_entry_sent_twice_is_there_once_and_gives_the_first_answer(chair):
    body = entry(5, heart_rate("131"))
    first = chair.chart("readings", body)
    before = chair.counts()
    again = chair.chart("readings", body, status=200)
    assert chair.counts() == before
    assert again["repeated"]
    assert (again["entry"], again["breaches"]) == (first["entry"], first["breaches"])
    assert chair.last_audited()["outcome"] == "repeated"


def test_the_same_id_with_other_content_is_refused(chair):
    body = entry(5, heart_rate("71"))
    chair.chart("readings", body)
    other = {**body, "content": heart_rate("72")}
    assert chair.refused(charted("readings", other), 409)["code"] == "id-conflict"


def test_a_correction_names_a_kind_and_an_entry_that_are_there(chair):
    noted = chair.chart("notes", entry(5, {"kind": "note", "text": "Seen."}))["entry"]["id"]
    body = entry(5, heart_rate("71"), replaces=noted, reason="Wrong.")
    assert chair.refused(charted("corrections", body), 422)["code"] == "impossible"
    body = entry(5, heart_rate("71"), replaces=an_id(), reason="Wrong.")
    assert chair.refused(charted("corrections", body), 404)["code"] == "not-found"
