"""Forms over HTTP, in files and in replays: answered, waited for, refused by name, audited."""

import json
from copy import deepcopy
from typing import Any

import pytest

from api.documents import document_from, document_text
from protocol.rules.errors import DocumentInvalid
from tests.api.clinic import PROTOCOL, Ask, Chair, ago, an_id, charted, dosing, entry, quantity
from tests.api.test_replay import act, codes
from tests.commands.formed import ALL_WELL, CHECK, LEAVING, a_response, an_override

BEFORE, AFTER = CHECK["name"], LEAVING["name"]
MET = a_response(BEFORE, **{code.replace("-", "_"): one for code, one in ALL_WELL.items()})


def asking(chair: Chair) -> str:
    """The session at hand is one that waits for both forms; the version of the checklist."""
    version, _ = (chair.put_in_force("forms", one) for one in (CHECK, LEAVING))
    asks = PROTOCOL | {"name": "Asking", "forms": [BEFORE, AFTER]}
    chair.protocol_id = chair.put_in_force("protocols", asks)
    chair.session_id = chair.prepare()
    return version


def state(chair: Chair, form: str) -> dict[str, Any]:
    shown = chair.get("nora", f"/sessions/{chair.session_id}")
    return next(one for one in shown["forms"] if one["form"] == form)


def approving(who: str, version: str) -> Ask:
    return lambda chair: chair.ask(who, "POST", f"/forms/{version}/approve")


def response(**answers: dict[str, Any]) -> dict[str, Any]:
    return entry(5, a_response(BEFORE, **answers))


def test_a_session_is_begun_and_completed_by_its_forms(chair: Chair):
    asking(chair)
    problem = chair.refused(charted("begin", {"at": ago(30)}), 409)
    assert problem["code"] == "form-incomplete"
    assert problem["detail"] == (
        "Before we begin: Name asked: not answered. Before we begin: Came with: not answered."
    )
    facts = problem["facts"]
    assert (facts["forms"], facts["items"]) == (BEFORE, "named, came-with")
    kept = chair.chart("form-responses", entry(29, MET))
    assert kept["entry"]["recorded_by"]["name"] == "Nora"
    chair.chart("begin", {"at": ago(28)}, status=200)
    chair.chart("dosing-events", entry(20, dosing("start", rate=quantity("30.0 mg/h"))))
    chair.chart("dosing-events", entry(10, dosing("stop")))
    one = a_response(AFTER, l0={"value": "4"})
    chair.chart("form-responses", entry(9, one))
    (score,) = state(chair, AFTER)["scores"]
    assert (score["value"], score["sum"], score["met"]) == (None, "4", False)
    assert score["reason"] == "no score: 1 of 3 items answered, 2 needed"
    problem = chair.refused(charted("complete", {"at": ago(8)}), 409)
    assert (problem["code"], problem["facts"]["items"]) == ("form-incomplete", "ready")
    chair.chart("form-overrides", entry(8, an_override(AFTER, "ready")), "paula")
    chair.chart("complete", {"at": ago(7)}, status=200)
    after = state(chair, AFTER)
    assert [each["item"] for each in after["lacking"]] == ["ready"]
    assert (after["open"], after["overrides"][0]["reason"]) == ([], "it rained")
    shown = chair.get("nora", f"/sessions/{chair.session_id}")
    assert [each["version"]["number"] for each in shown["record"]["forms"]] == [1, 1]
    assert shown["contradictions"] == []


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "an answer outside its options": (
        response(came_with={"chosen": ["dog"]}), 422, "answer-not-an-option"),
    "an answer of another kind": (response(named={"text": "yes"}), 422, "answer-wrong-kind"),
    "no answer": (response(named={}), 422, "answer-wrong-kind"),
    "a number above what the form takes": (
        response(tea={"value": "901", "unit": "mL"}), 422, "answer-out-of-range"),
    "a number in another unit": (
        response(tea={"value": "9", "unit": "L"}), 422, "answer-unit-wrong"),
    "a scale between two steps": (
        entry(5, a_response(AFTER, l0={"value": "1.5"})), 422, "answer-off-step"),
    "an item that is not asked": (response(who={"text": "an aunt"}), 409, "answer-hidden"),
    "an item of another role": (response(checked={"yes": True}), 403, "answer-not-permitted"),
    "a timed item without its time": (response(ate={"yes": True}), 422, "answer-time-missing"),
    "a timed item in the future": (
        response(ate={"yes": True, "at": ago(-60)}), 422, "impossible"),
    "an item that is not there": (response(shoes={"yes": True}), 422, "unknown-term"),
    "a form that is not asked for": (
        entry(5, a_response("another", named={"yes": True})), 422, "unknown-term"),
    "an item answered twice": (
        entry(5, {"kind": "form-response", "form": BEFORE, "answers": [
            {"item": "named", "yes": True}, {"item": "named", "yes": False}]}),
        422, "answer-twice"),
    "a number that is no text": (
        entry(5, a_response(AFTER, l0={"value": 1})), 422, "number-not-text"),
}  # fmt: skip


