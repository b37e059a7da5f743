"""A signed summary is printed, sealed and kept once, and served byte for byte (R164 to R167)."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader

from api.cli import run
from protocol.commands import signing
from protocol.commands.proving import system_actor
from protocol.commands.signing_in import sign_in
from protocol.records import seal_key
from protocol.records.clinics import clinic_by
from protocol.rules.signature import Meaning
from reports import printing
from reports.sealing import seal
from reports.verification import verify
from tests.api.clinic import SECRET, Chair, an_id, app_over, entry
from tests.api.test_signed_versions import ADDENDUM, at, signatures, words

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ended(chair: Chair) -> Chair:
    chair.chart_infusion()
    return chair


def signed_by(chair: Chair, who: str = "nora", meaning: str = "authorship") -> str:
    answer = chair.sign(who, meaning)
    assert answer.status_code == 201
    return str(answer.json()["id"])


def kept(chair: Chair, signature: str, **headers: str):
    path = at(chair, f"/signatures/{signature}/summary.pdf")
    return chair.ask("otto", "GET", path, headers=headers)


def test_what_was_kept_when_signed_is_served_by_its_digest_and_never_printed_again(
    ended: Chair, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = signed_by(ended)
    monkeypatch.setattr(printing, "_ONE_AT_A_TIME", None)  # whatever prints fails from here on
    first, second = kept(ended, signature), kept(ended, signature)
    assert first.status_code == 200
    assert first.content == second.content
    digest = sha256(first.content).hexdigest()
    assert (first.headers["etag"], first.headers["chairside-version"]) == (f'"{digest}"', "1")
    assert ended.last_audited()["action"] == "session:print"
    again = kept(ended, signature, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = ended.ask("nora", "GET", at(ended, "/summary.pdf"))
    assert plain.content == first.content
    assert verify(first.content).record is not None


def test_what_a_crash_left_out_is_made_by_the_first_who_asks_and_once(ended: Chair) -> None:
    """Signed through the command alone, as if the process had died before it could print."""
    clinic = clinic_by(ended.database, None)
    nora = sign_in(clinic, "nora", SECRET, now=datetime.now(UTC), workstation="").actor
    shown = ended.get("nora", at(ended))["digest"]
    wanted = signing.SignatureIn(
        id=uuid4(), meaning=Meaning.AUTHORSHIP, record_digest=shown, secret=SECRET
    )
    signing.sign(clinic, nora, UUID(ended.session_id), wanted, now=datetime.now(UTC))
    with ThreadPoolExecutor(2) as pool:
        files = list(pool.map(lambda _: kept(ended, str(wanted.id)).content, range(2)))
    assert files[0] == files[1] == kept(ended, str(wanted.id)).content
    assert ended.counts()["sealed_summary"] == ended.counts()["summary_content"] == 1


def test_an_earlier_version_stays_as_it_was_and_a_copy_of_it_says_superseded(ended: Chair) -> None:
    first = signed_by(ended)
    paper = kept(ended, first).content
    second = signed_by(ended, "paula", "approval")
    assert kept(ended, first).content == paper
    assert "version 1 · SIGNED" in words(paper).replace("\n", " ")
    assert "version 2 · SIGNED" in words(kept(ended, second).content).replace("\n", " ")
    copy = ended.ask("nora", "GET", at(ended, f"/summary.pdf?at_signature={first}")).content
    for page in PdfReader(io.BytesIO(copy)).pages:
        assert "SUPERSEDED" in page.extract_text()
    assert [one.kind.value for one in verify(copy).findings] == ["seal-missing"]


def test_what_came_after_the_last_signature_is_printed_and_not_the_kept_file(ended: Chair) -> None:
    signature = signed_by(ended)
    ended.chart("addenda", entry(1, ADDENDUM))
    now = words(ended.ask("nora", "GET", at(ended, "/summary.pdf")).content).replace("\n", " ")
    assert "after version 1 · AMENDED" in now
    assert "SIGNED" in words(kept(ended, signature).content)


def test_a_key_that_others_may_open_seals_nothing_and_the_signature_stands(
    ended: Chair, tmp_path: Path
) -> None:
    file = tmp_path / "open.pem"
    seal_key.write(file, seal_key.made("Invented clinic", datetime.now(UTC)))
    file.chmod(0o644)
    with app_over(ended.database.url, seal_key=file) as there:
        vars(there).update(
            {k: v for k, v in vars(ended).items() if k not in ("client", "database")}
        )
        signature = signed_by(there)
        refused = kept(there, signature)
        assert (refused.status_code, refused.json()["code"]) == (503, "seal-key-unfit")
        copy = there.ask("nora", "GET", at(there, "/summary.pdf"))
        assert copy.status_code == 200
        assert "etag" not in copy.headers
    assert kept(ended, signature).status_code == 200


def test_nobody_seals_by_hand(ended: Chair) -> None:
    from protocol.rules.actions import Action, Role
    from protocol.rules.grants import may

    clinic = clinic_by(ended.database, None)
    for role in Role:
        actor = system_actor(clinic.id, frozenset({role}))
        assert may(actor, Action.SESSION_SEAL) is (role is Role.ADMINISTRATOR)
    assert ended.ask("ada", "POST", at(ended, "/seal")).status_code == 404


@pytest.fixture
def command(
    ended: Chair, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """A command line over the clinic's database."""
    monkeypatch.setenv("CHAIRSIDE_DATABASE_URL", ended.database.url)
    monkeypatch.setenv("CHAIRSIDE_SECRET", SECRET)

    def ran(*arguments: object) -> tuple[int, str, str]:
        status = run([str(one) for one in arguments])
        return (status, *capsys.readouterr())

    return ran


