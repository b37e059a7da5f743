"""`chairside seal-key` and `chairside session verify`: the seal of printed summaries."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_acting import (
    AsJson,
    Stop,
    complain,
    file_bytes,
    moment,
    opened,
    program,
    say,
    say_json,
    secret_of,
    settings,
)

if TYPE_CHECKING:
    from protocol.records.clinics import Clinic
    from protocol.records.seal_key import SealKey
    from reports.verification import Verification

keys = program(
    help="The key that seals printed summaries: make, show, import. It lies in"
    " CHAIRSIDE_HOME/seal-keys, one file a clinic, or where CHAIRSIDE_SEAL_KEY says."
)


def add_to(app: typer.Typer) -> None:
    """Put `verify` beside `session summary`."""
    app.command("verify")(verify)


@keys.command("make")
def make(as_json: AsJson = False) -> None:
    """Make the seal key of every clinic that has none, with a certificate in the clinic's name."""
    from protocol.records import seal_key

    with opened() as database:
        for clinic, path in _places(database):
            _show(clinic, path, seal_key.made_or_read(path, clinic.name, moment()), as_json=as_json)


@keys.command("show")
def show(as_json: AsJson = False) -> None:
    """Print the certificate of every clinic's seal key, for others to verify seals with."""
    from protocol.records import seal_key

    with opened() as database:
        for clinic, path in _places(database):
            _show(clinic, path, seal_key.read(path), as_json=as_json)


@keys.command("import")
def import_key(
    file: Annotated[Path, typer.Argument(help="PKCS#12 or PEM: private key and certificates.")],
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="File whose first line opens it. Absent: CHAIRSIDE_PASSPHRASE."),
    ] = None,
    clinic_id: Annotated[str | None, typer.Option("--clinic", help="Of several clinics.")] = None,
    encrypted: Annotated[bool, typer.Option(help="Whether a passphrase opens the file.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take a key that someone else issued, such as a certification authority, as the seal key.

    It is kept without its passphrase, for this user alone (mode 0600). A key that is there is never
    written over: it is put aside by hand, under a name that begins with the clinic's id, so that
    what it sealed is still verified.
    """
    from uuid import UUID

    from protocol.records import seal_key
    from protocol.records.clinics import clinic_by

    words = None
    if encrypted:
        words = secret_of(str(file), passphrase_file, "CHAIRSIDE_PASSPHRASE").encode()
    with opened() as database:
        clinic = clinic_by(database, UUID(clinic_id) if clinic_id else None)
        path = seal_key.place_of(settings().seal_key_place, clinic.id)
        seal_key.write(path, seal_key.imported(file, words))
        _show(clinic, path, seal_key.read(path), as_json=as_json)


def _places(database: Any) -> "Iterator[tuple[Clinic, Path]]":  # noqa: ANN401 - imported late
    from protocol.records.clinics import clinics
    from protocol.records.seal_key import place_of

    for clinic in clinics(database):
        yield clinic, place_of(settings().seal_key_place, clinic.id)


def _show(clinic: "Clinic", path: Path, key: "SealKey", *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "clinic": str(clinic.id), "file": str(path), "subject": key.subject,
                "certificate_sha256": key.digest, "certificate": key.public_pem.decode(),
            }
        )  # fmt: skip
        return
    say(f"{clinic.name}: {key.subject}")
    say(f"certificate SHA-256 {key.digest}")
    say(key.public_pem.decode().rstrip())


def verify(
    file: Annotated[Path, typer.Argument(help="The PDF, or - for standard input.")],
    key: Annotated[
        list[Path] | None,
        typer.Option(help="PEM certificate of the expected seal key, and of a time-stamp service."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="From the file and the keys alone, no database.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Verify a printed summary: its seal, its record, its numbers, and what the database knows.

    The seal by policy: over the whole file, nothing after it, by the expected key. The attached
    record against the digest on every page, and every printed number against the record. With a
    database also: the signature, the kept file, and the anchor in the audit trail. What the seal
    proves is that the file is as this system printed it, not who approved the record. Exit 1 with
    a line for each thing that does not hold.
    """
    from reports.verification import clinic_of, verify

    content = file_bytes(file)
    expected = _given(key or [])
    if not expected:
        expected = _own(clinic_of(content))
    result = verify(content, expected)
    facts: dict[str, Any] = {}
    if not offline:
        result, facts = _against_database(content, result)
    _tell(result, facts, as_json=as_json)
    if not result.holds:
        raise typer.Exit(1)


def _given(paths: list[Path]) -> list[bytes]:
    from protocol.records.seal_key import certificates_of

    found = []
    for path in paths:
        try:
            found += certificates_of(file_bytes(path))
        except ValueError as error:
            raise Stop(f"{path}: it holds no certificate in PEM.", status=2) from error
    return found


def _own(clinic_id: Any) -> list[bytes]:  # noqa: ANN401 - a UUID, or none
    """The certificates of this installation, where it is the clinic's own."""
    from protocol.records.seal_key import certificates_at

    return [] if clinic_id is None else certificates_at(settings().seal_key_place, clinic_id)


def _against_database(
    content: bytes, result: "Verification"
) -> "tuple[Verification, dict[str, Any]]":
    """With what the database knows, where there is one and the clinic is in it."""
    from api.verifying_files import held_against
    from protocol.records.clinics import clinic_by
    from protocol.rules.errors import NotFound

    if result.record is None:
        return result, {}
    with _database_or_none() as database:
        if database is None:
            return result, {}
        try:
            clinic = clinic_by(database, result.record.clinic.id)
        except NotFound:
            return result, {"database": "the clinic is not in it"}
        return held_against(clinic, content, result, moment())


@contextmanager
def _database_or_none() -> Iterator[Any]:
    from protocol.records.database import Database

    path = Database(settings().url).path
    if path is not None and not path.is_file():
        yield None
        return
    with opened() as database:
        yield database


def _tell(result: "Verification", facts: dict[str, Any], *, as_json: bool) -> None:
    record, seal = result.record, result.seal
    known: dict[str, Any] = {
        "holds": result.holds,
        "findings": [{"kind": one.kind.value, "what": one.what} for one in result.findings],
        "session": None if record is None else str(record.id),
        "version": None if record is None else len(record.signatures),
        "record_sha256": result.digest or None,
        "sealed_at": None if seal is None or seal.at is None else seal.at.isoformat(),
        "sealed_by": None if seal is None else seal.by,
        "certificate_sha256": None if seal is None else seal.key_digest,
        "level": None if seal is None else seal.level,
        "remarks": list(result.remarks), **facts,
    }  # fmt: skip
    if as_json:
        say_json(known)
        return
    for name, value in known.items():
        if name not in ("holds", "findings", "remarks") and value is not None:
            say(f"{name.replace('_', ' ')}: {value}")
    for remark in result.remarks:
        say(remark)
    for one in result.findings:
        complain(f"{one.kind}: {one.what}.")
    say("It holds." if result.holds else "It does not hold.")