def test_each_bad_answer_is_a_problem_of_its_own_and_audited(chair: Chair):
    asking(chair)
    for what, (body, status, code) in REFUSED.items():
        before = chair.counts()
        answered = chair.ask(
            "nora", "POST", f"/sessions/{chair.session_id}/form-responses", json=body
        )
        problem = answered.json()
        assert (answered.status_code, problem["code"]) == (status, code), (what, problem)
        assert chair.counts() == before, what
        audited = chair.last_audited()
        assert audited["outcome"] == "refused", what
        assert audited["code"] in (code, "invalid-shape"), what
    chair.chart("form-responses", entry(9, MET))
    nothing = entry(5, an_override(BEFORE, "named"))
    assert chair.refused(charted("form-overrides", nothing), 409)["code"] == "nothing-lacking"


def test_an_approved_form_is_not_edited_and_nobody_approves_the_own(chair: Chair):
    version = asking(chair)
    edited = {"id": version, "document": CHECK | {"title": "Edited"}}
    problem = chair.refused(lambda chair: chair.ask("paula", "POST", "/forms", json=edited), 409)
    assert problem["code"] == "id-conflict"
    assert chair.get("nora", f"/forms/{version}")["document"]["title"] == CHECK["title"]
    following = an_id()
    chair.post("paula", "/forms", {"id": following, "document": edited["document"]})
    for who in ("paula", "nora"):
        problem = chair.refused(approving(who, following), 403)
        assert problem["code"] == "not-permitted"
    found = chair.get("nora", f"/forms/{following}/differences?before={version}")["differences"]
    assert found == [{"path": "title", "before": "Before we begin", "after": "Edited"}]
    assert [one["status"] for one in chair.get("nora", f"/forms?name={BEFORE}")["items"]] == [
        "active", "draft",
    ]  # fmt: skip


def test_a_form_whose_parts_do_not_fit_is_refused_by_path(chair: Chair):
    items = deepcopy(CHECK["items"])
    items[2]["shown_when"] = {"item": "tea", "answered": ["yes"]}
    body = {"id": an_id(), "document": CHECK | {"items": items}}
    problem = chair.refused(lambda chair: chair.ask("paula", "POST", "/forms", json=body), 422)
    assert problem["code"] == "document-invalid"
    assert problem["facts"]["path"] == "items.2.shown_when.item"


def test_a_session_without_its_form_in_force_is_not_prepared(chair: Chair):
    asks = PROTOCOL | {"name": "Asking", "forms": [BEFORE]}
    protocol = chair.put_in_force("protocols", asks)
    wanted = {"id": an_id(), "patient_id": chair.patient_id, "protocol_version_id": protocol}
    problem = chair.refused(lambda chair: chair.ask("nora", "POST", "/sessions", json=wanted), 409)
    assert (problem["code"], problem["facts"]["form"]) == ("form-not-in-force", BEFORE)


def test_a_response_is_corrected_over_http(chair: Chair):
    asking(chair)
    first = chair.chart("form-responses", response(named={"yes": False}))["entry"]["id"]
    corrected = response(named={"yes": True}) | {"replaces": first, "reason": "a slip"}
    chair.chart("corrections", corrected)
    assert [one["item"] for one in state(chair, BEFORE)["open"]] == ["came-with"]
    assert len(chair.get("nora", f"/sessions/{chair.session_id}")["record"]["entries"]) == 2


def test_a_replay_answers_forms_by_the_same_rules(chair: Chair):
    asking(chair)
    met = act(chair, "form:answer", entry(29, {k: v for k, v in MET.items() if k != "kind"}))
    lines = [
        act(chair, "session:begin", {"at": ago(30)}),
        act(chair, "form:answer", entry(29, a_response(BEFORE, named={"text": "x"}))),
        met, met,
        act(chair, "session:begin", {"at": ago(28)}),
        act(chair, "form:override", entry(27, an_override(AFTER, "ready"))),
        act(chair, "session:complete", {"at": ago(8)}),
    ]  # fmt: skip
    assert codes(chair, *lines) == [
        "form-incomplete", "answer-wrong-kind", "done", "repeated", "done", "done", "done",
    ]  # fmt: skip
    assert state(chair, BEFORE)["answers"][0]["source"] == "transcribed"


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_a_form_is_the_same_after_any_format(format_: str):
    for content in (CHECK, LEAVING):
        first = document_from(json.dumps(content), "form", "json")
        assert document_from(document_text(first, format_), "form", format_) == first


def test_a_file_of_a_form_names_the_path_of_its_fault():
    items = [{"code": "a", "label": "A", "kind": "one-of"}]
    with pytest.raises(DocumentInvalid) as caught:
        document_from(json.dumps(CHECK | {"items": items}), "form", "json")
    assert caught.value.sentence == "items.0: a one-of item has its options"
