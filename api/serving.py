"""Serving: our own TLS or a trusted proxy's, one process, and what must hold before it begins."""

import gc
import socket
import ssl
import sys
from contextlib import suppress

import uvicorn

from api.app import create_app
from api.cli_acting import Stop, opened, say
from api.cli_checkpoints import witness_at
from api.cookies import LOOPBACK_NAMES
from api.logs import LogLevel, log_to_stderr
from api.production import Start, faults, is_loopback, is_production
from api.settings import Settings
from protocol.records.clinics import clinics
from protocol.records.database import Database
from protocol.records.guards import missing_guards
from protocol.records.history import history_faults

ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, never listened on by itself


def serve(settings: Settings, host: str, port: int, level: LogLevel) -> None:
    """Serve the clinic until it is interrupted. Raises Stop, with a line for each fault."""
    with opened() as database:
        require_guards(database)
        require_history(database, settings)
        start = Start(settings, host, clinics(database))
    broken = faults(start)
    if broken:
        raise Stop(*broken)
    secure = _tls(settings)
    ready = settings.model_copy(
        update={"production": is_production(start), "allowed_hosts": hosts_of(settings, host)}
    )
    log_to_stderr(level)
    _listen(uvicorn.Server(_config(ready, level)), host, port, "https" if secure else "http")


def require_guards(database: Database) -> None:
    """Refuse to serve without every guard of the audit trail (R13). Raises Stop."""
    missing = missing_guards(database)
    if missing:
        raise Stop(*(f"The guard {name} is missing; nothing is served." for name in missing))


def require_history(database: Database, settings: Settings) -> None:
    """Refuse to serve a history that is shorter than its last checkpoint (R175). Raises Stop."""
    lost = history_faults(database, witness_at(settings.witness))
    if lost:
        raise Stop(*(f"{one} Nothing is served." for one in lost))


def hosts_of(settings: Settings, host: str) -> tuple[str, ...]:
    """The hosts that the server answers to: those allowed, or this machine's and its address."""
    if settings.allowed_hosts:
        return settings.allowed_hosts
    own = (
        () if host in ANY_ADDRESS or is_loopback(host) else (f"[{host}]" if ":" in host else host,)
    )
    return (*LOOPBACK_NAMES, *own)


def _tls(settings: Settings) -> bool:
    """Whether TLS is ours; certificate and key are tried before anything listens."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return False
    for name, path in (("CERTIFICATE", settings.tls_certificate), ("KEY", settings.tls_key)):
        if not path.is_file():
            raise Stop(f"CHAIRSIDE_TLS_{name}={path}: there is no such file.")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise Stop(
            f"CHAIRSIDE_TLS_CERTIFICATE={settings.tls_certificate}, CHAIRSIDE_TLS_KEY="
            f"{settings.tls_key}: they do not load as a certificate and its key ({error})."
        ) from error
    return True


def _config(settings: Settings, level: LogLevel) -> uvicorn.Config:
    """uvicorn as we run it. Without trusted proxies nobody's X-Forwarded-For is believed: by itself
    uvicorn believes whatever comes from loopback."""
    return uvicorn.Config(
        create_app(settings), loop="uvloop", http="httptools", ws="none", log_config=None,
        log_level=level.value, access_log=False, server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ssl_certfile=settings.tls_certificate, ssl_keyfile=settings.tls_key,
    )  # fmt: skip


def _spare_collections() -> None:
    """What start-up made lives as long as the process: a full collection over it took 40 ms
    (performance B). A request leaves thousands of objects that die with it, so the young ones are
    collected less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _listen(server: uvicorn.Server, host: str, port: int, scheme: str) -> None:
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
        say(f"Chairside is at {scheme}://{shown}:{listening.getsockname()[1]}/ (Ctrl-C ends it).")
        sys.stdout.flush()
        _spare_collections()
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it is ended
            server.run(sockets=[listening])
        if not server.started:
            raise Stop("The server did not start; what it said stands above.")
