"""Registers of controlled drugs over the real API: logs, counts, losses, scans (R72 to R81)."""

import csv
import json
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from uuid_utils.compat import uuid7

from protocol.commands import custody, receiving, stocking
from protocol.records.clinics import Clinic, clinic_by
from protocol.rules.actions import Actor, Role
from protocol.rules.custody import DrawIn, LocationIn, ProductIn, ReceiptIn, WasteIn
from tests.api.clinic import NOW, PATIENT, PEOPLE, SECRET, Chair, ago, an_id
from tests.commands.vault import PRODUCT, PROFILE, SUPPLIER

HOSTILE = "=HYPERLINK(1)"
GTIN = PRODUCT["gtin"]


def actor(chair: Chair, clinic: Clinic, who: str) -> Actor:
    people = chair.get("ada", "/people")["items"]
    found = next(one for one in people if one["username"] == who)
    return Actor(
        clinic_id=clinic.id, person_id=UUID(found["id"]), username=who, name=found["name"],
        roles=frozenset({Role(PEOPLE[who])}),
    )  # fmt: skip


class Vault:
    """A chair with a location, an invented product and three containers, one of them drawn from."""

    def __init__(self, chair: Chair) -> None:
        self.chair, clinic = chair, clinic_by(chair.database, None)
        ada, nora, nils = (actor(chair, clinic, who) for who in ("ada", "nora", "nils"))
        place = LocationIn(id=uuid7(), name="Safe", address="1 Invented Street", registration="R-1")
        self.location = str(stocking.register_location(clinic, ada, place, now=NOW).id)
        product = ProductIn.model_validate({"id": uuid7(), **PRODUCT})
        self.product = str(stocking.register_product(clinic, ada, product, now=NOW).id)
        self.containers = [str(uuid7()) for _ in range(3)]
        receipt = {
            "id": uuid7(), "observed_at": ago(90), "location_id": self.location,
            "product_id": self.product, "lot": HOSTILE, "expires_on": "2093-02-28",
            "supplier": SUPPLIER, "containers": [{"id": one} for one in self.containers],
        }  # fmt: skip
        receiving.receive(clinic, nora, ReceiptIn.model_validate(receipt), now=NOW)
        draw = {"id": uuid7(), "observed_at": ago(20), "container_id": self.containers[0],
                "session_id": chair.session_id, "amount": {"value": "3", "unit": "mL"}}  # fmt: skip
        done = custody.draw(clinic, nora, DrawIn.model_validate(draw), now=NOW)
        waste = {"id": uuid7(), "observed_at": ago(10), "draw_id": done.entry.id,
                 "amount": {"value": "4", "unit": "mg"}, "manner": "-into the sink"}  # fmt: skip
        custody.waste(clinic, nora, WasteIn.model_validate(waste), now=NOW, witnesses=[nils])

    @property
    def path(self) -> str:
        return f"/custody/locations/{self.location}"

    def begin(self, who: str = "nora", **changes: Any) -> str:
        body = {"id": an_id(), "location_id": self.location, "kind": "spot", "blind": True,
                "business": "close", "counted_on": NOW.date().isoformat(), **changes}  # fmt: skip
        return str(self.chair.post(who, "/custody/counts", body)["id"])

    def record(self, count: str, amounts: dict[str, Any], **more: Any) -> dict[str, Any]:
        counted = [{"container_id": one, "amount": said} for one, said in amounts.items()]
        body = {"id": an_id(), "observed_at": datetime.now(UTC).isoformat(), "counted": counted}
        return dict(self.chair.post("nora", f"/custody/counts/{count}/record", body | more))


@pytest.fixture
def vault(chair: Chair) -> Vault:
    living = PATIENT | {"address": "3 Invented Lane", "family": HOSTILE}
    response = chair.ask("nora", "PUT", f"/patients/{chair.patient_id}", json=living)
    assert response.status_code == 200, response.text
    return Vault(chair)


