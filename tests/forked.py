"""Our program in processes of its own, which import nothing anew.

One process has imported the program and waits; each start is a fork of it (multiprocessing's
forkserver). It has its own pid, signals, environment, sockets and end, and lacks only the second
that importing takes. How the program starts by its name is tried in test_demo, test_cli and
test_kill_server.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.house.tree import ROOT

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["api.cli", "api.serving"])


class Forked:
    """A process that runs a function of ours; `out` is its standard output."""

    def __init__(
        self, run: Callable[..., Any], *arguments: Any, errors: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        reader, writer = _CONTEXT.Pipe(duplex=False)
        environ = dict(os.environ if environment is None else environment)
        self._process = _CONTEXT.Process(
            target=_begin, args=(writer, str(errors or os.devnull), environ, run, arguments),
            daemon=True,
        )  # fmt: skip
        self._process.start()
        writer.close()
        self.out = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    def send_signal(self, number: int) -> None:
        """Nothing, once it has ended."""
        if self._process.exitcode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def wait(self, seconds: float) -> int:
        """Its exit status; of a signal the negative number."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "the process did not end"
        return self._process.exitcode


def _begin(
    writer: Connection, errors: str, environ: dict[str, str], run: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:  # fmt: skip
    os.dup2(writer.fileno(), 1)
    writer.close()
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 2)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    sys.exit(run(*arguments))
