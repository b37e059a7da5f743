"""What was seen is what was signed, and it stays: each version with its sheet (R29, R30).

Who signs does so for nobody else; of two at once one wins, through a real server."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from protocol.rules.signature import statement_digest
from tests.api.clinic import FIRST_SECRET, PATIENT, SECRET, Chair, an_id, entry, heart_rate
from tests.api.server import Answer, Server, served

ADDENDUM = {"kind": "addendum", "text": "All was well the day after."}


def at(chair: Chair, path: str = "") -> str:
    return f"/sessions/{chair.session_id}{path}"


def signatures(chair: Chair, who: str = "otto") -> dict[str, Any]:
    return dict(chair.get(who, at(chair, "/signatures")))


def sheet(chair: Chair, signature: str, who: str = "otto") -> bytes:
    answer = chair.ask(who, "GET", at(chair, f"/signatures/{signature}/summary.pdf"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    return bytes(answer.content)


def words(content: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return text.replace("\u00a0", " ")


@pytest.fixture
def signed(chair: Chair) -> Chair:
    chair.chart_infusion()
    assert chair.sign("nora", "authorship").status_code == 201
    assert chair.sign("paula", "approval").status_code == 201
    return chair


def test_the_digest_is_shown_whole_and_short_and_is_on_paper(signed: Chair) -> None:
    shown = signed.get("paula", at(signed))
    listed = signatures(signed)
    assert shown["digest_short"] == f"{shown['digest'][:4]} {shown['digest'][4:8]}"
    assert (shown["signing"], listed["signing"]) == ("signed", "signed")
    assert listed["digest"] == shown["digest"]
    authored, approved = listed["items"]
    assert (authored["valid"], authored["reason"], authored["version"]) == (True, None, 1)
    assert (approved["meaning_code"], approved["meaning_system"]) == (
        "1.2.840.10065.1.12.1.5", "urn:iso-astm:E1762-95:2013",
    )  # fmt: skip
    printed = words(sheet(signed, approved["signature"]["id"]))
    assert shown["digest"] in printed.replace("\n", "")
    assert shown["digest_short"] in printed
    assert "SIGNED" in printed


def test_a_signature_says_its_name_time_and_meaning_everywhere(signed: Chair) -> None:
    one = signatures(signed)["items"][1]
    given, text = one["signature"], one["statement"]
    assert statement_digest(text) == given["statement_digest"]
    assert given["signer"]["name"] == "Paula"
    exported = signed.ask("otto", "GET", at(signed, "/export")).json()["signatures"][1]
    assert exported == given
    printed = words(sheet(signed, given["id"]))
    for said in ("Approval", "Paula", given["statement_digest"]):
        assert said in printed.replace("\n", "") or said in printed
    assert "meaning approval" in text


def test_an_earlier_version_and_its_sheet_stay_as_they_were(signed: Chair) -> None:
    first = signatures(signed)["items"][1]["signature"]["id"]
    path = at(signed, f"/signatures/{first}/record")
    record, paper = signed.ask("otto", "GET", path).content, sheet(signed, first)
    signed.chart("addenda", entry(1, ADDENDUM))
    signed.put_in_force("policies", {"name": "Another", "late_entry_after_min": 1})
    amended = signatures(signed)
    assert amended["signing"] == "amended"
    assert [one["covers_now"] for one in amended["items"]] == [False, False]
    assert "AMENDED" in words(signed.ask("otto", "GET", at(signed, "/summary.pdf")).content)
    assert signed.sign("nora", "authorship").status_code == 201
    again = signatures(signed)
    assert (again["signing"], [one["version"] for one in again["items"]]) == ("signed", [1, 1, 2])
    assert [one["valid"] for one in again["items"]] == [True] * 3
    assert signed.ask("paula", "GET", path).content == record
    assert sheet(signed, first, "paula") == paper
    assert b"All was well" not in record
    last = again["items"][2]["signature"]["id"]
    assert "All was well" in words(sheet(signed, last))
    assert signed.get("otto", at(signed, f"/signatures/{last}/record"))["entries"]


def test_a_signature_of_another_session_has_no_record_here(signed: Chair) -> None:
    other = signatures(signed)["items"][0]["signature"]["id"]
    signed.session_id = signed.prepare("course-2")
    for path in (f"/signatures/{other}/record", f"/signatures/{an_id()}/summary.pdf"):
        assert signed.get("otto", at(signed, path), 404)["code"] == "not-found"
    assert signatures(signed)["items"] == []


def test_a_record_that_changed_since_it_was_shown_is_not_signed(chair: Chair) -> None:
    chair.chart_infusion()
    shown = chair.get("nora", at(chair))
    chair.chart("notes", entry(5, {"kind": "note", "text": "One thing more."}))
    now = chair.get("nora", at(chair))
    problem = chair.refused(
        lambda one: one.sign("nora", "authorship", SECRET, shown["digest"]), 409
    )
    assert problem["code"] == "record-changed"
    assert problem["facts"] == {"shown": shown["digest"], "now": now["digest"]}
    assert shown["digest_short"] in problem["detail"]
    assert now["digest_short"] in problem["detail"]


def test_nobody_signs_for_another_and_an_administrator_for_no_one(chair: Chair) -> None:
    """There is no field for whose signature it is: it is that of who is signed in (R28)."""
    chair.chart_infusion()
    digest = chair.get("nora", at(chair))["digest"]
    body = {"id": an_id(), "meaning": "approval", "record_digest": digest, "secret": SECRET}
    for who in ("ada", "otto"):
        assert chair.ask(who, "POST", at(chair, "/signatures"), json=body).status_code == 403
    for field in ("signer", "signer_id", "on_behalf_of", "username"):
        told = {**body, field: "paula"}
        answer = chair.ask("nora", "POST", at(chair, "/signatures"), json=told)
        assert answer.status_code == 422
    assert signatures(chair)["items"] == []


def test_an_author_does_not_approve_the_own_work(chair: Chair) -> None:
    body = {"id": an_id(), "username": "both", "name": "Both", "roles": ["nurse", "physician"]}
    chair.post("ada", "/people", body | {"secret": FIRST_SECRET})
    chair.settle("both")
    chair.chart_infusion()
    assert chair.sign("both", "authorship").status_code == 201
    for meaning in ("review", "approval", "responsibility"):
        answer = chair.sign("both", meaning)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    for meaning in ("review", "approval", "responsibility"):
        assert chair.sign("paula", meaning).status_code == 201
    assert [one["valid"] for one in signatures(chair)["items"]] == [True] * 4


def at_once(*asks: Any) -> list[Answer]:
    """What comes of requests that are sent at one moment."""
    start = threading.Barrier(len(asks))

    def run(ask: Any) -> Answer:
        start.wait(30)
        answer: Answer = ask()
        return answer

    with ThreadPoolExecutor(len(asks)) as pool:
        return [one.result() for one in [pool.submit(run, ask) for ask in asks]]


def _signing(server: Server, who: str, meaning: str, digest: str) -> Any:
    body = {"id": an_id(), "meaning": meaning, "record_digest": digest, "secret": SECRET}
    path = f"/api/v1{at(server.chair, '/signatures')}"
    return lambda: server.ask("POST", path, [server.bearer(who)], body=body)


def _charting(server: Server, path: str, body: dict[str, Any]) -> Any:
    path = f"/api/v1{at(server.chair, path)}"
    return lambda: server.ask("POST", path, [server.bearer("nora")], body=body)


def _another_ended(chair: Chair) -> str:
    chair.session_id = chair.prepare()
    chair.chart_infusion()
    return str(chair.get("nora", at(chair))["digest"])


def test_of_two_signatures_at_once_one_wins(chair: Chair, tmp_path: Path) -> None:
    with served(chair, tmp_path) as server:
        for _ in range(2):
            digest = _another_ended(chair)
            answers = at_once(*(_signing(server, who, "approval", digest)
                                for who in ("paula", "peter", "paula")))  # fmt: skip
            assert sorted(one.status for one in answers) == [201, 409, 409]
            assert {one.code for one in answers if one.status == 409} == {"already-signed"}
            assert [one["valid"] for one in signatures(chair)["items"]] == [True]


def test_of_a_signature_and_an_edit_at_once_one_wins(chair: Chair, tmp_path: Path) -> None:
    with served(chair, tmp_path) as server:
        for _ in range(3):
            digest = _another_ended(chair)
            signing, charting = at_once(
                _signing(server, "nora", "authorship", digest),
                _charting(server, "/readings", entry(5, heart_rate("73"))),
            )
            codes = {(201, 409): "already-signed", (409, 201): "record-changed"}
            lost = signing if signing.status == 409 else charting
            assert lost.code == codes[signing.status, charting.status]
            assert all(one["valid"] for one in signatures(chair)["items"])


def test_of_a_second_signature_and_an_addendum_at_once_the_version_is_told(
    signed: Chair, tmp_path: Path
) -> None:
    digest = signed.get("nora", at(signed))["digest"]
    with served(signed, tmp_path) as server:
        signing, adding = at_once(
            _signing(server, "peter", "review", digest),
            _charting(server, "/addenda", entry(1, ADDENDUM)),
        )
    assert adding.status == 201
    assert signing.status in (201, 409)
    listed = signatures(signed)
    assert listed["signing"] == "amended"
    assert len(listed["items"]) == (3 if signing.status == 201 else 2)
    assert all(one["valid"] and not one["covers_now"] for one in listed["items"])
    assert signed.post("otto", "/audit/verify", status=200)["intact"]


def test_patients_change_and_what_was_signed_does_not(signed: Chair) -> None:
    first = signatures(signed)["items"][0]["signature"]["id"]
    before = sheet(signed, first)
    changed = {**PATIENT, "family": "Renamed"}
    answer = signed.ask("nora", "PUT", f"/patients/{signed.patient_id}", json=changed)
    assert answer.status_code in (200, 201), answer.text
    assert sheet(signed, first) == before
    assert [one["valid"] for one in signatures(signed)["items"]] == [True, True]
