"""`chairside session summary`: one sheet, or the sheets of every session, on all processors."""

import json
import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
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
    moment,
    progress,
    say,
    say_json,
    settings,
    write_out,
)

if TYPE_CHECKING:
    from datetime import datetime

    from protocol.records.session_search import Changed
    from reports.pressroom import Wanted

LIST = "printed.jsonl"


def add_to(app: typer.Typer) -> None:
    """Put this command beside `session export`."""
    app.command("summary")(summary)


def summary(
    out: Annotated[
        Path, typer.Option("-o", "--out", help="PDF file to write; with --all, a directory.")
    ],
    session_id: Annotated[UUID | None, typer.Argument(help="The session.")] = None,
    signature: Annotated[
        UUID | None, typer.Option(help="The kept file of this signature, byte for byte.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every session, each in a file named by its id.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(help="With --all: only what was prepared from this moment on, with its zone."),
    ] = None,
    processes: Annotated[
        int, typer.Option(min=0, help="With --all: how many print; 0: one for each processor.")
    ] = 0,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Print the summary of a session as PDF, or the summaries of all.

    Where the last signature covers all that there is, it is the sealed file that was kept of it.
    With --all the directory also gets a list, printed.jsonl, of what was printed of which state of
    the record: the same command again prints only what is new, changed, lacking or damaged. A
    record that cannot be printed is named at the end, the others are printed, and the exit status
    is 1.
    """
    one_alone = since is None and not everything
    if (session_id is None) is not everything or not (one_alone or signature is None):
        raise Stop("Either a session, or --all with or without --since.", status=BAD_USAGE)
    begin = _since(since)
    with acting(username, secret_file) as one:
        if session_id is not None:
            _print_one(one, session_id, signature, out)
        else:
            _print_all(_begun(one, out), begin, processes or os.cpu_count() or 1, as_json=as_json)


def _print_one(one: Acting, session_id: UUID, signature: UUID | None, out: Path) -> None:
    from api.summaries import Press
    from reports.fonts import lacking_said

    press, now = Press(settings()), moment()
    if signature is not None:
        kept = press.signed(one.clinic, one.actor, session_id, signature, now)
        write_out(out, kept.content)
        return
    sheet = press.of_now(one.clinic, one.actor, session_id, now)
    write_out(out, sheet.content)
    if sheet.lacking:
        complain(lacking_said(sheet.lacking))


def _begun(one: Acting, folder: Path) -> "_Printing":
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"{folder}: {error.strerror or error}.", status=BAD_USAGE) from error
    printing = _Printing(one, folder, {})
    printing.read_list()
    return printing


def _since(said: str | None) -> "datetime | None":
    from pydantic import TypeAdapter, ValidationError

    from protocol.rules.values import Instant

    if said is None:
        return None
    try:
        moment_said: datetime = TypeAdapter(Instant).validate_python(said)
    except ValidationError as error:
        raise Stop(f"--since {said}: {error.errors()[0]['msg']}", status=BAD_USAGE) from None
    return moment_said


class _Printing(NamedTuple):
    """Who prints into which directory, and what stands there of which session."""

    one: Acting
    folder: Path
    stands: dict[UUID, dict[str, Any]]

    def read_list(self) -> None:
        """What an earlier run printed. A last line that was cut short counts for nothing."""
        path = self.folder / LIST
        path.touch()
        said = path.read_text("utf-8", errors="replace")
        if said and not said.endswith("\n"):
            path.write_text(f"{said}\n", "utf-8")
        for line in said.splitlines():
            try:
                entry = json.loads(line)
                self.stands[UUID(entry["session"])] = entry
            except (ValueError, KeyError, TypeError):
                complain(f"{path}: a line is not one of ours and is passed over")

    def lacks(self, session: "Changed") -> bool:
        """Whether the sheet of this state of the record is not there, or not as it was printed."""
        entry = self.stands.get(session.id)
        path = self.folder / f"{session.id}.pdf"
        if entry is None or entry.get("entry") != session.number or not path.is_file():
            return True
        return sha256(path.read_bytes()).hexdigest() != entry.get("sha256")

    def keep(self, session: "Changed", pdf: bytes) -> dict[str, object]:
        """Write the sheet whole or not at all, then its line of the list."""
        path = self.folder / f"{session.id}.pdf"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(pdf)
        unfinished.replace(path)
        entry: dict[str, object] = {
            "session": str(session.id), "entry": session.number, "file": path.name,
            "sha256": sha256(pdf).hexdigest(), "printed_at": moment().isoformat(),
        }  # fmt: skip
        with (self.folder / LIST).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        return entry


def _print_all(
    printing: _Printing, since: "datetime | None", processes: int, *, as_json: bool
) -> None:
    from protocol.commands import planning
    from reports.pressroom import print_all

    one = printing.one
    every = planning.last_changes(one.clinic, one.actor, now=moment(), since=since)
    run = _Run(printing, {each.id: each for each in every if printing.lacks(each)}, {}, as_json)
    with progress("Printing", len(run.lacking)) as advance:
        for printed in print_all(run.wanted(advance), processes):
            run.take(printed.session_id, printed.pdf, printed.fault)
            advance(1)
    for session_id, fault in run.faults.items():
        complain(f"session {session_id} is not printed: {fault}")
    if not as_json:
        done, stood = len(run.lacking) - len(run.faults), len(every) - len(run.lacking)
        say(f"{done} printed, {stood} stood already, {len(run.faults)} could not be printed.")
    if run.faults:
        raise typer.Exit(1)


class _Run(NamedTuple):
    """One run: what is lacking, and what could not be printed so far."""

    printing: _Printing
    lacking: "dict[UUID, Changed]"
    faults: dict[UUID, str]
    as_json: bool

    def take(self, session_id: UUID, pdf: bytes | None, fault: str = "") -> None:
        """What became of one session."""
        if pdf is None:
            self.faults[session_id] = fault
            return
        entry = self.printing.keep(self.lacking[session_id], pdf)
        if self.as_json:
            say_json(entry)

    def wanted(self, advance: Callable[[int], None]) -> "Iterator[Wanted]":
        """Each record as it is now, read when a press is free for it. What cannot be read is named,
        and of what is signed whole the kept file is taken as it is."""
        from api.summaries import Press
        from reports.pressroom import Wanted

        one, press = self.printing.one, Press(settings())
        for session_id in self.lacking:
            now = moment()
            try:
                found, kept = press.found(one.clinic, one.actor, session_id, now)
            except Exception as error:  # one bad record never stops the rest
                self.faults[session_id] = f"{type(error).__name__}: {error}"
                advance(1)
                continue
            if kept is None:
                yield Wanted(found.record, now, one.actor.name)
            else:
                self.take(session_id, kept.content)
                advance(1)
