"""The program itself, serving in a process of its own; asked over a socket, header by header."""

import json
import os
import re
import signal
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple

from api.cli import run
from tests.api.clinic import Chair
from tests.forked import Forked

Headers = Sequence[tuple[str, str]]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        return str(self.body["code"])


class Server:
    """`chairside serve` over the clinic's database."""

    def __init__(self, chair: Chair, log: Path, *options: str, **settings: str) -> None:
        self.chair, self.log = chair, log
        named = {f"CHAIRSIDE_{name.upper()}": value for name, value in settings.items()}
        self._process = Forked(
            run, ["serve", "--port", "0", *options], errors=log,
            environment=os.environ | {"CHAIRSIDE_DATABASE_URL": chair.database.url} | named,
        )  # fmt: skip
        said = re.search(r"(https?)://.*:(\d+)/", self._process.out.readline())
        assert said, log.read_text()
        self.scheme, self.port = said[1], int(said[2])

    def stop(self) -> str:
        """End it as Ctrl-C does; answers everything that it logged."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
        self._process.out.close()
        return self.log.read_text()

    def connection(self) -> HTTPConnection:
        if self.scheme == "http":
            return HTTPConnection("127.0.0.1", self.port, timeout=30)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)

    def ask(
        self, method: str, path: str, headers: Headers = (), *, body: Any = None,
        host: Sequence[str] = ("localhost",),
    ) -> Answer:  # fmt: skip
        """One request with these headers and no other, as often as they stand here."""
        caller = self.connection()
        caller.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for one in host:
            caller.putheader("Host", one)
        for name, value in headers:
            caller.putheader(name, value)
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            caller.putheader("Content-Type", "application/json")
            caller.putheader("Content-Length", str(len(content)))
        caller.endheaders(content)
        answer = caller.getresponse()
        found = Answer(answer.status, answer.headers, answer.read())
        caller.close()
        return found

    def bearer(self, who: str) -> tuple[str, str]:
        """The header of someone who is signed in."""
        return ("Authorization", f"Bearer {self.chair.tokens[who]}")


@contextmanager
def served(chair: Chair, folder: Path, *options: str, **settings: str) -> Iterator[Server]:
    """The clinic of a chair behind the program, for as long as the block lasts."""
    server = Server(chair, folder / "server.log", *options, **settings)
    try:
        yield server
    finally:
        server.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this test's own and its key, made by the machine's openssl."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)
    return made, key
