"""`chairside audit`: verifying that nothing was altered, and reporting who did what."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from api.cli_acting import (
    BAD_USAGE,
    Acting,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    leave_trace,
    listed,
    moment,
    opened,
    program,
    say,
    say_json,
    secret_of,
)

if TYPE_CHECKING:
    from api.schemas_audit import AuditSoughtIn
    from protocol.records.verifying import Verified

app = program(help="The audit trail: verify, report, review, list, purge detail.")
_Answer = TypeVar("_Answer")


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
    since: Annotated[
        str | None, typer.Option("--from", "--since", help="From this moment, with its zone.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", "--until", help="Before this moment, with its zone.")
    ] = None,
    patient: Annotated[UUID | None, typer.Option(help="Only acts about this patient.")] = None,
    session: Annotated[UUID | None, typer.Option(help="Only acts about this session.")] = None,
    person: Annotated[UUID | None, typer.Option(help="Only acts of this person.")] = None,
    action: Annotated[
        str | None, typer.Option("--act", "--action", help="Only this act, such as session:view.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="done, refused or repeated.")] = None,
    sort: Annotated[str, typer.Option(help="The field to sort by: any that is listed.")] = "at",
    ascending: Annotated[bool, typer.Option("--ascending", help="The first comes first.")] = False,
    format_: Annotated[str, typer.Option("--format", help="csv, json (a line each), pdf.")] = "csv",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Report audit entries, newest first unless another order is asked for.

    CSV and JSON are written as they are read and have no bound; PDF holds 2,000 entries, and a
    list sorted by another field than time 50,000. The report is itself an audited act.
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


@app.command("review")
def review(
    since: Annotated[str, typer.Option("--from", help="From this moment, with its zone.")],
    until: Annotated[str, typer.Option("--to", help="Before this moment, with its zone.")],
    remark: Annotated[str, typer.Option(help="What the reviewer has to say of it.")],
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Sign a review of a window of the trail: its counts, its digest, the remark."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import reviewing
    from protocol.rules.review import AuditReviewIn

    with acting(username, secret_file) as one:
        wanted = shaped(
            AuditReviewIn,
            {"id": uuid7(), "since": since, "until": until, "remark": remark,
             "secret": one.secret},
        )  # fmt: skip
        done = reviewing.review(one.clinic, one.actor, wanted, now=moment())
    if as_json:
        say_json(done.model_dump(mode="json"))
    else:
        say(f"{done.seen.entries} entries reviewed, {done.seen.by_reviewer} of them the"
            f" reviewer's own; digest {done.seen.digest}")  # fmt: skip


@app.command("reviews")
def reviews(username: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
    """List the reviews, and the stretches that lack one with when each is due."""
    from protocol.commands import reviewing

    with acting(username, secret_file) as one:
        found = reviewing.reviews(one.clinic, one.actor, now=moment())
        lacking = reviewing.lacking_reviews(one.clinic, one.actor, now=moment())
    lines: list[dict[str, object]] = [
        {"state": "reviewed", "from": each.since, "to": each.until, "by": each.reviewer.name,
         "entries": each.seen.entries, "remark": each.remark}
        for each in found
    ]  # fmt: skip
    lines += [
        {"state": each.state.value, "from": each.since, "to": each.until, "due": each.due_at}
        for each in lacking
    ]
    listed(lines, as_json=as_json)


@app.command("regular")
def regular(
    since: Annotated[str, typer.Option("--from", help="From this moment, with its zone.")],
    until: Annotated[str, typer.Option("--to", help="Before this moment, with its zone.")],
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List sessions whose charting crosses the policy's thresholds of regularity.

    It lists and judges nobody; it shows no values, and nothing where the policy has no threshold.
    """
    from api.documents import shaped
    from api.schemas_audit import WindowIn
    from protocol.commands import surveying

    window = shaped(WindowIn, {"since": since, "until": until})
    with acting(username, secret_file) as one:
        found = surveying.regular_charting(
            one.clinic, one.actor, since=window.since, until=window.until, now=moment()
        )
    listed((each._asdict() for each in found), as_json=as_json)


@app.command("purge")
def purge(  # noqa: PLR0913, PLR0917 - one option for each thing that a purge states
    record_class: Annotated[str, typer.Option("--class", help="A class of the policy's rules.")],
    until: Annotated[str, typer.Option("--to", help="Entries before this moment, with its zone.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    basis: Annotated[str, typer.Option(help="The legal basis.")],
    second: Annotated[str, typer.Option(help="User name of the second person.")],
    patient: Annotated[UUID | None, typer.Option(help="Only details about this patient.")] = None,
    second_secret_file: Annotated[
        Path | None,
        typer.Option(help="File with the second person's secret; else CHAIRSIDE_SECOND_SECRET."),
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Purge the audit detail of one record class; the entries stay, each with a tombstone."""
    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import people, purging
    from protocol.rules.actions import Action
    from protocol.rules.retention import PurgeIn

    wanted = shaped(
        PurgeIn,
        {"id": uuid7(), "record_class": record_class, "until": until, "reason": reason,
         "legal_basis": basis, "patient_id": patient},
    )  # fmt: skip
    with acting(username, secret_file) as one:
        other = people.second_person(
            one.clinic, one.actor, second,
            secret_of(second, second_secret_file, "CHAIRSIDE_SECOND_SECRET"),
            Action.AUDIT_PURGE, now=moment(),
        )  # fmt: skip
        done = purging.purge(one.clinic, one.actor, wanted, second=other, now=moment())
    listed(
        [{"purge": str(done.id), "purged": done.purged, "held": done.held,
          "waiting": done.waiting}], as_json=as_json,
    )  # fmt: skip


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
