"""A private PostgreSQL: made in a temporary folder, heard on loopback only, gone at the end."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.memory import folder_in_memory

INSTALL = "apt-get install -y --no-install-recommends postgresql"
PREFIX = "chairside-pg-"
START_TRIES = 3
START_SECONDS = 30.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
# What a test database may lose at a power cut is nothing anyone would miss.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# What lies in memory keeps its log short. It is vacuumed as ever: without statistics, what a longer
# test asks is planned as no clinic's database would.
SHORT_LIVED = {
    "wal_level": "minimal", "max_wal_senders": "0", "min_wal_size": "32MB", "max_wal_size": "96MB",
}  # fmt: skip


class PostgresMissing(Exception):
    """There is no PostgreSQL server on this machine."""


def server_programs() -> Path:
    """The folder of the newest installed initdb and postgres."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(debian, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])
    found = str(newest[-1]) if newest else shutil.which("initdb")
    if found is None:
        raise PostgresMissing(f"PostgreSQL is missing: {INSTALL}")
    return Path(found).parent


def _owner() -> dict[str, Any]:
    """Whom the server runs as: initdb and postgres refuse root, so root lends them a user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise PostgresMissing("PostgreSQL refuses root, and there is no user postgres or nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


def _copying(template: str, name: str) -> sql.Composed:
    # Copied as files, not written to the log first: in a tenth of the time.
    return sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
        sql.Identifier(name), sql.Identifier(template)
    )


class PostgresCluster:
    """One cluster, from `with` to the end of it; `durable` when its promises are under test,
    `in_memory` for databases that are made and dropped by the hundred (where there is room)."""

    def __init__(
        self, durable: bool = False, settings: Mapping[str, str] | None = None,
        in_memory: bool = False,
    ) -> None:  # fmt: skip
        self._in_memory = in_memory
        self.settings = (
            SETTINGS
            | ({} if durable else FORGETFUL)
            | (SHORT_LIVED if in_memory else {})
            | dict(settings or {})
        )
        self.port = 0
        self._owner = _owner()
        self._programs = server_programs()
        self._server: subprocess.Popen[bytes] | None = None
        self._folder = Path()

    def __enter__(self) -> Self:
        folder = folder_in_memory(PREFIX) if self._in_memory else tempfile.mkdtemp(prefix=PREFIX)
        self._folder = Path(folder)
        try:
            if self._owner:
                os.chown(self._folder, self._owner["user"], self._owner["group"])
            self._initdb()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server, again after `stop` or `crash`; the port stays when it is still free."""
        for _ in range(START_TRIES):
            self.port = self.port or _free_port()
            self._server = self._launch()
            if self._answers():
                return
            self.stop()
            self.port = 0
        raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Shut down in order, rolling back whatever is open."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop at once; the next start recovers what a durable cluster had committed."""
        self._end(signal.SIGQUIT)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database in this cluster."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str | None = None) -> str:
        """Make a database of its own, empty or a copy of `template`, and return its URL."""
        name = f"t_{uuid4().hex}"
        self._administer(_copying(template or "template0", name))
        return self.url(name)

    def copy_database(self, url: str, name: str) -> str:
        """Keep a copy of the database at `url`, to which nobody is connected any more."""
        self._administer(_copying(_name(url), name))
        return name

    def replace_database(self, url: str, template: str) -> None:
        """Put a copy of `template` in the place of the database at `url`."""
        self.drop_database(url)
        self._administer(_copying(template, _name(url)))

    def create_template(self, url: str, name: str) -> None:
        """Turn the database at `url` into a template, which nobody may be connected to."""
        old = sql.Identifier(_name(url))
        self._administer(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(old),
            sql.SQL(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}"
            ).format(sql.Literal(_name(url))),
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, sql.Identifier(name)),
        )

    def drop_database(self, url: str) -> None:
        """Drop the database at `url`, whoever is still connected to it."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._administer(drop.format(sql.Identifier(_name(url))))

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _initdb(self) -> None:
        made = subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                self._folder / "data",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._owner,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [
            str(self._programs / "postgres"),
            "-D",
            str(self._folder / "data"),
            "-p",
            str(self.port),
            "-k",
            str(self._folder),
        ]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        # A test run that is killed takes its server along: prctl(2), PR_SET_PDEATHSIG.
        if shutil.which("setpriv"):
            command = ["setpriv", "--pdeathsig", "INT", "--", *command]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._owner,
            )

    def _answers(self) -> bool:
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up and self._server and self._server.poll() is None:
            try:
                self._administer(sql.SQL("SELECT 1"))
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return self._server.poll() is None
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._server is None:
            return
        if self._server.poll() is None:
            self._server.send_signal(how)
        try:
            self._server.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None

    def _administer(self, *statements: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self._folder),
            port=self.port,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=int(START_SECONDS),
        ) as connection:
            for statement in statements:
                connection.execute(statement)
