"""`chairside audit`: verifying that nothing was altered, and reporting who did what."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
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
from api.cli_checkpoints import AsWitness, add_to, held_against, verifiers
from api.cli_identity import report_emergencies

if TYPE_CHECKING:
    from api.schemas_audit import AuditSearchIn
    from protocol.records.audit_search import AuditLine
    from protocol.records.verifying import Verified
    from protocol.rules.audit import Fault
    from protocol.rules.checkpoints import Verifier

app = program(help="The audit trail: verify, report; its signed heads: checkpoint, proof, key.")
add_to(app)
# From here on a second process is worth its start.
SEVERAL_PROCESSES_FROM = 200_000
_PAGE = 200


@app.command("verify")
def verify(
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="File of signed checkpoints kept elsewhere.")
    ] = None,
    witness: AsWitness = None,
    key: Annotated[
        list[str] | None, typer.Option(help="One more verifier key, or a file that holds it.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=0, help="How many walk a long chain; 0: one for each processor.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Walk every clinic's chain and every row that it seals; exit 1 with what does not hold.

    It takes no sign-in, so that whoever holds the database can verify it. What a rewrite of the
    whole database hides shows only against a checkpoint or a witness from outside.
    """
    from protocol.records import verifying

    trusted = verifiers(key or ())
    held, unsigned = held_against(checkpoint or (), witness, trusted)
    with opened() as database:
        entries = verifying.how_many(database)
        several = processes or (os.cpu_count() or 1 if entries >= SEVERAL_PROCESSES_FROM else 1)
        with _bar("Verifying", entries) as advance:
            terms = verifying.Terms(trusted, held, several, advance)
            found = verifying.verify(database, terms)
        faults = verifying.database_faults(database)
        unseen = [_unseen(one, trusted) for one in found if one.fault is None]
        _tell(found, faults + unsigned, unseen, as_json=as_json)
        # Unless it found a fault: that trail is left as it is (R10).
        leave_trace(database, "audit:verify")


def _tell(found: list["Verified"], faults: list[str], unseen: list[str], *, as_json: bool) -> None:
    """What was found. Raises Stop with everything that does not hold."""
    wrong = [_sentence(fault) for one in found for fault in one.faults] + faults
    if as_json:
        say_json(_as_dict(found, faults, unseen, holds=not wrong))
    elif not wrong:
        for one in found:
            head = f"head {one.head}, root {one.root}"
            say(f"clinic {one.clinic_id}: {one.entries} entries hold, {head}")
        for line in unseen:
            say(line)
    if wrong:
        raise Stop(*wrong)


def _sentence(fault: "Fault") -> str:
    where = f"clinic {fault.clinic_id}, audit entry {fault.number}"
    return f"{where}: {fault.what}. [{fault.kind}]"


def _unseen(one: "Verified", trusted: "Sequence[Verifier]") -> str:
    """What this verification could not have seen, which nobody is left to guess (R183, R185)."""
    where = f"clinic {one.clinic_id}"
    if not one.borne_out:
        return (
            f"{where}: no checkpoint from outside was held against it, and only one shows an older"
            " copy of the database, a cut end, or a history rewritten together with its checkpoints"
        )
    signed = "" if trusted else "; its signature was not checked, for no key was given"
    return (
        f"{where}: the first {one.borne_out} entries are those of a checkpoint from"
        f" outside{signed}; what was done to later ones shows against a later checkpoint"
    )


def _as_dict(
    found: list["Verified"], faults: list[str], unseen: list[str], *, holds: bool
) -> dict[str, Any]:
    return {
        "ok": holds,
        "clinics": [
            {
                "clinic": str(one.clinic_id), "entries": one.entries, "head": one.head,
                "root": one.root, "borne_out": one.borne_out,
                "fault": None if one.fault is None else _fault(one.fault),
                "faults": [_fault(each) for each in one.faults],
            }
            for one in found
        ],
        "database_faults": faults,
        "unseen": unseen,
    }  # fmt: skip


def _fault(fault: "Fault") -> dict[str, Any]:
    return {"number": fault.number, "kind": str(fault.kind), "what": fault.what}


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


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """How far it is, as a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda entries: bar.advance(task, entries)