def test_the_log_is_given_in_pages_and_as_one_file_without_other_chart_content(
    vault: Vault,
) -> None:
    chair = vault.chair
    found: list[Any] = []
    page: dict[str, Any] = {"next": 0}
    while page["next"] is not None:
        page = chair.get("otto", f"{vault.path}/log?limit=2&after={page['next']}")
        found += page["lines"]
    assert [one["entry"]["number"] for one in found] == [1, 2, 3, 4, 5]
    text = chair.ask("otto", "GET", f"{vault.path}/log.csv").text
    assert chair.last_audited()["action"] == "custody:export"
    rows = list(csv.DictReader(StringIO(text)))
    assert [one["kind"] for one in rows] == ["receive"] * 3 + ["draw", "waste"]
    drawn, wasted = rows[3:]
    assert (drawn["out"], drawn["balance"], drawn["new_container_opened"]) == ("30", "120", "yes")
    assert (drawn["patient_address"], drawn["strength"]) == ("3 Invented Lane", "10 mg in 1 mL")
    assert (wasted["amount"], wasted["out"], wasted["witnesses"]) == ("4", "", "Nils")
    for word in ("allerg", "none-known", "Invented protocol", "1961"):
        assert word not in text


def test_no_cell_of_the_files_runs_in_a_spreadsheet(vault: Vault) -> None:
    vault.record(vault.begin(), {vault.containers[1]: None})
    for file in ("log.csv", "inventory.csv", "stock.csv"):
        text = vault.chair.ask("ada", "GET", f"{vault.path}/{file}").text
        rows = list(csv.reader(StringIO(text)))
        assert len(rows) > 1
        for row in rows:
            assert not [cell for cell in row if cell[:1] in set("=+-@\t\r")], row
        assert f"'{HOSTILE}" in text


def test_the_log_and_the_inventory_are_on_paper(vault: Vault) -> None:
    vault.record(vault.begin(), dict.fromkeys(vault.containers[1:]))
    for file, words in (
        ("log.pdf", ("Controlled-substance log", "3 Invented Lane", "120 mg", "Nils", "R-1")),
        ("inventory.pdf", ("Controlled-substance inventory", "close of business", "Nora")),
    ):
        printed = vault.chair.ask("otto", "GET", f"{vault.path}/{file}")
        assert printed.status_code == 200, printed.text
        reader = PdfReader(BytesIO(printed.content))
        text = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
        for said in words:
            assert said in text, said
        assert "/StructTreeRoot" in str(reader.trailer["/Root"].get_object())
    assert vault.chair.last_audited()["action"] == "custody:print"


def test_a_blind_count_hands_out_no_book_value_until_it_is_recorded(vault: Vault) -> None:
    chair, (first, second, third) = vault.chair, vault.containers
    count = vault.begin(kind="initial")
    listed = chair.get("nora", f"/custody/counts/{count}/containers")["containers"]
    assert {one["container_id"] for one in listed} == set(vault.containers)
    assert '"book"' not in json.dumps(listed)
    for path in (f"{vault.path}/log", f"{vault.path}/inventory", f"{vault.path}/stock.csv"):
        asked = chair.ask("nora", "GET", path)
        assert (asked.status_code, asked.json()["code"]) == (409, "book-hidden")
        assert chair.last_audited()["code"] == "book-hidden"
    lacking = {"id": an_id(), "observed_at": ago(-1), "counted": []}
    asked = chair.ask("nora", "POST", f"/custody/counts/{count}/record", json=lacking)
    assert asked.status_code in (409, 422)
    done = vault.record(count, {
        first: {"value": "15", "unit": "mg"}, second: None, third: {"value": "0", "unit": "mL"},
    })  # fmt: skip
    assert {one["container_id"]: one["book"] for one in done["lines"]} == {
        first: "20", second: "50", third: "50",
    }  # fmt: skip
    inventory = chair.get("nora", f"{vault.path}/inventory")
    assert inventory["counted"] == done
    assert inventory["stock"]["lines"][0]["book"] == "120"
    [listed] = chair.get("otto", f"/custody/counts?location_id={vault.location}")["counts"]
    assert listed == done


