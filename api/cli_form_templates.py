"""`chairside form templates` and `chairside form template NAME`: text to be edited and imported."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli_acting import BAD_USAGE, AsJson, Stop, listed, write_out


def add_to(app: typer.Typer) -> None:
    """The two commands, beside those of the clinic's own forms."""
    app.command("templates")(list_templates)
    app.command("template")(print_template)


def list_templates(as_json: AsJson = False) -> None:
    """List the templates that ship: name, purpose, title, places left open for the clinic."""
    from api.shipped_forms import templates

    listed((one._asdict() for one in templates()), as_json=as_json)


def print_template(
    name: Annotated[str, typer.Argument(help="The template, as `templates` lists it.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="File to write.")] = None,
) -> None:
    """Print a template as YAML, to be edited and then given to `form import`.

    A template is in force nowhere. Places that it leaves open say so, and `form import` names each
    that was not filled in.
    """
    from api.shipped_forms import names, template_text

    if name not in names():
        raise Stop(f"There is no template {name}; `form templates` lists them.", status=BAD_USAGE)
    write_out(out, template_text(name).encode())
