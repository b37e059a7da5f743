"""`chairside`, the program. Exit status: 0 done, 1 a check does not hold or an act was refused,
2 bad usage. An error is one plain line on standard error."""

import os
import sys
from collections.abc import Sequence
from functools import cache

import typer
from typer.exceptions import Abort, TyperException

from api import (
    cli_audit,
    cli_clinic,
    cli_courses,
    cli_documents,
    cli_downtime,
    cli_form_templates,
    cli_keeping,
    cli_people,
    cli_registers,
    cli_sealing,
    cli_sessions,
    cli_upkeep,
)
from api.cli_acting import BAD_USAGE, DOES_NOT_HOLD, Stop, complain, program

_INTERRUPTED = 130

app = program(
    help="Chairside keeps the record of an infusion session. It records; it never recommends."
    " CHAIRSIDE_HOME names its folder (default ./chairside-data), CHAIRSIDE_DATABASE_URL another"
    " database."
)
cli_clinic.add_to(app)
cli_upkeep.add_to(app)
app.add_typer(cli_people.app, name="user")
_protocols = cli_documents.app_of("protocol")
cli_downtime.add_to(_protocols, cli_sessions.app)
app.add_typer(_protocols, name="protocol")
app.add_typer(cli_documents.app_of("policy"), name="policy")
_forms = cli_documents.app_of("form")
cli_form_templates.add_to(_forms)
app.add_typer(_forms, name="form")
app.add_typer(cli_documents.app_of("jurisdiction"), name="jurisdiction")
app.add_typer(cli_registers.app, name="custody")
cli_sealing.add_to(cli_sessions.app)
app.add_typer(cli_sessions.app, name="session")
app.add_typer(cli_courses.app, name="course")
app.add_typer(cli_sealing.keys, name="seal-key")
app.add_typer(cli_audit.app, name="audit")
app.add_typer(cli_keeping.holds, name="hold")
app.add_typer(cli_keeping.disclosures, name="disclosure")
app.add_typer(cli_keeping.amendments, name="amendment")
_command = cache(lambda: typer.main.get_command(app))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and answer its exit status; nothing but that leaves it."""
    try:
        return _command()(list(arguments), "chairside", standalone_mode=False) or 0
    except Stop as stop:
        for line in stop.lines:
            complain(line)
        return stop.status
    except TyperException as error:
        complain(error.format_message())
        return error.exit_code
    except (Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has gone; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DOES_NOT_HOLD
    except Exception as error:
        if os.environ.get("CHAIRSIDE_TRACEBACK"):
            raise
        complain(_sentence(error))
        return BAD_USAGE if getattr(error, "code", "") == "invalid-shape" else DOES_NOT_HOLD


def _sentence(error: Exception) -> str:
    """What went wrong in one sentence; CHAIRSIDE_TRACEBACK=1 shows where."""
    from protocol.rules.errors import Refusal

    if isinstance(error, Refusal):
        return error.sentence
    if isinstance(error, OSError):
        return f"{error.filename or 'input or output'}: {error.strerror or error}"
    return f"{type(error).__name__}: {error}".splitlines()[0]


def main() -> None:
    """The entry point of the program."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
