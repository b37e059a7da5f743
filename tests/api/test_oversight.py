"""The trail for people, and patients' rights, over the real API: search, files, review, purge."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.report_files import inert
from protocol.rules.audit import SORTABLE, AuditEntry, entry_hash
from tests.api.clinic import POLICY, SECRET, Chair, ago, an_id, entry, heart_rate

KEEPING = {
    "audit_review_every_days": 3, "amendment_answer_days": 17,
    "retention": [{"record_class": "views", "acts": ["session:view", "person:view"],
                   "keep_months": 0, "legal_basis": "an invented law"}],
}  # fmt: skip
SECOND = {"username": "paula", "secret": SECRET}


@pytest.fixture
def kept(chair: Chair) -> Chair:
    chair.put_in_force("policies", POLICY | {"keeping": KEEPING})
    chair.chart("readings", entry(15, heart_rate("71")))
    return chair


def pages(chair: Chair, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = chair.get("otto", f"/audit/entries?limit=7&{query}{after}")
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_entries_are_found_by_each_thing_that_is_asked(kept: Chair) -> None:
    nora = next(one for one in kept.get("ada", "/people")["items"] if one["username"] == "nora")
    until = kept.get("otto", "/audit/entries?limit=1")["items"][0]["at"]
    for query, field, value in (
        (f"person_id={nora['id']}", "person_id", nora["id"]),
        (f"patient_id={kept.patient_id}", "patient_id", kept.patient_id),
        (f"session_id={kept.session_id}", "session_id", kept.session_id),
        ("action=session:prepare", "action", "session:prepare"),
    ):
        found = pages(kept, f"{query}&until={until}")
        assert {one[field] for one in found} == {value}
        assert [one["number"] for one in found] == sorted(
            (one["number"] for one in found), reverse=True
        )
    assert {one["person_name"] for one in pages(kept, f"person_id={nora['id']}")} == {"Nora"}


def test_every_field_sorts_and_no_other(kept: Chair) -> None:
    until = kept.get("otto", "/audit/entries?limit=1")["items"][0]["at"]
    for name in SORTABLE:
        found = pages(kept, f"until={until}&sort={name}&descending=false")
        values = [(one[name], one["number"]) for one in found]
        assert values == sorted(values), name
    refused = kept.ask("otto", "GET", "/audit/entries?sort=detail")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sort")


def test_a_file_holds_every_entry_and_its_hash_can_be_reckoned_again(kept: Chair) -> None:
    written = kept.ask("otto", "GET", "/audit/report.jsonl?descending=false")
    assert written.headers["content-type"] == "application/jsonl"
    assert written.headers["cache-control"] == "no-store"
    lines = [json.loads(line) for line in written.text.splitlines()]
    assert [one["number"] for one in lines] == list(range(1, len(lines) + 1))
    previous = "0" * 64
    for line in lines:
        assert entry_hash(AuditEntry(**{k: line[k] for k in AuditEntry._fields})) == line["hash"]
        assert line["previous"] == previous
        previous = line["hash"]
    rows = list(csv.DictReader(StringIO(kept.ask("otto", "GET", "/audit/report.csv").text)))
    assert rows[0]["action"] == "audit:export"
    assert len(rows) == len(lines) + 1, "the export before it is in the trail"
    assert json.loads(rows[0]["detail"]) == {"descending": False, "sort": "at"}


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(words: str) -> None:
    assert inert(words) == f"'{words}"


@pytest.mark.parametrize("words", ["", "a=1", "2031-05-06", "{}", "a@b"])
def test_a_plain_cell_stays_as_it_is(words: str) -> None:
    assert inert(words) == words


def test_a_formula_that_came_in_does_not_go_out_as_one(kept: Chair) -> None:
    kept.ask(None, "POST", "/sign-in", json={"username": "=cmd|' /C calc'!A0", "secret": "x"})
    kept.post("nora", f"/patients/{kept.patient_id}/disclosures", {
        "id": an_id(), "disclosed_at": ago(5), "recipient": "=HYPERLINK(1)", "what": "@all",
        "purpose": "-1",
    })  # fmt: skip
    for path in ("/audit/report.csv", f"/patients/{kept.patient_id}/disclosures.csv"):
        text = kept.ask("otto", "GET", path).text
        for row in csv.reader(StringIO(text)):
            assert not [cell for cell in row if cell[:1] in set("=+-@\t\r")], row
    assert "'=HYPERLINK(1)" in text


def test_the_trail_is_on_paper_with_pages_who_and_when(kept: Chair) -> None:
    printed = kept.ask("otto", "GET", f"/audit/report.pdf?session_id={kept.session_id}")
    assert printed.status_code == 200, printed.text
    reader = PdfReader(BytesIO(printed.content))
    for number, page in enumerate(reader.pages, 1):
        words = " ".join(page.extract_text().split())
        assert f"Page {number} of {len(reader.pages)}" in words
        assert "printed" in words
        assert "by Otto" in words
    text = " ".join(reader.pages[0].extract_text().split())
    for said in ("Audit report", "Invented clinic", "reading:record", "Nora", "Entries"):
        assert said in text
    assert "/StructTreeRoot" in str(reader.trailer["/Root"].get_object())
    assert kept.last_audited()["action"] == "audit:print"


def test_a_review_is_signed_and_what_lacks_one_is_listed(kept: Chair) -> None:
    body = {"id": an_id(), "since": ago(60), "until": ago(0), "remark": "Seen.", "secret": SECRET}
    wrong = kept.ask("otto", "POST", "/audit/reviews", json=body | {"secret": "no"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "sign-in-failed")
    done = kept.post("otto", "/audit/reviews", body)
    found = kept.get("ada", "/audit/reviews")
    assert found["reviews"] == [done]
    assert {one["state"] for one in found["lacking"]} == {"due"}
    assert SECRET not in json.dumps(pages(kept, ""))


def test_a_purge_takes_a_second_person_and_leaves_the_trail_whole(kept: Chair) -> None:
    kept.get("nora", f"/sessions/{kept.session_id}")
    body = {"id": an_id(), "record_class": "views", "until": ago(-60 * 24), "reason": "Run out.",
            "legal_basis": "an invented law", "second_person": SECOND}  # fmt: skip
    refused = kept.ask("ada", "POST", "/audit/purges", json=body)
    assert refused.status_code == 422, "it reaches into the future"
    body["until"] = kept.get("otto", "/audit/entries?limit=1")["items"][0]["at"]
    for who, second, status in (
        ("paula", SECOND, 403), ("ada", SECOND | {"secret": "wrong"}, 401),
        ("ada", {"username": "nora", "secret": SECRET}, 403),
    ):  # fmt: skip
        asked = kept.ask(who, "POST", "/audit/purges", json=body | {"second_person": second})
        assert asked.status_code == status, asked.text
    done = kept.post("ada", "/audit/purges", body)
    assert done["purged"] >= 1
    assert kept.get("otto", "/audit/purges")["purges"] == [done]
    assert {one["detail"] for one in pages(kept, "action=session:view")} == {None}
    assert kept.post("otto", "/audit/verify", status=200)["intact"] is True


def test_a_hold_blocks_it_and_is_seen(kept: Chair) -> None:
    hold = kept.post("ada", "/holds", {"id": an_id(), "matter": "A case", "reason": "A letter."})
    until = kept.get("otto", "/audit/entries?limit=1")["items"][0]["at"]
    body = {"id": an_id(), "record_class": "views", "until": until, "reason": "Run out.",
            "legal_basis": "an invented law", "second_person": SECOND}  # fmt: skip
    refused = kept.ask("ada", "POST", "/audit/purges", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-allowed-now")
    assert kept.get("paula", "/holds")["holds"] == [hold]
    lifted = kept.post("ada", f"/holds/{hold['id']}/lift", {"reason": "Closed."}, 200)
    assert lifted["lifted"]["reason"] == "Closed."


def test_a_patient_s_request_and_disagreement_are_printed_with_the_record(kept: Chair) -> None:
    about = {"id": an_id(), "session_id": kept.session_id, "received_at": ago(3),
             "what": "It was seventy."}  # fmt: skip
    request = kept.post("nora", f"/patients/{kept.patient_id}/amendment-requests", about)
    path = f"/amendment-requests/{request['id']}"
    kept.post("paula", f"{path}/answer", {"id": an_id(), "accepted": False, "reason": "Read so."})
    kept.post("nora", f"{path}/statements", {
        "id": an_id(), "kind": "disagreement", "text": "I disagree with that.",
    })  # fmt: skip
    [listed] = kept.get("otto", f"/amendment-requests?patient_id={kept.patient_id}")["requests"]
    assert listed["state"] == "denied"
    printed = kept.ask("nora", "GET", f"/sessions/{kept.session_id}/summary.pdf").content
    text = " ".join(" ".join(p.extract_text().split()) for p in PdfReader(BytesIO(printed)).pages)
    for said in ("It was seventy.", "Read so.", "I disagree with that.", "1 denied"):
        assert said in text, said


def test_an_accounting_of_disclosures_is_given_and_printed(kept: Chair) -> None:
    path = f"/patients/{kept.patient_id}/disclosures"
    kept.post("nora", path, {
        "id": an_id(), "disclosed_at": ago(5), "recipient": "An insurer", "what": "A summary",
        "purpose": "Payment",
    })  # fmt: skip
    assert [one["recipient"] for one in kept.get("otto", path)["disclosures"]] == ["An insurer"]
    assert kept.get("otto", f"{path}?until={ago(9).replace('+', '%2B')}")["disclosures"] == []
    text = PdfReader(
        BytesIO(kept.ask("ada", "GET", f"{path}.pdf").content)
    ).pages[0].extract_text()  # fmt: skip
    for said in ("INVENTED, Ida", "An insurer", "Payment", "Page 1 of 1", "by Ada"):
        assert said in " ".join(text.split()), said
    assert kept.last_audited()["action"] == "disclosure:account"
