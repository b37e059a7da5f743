"""What every command of the program shares: its database, who acts, and how it answers."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol, TypeVar
from uuid import UUID

import typer

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from api.settings import Settings
    from protocol.records.clinics import Clinic
    from protocol.records.database import Database
    from protocol.rules.actions import Actor

DOES_NOT_HOLD, BAD_USAGE = 1, 2
WORKSTATION = "command line"

As = Annotated[
    str, typer.Option("--as", envvar="CHAIRSIDE_AS", help="User name of the person who acts.")
]
SecretFile = Annotated[
    Path | None,
    typer.Option(
        help="File whose first line is that person's secret, or - for standard input. Absent:"
        " CHAIRSIDE_SECRET, or else it is asked for."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]


class _Listed(Protocol):
    """A line of a list that goes on after its id."""

    @property
    def id(self) -> UUID: ...


_Each = TypeVar("_Each", bound=_Listed)
_Named = TypeVar("_Named", bound=StrEnum)


class Stop(Exception):
    """The command ends here: plain lines for standard error, and the exit status."""

    def __init__(self, *lines: str, status: int = DOES_NOT_HOLD) -> None:
        super().__init__(*lines)
        self.lines, self.status = lines, status


class Acting(NamedTuple):
    """A signed-in person at the clinic of this database."""

    clinic: "Clinic"
    actor: "Actor"
    secret: str
    token: str = ""


def program(**more: str) -> typer.Typer:
    """A group of commands that prints plainly: no boxes, no colours, no completion."""
    return typer.Typer(
        no_args_is_help=True, add_completion=False, rich_markup_mode=None,
        pretty_exceptions_enable=False, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def moment() -> datetime:
    """Now, as an act takes it."""
    return datetime.now(UTC)


def say(text: str) -> None:
    """A line of the answer."""
    typer.echo(text)


def say_json(value: object) -> None:
    """A line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def complain(text: str) -> None:
    """A plain line on standard error."""
    typer.echo(f"chairside: {' '.join(text.split())}", err=True)


def settings() -> "Settings":
    """Where this installation lives, from the environment. Raises Stop for what it cannot be."""
    from pydantic import ValidationError

    from api.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        raise Stop(*map(_setting_fault, error.errors()), status=BAD_USAGE) from None


def _setting_fault(error: "ErrorDetails") -> str:
    """The setting, its value and the rule; the database's address may hold a password."""
    name = str(error["loc"][0])
    value = "" if name == "database_url" else f"={error['input']}"
    return f"CHAIRSIDE_{name.upper()}{value}: {error['msg'].removeprefix('Value error, ')}."


@contextmanager
def opened() -> Iterator["Database"]:
    """The database, which is there and at the newest migration. Raises Stop."""
    from protocol.records.database import Database, is_current

    database = Database(settings().url)
    database.breached_hashes = settings().breached_hashes
    try:
        path = database.path
        if path is not None and not path.is_file():
            raise Stop(f"There is no database at {path}; `chairside init` makes one.")
        if not is_current(database):
            raise Stop("The database is not at the newest migration; `chairside migrate` runs it.")
        yield database
    finally:
        database.close()