def test_the_program_writes_the_kept_file_and_verifies_it_against_the_database(
    ended: Chair, command: Run, tmp_path: Path
) -> None:
    first = signed_by(ended)
    file = tmp_path / "summary.pdf"
    assert command("session", "summary", ended.session_id, "-o", file, "--as", "nora")[0] == 0
    assert file.read_bytes() == kept(ended, first).content
    status, out, err = command("session", "verify", file, "--json")
    found = json.loads(out)
    assert found["findings"] == []
    assert (status, err, found["holds"], found["version"]) == (0, "", True, 1)
    assert found["database"] == "the signature is in it"
    signed_by(ended, "paula", "approval")
    assert "superseded by: version 2" in command("session", "verify", file)[1]
    earlier = tmp_path / "first.pdf"
    arguments = (ended.session_id, "-o", earlier, "--signature", first, "--as", "nora")
    assert command("session", "summary", *arguments)[0] == 0
    assert earlier.read_bytes() == file.read_bytes()


def test_a_file_that_is_no_longer_the_kept_one_exits_1_with_a_line_for_each_fault(
    ended: Chair, command: Run, tmp_path: Path
) -> None:
    signature = signed_by(ended)
    content = kept(ended, signature).content
    file = tmp_path / "summary.pdf"
    file.write_bytes(content[:600] + bytes([content[600] ^ 1]) + content[601:])
    status, out, err = command("session", "verify", file)
    assert (status, out.splitlines()[-1]) == (1, "It does not hold.")
    assert "chairside: seal-broken: " in err
    assert "chairside: not-as-kept: " in err
    assert command("session", "verify", tmp_path / "nowhere.pdf")[0] == 2


def test_a_sheet_of_a_signature_that_the_database_never_had_is_named(
    ended: Chair, command: Run, tmp_path: Path
) -> None:
    """Sealed with the clinic's own key, by someone who has it, over a signature of their making."""
    signature = signed_by(ended)
    record = verify(kept(ended, signature).content).record
    assert record is not None
    forged = record.signatures[0].model_copy(update={"id": uuid4(), "signer": record.signatures[0]
        .signer.model_copy(update={"name": "Nobody"})})  # fmt: skip
    record = record.model_copy(update={"signatures": (forged,)})
    sheet = printing.summary_pdf(record, printed_at=forged.signed_at, printed_by="Nobody")
    clinic = clinic_by(ended.database, None)
    [pem] = Path(_home()).glob(f"seal-keys/{clinic.id}.pem")
    key = seal_key.read(pem)
    sealed = seal(sheet, key, clinic_name=clinic.name, at=forged.signed_at)
    (tmp_path / "forged.pdf").write_bytes(sealed.content)
    status, _, err = command("session", "verify", tmp_path / "forged.pdf")
    assert status == 1
    assert "signature-unknown" in err
    status, out, _ = command("session", "verify", tmp_path / "forged.pdf", "--offline", "--json")
    assert (status, json.loads(out)["holds"]) == (0, True)  # what only the database shows


def _home() -> str:
    import os

    return os.environ["CHAIRSIDE_HOME"]


def test_the_key_is_shown_for_others_and_verifies_what_it_sealed_offline(
    ended: Chair, command: Run, tmp_path: Path
) -> None:
    signature = signed_by(ended)
    status, out, _ = command("seal-key", "show", "--json")
    shown = json.loads(out)
    assert (status, shown["subject"]) == (0, "CN=Seal of Invented clinic,O=Invented clinic")
    (tmp_path / "key.pem").write_text(shown["certificate"])
    (tmp_path / "sheet.pdf").write_bytes(kept(ended, signature).content)
    arguments = ("session", "verify", tmp_path / "sheet.pdf", "--offline", "--json")
    assert json.loads(command(*arguments, "--key", tmp_path / "key.pem")[1])["holds"]
    other = seal_key.made("Another clinic", datetime.now(UTC))
    (tmp_path / "other.pem").write_bytes(other.public_pem)
    status, out, _ = command(*arguments, "--key", tmp_path / "other.pem")
    assert (status, [one["kind"] for one in json.loads(out)["findings"]]) == (1, ["other-key"])
    assert an_id()
    assert signatures(ended)["items"]
