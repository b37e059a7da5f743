"""`chairside protocol`, `policy` and `form`: import, export, list, approve, activate, retire."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID, uuid5

import typer

from api.cli_acting import (
    BAD_USAGE,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    file_bytes,
    listed,
    moment,
    program,
    write_out,
)

if TYPE_CHECKING:
    from protocol.records.versions import Version

Kind = Literal["protocol", "policy", "form", "jurisdiction"]
VersionId = Annotated[UUID, typer.Argument(help="The version's id, as `list` shows it.")]
Format = Annotated[
    str | None,
    typer.Option("--format", help="json or yaml; absent: by the file's extension, else json."),
]
_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_VERBS = {
    "approve": "Approve a version, as a physician who is not its author.",
    "activate": "Put an approved version in force; the one before it retires.",
    "retire": "Retire a version: no new session is pinned to it.",
}


_HELP: dict[Kind, str] = {
    "protocol": "The clinic's protocol in its versions. No protocol ships with the program.",
    "policy": "The clinic's policy in its versions. No policy ships with the program.",
    "form": "The clinic's forms in their versions: checklists, discharge lists, questionnaires."
            " None is in force that the clinic did not approve.",
    "jurisdiction": "What the law of the place asks of controlled drugs, in its versions. None"
                    " ships with the program.",
}  # fmt: skip


def app_of(kind: Kind) -> typer.Typer:
    """The commands of one kind of document."""
    app = program(help=_HELP[kind])
    _add_import(app, kind)
    _add_export(app, kind)
    _add_list(app, kind)
    for verb, words in _VERBS.items():
        _add_verb(app, kind, verb, words)
    return app


def _add_import(app: typer.Typer, kind: Kind) -> None:
    @app.command("import", help=f"Draft a {kind} version from a file. A number with a point is in"
                 " quotes; every fault is a line with its path.")  # fmt: skip
    def import_(
        file: Annotated[Path, typer.Argument(help="JSON or YAML file, or - for standard input.")],
        version_id: Annotated[
            UUID | None, typer.Option("--id", help="The version's id; absent: by its content.")
        ] = None,
        format_: Format = None,
        username: As = "",
        secret_file: SecretFile = None,
        as_json: AsJson = False,
    ) -> None:
        from api.documents import DocumentFaulty, document_from
        from protocol.commands import authoring
        from protocol.rules.errors import DocumentInvalid
        from protocol.rules.signature import digest_of

        try:
            document = document_from(_text(file), kind, _format(format_, file))
        except DocumentFaulty as faulty:
            raise Stop(*faulty.lines) from faulty
        except DocumentInvalid as invalid:
            raise Stop(invalid.sentence) from invalid
        with acting(username, secret_file) as one:
            own = uuid5(one.clinic.id, digest_of(document.model_dump(mode="json")))
            version = authoring.draft(
                one.clinic, one.actor, version_id or own, document, now=moment()
            )
        listed([_line(version)], as_json=as_json)


def _add_export(app: typer.Typer, kind: Kind) -> None:
    @app.command("export", help=f"Write a {kind} version as it can be imported again.")
    def export(
        version_id: VersionId,
        out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")] = None,
        format_: Format = None,
        username: As = "",
        secret_file: SecretFile = None,
    ) -> None:
        from api.documents import document_text
        from protocol.commands import authoring

        wanted = _format(format_, out)
        with acting(username, secret_file) as one:
            version = authoring.version(one.clinic, one.actor, kind, version_id, now=moment())
        write_out(out, document_text(version.document, wanted).encode())


def _add_list(app: typer.Typer, kind: Kind) -> None:
    @app.command("list", help=f"List every {kind} version: id, name, number, status, digest.")
    def list_(username: As = "", secret_file: SecretFile = None, as_json: AsJson = False) -> None:
        from protocol.commands import authoring

        with acting(username, secret_file) as one:
            found = authoring.versions(one.clinic, one.actor, kind, now=moment())
        listed(map(_line, found), as_json=as_json)


def _add_verb(app: typer.Typer, kind: Kind, verb: str, words: str) -> None:
    @app.command(verb, help=words)
    def act(
        version_id: VersionId,
        username: As = "",
        secret_file: SecretFile = None,
        as_json: AsJson = False,
    ) -> None:
        from protocol.commands import authoring

        commands = {
            "approve": authoring.approve,
            "activate": authoring.activate,
            "retire": authoring.retire,
        }
        with acting(username, secret_file) as one:
            version = commands[verb](one.clinic, one.actor, kind, version_id, now=moment())
        listed([_line(version)], as_json=as_json)


def _line(version: "Version") -> dict[str, object]:
    return {
        "id": str(version.id), "name": version.name, "number": version.number,
        "status": version.status.value, "digest": version.digest, "author": version.author.name,
    }  # fmt: skip


def _text(file: Path) -> str:
    try:
        return file_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Stop(f"document: it is not UTF-8 text (byte {error.start})") from error


def _format(named: str | None, file: Path | None) -> str:
    by_name = _SUFFIXES.get(file.suffix.lower(), "json") if file else "json"
    if named not in (None, "json", "yaml"):
        raise Stop("--format is json or yaml.", status=BAD_USAGE)
    return named or by_name
