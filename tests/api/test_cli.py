"""The program as an administrator, a physician and an auditor use it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.main import get_command

from api.cli import app, run
from tests.api.clinic import PATIENT, POLICY, PROTOCOL, ago, an_id, dosing, entry, heart_rate
from tests.api.prepared import Once, once

SECRETS = {
    who: f"the invented secret of {who}" for who in ("ada", "nora", "paula", "peter", "otto")
}
ROLES = {"nora": "nurse", "paula": "physician", "peter": "physician", "otto": "auditor"}


class Answer(NamedTuple):
    """What a command line came to."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Answer]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ask:
    """Run a command line in this process, as someone or as nobody."""
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "home"))

    def asked(*arguments: object, by: str | None = None, new: str | None = None) -> Answer:
        words = [str(one) for one in arguments]
        if by is not None:
            monkeypatch.setenv("CHAIRSIDE_SECRET", SECRETS[by])
            words += ["--as", by]
        if new is not None:
            monkeypatch.setenv("CHAIRSIDE_NEW_SECRET", SECRETS[new])
        status = run(words)
        out, err = capsys.readouterr()
        return Answer(status, out, err)

    return asked


@pytest.fixture
def on_either(ask: Ask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The same, with the database on each engine in turn."""
    monkeypatch.setenv("CHAIRSIDE_DATABASE_URL", database_url)
    return ask


def found_clinic(ask: Ask) -> None:
    made = ask("init", "--clinic", "Invented", "--zone", "Europe/Paris", "--username", "ada",
               "--name", "Ada Sample", "--secret-file", "/dev/null")  # fmt: skip
    assert (made.status, made.err) == (2, "chairside: The secret of ada is empty.\n")


def set_own(ask: Ask, who: str, own: str) -> None:
    """An own secret in place of the one that an administrator set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAIRSIDE_SECRET", SECRETS[who])
        patch.setenv("CHAIRSIDE_NEW_SECRET", own)
        assert ask("user", "secret", "--as", who) == (0, "The secret is set.\n", "")
    SECRETS[who] = own


def init(ask: Ask, folder: Path) -> None:
    """The clinic with its people, as the program made it."""
    once("init", lambda: init_by_the_program(ask, folder))


def init_by_the_program(ask: Ask, folder: Path) -> None:
    """The clinic with its people, each step through the program alone."""
    secret = folder / "secret"
    secret.write_text(f"{SECRETS['ada']}\n")
    made = ask("init", "--clinic", "Invented", "--zone", "Europe/Paris", "--username", "ada",
               "--name", "Ada Sample", "--secret-file", secret, "--json")  # fmt: skip
    assert made.status == 0, made.err
    for who, role in ROLES.items():
        own, SECRETS[who] = SECRETS[who], f"the first secret given to {who}"
        added = ask("user", "add", who, "--name", who.title(), "--role", role, by="ada", new=who)
        assert added.status == 0, added.err
        set_own(ask, who, own)


def in_force(ask: Ask, folder: Path, kind: str, document: dict[str, Any]) -> str:
    file = folder / f"{kind}.json"
    file.write_text(json.dumps(document))
    version = ask(kind, "import", file, "--json", by="paula").lines[0]["id"]
    assert ask(kind, "approve", version, by="paula").status == 1
    assert ask(kind, "approve", version, by="peter").status == 0
    assert ask(kind, "activate", version, "--json", by="paula").lines[0]["status"] == "active"
    return str(version)


@pytest.fixture
def clinic(on_either: Ask, tmp_path: Path, once_on_either: Once) -> tuple[Ask, str]:
    """A clinic whose policy and protocol are in force, and the protocol's version."""

    def prepare() -> str:
        init(on_either, tmp_path)
        in_force(on_either, tmp_path, "policy", POLICY)
        return in_force(on_either, tmp_path, "protocol", PROTOCOL)

    return on_either, once_on_either("in_force", prepare)


def commands() -> list[tuple[str, ...]]:
    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        for name, one in getattr(command, "commands", {}).items():
            yield from walk(one, (*path, name))

    return list(walk(get_command(app), ()))


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_says_what_it_does(ask, path):
    answer = ask(*path, "--help")
    assert answer.status == 0
    assert answer.out.startswith(f"Usage: {' '.join(('chairside', *path))} ")
    assert "╭" not in answer.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing"], "No such command 'nothing'."),
        (["session", "replay"], "Either FILE or --from-infusions FILE.csv."),
        (["session", "export", "x"], ("Invalid value for 'session_id': Input should be a"
         " valid UUID, invalid character: found `x` at 0")),
        (["session", "replay", "--from-infusions", "/no/such"], ("/no/such: No such file or"
         " directory.")),
        (["protocol", "import", "/no/such.json"], "/no/such.json: No such file or directory."),
    ],
)  # fmt: skip
def test_bad_usage_is_one_plain_line(ask, arguments, line):
    assert ask(*arguments) == (2, "", f"chairside: {line}\n")


