"""`chairside migrate`, `backup`, `restore`, `doctor` and `bench`: keeping an installation well."""

import importlib
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.cli_acting import (
    AsJson,
    Stop,
    leave_trace,
    migrated,
    moment,
    opened,
    say,
    say_json,
    settings,
)

PYTHON = (3, 11)
DISK_FREE_BYTES = 500_000_000
File = Annotated[Path, typer.Argument(help="The backup file; its manifest lies beside it.")]
_PG_DUMP = (
    "The database is PostgreSQL: its own pg_dump and pg_restore copy it, or a standby;"
    " `chairside audit verify` verifies the copy."
)


def add_to(app: typer.Typer) -> None:
    """Put these commands on the program."""
    app.command("migrate")(migrate)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("doctor")(doctor)
    app.command("bench")(bench)


def migrate(
    app_role: Annotated[
        str | None,
        typer.Option(
            help="PostgreSQL role that the application runs as: it is given exactly what it needs,"
            " and cannot change what is append-only (R187)."
        ),
    ] = None,
) -> None:
    """Bring the database to the newest migration; an SQLite file is copied aside before."""
    with migrated() as database:
        say("The database is at the newest migration.")
        if app_role is None:
            return
        if database.is_sqlite:
            raise Stop("SQLite has no roles; who may open the file may write it.", status=2)
        from protocol.records.app_role import grant_app_role

        given = grant_app_role(database, app_role)
        appended = sum(rights == "SELECT, INSERT" for rights in given.values())
        say(f"The role {app_role} reads {len(given)} tables, and only adds to {appended} of them.")


def backup(file: File, as_json: AsJson = False) -> None:
    """Copy an SQLite database while it is in use, check and verify the copy, write a manifest."""
    from api.cli_backups import backed_up

    with opened() as database:
        if database.path is None:
            raise Stop(_PG_DUMP)
        manifest = backed_up(database, file, moment())
    if as_json:
        say_json(manifest)
    else:
        say(f"{file}: {manifest['bytes']} bytes, sha256 {manifest['sha256']}")


def restore(file: File, as_json: AsJson = False) -> None:
    """Put a backup in the place of a database that is not there, after checking all of it."""
    from api.cli_backups import restored
    from protocol.records.database import Database

    database = Database(settings().url)
    if database.path is None:
        raise Stop(_PG_DUMP)
    place = database.path
    manifest = restored(file, place)
    leave_trace(database, "clinic:restore")
    database.close()
    if as_json:
        say_json(manifest)
    else:
        say(f"{place}: restored from {file}, made at {manifest['made_at']}")


def doctor(as_json: AsJson = False) -> None:
    """Check Python, Pango, fonts, the database with migrations and guards, seal keys, the disk."""
    checks = [_checked(name, check) for name, check in _CHECKS.items()]
    if as_json:
        say_json({"ok": all(one["ok"] for one in checks), "checks": checks})
    else:
        for one in checks:
            say(f"{'ok   ' if one['ok'] else 'wrong'}  {one['check']}: {one['found']}")
    if not all(one["ok"] for one in checks):
        raise typer.Exit(1)


def _checked(name: str, check: Callable[[], str]) -> dict[str, object]:
    try:
        return {"check": name, "ok": True, "found": check()}
    except Stop as stop:
        return {"check": name, "ok": False, "found": " ".join(stop.lines)}
    except Exception as error:
        return {"check": name, "ok": False, "found": " ".join(str(error).split())[:300]}


def _python() -> str:
    found = platform.python_version()
    if sys.version_info < PYTHON:
        raise Stop(f"{found} is older than {'.'.join(map(str, PYTHON))}")
    return found


def _pango() -> str:
    from reports import printing

    # The loader is the printer's own: it says which library is missing, and in which package.
    return f"WeasyPrint {printing.loaded_weasyprint().__version__} loads"


def _fonts() -> str:
    from reports.fonts import SCRIPTS, lacking_said, typeset

    lacking = typeset("".join(SCRIPTS.values())).lacking
    if lacking:
        raise Stop(lacking_said(lacking))
    return f"letters for {', '.join(SCRIPTS)}"


def _seal_key() -> str:
    from protocol.records import seal_key
    from protocol.records.clinics import clinics

    with opened() as database:
        places = [seal_key.place_of(settings().seal_key_place, one.id) for one in clinics(database)]
        made = [seal_key.read(one) for one in places if one.exists()]
        waiting = len(places) - len(made)
        more = f", {waiting} to be made when first sealed with" if waiting else ""
        return f"{len(made)} read{more}"


def _database() -> str:
    from protocol.records.database import integrity_fault

    with opened() as database:
        fault = integrity_fault(database)
        if fault:
            raise Stop(f"the file is damaged: {fault}")
        return f"SQLite at {database.path}" if database.is_sqlite else "PostgreSQL answers"


def _migrations() -> str:
    with opened():
        return "at the newest migration"


def _guards() -> str:
    from protocol.records.guards import expected_guards, missing_guards

    with opened() as database:
        missing = missing_guards(database)
        if missing:
            raise Stop(f"missing: {', '.join(missing)}")
        return f"all {len(expected_guards(database))} stand"


def _disk() -> str:
    home = settings().home.absolute()
    there = next(path for path in (home, *home.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    words = f"{free // 1_000_000:,} MB free under {there}"
    if free < DISK_FREE_BYTES:
        raise Stop(words)
    return words


_CHECKS: dict[str, Callable[[], str]] = {
    "python": _python,
    "pango": _pango,
    "fonts": _fonts,
    "database": _database,
    "migrations": _migrations,
    "guards": _guards,
    "seal key": _seal_key,
    "disk": _disk,
}


def bench(
    as_json: AsJson = False,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each write is measured.")] = 8.0,
    only: Annotated[str | None, typer.Option(help="Only what has this in its name.")] = None,
) -> None:
    """Measure this machine against the bare engine and its peers; exit 1 under a mark."""
    try:
        run = importlib.import_module("tests.bench.main").run
    except ModuleNotFoundError as error:
        raise Stop(
            "Benchmarks come with a checkout of the source, not with the package."
        ) from error
    raise typer.Exit(run(as_json=as_json, seconds=seconds, only=only))