def test_a_second_counter_authenticates(vault: Vault) -> None:
    chair, count = vault.chair, vault.begin()
    two = {"initial": True, "counted_by": 2}
    profile = PROFILE | {"effective_on": "2020-01-01", "inventory": two}
    chair.put_in_force("jurisdictions", profile)
    body = {"id": an_id(), "observed_at": datetime.now(UTC).isoformat(), "counted": []}
    path = f"/custody/counts/{count}/record"
    for named, status in (
        (None, 403), ({"username": "nils", "secret": "wrong"}, 401),
        ({"username": "nora", "secret": SECRET}, 403), ({"username": "ada", "secret": SECRET}, 403),
    ):  # fmt: skip
        asked = chair.ask("nora", "POST", path, json=body | {"second_person": named})
        assert asked.status_code == status, asked.text
    done = vault.record(count, {}, second_person={"username": "nils", "secret": SECRET})
    assert [one["name"] for one in done["counted_by"]] == ["Nora", "Nils"]


def test_what_is_due_comes_from_the_profile_in_force(vault: Vault) -> None:
    chair = vault.chair
    assert chair.get("otto", "/custody/inventories-due")["due"][0]["state"] == "unscheduled"
    version = chair.put_in_force("jurisdictions", PROFILE | {"effective_on": "2020-01-01"})
    [due] = chair.get("otto", "/custody/inventories-due")["due"]
    assert (due["kind"], due["by"]) == ("initial", "Inventia, version 1")
    assert chair.get("otto", f"/jurisdictions/{version}")["status"] == "active"


def test_a_loss_runs_its_clocks_and_a_filing_is_noted(vault: Vault) -> None:
    chair = vault.chair
    chair.put_in_force("jurisdictions", PROFILE | {"effective_on": "2020-01-01"})
    body = {"id": an_id(), "location_id": vault.location, "kind": "theft",
            "discovered_at": ago(30), "drug": "examplamine", "facts": "It is gone."}  # fmt: skip
    report = chair.post("nora", "/custody/loss-reports", body)
    assert {one["filing"] for one in report["clocks"]} == set(report["states"])
    filing = {"id": an_id(), "filing": "written-notice", "filed_at": ago(5), "reference": "F-1"}
    done = chair.post("paula", f"/custody/loss-reports/{report['id']}/filings", filing)
    assert done["states"] == {"written-notice": "filed", "electronic-report": "running"}
    assert chair.get("otto", "/custody/loss-reports")["losses"] == [done]
    assert chair.ask("otto", "POST", "/custody/loss-reports", json=body).status_code == 403


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"01{GTIN}17", "scan-cut-short"), ("0107032069804987", "check-digit-wrong"),
        (f"01{GTIN}17930230", "impossible"), ("hello", "not-gs1"),
    ],
)  # fmt: skip
def test_a_scan_that_cannot_be_read_is_a_clear_problem(vault: Vault, text: str, code: str) -> None:
    problem = vault.chair.refused(
        lambda one: one.ask("nora", "POST", "/custody/scans", json={"text": text}), 422
    )
    assert problem["code"] == code


@pytest.mark.parametrize(("text", "code"), [("a\u0000b", "control-character"), ("", "blank")])
def test_a_text_that_no_scanner_types_is_refused_at_its_field(
    vault: Vault, text: str, code: str
) -> None:
    asked = vault.chair.ask("nora", "POST", "/custody/scans", json={"text": text})
    assert (asked.status_code, asked.json()["code"]) == (422, code)
    assert vault.chair.last_audited()["code"] == "invalid-shape"


def test_a_scan_fills_in_the_clinic_s_product(vault: Vault) -> None:
    text = f"]d201{GTIN}1733020010LOT-7\x1d21S9"
    found = vault.chair.post("nora", "/custody/scans", {"text": text}, 200)
    assert found["scanned"] == {
        "read": f"(01){GTIN}(17)330200(10)LOT-7(21)S9", "gtin": GTIN, "lot": "LOT-7",
        "expires_on": "2033-02-28", "serial": "S9",
    }  # fmt: skip
    assert [one["id"] for one in found["products"]] == [vault.product]
    assert vault.chair.ask("otto", "POST", "/custody/scans", json={"text": text}).status_code == 403
