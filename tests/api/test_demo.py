"""The demonstration: unmistakably invented, made once, never to become a clinic."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from api.cli import run
from api.demo import PEOPLE, SIGN_INS, TWO_FACTOR, demonstration, sign_ins
from api.demo_custody import CUSTODY_LOG
from api.demo_forms import CHECKLIST, DISCHARGE, INTAKE
from api.demo_keeping import AUDIT_REPORT
from protocol.commands import disclosing, planning, signing_in
from protocol.records.clinics import Clinic, clinics
from protocol.records.database import Database
from protocol.records.verifying import verify
from protocol.rules.contradictions import contradictions
from protocol.rules.errors import DemonstrationFixed, SignInFailed
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import RoundState, due_rounds
from protocol.rules.sessions import SessionStatus


@pytest.fixture
def made(migrated_url, tmp_path):
    database = Database(migrated_url)
    yield demonstration(database, tmp_path), tmp_path
    database.close()


def test_each_session_has_an_intake_a_checklist_and_its_vials_and_the_day_a_log(made):
    clinic, home = made
    signed, waiting, running = sessions_of(clinic, home)
    for one in (signed, waiting):
        states = {state.form: state for state in one.form_states}
        assert set(states) == {INTAKE, CHECKLIST, DISCHARGE}
        assert not any(state.open for state in states.values())
    assert [state.form for state in running.form_states if state.open] == [DISCHARGE]
    assert signed.custody is not None
    assert waiting.custody is not None
    (balance,) = signed.custody.balances
    assert abs(balance.remainder) < Decimal("0.07")
    assert not signed.custody.discrepancies
    (discrepancy,) = waiting.custody.discrepancies
    assert discrepancy.explanations
    text = PdfReader(home / CUSTODY_LOG).pages[0].extract_text()
    assert "Controlled-substance log" in text
    assert "INVENTED, Ivo" in text
    assert "Nils Makebelieve" in text


def secrets_in(home: Path) -> dict[str, str]:
    lines = (home / SIGN_INS).read_text().splitlines()[1:]
    return {line.split()[0]: line.split()[1] for line in lines}


def sessions_of(clinic: Clinic, home: Path) -> list[SessionRecord]:
    now = datetime.now(UTC)
    nurse = signing_in.sign_in(clinic, "nurse", secrets_in(home)["nurse"], now=now).actor
    lines = planning.find_sessions(clinic, nurse, now=now)
    records = [planning.session(clinic, nurse, line.id, now=now) for line in lines]
    return sorted(records, key=lambda one: one.patient.identifiers[0].value)


def test_it_shows_a_session_signed_one_waiting_and_one_running(made):
    clinic, home = made
    signed, waiting, running = sessions_of(clinic, home)
    now = datetime.now(UTC)
    assert [one.meaning for one in signed.signatures] == ["authorship", "approval"]
    assert {one.record_digest for one in signed.signatures} == {signed.digest()}
    assert (waiting.status, waiting.signed) == (SessionStatus.COMPLETED, False)
    assert contradictions(waiting, now) == ()
    kinds = {one.content.kind for one in waiting.entries}
    assert {"adverse-event", "adjunct", "missed-round", "override"} <= kinds
    assert len(waiting.replaced) == 1
    assert all(waiting.is_resolved(one) for one in waiting.breaches)
    assert len(waiting.breaches) == 2
    assert (running.status, running.ended_at) == (SessionStatus.IN_PROGRESS, None)
    states = {one.state for one in due_rounds(running.course(), now)}
    assert {RoundState.DONE, RoundState.OVERDUE, RoundState.UPCOMING} <= states
    assert [running.is_resolved(one) for one in running.breaches] == [False]
    assert all(one.clinic.demonstration for one in (signed, waiting, running))
    assert [one.fault for one in verify(clinic.database)] == [None]


def test_it_shows_an_audit_report_a_disclosure_and_a_request_to_amend(made):
    clinic, home = made
    printed = PdfReader(home / AUDIT_REPORT)
    text = " ".join(" ".join(one.extract_text().split()) for one in printed.pages)
    for said in ("Audit report", "DEMONSTRATION", "Nell Pretend", "dosing:start", "by Otto Unreal"):
        assert said in text
    signed, *_ = sessions_of(clinic, home)
    [request] = signed.amendment_requests
    assert [one.kind.value for one in request.statements] == ["disagreement"]
    now = datetime.now(UTC)
    auditor = signing_in.sign_in(clinic, "auditor", secrets_in(home)["auditor"], now=now).actor
    told = disclosing.disclosures(clinic, auditor, signed.patient.id, now=now).disclosures
    assert len(told) == 1


def test_everyone_signs_in_with_the_own_secret_which_no_other_demonstration_has(made):
    clinic, home = made
    kept = secrets_in(home)
    assert set(kept) == set(PEOPLE)
    assert len(set(kept.values())) == len(PEOPLE)
    assert stat.S_IMODE((home / SIGN_INS).stat().st_mode) == 0o600
    codes = {TWO_FACTOR: sign_ins(home)[-1].rpartition(" ")[2]}
    for username, secret in kept.items():
        code = codes.get(username)
        signed_in = signing_in.sign_in(clinic, username, secret, now=datetime.now(UTC), code=code)
        assert signed_in.actor.ceiling is None
        assert signed_in.actor.roles == {PEOPLE[username][2]}


def test_made_twice_it_is_the_same(made):
    clinic, home = made
    before = (home / SIGN_INS).read_bytes()
    entries = verify(clinic.database)[0].entries
    assert demonstration(clinic.database, home).id == clinic.id
    assert verify(clinic.database)[0].entries == entries
    assert (home / SIGN_INS).read_bytes() == before
    (home / SIGN_INS).unlink()
    with pytest.raises(DemonstrationFixed):
        demonstration(clinic.database, home)


def test_a_real_clinic_never_becomes_a_demonstration(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CHAIRSIDE_HOME", str(tmp_path))
    monkeypatch.setenv("CHAIRSIDE_SECRET", "an invented secret")
    assert run(["init", "--clinic", "Real", "--zone", "Etc/UTC", "--username", "ada",
                "--name", "Ada"]) == 0  # fmt: skip
    assert run(["demo", "--no-serve"]) == 1
    assert "no demonstration" in capsys.readouterr().err
    database = Database(f"sqlite:///{tmp_path / 'chairside.db'}")
    assert [one.name for one in clinics(database)] == ["Real"]
    database.close()


def _until_it_listens(served: subprocess.Popen[str]) -> list[str]:
    assert served.stdout is not None
    assert served.stderr is not None
    lines: list[str] = []
    while not lines or not lines[-1].startswith("Chairside is at "):
        lines.append(served.stdout.readline())
        assert lines[-1], served.stderr.read()
    return lines


def test_the_program_makes_it_serves_it_and_ends_when_asked(tmp_path):
    program = shutil.which("chairside", path=str(Path(sys.executable).parent))
    assert program is not None
    with subprocess.Popen(
        [program, "demo", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "CHAIRSIDE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    ) as served:  # fmt: skip
        try:
            lines = _until_it_listens(served)
            found = re.search(r"http://127\.0\.0\.1:\d+", lines[-1])
            assert found is not None
            with urllib.request.urlopen(f"{found[0]}/healthz", timeout=30) as answer:
                assert answer.status == 200
            served.send_signal(signal.SIGINT)
            _, said = served.communicate(timeout=30)
        finally:
            served.kill()
    assert "Traceback" not in said
    shown = {line.split()[0] for line in lines[1:-1]}
    assert shown == set(PEOPLE)


def test_one_person_has_a_second_factor_and_does_not_sign_in_without_it(made):
    clinic, home = made
    line = sign_ins(home)[-1]
    assert "authenticator secret (invented)" in line
    with pytest.raises(SignInFailed):
        signing_in.sign_in(clinic, TWO_FACTOR, secrets_in(home)[TWO_FACTOR], now=datetime.now(UTC))
