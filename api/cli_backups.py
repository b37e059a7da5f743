"""Backing up and restoring an embedded clinic: a copy counts once it was checked and verified."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli_acting import BAD_USAGE, Stop, leave_trace

if TYPE_CHECKING:
    from protocol.records.database import Database

_FORMAT = "chairside-backup-1"


def backed_up(database: "Database", file: Path, now: datetime) -> dict[str, Any]:
    """Copy the database to a new file, verify the copy, and write its manifest beside it."""
    from protocol.records.backups import copied

    _require_absent(file, manifest_of(file))
    leave_trace(database, "clinic:backup")
    with _partial(file) as partial:
        copy = copied(database, partial)
        manifest = {
            "format": _FORMAT,
            "made_at": now.isoformat(timespec="seconds"),
            "clinics": _verified(copy),
            **_measured(partial),
        }
        partial.replace(file)
    manifest_of(file).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    return manifest


def restored(file: Path, place: Path) -> dict[str, Any]:
    """Put a backup where no database is, when it is what its manifest says and verifies."""
    from protocol.records.backups import copied
    from protocol.records.database import Database, sqlite_url

    manifest = _manifest(file)
    _require_absent(place)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    measured = _measured(file)
    if measured != {name: manifest.get(name) for name in measured}:
        raise Stop(f"{file} is not the file that its manifest describes: its sha256 differs.")
    with _partial(place) as partial:
        clinics = _verified(copied(Database(sqlite_url(file.absolute())), partial))
        if clinics != manifest.get("clinics"):
            raise Stop(f"{file} does not hold the chains that its manifest names.")
        partial.replace(place)
    return manifest


def manifest_of(file: Path) -> Path:
    """Where the manifest of a backup lies."""
    return file.with_name(f"{file.name}.manifest.json")


def _manifest(file: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(manifest_of(file).read_text("utf-8"))
    except OSError as error:
        raise Stop(f"{manifest_of(file)}: {error.strerror}.", status=BAD_USAGE) from error
    except ValueError as error:
        raise Stop(f"{manifest_of(file)} is no manifest: {error}.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise Stop(f"{manifest_of(file)} is no manifest of a backup.")
    return manifest


def _require_absent(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise Stop(f"{path} is there already; nothing is written over.")


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A file beside the path, for its owner alone, and gone again if it was not moved there."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise Stop(f"{partial} is there already; nothing is written over.") from error
    try:
        yield partial
    finally:
        for left in (partial, Path(f"{partial}-wal"), Path(f"{partial}-shm")):
            left.unlink(missing_ok=True)


def _verified(copy: "Database") -> list[dict[str, Any]]:
    """The chains of a copy that verifies. Raises Stop with everything that does not hold."""
    from protocol.records.verifying import database_faults, verify

    try:
        found = verify(copy)
        wrong = [
            f"The copy's clinic {one.clinic_id}, audit entry {one.fault.number}: {one.fault.what}."
            for one in found
            if one.fault is not None
        ]
        wrong += database_faults(copy)
    finally:
        copy.close()
    if wrong:
        raise Stop(*wrong)
    return [
        {"clinic": str(one.clinic_id), "entries": one.entries, "head": one.head} for one in found
    ]


def _measured(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as content:
            return {
                "bytes": file.stat().st_size,
                "sha256": file_digest(content, "sha256").hexdigest(),
            }
    except OSError as error:
        raise Stop(f"{file}: {error.strerror}.", status=BAD_USAGE) from error
