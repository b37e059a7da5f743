"""`chairside init`, `demo` and `serve`: making a clinic, and serving it."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli_acting import (
    AsJson,
    SecretFile,
    Stop,
    made,
    moment,
    say,
    say_json,
    secret_of,
    settings,
)
from api.logs import LogLevel

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

    if settings().production:
        raise Stop("CHAIRSIDE_PRODUCTION=true: in production there is no demonstration clinic.")
    home = settings().home
    with made() as database:
        demonstration(database, home)
    for line in sign_ins(home):
        say(line)
    if no_serve:
        return
    from api.serving import serve as listen

    listen(settings(), host, port, LogLevel.WARNING)


def serve(
    host: Host = LOOPBACK,
    port: Port = PORT,
    tls_certificate: Annotated[
        Path | None,
        typer.Option(help="Certificate with its chain, PEM; or CHAIRSIDE_TLS_CERTIFICATE."),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="The certificate's key, PEM; or CHAIRSIDE_TLS_KEY.")
    ] = None,
    log_level: LogLevel = LogLevel.WARNING,
) -> None:
    """Serve the clinic in one process; refused where a migration or a guard is missing, or the
    history is shorter than its last checkpoint (R13, R175). CHAIRSIDE_WITNESS names a witness.

    A real clinic that others than this machine reach is held to the rules of production: TLS, this
    server's own or that of a proxy in CHAIRSIDE_TRUSTED_PROXIES; CHAIRSIDE_ALLOWED_HOSTS names the
    hosts that it answers to; no demonstration data; no weak secret. CHAIRSIDE_PRODUCTION=true asks
    for them anywhere. What does not hold is told in one line each, and nothing is served.
    """
    from api.serving import serve as listen

    given = {"tls_certificate": tls_certificate, "tls_key": tls_key}
    asked = settings().model_copy(update={k: v for k, v in given.items() if v is not None})
    listen(asked, host, port, log_level)
