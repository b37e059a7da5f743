"""`chairside init`, `demo` and `serve`: making a clinic, and serving it."""

import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_acting import (
    AsJson,
    SecretFile,
    Stop,
    made,
    moment,
    opened,
    say,
    say_json,
    secret_of,
    settings,
)

if TYPE_CHECKING:
    from protocol.records.database import Database

LOOPBACK = "127.0.0.1"
PORT = 8000
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the program."""
    app.command("demo")(demo)
    app.command("init")(init)
    app.command("serve")(serve)


def init(
    clinic: Annotated[str, typer.Option(help="Name of the clinic, as printed.")],
    zone: Annotated[str, typer.Option(help="IANA time zone, such as Europe/Paris.")],
    username: Annotated[str, typer.Option(help="User name of the first administrator.")],
    name: Annotated[str, typer.Option(help="The administrator's name, as printed.")],
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Make the first clinic and its administrator, with a secret of twelve characters or more.

    It has no protocol, no policy and no limits: those are the clinic's physicians' to write.
    """
    from zoneinfo import available_timezones

    from uuid_utils.compat import uuid7

    from api.documents import shaped
    from protocol.commands import people
    from protocol.records.clinics import clinics
    from protocol.rules.actions import Role

    if zone not in available_timezones():
        raise Stop(f"{zone} is not an IANA time zone.", status=2)
    secret = secret_of(username, secret_file)
    values = {"id": uuid7(), "username": username, "name": name, "secret": secret}
    first = shaped(people.PersonIn, {**values, "roles": (Role.ADMINISTRATOR,)})
    with made() as database:
        if clinics(database):
            raise Stop("There is a clinic already.")
        founded = people.found_clinic(database, first, name=clinic, zone=zone, now=moment())
    if as_json:
        say_json({"clinic": str(founded.id), "name": founded.name, "administrator": username})
    else:
        say(f"Clinic {founded.name} is made; {username} is its administrator.")


def demo(
    host: Host = LOOPBACK,
    port: Port = PORT,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make it and exit.")] = False,
) -> None:
    """Make the demonstration clinic where there is none, print its sign-ins, and serve it.

    Every person, number and drug in it is invented. The sign-ins are made at random for each
    demonstration and kept in CHAIRSIDE_HOME/demo-sign-ins.txt; a printed report of its audit
    trail lies beside them as demo-audit-report.pdf.
    """
    from api.demo import demonstration, sign_ins

    home = settings().home
    with made() as database:
        demonstration(database, home)
    for line in sign_ins(home):
        say(line)
    if no_serve:
        return
    with opened() as database:
        _require_guards(database)
    _listen(host, port)


def serve(host: Host = LOOPBACK, port: Port = PORT) -> None:
    """Serve the clinic in one process; refused where a migration or a guard is missing (R13)."""
    with opened() as database:
        _require_guards(database)
    _listen(host, port)


def _require_guards(database: "Database") -> None:
    from protocol.records.guards import missing_guards

    missing = missing_guards(database)
    if missing:
        raise Stop(*(f"The guard {name} is missing; nothing is served." for name in missing))


def _listen(host: str, port: int) -> None:
    import uvicorn

    from api.app import create_app

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings()), loop="uvloop", http="httptools", log_level="warning",
            access_log=False, server_header=False,
        )
    )  # fmt: skip
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            # From here on a caller waits for the server and is not turned away.
            listening.listen(server.config.backlog)
        except OSError as error:
            raise Stop(f"{host} port {port}: {error.strerror or error}.") from error
        shown = f"[{host}]" if ":" in host else host
        say(f"Chairside is at http://{shown}:{listening.getsockname()[1]}/ (Ctrl-C ends it).")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is ended
            server.run(sockets=[listening])
        if not server.started:
            raise Stop("The server did not start; what it said stands above.")
