"""`chairside session replay --from-infusions FILE.csv --vials VIALS.csv`."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from api.cli_acting import BAD_USAGE, Stop, complain, file_bytes, listed, made, say, say_json

if TYPE_CHECKING:
    from api.replay_clinic import ReplayClinic
    from api.replay_rows import Infusion, Refused
    from api.vial_rows import Vials

FromInfusions = Annotated[
    Path | None,
    typer.Option(help="CSV of charted infusions, replayed into an empty CHAIRSIDE_HOME."),
]
VialsTable = Annotated[
    Path | None,
    typer.Option(help="CSV of the vials that the infusions came from, with --from-infusions."),
]
_Each = TypeVar("_Each")


def replay_infusions(path: Path, vials: Path | None, *, as_json: bool) -> None:
    """Chart the infusions of a file, and enter their vials. Exits with 1 where one is refused."""
    from api.replay_clinic import replay_clinic
    from api.replay_rows import read_infusions
    from api.vial_rows import read_vials

    infusions = _read(path, read_infusions)
    tables = [] if vials is None else _read(vials, read_vials)
    with made() as database:
        here = replay_clinic(database)
        refused = _chart(here, path, infusions, as_json=as_json)
        lacking = 0
        if vials is not None:
            charted = {one.name: one for one in infusions if one.name not in refused}
            lacking = _enter(here, vials, charted, tables, as_json=as_json)
    if refused or lacking:
        raise typer.Exit(1)


def _read(path: Path, read: Callable[[bytes], list[_Each]]) -> list[_Each]:
    from api.replay_rows import NotAFile

    try:
        return read(file_bytes(path))
    except NotAFile as error:
        raise Stop(f"{path}: {error}.", status=BAD_USAGE) from error


def _chart(
    here: "ReplayClinic", path: Path, infusions: "list[Infusion | Refused]", *, as_json: bool
) -> set[str]:
    """Chart and print; the names of those that were refused."""
    from api.replay_infusions import replay
    from api.replay_rows import Refused

    refused = set()
    for one in _with_progress(replay(here, infusions), len(infusions)):
        if isinstance(one, Refused):
            refused.add(one.name)
            _complain_of(path, "infusion", one)
        else:
            listed((each._asdict() for each in one), as_json=as_json)
    return refused


def _enter(
    here: "ReplayClinic", path: Path, charted: "dict[str, Infusion | Refused]",
    tables: "list[Vials | Refused]", *, as_json: bool,
) -> int:  # fmt: skip
    """Enter the vials and print the balances; how many infusions' custody was refused."""
    from api.replay_rows import Infusion, Refused
    from api.replay_vials import replay_vials

    known = {name: one for name, one in charted.items() if isinstance(one, Infusion)}
    refused = 0
    for one in replay_vials(here, known, tables):
        if isinstance(one, Refused):
            refused += 1
            _complain_of(path, "the custody of infusion", one)
            continue
        for each in one:
            if as_json:
                say_json(each.as_dict())
            else:
                say(each.as_text())
    return refused


def _complain_of(path: Path, what: str, one: "Refused") -> None:
    complain(
        f"{path}, line {one.line}: {what} {one.name or '(no name)'} is refused"
        f" ({one.refusal.code}): {one.refusal.sentence}"
    )


def _with_progress(steps: Iterable[_Each], total: int) -> Iterator[_Each]:
    """The steps, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import track

    yield from track(
        steps, total=total, description="Replaying", console=Console(stderr=True),
        disable=not sys.stderr.isatty() or sys.stdout.isatty(), transient=True,
    )  # fmt: skip
