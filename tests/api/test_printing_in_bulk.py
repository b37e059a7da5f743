"""The summaries of every session: resumed where they ended, and no bad record stops the rest."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from api.cli import run
from protocol.records.lookups import table
from protocol.records.tables import TextRow
from tests.api.clinic import SECRET, Chair, ago, entry, heart_rate
from tests.records.attack import Attack

NOTE = {"text": "An invented note."}


class Answer(NamedTuple):
    """What printing came to."""

    status: int
    lines: list[dict[str, Any]]
    err: str


Print = Callable[..., Answer]


@pytest.fixture
def prints(
    chair: Chair, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Print:  # fmt: skip
    """Print every session of the clinic as a nurse, into `sheets`."""
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CHAIRSIDE_DATABASE_URL", chair.database.url)
    monkeypatch.setenv("CHAIRSIDE_SECRET", SECRET)

    def asked(*more: str) -> Answer:
        words = ["session", "summary", "--all", "-o", str(tmp_path / "sheets"), "--as", "nora"]
        status = run([*words, "--json", "--processes", "2", *more])
        out, err = capsys.readouterr()
        return Answer(status, [json.loads(one) for one in out.splitlines()], err)

    return asked


def with_sessions(chair: Chair, how_many: int) -> list[str]:
    """The chair's session and more, each with a reading and a note."""
    ids = [chair.session_id, *(chair.prepare() for _ in range(how_many - 1))]
    for chair.session_id in ids:
        chair.chart("readings", entry(15, heart_rate("71")))
        chair.chart("notes", entry(14, NOTE))
    return ids


def test_every_session_is_printed_and_a_second_run_prints_what_is_new_changed_or_damaged(
    chair, prints, tmp_path
):
    ids, folder = with_sessions(chair, 3), tmp_path / "sheets"
    first = prints()
    assert (first.status, first.err) == (0, "")
    assert {one["session"] for one in first.lines} == set(ids)
    for line in first.lines:
        pdf = (folder / line["file"]).read_bytes()
        assert line["sha256"] == sha256(pdf).hexdigest()
        assert line["session"] in PdfReader(folder / line["file"]).pages[0].extract_text()
    assert prints().lines == []

    chair.session_id = ids[0]
    chair.chart("notes", entry(9, NOTE))
    (folder / f"{ids[1]}.pdf").write_bytes(b"%PDF-1.7, cut short")
    with (folder / "printed.jsonl").open("a") as file:
        file.write('{"session": "cut sho')
    again = prints()
    assert again.status == 0
    assert {one["session"] for one in again.lines} == {ids[0], ids[1]}
    assert "a line is not one of ours" in again.err
    assert prints().lines == []


def test_a_view_is_no_change(chair, prints):
    with_sessions(chair, 1)
    assert len(prints().lines) == 1
    chair.get("peter", f"/sessions/{chair.session_id}")
    assert prints().lines == []


def test_since_counts_from_when_a_session_was_prepared(chair, prints):
    with_sessions(chair, 2)
    assert prints("--since", ago(199)).lines == []
    assert len(prints("--since", ago(201)).lines) == 2


def test_a_record_that_cannot_be_read_is_named_at_the_end_and_the_rest_are_printed(chair, prints):
    ids = with_sessions(chair, 3)
    notes = table(TextRow)
    chair.session_id = ids[1]
    broken = chair.chart("notes", entry(8, NOTE))["entry"]["id"]
    with Attack(chair) as attack:
        attack.do(update(notes).where(notes.c.entry_id == UUID(broken)).values(words=""))
    found = prints()
    assert found.status == 1
    assert {one["session"] for one in found.lines} == {ids[0], ids[2]}
    assert found.err.count("is not printed") == 1
    assert f"session {ids[1]} is not printed: ValidationError" in found.err


def test_each_sheet_is_an_audited_print(chair, prints):
    ids = with_sessions(chair, 2)
    prints()
    path = "/audit/entries?action=session:print"
    printed = chair.get("otto", path)["items"]
    assert {one["session_id"] for one in printed} == set(ids)


@pytest.mark.parametrize(
    "words",
    [
        ["session", "summary", "-o", "x.pdf"],
        ["session", "summary", "--all", "00000000-0000-7000-8000-000000000001", "-o", "x"],
        ["session", "summary", "--since", "2026-01-01", "-o", "x"],
        ["session", "summary", "--all", "--since", "yesterday", "-o", "sheets", "--as", "nora"],
    ],
)
def test_what_does_not_fit_together_is_bad_usage(
    chair, prints, words, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert run(words) == 2
    assert not (tmp_path / "sheets").exists()
    assert capsys.readouterr().err.startswith("chairside: ")
