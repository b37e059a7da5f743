"""Checkpoints and proofs through the API and the command line: a third party needs nothing else."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.commands.checkpoints import sign_checkpoint
from protocol.records.clinics import clinic_by
from protocol.rules.actions import Actor, Role
from protocol.rules.checkpoints import checkpoint_of, require_signed, verifier_of
from protocol.rules.merkle import is_consistent, is_included
from tests.api.clinic import NOW, Chair
from tests.api.test_cli import Ask, ask, init
from tests.commands.lived_in import KEY

__all__ = ["ask"]


@pytest.fixture
def signed(chair: Chair) -> Callable[[], object]:
    """Sign a checkpoint, as the program on the server does."""
    clinic = clinic_by(chair.database, None)
    program = Actor(
        clinic_id=clinic.id, person_id=clinic.id, username="-", name="Program",
        roles=frozenset({Role.ADMINISTRATOR}),
    )  # fmt: skip
    return lambda: sign_checkpoint(clinic, program, KEY, now=NOW)


def test_an_auditor_proves_an_entry_under_the_last_checkpoint(
    chair: Chair, signed: Callable[[], object]
):
    assert chair.ask("otto", "GET", "/audit/checkpoint").status_code == 404
    signed()
    note = chair.get("otto", "/audit/checkpoint")
    head = checkpoint_of(note["note"]).head
    assert (head.size, head.root.hex()) == (note["size"], note["root"])
    for number in (1, 2, head.size):
        proof = chair.get("otto", f"/audit/proofs/{number}")
        path = [bytes.fromhex(one) for one in proof["path"]]
        leaf = bytes.fromhex(proof["leaf"])
        assert proof["size"] == head.size
        assert is_included(leaf, proof["index"], proof["size"], path, head.root)
        path_of = "/audit/entries?limit=200&sort=number&descending=false"
        entries = {one["number"]: one for one in chair.get("otto", path_of)["items"]}
        assert entries[number]["hash"] == proof["leaf"]


def test_an_administrator_proves_that_a_history_went_on(chair: Chair, signed: Callable[[], object]):
    signed()
    old = chair.get("ada", "/audit/checkpoint")
    signed()
    new = chair.get("ada", "/audit/checkpoint")
    found = chair.get("ada", f"/audit/consistency/{old['size']}?new={new['size']}")
    path = [bytes.fromhex(one) for one in found["path"]]
    before, after = (bytes.fromhex(one["root"]) for one in (old, new))
    assert is_consistent(old["size"], new["size"], before, after, path)
    assert (found["old"]["root"], found["new"]["root"]) == (old["root"], new["root"])


@pytest.mark.parametrize(
    "path",
    ["/audit/proofs/100000", "/audit/proofs/1?size=100000", "/audit/proofs/5?size=3",
     "/audit/consistency/100000", "/audit/consistency/5?new=3"],
)  # fmt: skip
def test_what_is_not_there_is_not_proved(chair: Chair, path: str):
    assert chair.ask("otto", "GET", path).status_code == 404


def test_a_nurse_is_refused_and_the_looks_are_audited(chair: Chair, signed: Callable[[], object]):
    signed()
    for path in ("/audit/checkpoint", "/audit/proofs/1", "/audit/consistency/1"):
        assert chair.ask("nora", "GET", path).status_code == 403
        assert chair.ask("otto", "GET", path).status_code == 200
        assert chair.last_audited()["action"] == "audit:prove"


def test_a_signature_says_what_it_stands_on(chair: Chair):
    chair.chart_infusion()
    before = chair.last_audited()["number"]
    signature = chair.sign("nora", "authorship").json()
    anchor = signature["anchor"]
    assert before <= anchor["size"] < signature["number"]
    [shown] = chair.get("nora", f"/sessions/{chair.session_id}")["record"]["signatures"]
    assert shown["anchor"] == anchor
    proved = chair.get("otto", f"/audit/proofs/{before}?size={anchor['size']}")
    assert proved["root"] == anchor["root"]


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def one_json(ask: Ask, *arguments: object) -> Any:
    answer = ask(*arguments, "--json")
    assert (answer.status, answer.err) == (0, "")
    return answer.lines[0]


def test_a_checkpoint_is_signed_by_a_key_that_is_not_in_the_database(ask, tmp_path):
    init(ask, tmp_path)
    made = one_json(ask, "audit", "checkpoint", "--witness", tmp_path / "witness")
    key = tmp_path / "home" / "checkpoint-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    content = (tmp_path / "home" / "chairside.db").read_bytes()
    assert key.read_bytes().splitlines()[1] not in content
    require_signed(checkpoint_of(made["note"]), verifier_of(made["verifier_key"]))
    assert ask("audit", "key").out.strip() == made["verifier_key"]
    assert lines(tmp_path / "witness") == made["note"].splitlines()
    assert made["witnessed"] is True


def test_another_place_of_the_key_is_taken(ask, tmp_path, monkeypatch):
    init(ask, tmp_path)
    monkeypatch.setenv("CHAIRSIDE_CHECKPOINT_KEY", str(tmp_path / "elsewhere" / "key.pem"))
    assert ask("audit", "key").status == 1
    assert ask("audit", "checkpoint", "-o", tmp_path / "note").status == 0
    assert (tmp_path / "elsewhere" / "key.pem").is_file()
    assert not (tmp_path / "home" / "checkpoint-key.pem").exists()
    assert checkpoint_of((tmp_path / "note").read_text("utf-8")).head.size > 0
    (tmp_path / "elsewhere" / "key.pem").chmod(0o644)
    assert "mode 644" in ask("audit", "checkpoint").err


def test_verify_says_what_it_could_not_have_seen(ask, tmp_path):
    init(ask, tmp_path)
    assert "no checkpoint from outside" in ask("audit", "verify").out
    note = tmp_path / "note"
    assert ask("audit", "checkpoint", "-o", note).status == 0
    size = checkpoint_of(note.read_text("utf-8")).head.size
    answer = ask("audit", "verify", "--checkpoint", note)
    assert (answer.status, answer.err) == (0, "")
    assert f"the first {size} entries are those of a checkpoint from outside;" in answer.out
    found = one_json(ask, "audit", "verify", "--checkpoint", note)
    assert found["clinics"][0]["borne_out"] == size
    assert found["unseen"]


def test_verify_names_a_lost_history_and_such_a_one_is_not_served(ask, tmp_path, monkeypatch):
    init(ask, tmp_path)
    file, note = tmp_path / "kept.db", tmp_path / "note"
    assert ask("backup", file).status == 0
    assert ask("user", "list", by="ada").status == 0
    assert ask("audit", "checkpoint", "-o", note, "--witness", tmp_path / "witness").status == 0
    key = one_json(ask, "audit", "key")["verifier_key"]
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "other"))
    assert ask("restore", file).status == 0
    for held in (("--checkpoint", note), ("--witness", tmp_path / "witness")):
        answer = ask("audit", "verify", *held, "--key", key)
        assert answer.status == 1
        assert "[history-lost]" in answer.err
        told = ask("audit", "verify", *held, "--json").lines[0]
        assert told["ok"] is False
        assert told["clinics"][0]["fault"]["kind"] == "history-lost"
    monkeypatch.setenv("CHAIRSIDE_WITNESS", str(tmp_path / "witness"))
    assert "Nothing is served" in ask("serve", "--port", "0").err


def test_verify_takes_nothing_for_a_checkpoint_that_is_none(ask, tmp_path):
    init(ask, tmp_path)
    (tmp_path / "text").write_text("hello\n")
    (tmp_path / "nothing").write_text("")
    for arguments in (
        ("--checkpoint", tmp_path / "text"), ("--checkpoint", tmp_path / "nothing"),
        ("--checkpoint", tmp_path / "absent"), ("--witness", tmp_path / "absent"),
        ("--witness", tmp_path / "no" / "such" / "folder"), ("--key", "no key"),
    ):  # fmt: skip
        answer = ask("audit", "verify", *arguments)
        assert answer.status in (1, 2), arguments
        assert answer.err.count("\n") == 1
    assert ask("audit", "checkpoint", "-o", tmp_path / "note").status == 0
    forged = (tmp_path / "note").read_text("utf-8").replace("\n\n— ", "\n\n— x", 1)
    (tmp_path / "note").write_text(forged)
    answer = ask("audit", "verify", "--checkpoint", tmp_path / "note")
    assert answer.status == 1
    assert "is not signed by the key" in answer.err


def test_a_proof_is_all_that_a_third_party_needs(ask, tmp_path):
    init(ask, tmp_path)
    note = tmp_path / "note"
    assert ask("audit", "checkpoint", "-o", note).status == 0
    head = checkpoint_of(note.read_text("utf-8")).head
    found = one_json(ask, "audit", "proof", 2)
    path = [bytes.fromhex(one) for one in found["path"]]
    assert is_included(bytes.fromhex(found["leaf"]), 1, head.size, path, head.root)
    assert json.dumps(found["path"][0])[1:-1] in ask("audit", "proof", 2).out
    assert ask("audit", "proof", 10_000).status == 1
    assert ask("audit", "proof", 0).status == 2


def test_a_dropped_guard_and_a_witness_that_refuses_exit_with_1(ask, tmp_path):
    init(ask, tmp_path)
    with sqlite3.connect(tmp_path / "home" / "chairside.db") as connection:
        connection.execute("DROP TRIGGER guard_checkpoint_delete")
    connection.close()
    assert "guard_checkpoint_delete is missing" in ask("audit", "verify").err
    (tmp_path / "witness").write_text("not a witness\n")
    answer = ask("audit", "checkpoint", "--witness", tmp_path / "witness")
    assert answer.status == 1
    assert "not well formed" in answer.err