def test_without_a_clinic_a_command_says_so(ask, tmp_path):
    answer = ask("audit", "verify")
    assert answer.status == 1
    assert answer.err.startswith(f"chairside: There is no database at {tmp_path}")


def test_init_asks_a_secret_and_makes_one_clinic(ask, tmp_path):
    found_clinic(ask)
    init_by_the_program(ask, tmp_path)
    assert ask("user", "list") == (2, "", "chairside: --as USERNAME says who acts.\n")
    again = ask("init", "--clinic", "B", "--zone", "Etc/UTC", "--username", "ada", "--name", "A",
                by="ada")  # fmt: skip
    assert again.status == 2  # there is no --as
    assert (tmp_path / "home" / "chairside.db").stat().st_mode & 0o077 == 0


def test_accounts_are_the_administrator_s(clinic):
    ask, _ = clinic
    assert ask("user", "list", by="nora").status == 1
    closed = ask("user", "change", "otto", "--closed", "--json", by="ada")
    assert closed.lines[0]["active"] is False
    refused = ask("audit", "report", by="otto")
    assert refused == (
        1,
        "",
        "chairside: User name, secret or code is not right, or there were too many attempts.\n",
    )
    assert len(ask("user", "list", "--json", by="ada").lines) == 5
    assert ask("user", "add", "x", "--name", "X", "--role", "boss", by="ada", new="ada").status == 2


def test_a_document_goes_out_as_it_came_in(clinic, tmp_path):
    ask, protocol_id = clinic
    for suffix in ("json", "yaml"):
        file = tmp_path / f"out.{suffix}"
        assert ask("protocol", "export", protocol_id, "-o", file, by="nora").status == 0
        again = ask("protocol", "import", file, "--json", by="paula")
        assert again.lines[0]["id"] == protocol_id, "the same content is the same version"
    assert ask("policy", "list", by="nora").out.count("active") == 1


def acts(protocol_id: str) -> list[dict[str, Any]]:
    """A session as a file of acts; the last of them contradicts the others."""
    patient, session = an_id(), an_id()
    dose = {"value": "11.3", "unit": "mg/h"}
    weight = {"id": an_id(), "value_kg": "61.7", "method": "measured"}
    return [
        {"act": "patient:enrol", "body": {"id": patient, **PATIENT}},
        {"act": "patient:weigh", "patient": patient, "at": ago(90), "body": weight},
        {"act": "session:prepare", "at": ago(80),
         "body": {"id": session, "patient_id": patient, "protocol_version_id": protocol_id}},
        {"act": "session:begin", "session": session, "at": ago(70)},
        {"act": "dosing:start", "session": session, "body": entry(60, dosing("start", rate=dose))},
        {"act": "reading:record", "session": session, "body": entry(50, heart_rate("71"))},
        {"act": "dosing:stop", "session": session, "body": entry(30, dosing("stop"))},
        {"act": "session:complete", "session": session, "at": ago(20)},
        {"act": "dosing:stop", "session": session, "body": entry(10, dosing("stop"))},
    ]  # fmt: skip


