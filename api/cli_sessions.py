"""`chairside session`: replaying a file of acts, exporting, printing, listing."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
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
    complain,
    file_bytes,
    listed,
    made,
    moment,
    program,
    say,
    say_json,
    secret_of,
    settings,
    write_out,
)

if TYPE_CHECKING:
    from protocol.rules.actions import Actor

app = program(help="Sessions: replay, export, summary, list.")
_Each = TypeVar("_Each")


@app.command("replay")
def replay(
    file: Annotated[
        Path | None, typer.Argument(help="JSON Lines, one act a line, or - for standard input.")
    ] = None,
    from_infusions: Annotated[
        Path | None,
        typer.Option(help="CSV of charted infusions, replayed into an empty CHAIRSIDE_HOME."),
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
    second: Annotated[
        str | None,
        typer.Option(help="User name of a second person; secret in CHAIRSIDE_SECOND_SECRET."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the acts of a file through the commands of a nurse's click, marked as transcribed.

    A line of FILE is {"act": "reading:record", "session": ID, "body": {...}}: `act` as in the API,
    `body` its body; `patient` instead of `session` for patient acts; `at` for when it was observed,
    where the body does not say; "second": true where the person of --second stands by. What is
    refused is reported with its line and the others go in; the exit status is then 1.

    With --from-infusions a clinic marked as a replay is made, and one line is printed for each
    segment. A refused infusion is one line on standard error, with its name and line in the file.
    """
    if (file is None) == (from_infusions is None):
        raise Stop("Either FILE or --from-infusions FILE.csv.", status=BAD_USAGE)
    if from_infusions is not None:
        _replay_infusions(from_infusions, as_json=as_json)
    elif file is not None:
        content = file_bytes(file)
        with acting(username, secret_file) as one:
            _replay_acts(content, one, _second(one, second), as_json=as_json)


def _replay_infusions(path: Path, *, as_json: bool) -> None:
    from api.replay_clinic import replay_clinic
    from api.replay_infusions import replay as chart
    from api.replay_rows import NotAFile, Refused, read_infusions

    try:
        infusions = read_infusions(file_bytes(path))
    except NotAFile as error:
        raise Stop(f"{path}: {error}.", status=BAD_USAGE) from error
    refused = 0
    with made() as database:
        for one in _with_progress(chart(replay_clinic(database), infusions), len(infusions)):
            if isinstance(one, Refused):
                refused += 1
                complain(
                    f"{path}, line {one.line}: infusion {one.name or '(no name)'} is refused"
                    f" ({one.refusal.code}): {one.refusal.sentence}"
                )
                continue
            listed((each._asdict() for each in one), as_json=as_json)
    if refused:
        raise typer.Exit(1)


def _with_progress(steps: Iterable[_Each], total: int) -> Iterator[_Each]:
    """The steps, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import track

    yield from track(
        steps, total=total, description="Replaying", console=Console(stderr=True),
        disable=not sys.stderr.isatty() or sys.stdout.isatty(), transient=True,
    )  # fmt: skip


def _second(one: Acting, username: str | None) -> "Actor | None":
    from protocol.commands import proving
    from protocol.rules.actions import Action

    if username is None:
        return None
    secret = secret_of(username, None, "CHAIRSIDE_SECOND_SECRET")
    return proving.second_person(
        one.clinic, one.actor, username, secret, Action.BREACH_OVERRIDE, now=moment()
    )


def _replay_acts(content: bytes, one: Acting, second: "Actor | None", *, as_json: bool) -> None:
    from api.replay import replay as chart

    done = refused = 0
    for result in chart(one.clinic, one.actor, second, content):
        if result.refusal is None:
            done += 1
        else:
            refused += 1
            complain(f"line {result.line}: {result.refusal.sentence} ({result.refusal.code})")
        if as_json:
            say_json(result.as_dict())
    if not as_json:
        say(f"{done} acts went in, {refused} were refused.")
    if refused:
        raise typer.Exit(1)


@app.command("export")
def export(
    session_id: Annotated[UUID, typer.Argument(help="The session.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Write the whole record of a session as JSON, with its digest and the amounts given."""
    from protocol.commands import planning
    from protocol.rules.actions import Action

    with acting(username, secret_file) as one:
        record = planning.session(
            one.clinic, one.actor, session_id, now=moment(), action=Action.SESSION_EXPORT
        )
        content = {
            "digest": record.digest(),
            "given": [
                {
                    "drug_line": total.line.code,
                    "given": total.given.model_dump(mode="json"),
                    "segments": [part.model_dump(mode="json") for part in total.parts],
                }
                for total in record.totals()
            ],
            "record": record.model_dump(mode="json"),
        }
    write_out(out, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


@app.command("summary")
def summary(
    session_id: Annotated[UUID, typer.Argument(help="The session.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="PDF file to write.")],
    signature: Annotated[
        UUID | None, typer.Option(help="The kept file of this signature, byte for byte.")
    ] = None,
    username: As = "",
    secret_file: SecretFile = None,
) -> None:
    """Print the summary of a session as PDF.

    Where the last signature covers all that there is, it is the sealed file that was kept of it.
    --signature takes the kept file of an earlier one.
    """
    from api.summaries import Press
    from reports.fonts import lacking_said

    with acting(username, secret_file) as one:
        press, now = Press(settings()), moment()
        if signature is not None:
            kept = press.signed(one.clinic, one.actor, session_id, signature, now)
            write_out(out, kept.content)
            return
        sheet = press.of_now(one.clinic, one.actor, session_id, now)
        write_out(out, sheet.content)
    if sheet.lacking:
        complain(lacking_said(sheet.lacking))


@app.command("list")
def list_sessions(
    status: Annotated[str | None, typer.Option(help="Only sessions in this status.")] = None,
    patient: Annotated[UUID | None, typer.Option(help="Only sessions of this patient.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List sessions: id, status, patient, protocol version, series."""
    with acting(username, secret_file) as one:
        listed(_lines(one, status, patient), as_json=as_json)


def _lines(one: Acting, status: str | None, patient: UUID | None) -> Iterator[dict[str, object]]:
    from protocol.commands import planning
    from protocol.rules.sessions import SessionStatus

    if status is not None and status not in set(SessionStatus):
        raise Stop(f"--status is one of {', '.join(SessionStatus)}.", status=BAD_USAGE)
    wanted = None if status is None else SessionStatus(status)
    after = None
    while page := planning.find_sessions(
        one.clinic, one.actor, now=moment(), patient_id=patient, status=wanted, after_id=after
    ):
        for line in page:
            yield {
                "session": str(line.id), "status": line.status.value,
                "patient": str(line.patient_id),
                "protocol_version": str(line.protocol_version_id), "series": line.series,
            }  # fmt: skip
        after = page[-1].id
