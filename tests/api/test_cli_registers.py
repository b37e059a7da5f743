"""Registers of controlled drugs from the command line: profile, counts, log, losses, scan."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from protocol.commands import receiving, stocking
from protocol.commands.proving import system_actor
from protocol.records.clinics import clinic_by
from protocol.records.database import Database
from protocol.rules.actions import Actor, Role
from protocol.rules.custody import LocationIn, ProductIn, ReceiptIn
from tests.api.clinic import NOW, ago
from tests.api.test_cli import SECRETS, Ask, ask, in_force, init, on_either  # noqa: F401
from tests.commands.vault import PRODUCT, PROFILE, SUPPLIER

EXAMPLE = Path(__file__).parents[2] / ".readme" / "jurisdiction-us-federal.yaml"

Vault = tuple[Ask, str, list[str]]


@pytest.fixture
def vault(on_either: Ask, database_url: str, tmp_path: Path) -> Vault:  # noqa: F811
    """A clinic with one location and two containers of an invented drug."""
    init(on_either, tmp_path)
    database = Database(database_url)
    clinic = clinic_by(database, None)
    by: Actor = system_actor(clinic.id, frozenset({Role.ADMINISTRATOR, Role.NURSE}))
    place = LocationIn(id=uuid7(), name="Safe", address="1 Invented Street")
    location = stocking.register_location(clinic, by, place, now=NOW).id
    product = ProductIn.model_validate({"id": uuid7(), **PRODUCT})
    stocking.register_product(clinic, by, product, now=NOW)
    ids = [uuid7(), uuid7()]
    receipt: dict[str, Any] = {
        "id": uuid7(), "observed_at": ago(90), "location_id": location, "product_id": product.id,
        "lot": "LOT-7", "expires_on": "2093-02-28", "supplier": SUPPLIER,
        "containers": [{"id": one} for one in ids],
    }  # fmt: skip
    receiving.receive(clinic, by, ReceiptIn.model_validate(receipt), now=NOW)
    database.close()
    return on_either, str(location), [str(one) for one in ids]


def test_a_profile_is_imported_from_a_file_and_the_example_can_be(
    vault: Vault, tmp_path: Path
) -> None:
    run, _, _ = vault
    imported = run("jurisdiction", "import", EXAMPLE, "--json", by="paula")
    assert imported.lines[0]["status"] == "draft"
    out = tmp_path / "profile.yaml"
    version = imported.lines[0]["id"]
    assert run("jurisdiction", "export", version, "-o", out, by="otto").status == 0
    again = run("jurisdiction", "import", out, "--json", by="paula")
    assert again.lines[0]["digest"] == imported.lines[0]["digest"]
    broken = tmp_path / "broken.yaml"
    broken.write_text(out.read_text().replace("days: 45", "days: many"))
    refused = run("jurisdiction", "import", broken, by="paula")
    assert refused.status == 1
    assert refused.err.startswith("chairside: loss.electronic_report.days: ")
    [due] = run("custody", "due", "--json", by="otto").lines
    assert due["state"] == "unscheduled", "a draft is in force nowhere"


def test_a_count_is_begun_blind_recorded_and_printed(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, location, (first, second) = vault
    in_force(run, tmp_path, "jurisdiction", PROFILE | {"effective_on": "2020-01-01"})
    begun = run("custody", "count", "begin", "--location", location, "--on", "2026-01-02",
                "--business", "opening", "--kind", "initial", "--json", by="nora")  # fmt: skip
    count = begun.lines[0]["count"]
    listed = run("custody", "count", "sheet", count, "--json", by="nora").lines
    assert [set(one) & {"book", "left"} for one in listed] == [set(), set()]
    hidden = run("custody", "balance", "--location", location, by="nora")
    assert (hidden.status, hidden.out) == (1, "")
    assert "blind count of Safe by Nora" in hidden.err
    assert run("custody", "count", "record", count, f"{first}=5", "--at", ago(-60),
               by="nora").status == 2  # fmt: skip
    monkeypatch.setenv("CHAIRSIDE_SECOND_SECRET", SECRETS["paula"])
    now = run("custody", "count", "list", "--json", by="otto").lines[0]["began_at"]
    done = run("custody", "count", "record", count, first, f"{second}=4.9 mL", "--at", now,
               "--second", "paula", "--json", by="nora")  # fmt: skip
    assert done.status == 0, done.err
    assert {one["container"]: one["difference"] for one in done.lines} == {
        first: "0 mg", second: "-1 mg",
    }  # fmt: skip
    [found] = run("custody", "discrepancies", "--open", "--json", by="otto").lines
    assert (found["found_by"], found["remainder"], found["unit"]) == ("count", "1", "mg")
    rows = list(csv.DictReader(StringIO(
        run("custody", "inventory", "--location", location, "--csv", by="otto").out
    )))  # fmt: skip
    assert {one["counted_by"] for one in rows} == {"Nora; Paula"}
    assert {one["container_id"]: one["short"] for one in rows} == {first: "", second: "1"}
    file = tmp_path / "inventory.pdf"
    assert run("custody", "inventory", "--location", location, "--pdf", "-o", file,
               by="otto").status == 0  # fmt: skip
    assert "opening of business" in PdfReader(file).pages[0].extract_text()
    [due] = run("custody", "due", "--json", by="otto").lines
    assert (due["kind"], due["due"], due["state"]) == ("periodic", "2026-08-02", "overdue")


def test_one_command_gives_the_log_apart_from_the_chart(vault: Vault, tmp_path: Path) -> None:
    run, location, _ = vault
    rows = list(csv.DictReader(StringIO(run("custody", "log", "--location", location,
                                            by="otto").out)))  # fmt: skip
    assert [one["kind"] for one in rows] == ["receive", "receive"]
    assert [one["balance"] for one in rows] == ["50", "100"]
    lines = run("custody", "log", "--location", location, "--json", by="otto").lines
    assert [one["entry"]["location_after"] for one in lines] == ["50", "100"]
    file = tmp_path / "log.pdf"
    assert run("custody", "log", "--location", location, "--pdf", "-o", file, by="otto") == (
        0, "", "",
    )  # fmt: skip
    assert "Controlled-substance log" in PdfReader(BytesIO(file.read_bytes())).pages[
        0
    ].extract_text()  # fmt: skip
    none = run("custody", "log", "--location", location, "--to", ago(9_000), by="otto")
    assert len(none.out.splitlines()) == 1
    assert run("custody", "log", "--location", location, "--csv", "--pdf", by="otto").status == 2
    assert run("custody", "log", "--location", uuid7(), by="otto").status == 1
    [held] = run("custody", "balance", "--location", location, "--json", by="otto").lines
    assert (held["held"], held["unit"], held["containers"]) == ("100", "mg", 2)


def test_a_loss_is_reported_filed_and_listed(vault: Vault, tmp_path: Path) -> None:
    run, location, _ = vault
    in_force(run, tmp_path, "jurisdiction", PROFILE | {"effective_on": "2020-01-01"})
    told = run("custody", "loss", "report", "--location", location, "--kind", "theft", "--drug",
               "examplamine", "--discovered", ago(9), "--facts", "It is gone.", "--access",
               "Three people", "--json", by="nora")  # fmt: skip
    assert [one["state"] for one in told.lines] == ["running", "running"]
    report = told.lines[0]["report"]
    assert run("custody", "loss", "filed", report, "written-notice", "--at", ago(1),
               by="paula").status == 0  # fmt: skip
    [listed] = run("custody", "loss", "list", "--json", by="otto").lines
    assert listed["states"] == {"written-notice": "filed", "electronic-report": "running"}
    assert listed["factors"]["access"] == "Three people"


def test_a_scan_says_what_it_read_or_why_it_could_not(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _, _ = vault
    text = f"(01){PRODUCT['gtin']}(17)330200(10)LOT-7(21)S9"
    [found] = run("custody", "scan", text, "--json", by="nora").lines
    assert (found["lot"], found["expires_on"], found["drugs"]) == (
        "LOT-7", "2033-02-28", ["examplamine"],
    )  # fmt: skip
    cut = run("custody", "scan", "010703206980", by="nora")
    assert (cut.status, cut.out) == (1, "")
    assert cut.err == (
        "chairside: The element (01) ends after 10 characters; read was 010703206980.\n"
    )
    assert run("custody", "scan", "", by="nora").status == 2
    assert json.loads(run("custody", "scan", f"]d2{text}", "--json", by="nora").out)["serial"]
