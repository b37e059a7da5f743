"""Drug custody over HTTP, by the clinic's own people, and in a replayed file."""

from typing import Any

from tests.api.clinic import SECRET, Chair, ago, an_id, dosing, entry, quantity
from tests.api.test_replay import codes

STRENGTH = {"amount": quantity("47 mg"), "volume": quantity("10 mL")}
CUSTODY = "/custody"


class Cupboard:
    """A location with two vials of the session's drug, received over the API."""

    def __init__(self, chair: Chair) -> None:
        self.chair, self.location, self.product = chair, an_id(), an_id()
        self.vials = [an_id(), an_id()]
        place = {"id": self.location, "name": "Cupboard", "address": "1 Invented Street"}
        chair.post("ada", f"{CUSTODY}/locations", place, 201)
        chair.post("ada", f"{CUSTODY}/products", a_product(self.product), 201)
        chair.post("nils", f"{CUSTODY}/receipts", self.receipt(), 201)

    def receipt(self) -> dict[str, Any]:
        return {
            "id": an_id(), "observed_at": ago(600), "location_id": self.location,
            "product_id": self.product, "lot": "L-1", "expires_on": "2999-01-01",
            "supplier": {"name": "Invented supplier", "registration": "XX1"},
            "containers": [{"id": one} for one in self.vials],
        }  # fmt: skip

    def draw(self, amount: str, minutes: float = 30, **more: Any) -> dict[str, Any]:
        return {
            "id": an_id(), "observed_at": ago(minutes), "container_id": self.vials[0],
            "session_id": self.chair.session_id, "amount": quantity(amount), **more,
        }  # fmt: skip


def a_product(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_, "drug": "Examplamine", "form": "vial", "strength": STRENGTH,
        "size": quantity("10 mL"), **more,
    }  # fmt: skip


def a_waste(draw: str, amount: str, *witnesses: tuple[str, str]) -> dict[str, Any]:
    named = [{"username": name, "secret": secret} for name, secret in witnesses]
    return {
        "id": an_id(), "observed_at": ago(5), "draw_id": draw, "amount": quantity(amount),
        "manner": "sink", "witnesses": named,
    }  # fmt: skip


def test_a_vial_s_way_from_receipt_to_a_closed_discrepancy(chair: Chair) -> None:
    here = Cupboard(chair)
    wanted = here.draw("5 mL")
    drawn = chair.post("nora", f"{CUSTODY}/draws", wanted, 201)
    assert drawn["entries"][0]["amount"] == "23.5"
    assert chair.post("nora", f"{CUSTODY}/draws", wanted, 200)["repeated"]
    chair.chart("dosing-events", entry(20, dosing("bolus", dose=quantity("10 mg"))))
    wasted = a_waste(wanted["id"], "10 mg", ("paula", SECRET))
    told = chair.post("nora", f"{CUSTODY}/wastes", wasted, 201)
    assert [one["name"] for one in told["entries"][0]["witnesses"]] == ["Paula"]
    found = chair.get("nora", f"/sessions/{chair.session_id}/custody")
    (balance,) = found["custody"]["balances"]
    assert (balance["given"], balance["remainder"]) == ("10", "3.5")
    record = chair.get("nora", f"/sessions/{chair.session_id}")["record"]
    assert record["custody"]["balances"] == [balance]
    chair.post("nora", f"{CUSTODY}/reconciliations", {
        "id": an_id(), "observed_at": ago(4), "session_id": chair.session_id}, 201)  # fmt: skip
    (one,) = chair.get("otto", f"{CUSTODY}/discrepancies?open_only=true")["discrepancies"]
    of = f"{CUSTODY}/discrepancies/{one['id']}"
    chair.post("nora", f"{of}/explanations", {"id": an_id(), "text": "Dead space."}, 201)
    closing = {"id": an_id(), "conclusion": "Accepted."}
    assert chair.post("nora", f"{of}/closing", closing, 403)["code"] == "not-permitted"
    assert chair.post("paula", f"{of}/closing", closing, 201)["state"] == "closed"


def test_the_ledger_is_paged_by_its_numbers(chair: Chair) -> None:
    here = Cupboard(chair)
    for _ in range(3):
        chair.post("nora", f"{CUSTODY}/draws", here.draw("1 mL"), 201)
    first = chair.get("otto", f"{CUSTODY}/entries?limit=3&location_id={here.location}")
    rest = chair.get("otto", f"{CUSTODY}/entries?limit=3&after={first['next']}")
    assert [one["number"] for one in first["items"]] == [1, 2, 3]
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([4, 5], None)
    at = f"{CUSTODY}/locations/{here.location}"
    (held,) = chair.get("ada", f"{at}/balances")["balances"]
    assert (held["amount"], held["unit"], held["number"]) == ("79.9", "mg", 5)
    page = chair.get("ada", f"{at}/containers?limit=1")
    assert len(page["items"]) == 1
    vial = chair.get("ada", f"{CUSTODY}/containers/{here.vials[0]}")
    assert (vial["state"], vial["balance"]["left"], len(vial["entries"])) == ("opened", "32.9", 4)