@contextmanager
def migrated() -> Iterator["Database"]:
    """The database, made and migrated where it was not."""
    from protocol.records.database import Database, upgrade

    database = Database(settings().url)
    database.breached_hashes = settings().breached_hashes
    if database.path is not None:
        # A record is nobody else's on this machine to read.
        database.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.path.touch(mode=0o600)
    upgrade(database.url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def made() -> Iterator["Database"]:
    """The database, made where it was not; one that is there is never migrated in passing."""
    from protocol.records.database import Database

    path = Database(settings().url).path
    there = path is not None and path.is_file() and path.stat().st_size > 0
    with opened() if there else migrated() as database:
        yield database


@contextmanager
def acting(username: str, secret_file: Path | None) -> Iterator[Acting]:
    """Someone who proved who they are; signed out again at the end. Raises SignInFailed.

    A demonstration or replay clinic holds nobody's record: there an unnamed caller looks, and only
    looks, as the program itself, and is audited as such. A real clinic knows who looks (R40).
    """
    from protocol.commands import signing_in
    from protocol.records.clinics import clinic_by

    with opened() as database:
        clinic = clinic_by(database, None)
        if not username:
            yield _unnamed(clinic)
            return
        secret, code = secret_of(username, secret_file), code_of(secret_file)
        signed_in = signing_in.sign_in(
            clinic, username, secret, now=moment(), workstation=WORKSTATION, code=code
        )  # fmt: skip
        try:
            yield Acting(clinic, signed_in.actor, secret, signed_in.token)
        finally:
            signing_in.sign_out(clinic, signed_in.actor, signed_in.token, now=moment())


def _unnamed(clinic: "Clinic") -> Acting:
    from protocol.commands.proving import system_actor
    from protocol.records.clinics import REAL
    from protocol.rules.actions import Role

    if clinic.purpose == REAL:
        raise Stop("--as USERNAME says who acts.", status=BAD_USAGE)
    looking = system_actor(clinic.id, frozenset({Role.AUDITOR}))
    return Acting(clinic, looking.model_copy(update={"workstation": WORKSTATION}), "")


def secret_of(whose: str, file: Path | None, variable: str = "CHAIRSIDE_SECRET") -> str:
    """A secret from a file, the environment, or the keyboard: never an argument, which `ps` shows.

    Without a terminal the next line of standard input is it. Raises Stop where there is none.
    """
    if file is not None and str(file) != "-":
        lines = file.read_text("utf-8").splitlines()
        secret = lines[0] if lines else ""
    elif file is None and os.environ.get(variable):
        secret = os.environ[variable]
    elif file is None and sys.stdin.isatty():
        secret = typer.prompt(f"Secret of {whose}", hide_input=True, err=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise Stop(f"The secret of {whose} is empty.", status=BAD_USAGE)
    return str(secret)


def code_of(secret_file: Path | None = None) -> str | None:
    """A code of the second factor: CHAIRSIDE_CODE, or asked for where the secret was."""
    if os.environ.get("CHAIRSIDE_CODE"):
        return os.environ["CHAIRSIDE_CODE"]
    if secret_file is None and not os.environ.get("CHAIRSIDE_SECRET") and sys.stdin.isatty():
        asked = "Code of the second factor, empty without one"
        return str(typer.prompt(asked, default="", show_default=False, err=True)) or None
    return None


def file_bytes(path: Path) -> bytes:
    """The content of a file, or of standard input for `-`. Raises Stop where it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise Stop(f"{path}: {error.strerror or error}.", status=BAD_USAGE) from error


def write_out(path: Path | None, content: bytes) -> None:
    """Write to a file, or to standard output where none is named."""
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    else:
        path.write_bytes(content)


def listed(rows: Iterable[dict[str, object]], *, as_json: bool) -> None:
    """One line a row: JSON, or the values one after the other."""
    for row in rows:
        if as_json:
            say_json(row)
        else:
            say("  ".join("-" if value in (None, "") else str(value) for value in row.values()))


def one_of(kind: type[_Named], said: str | None, option: str) -> _Named | None:
    """The member that an option names, if it was given. Raises Stop."""
    if said is None:
        return None
    if said not in set(kind):
        raise Stop(f"{option} is one of {', '.join(kind)}.", status=BAD_USAGE)
    return kind(said)


def every(page_after: "Callable[[UUID | None], Sequence[_Each]]") -> Iterator[_Each]:
    """Everything of a list that comes in keyset pages, each after the last id of the one before."""
    after: UUID | None = None
    while page := page_after(after):
        yield from page
        after = page[-1].id


def leave_trace(database: "Database", action: str) -> None:
    """Audit an act that the program itself does for whoever holds the database (R10)."""
    from protocol.commands.proving import system_actor
    from protocol.records.clinics import clinics
    from protocol.records.reading import reading
    from protocol.rules.actions import Action, Role

    for clinic in clinics(database):
        actor = system_actor(clinic.id, frozenset({Role.ADMINISTRATOR}))
        with reading(clinic, actor, Action(action), moment()):
            pass


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """How far it is, as a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)