def test_a_file_of_acts_becomes_a_session_that_prints(clinic, tmp_path):
    ask, protocol_id = clinic
    file = tmp_path / "acts.jsonl"
    file.write_text("\n".join(map(json.dumps, acts(protocol_id))))
    done = ask("session", "replay", file, "--json", by="nora")
    assert done.status == 1
    assert [one["outcome"] for one in done.lines] == ["done"] * 8 + ["refused"]
    assert done.err.startswith("chairside: line 9: line-1 is not running at ")
    (line,) = ask("session", "list", "--status", "completed", "--json", by="nora").lines
    exported = json.loads(ask("session", "export", line["session"], by="nora").out)
    assert exported["given"][0]["given"]["amount"] == "5.65"
    assert {one["source"] for one in exported["record"]["entries"]} == {"transcribed"}
    sheet = tmp_path / "sheet.pdf"
    assert ask("session", "summary", line["session"], "-o", sheet, by="nora").status == 0
    assert sheet.read_bytes().startswith(b"%PDF-")
    assert ask("audit", "verify", "--json").lines[0]["ok"] is True
    report = ask("audit", "report", "--outcome", "refused", "--since", ago(5), "--json", by="otto")
    assert [one["code"] for one in report.lines] == ["nothing-running"] + ["not-permitted"] * 2
    assert ask("audit", "report", "--since", "yesterday", by="otto").status == 2


def test_verify_names_the_first_bad_entry(ask, tmp_path):
    init(ask, tmp_path)
    with sqlite3.connect(tmp_path / "home" / "chairside.db") as connection:
        connection.execute("DROP TRIGGER guard_person_update")
        connection.execute("UPDATE person SET name = 'Someone Else' WHERE username = 'nora'")
    connection.close()
    wrong = ask("audit", "verify")
    assert (wrong.status, wrong.out) == (1, "")
    assert "audit entry 3: the rows that it sealed are not what was sealed." in wrong.err
    assert "The guard guard_person_update is missing." in wrong.err
    told = ask("audit", "verify", "--json").lines[0]
    assert told["ok"] is False
    assert told["clinics"][0]["fault"]["number"] == 3
    assert ask("serve", "--port", "0").err.count("nothing is served") == 1
    assert ask("doctor").status == 1


def test_a_backup_is_restored_only_whole(ask, tmp_path, monkeypatch):
    init(ask, tmp_path)
    file = tmp_path / "kept.db"
    made = ask("backup", file, "--json").lines[0]
    assert made["bytes"] == file.stat().st_size
    assert ask("backup", file).status == 1
    assert ask("restore", file).err.endswith("is there already; nothing is written over.\n")
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "other"))
    assert ask("restore", file).status == 0
    shown = ask("audit", "verify", "--json").lines[0]["clinics"]
    # The backup and the restoring are acts too; the rest of the chain is as it was.
    assert shown[0]["entries"] == made["clinics"][0]["entries"] + 1
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "third"))
    file.write_bytes(file.read_bytes() + b"x")
    assert "its sha256 differs" in ask("restore", file).err
    assert not list((tmp_path / "third").glob("*"))


def test_postgresql_is_backed_up_by_its_own_program(ask, monkeypatch, postgres_cluster, tmp_path):
    monkeypatch.setenv("CHAIRSIDE_DATABASE_URL", postgres_cluster.create_database())
    init(ask, tmp_path)
    assert "pg_dump" in ask("backup", tmp_path / "kept.db").err


def test_doctor_finds_a_made_clinic_well(ask, tmp_path):
    init(ask, tmp_path)
    found = ask("doctor", "--json")
    assert found.status == 0, found.out
    assert [one["check"] for one in found.lines[0]["checks"]] == [
        "python", "pango", "fonts", "database", "migrations", "guards", "seal key", "disk",
    ]  # fmt: skip


def test_the_installed_program_answers_without_a_traceback(tmp_path):
    program = shutil.which("chairside", path=str(Path(sys.executable).parent))
    assert program is not None
    for arguments, status in ((["--help"], 0), (["audit", "verify"], 1), (["nope"], 2)):
        found = subprocess.run(
            [program, *arguments], capture_output=True, text=True, check=False,
            env={"CHAIRSIDE_HOME": str(tmp_path)},
        )  # fmt: skip
        assert found.returncode == status
        assert "Traceback" not in found.stderr
        assert found.stderr.count("\n") == (status != 0)
