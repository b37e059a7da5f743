"""`chairside audit checkpoint`, `proof` and `key`: signed heads of the chain, for others."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_acting import (
    BAD_USAGE,
    AsJson,
    Stop,
    file_bytes,
    moment,
    opened,
    say,
    say_json,
    settings,
)

if TYPE_CHECKING:
    from protocol.records.claims import Held
    from protocol.records.clinics import Clinic
    from protocol.records.database import Database
    from protocol.records.witness import Witness
    from protocol.rules.actions import Actor
    from protocol.rules.checkpoints import Checkpoint, Verifier

AsWitness = Annotated[
    Path | None,
    typer.Option(
        envvar="CHAIRSIDE_WITNESS",
        help="File or directory, of another host's at best, that holds every checkpoint so far.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands beside `audit verify`."""
    app.command("checkpoint")(checkpoint)
    app.command("proof")(proof)
    app.command("key")(key)


def checkpoint(
    witness: AsWitness = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the signed notes to this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign the head of every clinic's chain, keep it, and show it to the witness (R182).

    The key is made at the first use, at CHAIRSIDE_CHECKPOINT_KEY or else in CHAIRSIDE_HOME. A head
    that does not go on from the last one, or that the witness refuses, is not signed: exit 1.
    """
    from protocol.commands.checkpoints import sign_checkpoint
    from protocol.records.checkpoint_key import made_or_read
    from protocol.rules.checkpoints import public_half

    place = witness_at(witness)
    with opened() as database:
        signing_key = made_or_read(settings().key_path)
        made = [
            sign_checkpoint(clinic, actor, signing_key, now=moment(), witness=place)
            for clinic, actor in _acting(database)
        ]
    if output is not None:
        output.write_text("\n".join(one.note for one in made), "utf-8")
    for one in made:
        if as_json:
            words = public_half(signing_key, one.origin).words
            say_json({**_as_dict(one), "verifier_key": words, "witnessed": place is not None})
        elif output is None:
            say(one.note)


def _acting(database: "Database") -> "list[tuple[Clinic, Actor]]":
    """Every clinic, with the program itself as who acts: who holds the key signs (R182)."""
    from protocol.commands.proving import system_actor
    from protocol.records.clinics import clinics
    from protocol.rules.actions import Role

    program = frozenset({Role.ADMINISTRATOR})
    return [(clinic, system_actor(clinic.id, program)) for clinic in clinics(database)]


def _as_dict(one: "Checkpoint") -> dict[str, Any]:
    return {
        "clinic": str(one.clinic_id), "size": one.head.size, "root": one.head.root.hex(),
        "note": one.note,
    }  # fmt: skip


def witness_at(place: Path | None) -> "Witness | None":
    """The witness that was named. Raises Stop where its directory is not there."""
    from protocol.records.witness import Witness

    if place is None:
        return None
    if not place.absolute().parent.is_dir():
        raise Stop(f"{place.parent}: No such file or directory.", status=BAD_USAGE)
    return Witness(place)


def proof(
    number: Annotated[int, typer.Argument(min=1, help="The audit entry's number.")],
    size: Annotated[
        int | None,
        typer.Option(min=1, help="In the tree of so many entries; else of the last checkpoint."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that an entry is in the tree, to someone who has a checkpoint and nothing else.

    RFC 9162 section 2.1.3.2 says how the leaf and the path lead to the root.
    """
    from protocol.commands.checkpoints import prove_included

    with opened() as database:
        acting = _acting(database)
        if len(acting) != 1:
            raise Stop("There are several clinics; the API proves for each.", status=BAD_USAGE)
        [(clinic, actor)] = acting
        found = prove_included(clinic, actor, number, now=moment(), size=size)
    path = [one.hex() for one in found.path]
    if as_json:
        say_json(
            {
                "clinic": str(clinic.id), "number": number, "index": number - 1,
                "leaf": found.leaf.hex(), "size": found.head.size, "root": found.head.root.hex(),
                "path": path,
            }
        )  # fmt: skip
        return
    say(f"clinic {clinic.id}, entry {number}: leaf {found.leaf.hex()}, index {number - 1}")
    say(f"tree of {found.head.size} entries: root {found.head.root.hex()}")
    for place, one in enumerate(path, start=1):
        say(f"path {place}: {one}")


def key(as_json: AsJson = False) -> None:
    """Print the verifier key of every clinic's checkpoints; the signing key stays where it is."""
    from protocol.records.checkpoint_key import read
    from protocol.rules.checkpoints import origin_of, public_half

    with opened() as database:
        signing_key = read(settings().key_path)
        for clinic, _ in _acting(database):
            words = public_half(signing_key, origin_of(clinic.id)).words
            if as_json:
                say_json({"clinic": str(clinic.id), "verifier_key": words})
            else:
                say(words)


def verifiers(more: Sequence[str]) -> "list[Verifier]":
    """The keys that a checkpoint may be signed with: this installation's, and those given."""
    from protocol.records.checkpoint_key import read
    from protocol.rules.checkpoints import public_half, verifier_of

    found = []
    if settings().key_path.exists():
        found.append(public_half(read(settings().key_path), ""))
    for words in more:
        path = Path(words)
        found.append(verifier_of(path.read_text("utf-8") if path.is_file() else words))
    return found


def held_against(
    files: Sequence[Path], witness: Path | None, trusted: "Sequence[Verifier]"
) -> "tuple[list[Held], list[str]]":
    """Every checkpoint that was given from outside, and what is said of those that nobody signed.

    Raises Stop where a file is no file of checkpoints.
    """
    from protocol.records.claims import held
    from protocol.rules.errors import CheckpointInvalid

    found, wrong = [], []
    given = [(one, f"the checkpoint in {file}") for file in files for one in _notes(file)]
    place = witness_at(witness)
    if place is not None:
        by = f"a checkpoint of the witness {witness}"
        given += [(one, by) for file in place.files() for one in _notes(file)]
        if not place.files():
            raise Stop(f"The witness {witness} holds no checkpoint.", status=BAD_USAGE)
    for one, by in given:
        try:
            found.append(held(one, trusted, by))
        except CheckpointInvalid as refusal:
            wrong.append(f"{by}: {refusal.sentence}")
    return found, wrong


def _notes(file: Path) -> "list[Checkpoint]":
    from protocol.rules.checkpoints import checkpoints_in
    from protocol.rules.errors import CheckpointInvalid

    try:
        notes = list(checkpoints_in(file_bytes(file).decode()))
    except (CheckpointInvalid, UnicodeDecodeError) as error:
        raise Stop(f"{file}: {error}", status=BAD_USAGE) from error
    if not notes:
        raise Stop(f"{file} holds no checkpoint.", status=BAD_USAGE)
    return notes
