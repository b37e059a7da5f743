"""Counts, losses and discrepancies from a file of acts: the same commands, the same refusals."""

from typing import Any

from tests.api.clinic import Chair, ago, an_id, quantity
from tests.api.test_custody import CUSTODY, Cupboard
from tests.api.test_replay import codes


def test_a_count_and_what_came_of_it_are_replayed(chair: Chair) -> None:
    here, count = Cupboard(chair), an_id()
    begun = {
        "id": count, "location_id": here.location, "kind": "spot", "blind": True,
        "business": "close", "counted_on": ago(0)[:10],
    }  # fmt: skip
    counted: dict[str, Any] = {
        "id": an_id(), "observed_at": ago(2), "counted": [
            {"container_id": here.vials[0]},
            {"container_id": here.vials[1], "amount": quantity("40 mg")},
        ],
    }  # fmt: skip
    abandoned = {"id": an_id(), "reason": "Late.", "count_id": count}
    lines: list[dict[str, Any]] = [
        {"act": "count:begin", "body": begun},
        {"act": "count:record", "body": counted},
        {"act": "count:record", "body": counted | {"count_id": an_id()}},
        {"act": "count:record", "body": counted | {"count_id": count}},
        {"act": "count:abandon", "body": abandoned},
    ]
    outcomes = ["done", "invalid-shape", "not-found", "done", "not-allowed-now"]
    assert codes(chair, *lines, second="nils") == outcomes
    (found,) = chair.get("otto", f"{CUSTODY}/discrepancies?open_only=true")["discrepancies"]
    assert found["discrepancy"]["remainder"] == "7"
    told = {"id": an_id(), "discrepancy_id": found["id"], "text": "It was spilt."}
    closing = {"id": an_id(), "discrepancy_id": found["id"], "conclusion": "Spilt."}
    said: list[dict[str, Any]] = [
        {"act": "discrepancy:explain", "body": told},
        {"act": "discrepancy:close", "body": closing},
    ]
    explained, closed = codes(chair, *said)
    assert explained == "done"
    assert closed not in ("done", "repeated")  # whoever found it does not close it


def test_a_loss_and_what_was_filed_of_it_are_replayed(chair: Chair) -> None:
    here, loss = Cupboard(chair), an_id()
    report = {
        "id": loss, "location_id": here.location, "kind": "unexplained", "discovered_at": ago(1),
        "drug": "Examplamine", "amount": quantity("7 mg"), "facts": "Invented.",
    }  # fmt: skip
    filed = {"id": an_id(), "filing": "written-notice", "filed_at": ago(1), "report_id": loss}
    lines: list[dict[str, Any]] = [
        {"act": "loss:report", "body": report},
        {"act": "loss:file", "body": filed},
    ]
    assert codes(chair, *lines) == ["done", "done"]
    (kept,) = chair.get("ada", f"{CUSTODY}/loss-reports")["losses"]
    assert [one["filing"] for one in kept["filed"]] == ["written-notice"]