def test_what_cannot_be_is_each_its_own_problem(chair: Chair) -> None:
    here = Cupboard(chair)
    drawn = chair.post("nora", f"{CUSTODY}/draws", here.draw("5 mL"), 201)["entries"][0]["id"]
    draws, wastes = f"{CUSTODY}/draws", f"{CUSTODY}/wastes"
    witness = ("paula", SECRET)
    tried: list[tuple[str, dict[str, Any], int, str]] = [
        (draws, here.draw("5.1 mL"), 409, "more-than-there"),
        (draws, here.draw("1 mL", container_id=an_id()), 404, "not-found"),
        (draws, here.draw("1 mL", session_id=an_id()), 404, "not-found"),
        (draws, here.draw("1 mL", minutes=-9), 422, "impossible"),
        (draws, here.draw("1 mL", label_lot="L-2"), 422, "reason-missing"),
        (draws, here.draw("1 min"), 422, "unit-mismatch"),
        (draws, here.draw("1.5 cups"), 422, "unit-unknown"),
        (draws, here.draw("1 mL") | {"amount": {"value": 1, "unit": "mL"}}, 422, "number-not-text"),
        (wastes, a_waste(drawn, "5.1 mL", witness), 409, "more-than-there"),
        (wastes, a_waste(drawn, "1 mL"), 403, "second-person-missing"),
        (wastes, a_waste(drawn, "1 mL", ("nora", SECRET)), 403, "not-permitted"),
        (wastes, a_waste(drawn, "1 mL", ("otto", SECRET)), 403, "not-permitted"),
        (wastes, a_waste(drawn, "1 mL", ("paula", "not that one")), 401, "sign-in-failed"),
        (wastes, a_waste(an_id(), "1 mL", witness), 404, "not-found"),
    ]
    for path, body, status, code in tried:
        assert chair.post("nora", path, body, status)["code"] == code, (path, body)
    strength = {"amount": quantity("7 mg"), "volume": quantity("3 mL")}
    third = a_product(an_id(), strength=strength)
    assert chair.post("ada", f"{CUSTODY}/products", third, 422)["code"] == "amount-not-exact"
    assert chair.post("nora", f"{CUSTODY}/products", third, 403)["code"] == "not-permitted"
    held = chair.get("ada", f"{CUSTODY}/locations/{here.location}/balances")["balances"]
    assert held[0]["amount"] == "70.5"


def test_a_secret_of_a_witness_is_kept_nowhere(chair: Chair) -> None:
    here = Cupboard(chair)
    drawn = chair.post("nora", f"{CUSTODY}/draws", here.draw("5 mL"), 201)["entries"][0]["id"]
    wrong = a_waste(drawn, "1 mL", ("paula", "a secret that was tried"))
    chair.post("nora", f"{CUSTODY}/wastes", wrong, 401)
    chair.post("nora", f"{CUSTODY}/wastes", wrong | {"unknown": 1}, 422)
    trail = chair.get("otto", "/audit/entries?limit=20")
    assert "a secret that was tried" not in str(trail)


def test_a_replayed_infusion_brings_its_vials(chair: Chair) -> None:
    here = Cupboard(chair)
    draw = here.draw("2 mL")
    del draw["session_id"]
    waste = a_waste(draw["id"], "1 mL")
    del waste["witnesses"]
    lines: list[dict[str, Any]] = [
        {"act": "custody:draw", "session": chair.session_id, "body": draw},
        {"act": "custody:waste", "body": waste},
        {"act": "custody:waste", "body": waste, "second": True},
        {"act": "custody:open", "body": {"id": an_id(), "container_id": here.vials[1]},
         "at": ago(3)},
        {"act": "custody:reconcile", "session": chair.session_id, "body": {"id": an_id()},
         "at": ago(2)},
        {"act": "custody:draw", "session": chair.session_id, "body": draw},
    ]  # fmt: skip
    assert codes(chair, *lines, second="paula") == [
        "done", "second-person-missing", "done", "done", "done", "repeated",
    ]  # fmt: skip
    found = chair.get("nora", f"/sessions/{chair.session_id}/custody")["custody"]
    assert {one["source"] for one in found["entries"]} == {"transcribed"}
    assert [one["remainder"] for one in found["discrepancies"]] == ["4.7"]
