"""`chairside audit`: verifying that nothing was altered, and reporting who did what."""

import csv
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from api.cli_acting import (
    Acting,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    leave_trace,
    moment,
    opened,
    program,
    say,
    say_json,
)
from api.cli_identity import report_emergencies

if TYPE_CHECKING:
    from api.schemas_audit import AuditSearchIn
    from protocol.records.audit_search import AuditLine
    from protocol.records.verifying import Verified

app = program(help="The audit trail: verify, report.")
_Answer = TypeVar("_Answer")
_PAGE = 200


@app.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Walk every clinic's chain and every row that it seals; exit 1 with the first bad entry.

    It takes no sign-in, so that whoever holds the database can verify it.
    """
    from protocol.records import verifying

    with opened() as database:
        found = _with_bar("Verifying", lambda: verifying.verify(database))
        faults = verifying.database_faults(database)
        wrong = [f"{_where(one)}: {one.fault.what}." for one in found if one.fault] + faults
        if as_json:
            say_json(_as_dict(found, faults, holds=not wrong))
        elif not wrong:
            for one in found:
                say(f"clinic {one.clinic_id}: {one.entries} entries hold, head {one.head}")
        if wrong:
            raise Stop(*wrong)
        # Unless it found a fault: that trail is left as it is (R10).
        leave_trace(database, "audit:verify")


def _where(one: "Verified") -> str:
    assert one.fault is not None
    return f"clinic {one.clinic_id}, audit entry {one.fault.number}"


def _as_dict(found: list["Verified"], faults: list[str], *, holds: bool) -> dict[str, Any]:
    return {
        "ok": holds,
        "clinics": [
            {
                "clinic": str(one.clinic_id), "entries": one.entries, "head": one.head,
                "fault": None if one.fault is None
                else {"number": one.fault.number, "what": one.fault.what},
            }
            for one in found
        ],
        "database_faults": faults,
    }  # fmt: skip


@app.command("report")
def report(  # noqa: PLR0913, PLR0917 - one option for each thing that an entry is sought by
    since: Annotated[str | None, typer.Option(help="From this moment, with its zone.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this moment, with its zone.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this act.")] = None,
    outcome: Annotated[str | None, typer.Option(help="done, refused or repeated.")] = None,
    person: Annotated[UUID | None, typer.Option(help="Only acts of this person.")] = None,
    patient: Annotated[UUID | None, typer.Option(help="Only acts about this patient.")] = None,
    session: Annotated[UUID | None, typer.Option(help="Only acts about this session.")] = None,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Emergency accesses, each with what was done.")
    ] = False,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List audit entries, newest first, as CSV, or with --json as one JSON object a line.

    With --emergency: every emergency access, newest first, and each entry of it.
    """
    from api.documents import shaped
    from api.schemas_audit import AuditSearchIn

    sought = shaped(
        AuditSearchIn,
        {
            "since": since, "until": until, "action": action, "outcome": outcome,
            "person_id": person, "patient_id": patient, "session_id": session,
        },
    )  # fmt: skip
    with acting(username, secret_file) as one:
        if emergency:
            report_emergencies(one, as_json=as_json)
            return
        _write(_entries(one, sought), as_json=as_json)


def _entries(one: Acting, sought: "AuditSearchIn") -> "Iterator[AuditLine]":
    from protocol.commands import auditing

    before = None
    while page := auditing.find_entries(
        one.clinic, one.actor, sought.sought(), now=moment(), before=before, limit=_PAGE
    ):
        yield from page
        before = page[-1].number


def _write(entries: "Iterator[AuditLine]", *, as_json: bool) -> None:
    from protocol.records.audit_search import AuditLine

    writer = csv.writer(sys.stdout, lineterminator="\n")
    if not as_json:
        writer.writerow(AuditLine._fields)
    for entry in entries:
        if as_json:
            say_json(entry._asdict())
        else:
            detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
            writer.writerow([_inert(str(value)) for value in (*entry[:-1], detail)])


def _inert(text: str) -> str:
    """A spreadsheet runs a cell that begins so as a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _with_bar(what: str, run: Callable[[], _Answer]) -> _Answer:
    """The answer, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        bar.add_task(what, total=None)
        return run()
