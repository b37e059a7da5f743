"""The trail and patients' rights from the command line, as those use it who answer for them."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.api.clinic import PATIENT, POLICY, ago, an_id
from tests.api.prepared import Once
from tests.api.test_cli import SECRETS, Ask, ask, in_force, init, on_either  # noqa: F401

KEEPING = {
    "audit_review_every_days": 3,
    "amendment_answer_days": 17,
    "retention": [{"record_class": "accounts", "acts": ["person:view"], "keep_months": 0,
                   "legal_basis": "an invented law"}],
}  # fmt: skip


@pytest.fixture
def clinic(on_either: Ask, tmp_path: Path, once_on_either: Once) -> tuple[Ask, str]:  # noqa: F811
    """A clinic whose policy has periods, with one patient."""

    def prepare() -> str:
        init(on_either, tmp_path)
        in_force(on_either, tmp_path, "policy", POLICY | {"keeping": KEEPING})
        patient = an_id()
        acts = tmp_path / "acts.jsonl"
        acts.write_text(json.dumps({"act": "patient:enrol", "body": {"id": patient, **PATIENT}}))
        assert on_either("session", "replay", acts, by="nora").status == 0
        return patient

    return on_either, once_on_either("with_periods", prepare)


def test_a_report_goes_out_as_csv_as_json_and_on_paper(
    clinic: tuple[Ask, str], tmp_path: Path
) -> None:
    run, patient = clinic
    found = run("audit", "report", "--patient", patient, "--json", by="otto").lines
    assert [one["action"] for one in found] == ["patient:enrol"]
    told = run("audit", "report", "--from", ago(60), "--sort", "action", "--ascending", by="otto")
    rows = list(csv.DictReader(StringIO(told.out)))
    acts = [one["action"] for one in rows]
    assert acts == sorted(acts)
    file = tmp_path / "trail.pdf"
    done = run("audit", "report", "--act", "patient:enrol", "--format", "pdf", "-o", file, by="ada")
    assert (done.status, done.out) == (0, "")
    text = " ".join(PdfReader(BytesIO(file.read_bytes())).pages[0].extract_text().split())
    for said in ("Audit report", "patient:enrol", "Nora", "Page 1 of 1", "by Ada Sample"):
        assert said in text
    last = run("audit", "report", "--act", "audit:print", "--json", by="otto").lines
    assert [one["detail"]["action"] for one in last] == ["patient:enrol"]


def test_what_a_report_is_not_asked_by_is_bad_usage(clinic: tuple[Ask, str]) -> None:
    run, _ = clinic
    assert run("audit", "report", "--sort", "detail", by="otto").status == 2
    assert run("audit", "report", "--format", "xls", by="otto").status == 2
    assert run("audit", "report", by="nora").status == 1


def test_a_review_and_what_lacks_one_are_listed(clinic: tuple[Ask, str]) -> None:
    run, _ = clinic
    done = run("audit", "review", "--from", ago(60), "--to", ago(0), "--remark", "Seen.", "--json",
               by="otto")  # fmt: skip
    assert done.lines[0]["reviewer"]["name"] == "Otto"
    listed = run("audit", "reviews", "--json", by="ada").lines
    assert [one["state"] for one in listed] == ["reviewed", "due"]
    assert run("audit", "regular", "--from", ago(60), "--to", ago(0), by="ada").out == ""


def test_a_hold_blocks_a_purge_and_a_purge_takes_two(
    clinic: tuple[Ask, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = clinic
    assert run("user", "list", by="ada").status == 0
    newest = run("audit", "report", "--json", by="otto").lines[0]["at"]
    purge = ("audit", "purge", "--class", "accounts", "--to", newest, "--reason", "Run out.",
             "--basis", "an invented law", "--second", "paula", "--json")  # fmt: skip
    monkeypatch.setenv("CHAIRSIDE_SECOND_SECRET", SECRETS["paula"])
    hold = run("hold", "place", "--matter", "A case", "--reason", "A letter.", "--json", by="ada")
    refused = run(*purge, by="ada")
    assert refused.status == 1
    assert "A hold stands" in refused.err
    assert run("hold", "lift", hold.lines[0]["id"], "--reason", "Closed.", by="ada").status == 0
    assert [one["stands"] for one in run("hold", "list", "--json", by="otto").lines] == [False]
    assert run(*purge, by="ada").lines[0]["purged"] == 1
    assert run("audit", "verify").status == 0
    monkeypatch.setenv("CHAIRSIDE_SECOND_SECRET", "wrong")
    assert run(*purge, by="ada").status == 1


def test_disclosures_are_recorded_and_accounted_for(
    clinic: tuple[Ask, str], tmp_path: Path
) -> None:
    run, patient = clinic
    recorded = run("disclosure", "record", "--patient", patient, "--to", "An insurer", "--what",
                   "A summary", "--purpose", "Payment", "--at", ago(5), by="nora")  # fmt: skip
    assert recorded.status == 0, recorded.err
    rows = csv.DictReader(
        StringIO(run("disclosure", "report", "--patient", patient, by="otto").out)
    )
    assert [one["recipient"] for one in rows] == ["An insurer"]
    file = tmp_path / "disclosures.pdf"
    assert run("disclosure", "report", "--patient", patient, "--format", "pdf", "-o", file,
               by="otto").status == 0  # fmt: skip
    assert "An insurer" in PdfReader(file).pages[0].extract_text()


def test_a_request_to_amend_is_logged_denied_and_disagreed_with(clinic: tuple[Ask, str]) -> None:
    run, patient = clinic
    logged = run("amendment", "log", "--patient", patient, "--what", "It was seventy.",
                 "--received", ago(5), "--json", by="nora")  # fmt: skip
    request = logged.lines[0]["request"]
    assert logged.lines[0]["answer_due"] is not None
    assert run("amendment", "answer", request, "--deny", by="paula").status == 1
    assert run("amendment", "answer", request, "--deny", "--reason", "So.", by="paula").status == 0
    assert run("amendment", "state", request, "--text", "I disagree.", by="nora").status == 0
    [listed] = run("amendment", "list", "--json", by="otto").lines
    assert (listed["state"], listed["what"]) == ("denied", "It was seventy.")
