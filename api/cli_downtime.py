"""The downtime kit: a protocol's blank sheet with its table, and entering what was written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli_acting import (
    BAD_USAGE,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    complain,
    file_bytes,
    moment,
    say,
    say_json,
    write_out,
)
from api.cli_sessions import second_of

if TYPE_CHECKING:
    from api.cli_acting import Acting
    from api.transcription import Act
    from protocol.rules.actions import Actor


def add_to(protocols: typer.Typer, sessions: typer.Typer) -> None:
    """Put `protocol downtime` and `session transcribe` beside the others."""
    protocols.command("downtime")(downtime)
    sessions.command("transcribe")(transcribe)


def downtime(
    version_id: Annotated[UUID, typer.Argument(help="The version's id, as `list` shows it.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="PDF file to write: the sheet.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option(help="CSV file to write: its counterpart for entry.")
    ] = None,
    hours: Annotated[
        int, typer.Option(min=1, max=24, help="How far rounds without an end are laid out.")
    ] = 4,
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Print a protocol version as a blank sheet to write on, and its table for entry afterwards."""
    from api.transcription import entry_table
    from protocol.commands.downtime import laid_out
    from reports.downtime import Version, downtime_sheet
    from reports.listing import Printed
    from reports.printing import listing_pdf

    if out is None and table is None:
        raise Stop("-o SHEET.pdf, --table TABLE.csv, or both.", status=BAD_USAGE)
    with acting(username, secret_file) as one:
        now = moment()
        found = laid_out(one.clinic, one.actor, version_id, now=now)
        if out is not None:
            printed = Printed(now, one.actor.name, found.policy.page_size)
            sheet = downtime_sheet(one.clinic.ref, Version(*found), hours, printed)
            write_out(out, listing_pdf(sheet))
        if table is not None:
            write_out(table, entry_table(found.protocol, found.policy).encode())


def transcribe(
    session_id: Annotated[UUID, typer.Argument(help="The session, prepared already.")],
    file: Annotated[Path, typer.Argument(help="The filled table, or - for standard input.")],
    source: Annotated[
        str, typer.Option(help="What it was copied from: a note of the record says so.")
    ],
    username: As = "",
    secret_file: SecretFile = None,
    second: Annotated[
        str | None,
        typer.Option(help="User name of who verified it; secret in CHAIRSIDE_SECOND_SECRET."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Enter a table that was filled in from paper; what it charts is marked as transcribed.

    Rows without a time or a value are not charted. A row that is refused is named, the others go
    in, and the exit status is 1. Entered again, a table charts only what was not there.
    """
    from api.transcription import NotATable, acts_of, remark

    with acting(username, secret_file) as one:
        try:
            acts = acts_of(file_bytes(file), session_id, one.clinic.ref.zone)
        except NotATable as fault:
            raise Stop(f"{file}: {fault}.") from fault
        if not acts:
            raise Stop(f"{file}: no row has anything written in it.")
        last = max(acts, key=lambda each: each.line["at"]).line["at"]
        acts.append(remark(acts, session_id, source, last))
        _enter(one, acts, second_of(one, second), as_json=as_json)


def _enter(one: "Acting", acts: "list[Act]", second: "Actor | None", *, as_json: bool) -> None:
    from api.replay import replay
    from api.transcription import as_json_lines

    if second is not None:  # who verified the copy stands beside what says that it is one
        acts[-1].line["second"] = True
    refused = 0
    content = as_json_lines(acts)
    for act, result in zip(acts, replay(one.clinic, one.actor, second, content), strict=True):
        if result.refusal is not None:
            refused += 1
            complain(f"row {act.row}: {result.refusal.sentence} ({result.refusal.code})")
        if as_json:
            say_json(result.as_dict() | {"line": act.row})
    if not as_json:
        say(f"{len(acts) - refused} acts went in, {refused} were refused.")
    if refused:
        raise typer.Exit(1)
