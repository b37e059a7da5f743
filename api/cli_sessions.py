"""`chairside session`: replaying a file of acts, exporting, printing, listing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api import cli_printing
from api.cli_acting import (
    BAD_USAGE,
    Acting,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    complain,
    every,
    file_bytes,
    listed,
    moment,
    one_of,
    program,
    say,
    say_json,
    secret_of,
    write_out,
)
from api.cli_infusions import FromInfusions, VialsTable, replay_infusions

if TYPE_CHECKING:
    from protocol.rules.actions import Actor

app = program(help="Sessions: replay, export, summary, list.")
cli_printing.add_to(app)


@app.command("replay")
def replay(
    file: Annotated[
        Path | None, typer.Argument(help="JSON Lines, one act a line, or - for standard input.")
    ] = None,
    from_infusions: FromInfusions = None,
    vials: VialsTable = None,
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
    `body` its body; `patient` instead of `session` for patient acts, `course` for a course's; `at`
    for when it was observed, where the body does not say; "second": true where the person of
    --second stands by. What is refused is reported with its line and the others go in; the exit
    status is then 1.

    With --from-infusions a clinic marked as a replay is made, and one line is printed for each
    segment. A refused infusion is one line on standard error, with its name and line in the file.

    With --vials too, each vial of that table is received, opened and drawn from, its waste is
    witnessed and its infusion reconciled. A line for each infusion and drug then says that the
    balance closes, or names the discrepancy, and the location, of which `chairside custody log
    --location ID` prints the log.
    """
    if (file is None) == (from_infusions is None):
        raise Stop("Either FILE or --from-infusions FILE.csv.", status=BAD_USAGE)
    if vials is not None and from_infusions is None:
        raise Stop("--vials FILE.csv goes with --from-infusions FILE.csv.", status=BAD_USAGE)
    if from_infusions is not None:
        replay_infusions(from_infusions, vials, as_json=as_json)
    elif file is not None:
        content = file_bytes(file)
        with acting(username, secret_file) as one:
            _replay_acts(content, one, second_of(one, second), as_json=as_json)


def second_of(one: Acting, username: str | None) -> "Actor | None":
    """Who stands by, having proved it; nobody where no name is given."""
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

    wanted = one_of(SessionStatus, status, "--status")
    for line in every(
        lambda after: planning.find_sessions(
            one.clinic, one.actor, now=moment(), patient_id=patient, status=wanted, after_id=after
        )
    ):
        yield {
            "session": str(line.id), "status": line.status.value,
            "patient": str(line.patient_id),
            "protocol_version": str(line.protocol_version_id), "series": line.series,
        }  # fmt: skip
