"""`chairside audit`: verifying that nothing was altered, and reporting who did what."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api import cli_checkpoints, cli_oversight
from api.cli_acting import (
    BAD_USAGE,
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
    progress,
    say,
    say_json,
)
from api.cli_checkpoints import AsWitness, held_against, verifiers
from api.cli_identity import report_emergencies

if TYPE_CHECKING:
    from api.schemas_audit import AuditSoughtIn
    from protocol.records.verifying import Verified
    from protocol.rules.audit import Fault
    from protocol.rules.checkpoints import Verifier

app = program(
    help="The audit trail: verify, report, review, list, purge detail; its signed heads:"
    " checkpoint, proof, key."
)
cli_checkpoints.add_to(app)
cli_oversight.add_to(app)
Since = Annotated[
    str | None, typer.Option("--from", "--since", help="From this moment, with its zone.")
]
Until = Annotated[
    str | None, typer.Option("--to", "--until", help="Before this moment, with its zone.")
]
Act = Annotated[
    str | None, typer.Option("--act", "--action", help="Only this act, such as session:view.")
]
Emergency = Annotated[
    bool, typer.Option("--emergency", help="Emergency accesses, each with what was done.")
]
# From here on a second process is worth its start.
SEVERAL_PROCESSES_FROM = 200_000


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
        with progress("Verifying", entries) as advance:
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
    since: Since = None,
    until: Until = None,
    patient: Annotated[UUID | None, typer.Option(help="Only acts about this patient.")] = None,
    session: Annotated[UUID | None, typer.Option(help="Only acts about this session.")] = None,
    person: Annotated[UUID | None, typer.Option(help="Only acts of this person.")] = None,
    action: Act = None,
    outcome: Annotated[str | None, typer.Option(help="done, refused or repeated.")] = None,
    sort: Annotated[str, typer.Option(help="The field to sort by: any that is listed.")] = "at",
    ascending: Annotated[bool, typer.Option("--ascending", help="The first comes first.")] = False,
    format_: Annotated[str, typer.Option("--format", help="csv, json (a line each), pdf.")] = "csv",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")] = None,
    emergency: Emergency = False,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Report audit entries, newest first unless another order is asked for.

    CSV and JSON are written as they are read and have no bound; PDF holds 2,000 entries, and a
    list sorted by another field than time 50,000. The report is itself an audited act.

    With --emergency: every emergency access, newest first, and each entry of it.
    """
    from api.documents import shaped
    from api.schemas_audit import AuditSoughtIn

    sought = shaped(
        AuditSoughtIn,
        {
            "since": since, "until": until, "action": action, "outcome": outcome,
            "person_id": person, "patient_id": patient, "session_id": session, "sort": sort,
            "descending": not ascending,
        },
    )  # fmt: skip
    with acting(username, secret_file) as one:
        if emergency:
            report_emergencies(one, as_json=as_json)
            return
        _write(_reported(one, sought, "json" if as_json else format_), out)


def _reported(one: Acting, search: "AuditSoughtIn", format_: str) -> "Iterator[bytes]":
    from api.report_files import FORMATS, audit_pdf
    from protocol.commands import auditing
    from reports.listing import Printed

    if format_ not in (*FORMATS, "pdf"):
        raise Stop(f"--format is one of {', '.join(FORMATS)}, pdf.", status=BAD_USAGE)
    now, sought, order = moment(), search.sought(), search.order()
    if format_ == "pdf":
        report = auditing.print_entries(one.clinic, one.actor, sought, now=now, order=order)
        printed = Printed(now, one.actor.name, report.page_size)
        return iter((audit_pdf(report, printed),))
    report = auditing.export_entries(one.clinic, one.actor, sought, now=now, order=order)
    return FORMATS[format_][1](report.lines)


def _write(pieces: "Iterator[bytes]", out: Path | None) -> None:
    if out is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        return
    with out.open("wb") as file:
        file.writelines(pieces)
