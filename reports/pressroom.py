"""Many sheets at once: warm processes that print one after another, away from any server.

A sheet takes one processor a third of a second under the interpreter's lock, so several processors
take several processes (performance A). Each press is fed one record at a time over a pipe of its
own: what ends it, such as memory or a fault in a library, costs that one sheet, which is named, and
another press takes its place. After some hundred sheets a press is replaced, warm again.
"""

import gc
import signal
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from multiprocessing import connection as pipes
from multiprocessing import get_context
from typing import NamedTuple
from uuid import UUID

from protocol.rules.record import SessionRecord
from reports.printing import loaded_weasyprint, summary_pdf

SHEETS_A_PRESS = 400
# Begun from a small process without threads, which has imported everything before it forks.
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["reports.pressroom", "weasyprint"])


class Wanted(NamedTuple):
    """A record to print, when, and for whom."""

    record: SessionRecord
    printed_at: datetime
    printed_by: str


class Printed(NamedTuple):
    """What came of it: the PDF, or why there is none."""

    session_id: UUID
    pdf: bytes | None
    fault: str = ""


class _Press:
    """A process that prints, the pipe to it, and what it is printing."""

    def __init__(self) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=_print_until_told, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.printing: UUID | None = None
        self.sheets = 0

    def print(self, wanted: Wanted) -> None:
        """Have it print; a press that has ended meanwhile is found by `answer`."""
        self.printing, self.sheets = wanted.record.id, self.sheets + 1
        with suppress(OSError):
            self.pipe.send(wanted)

    def answer(self) -> Printed:
        """What became of what it was printing."""
        assert self.printing is not None
        session_id, self.printing = self.printing, None
        try:
            pdf, fault = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            self.sheets = SHEETS_A_PRESS
            return Printed(session_id, None, f"its press ended with {self.process.exitcode}")
        return Printed(session_id, pdf, fault)

    def close(self) -> None:
        """End it, whatever it does."""
        with suppress(OSError):
            self.pipe.send(None)
        self.pipe.close()
        if self.printing is not None:
            self.process.terminate()
        self.process.join()


def print_all(wanted: Iterable[Wanted], presses: int) -> Generator[Printed]:
    """Print every record on so many presses; answers come as they are ready, faults among them.

    At most one record more than there are presses is taken ahead. Raises PdfUnavailable.
    """
    loaded_weasyprint()
    idle: list[_Press] = []
    busy: dict[pipes.Connection, _Press] = {}
    try:
        for one in wanted:
            if not idle and len(busy) >= presses:
                yield from _ready(busy, idle)
            press = idle.pop() if idle else _Press()
            press.print(one)
            busy[press.pipe] = press
        while busy:
            yield from _ready(busy, idle)
    finally:
        for press in (*idle, *busy.values()):
            press.close()


def _ready(busy: dict[pipes.Connection, _Press], idle: list[_Press]) -> Iterator[Printed]:
    """Wait for a press, and take the answers of all that are ready."""
    for pipe in pipes.wait(list(busy)):
        assert isinstance(pipe, pipes.Connection)
        press = busy.pop(pipe)
        answer = press.answer()
        if press.sheets < SHEETS_A_PRESS:
            idle.append(press)
        else:
            press.close()
        yield answer


def _print_until_told(pipe: pipes.Connection) -> None:
    """A press at work. Ctrl-C is for the process that feeds it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    with suppress(EOFError, OSError):
        while (wanted := pipe.recv()) is not None:
            pipe.send(_printed(wanted))


def _printed(wanted: Wanted) -> tuple[bytes | None, str]:
    record, printed_at, printed_by = wanted
    try:
        return summary_pdf(record, printed_at=printed_at, printed_by=printed_by), ""
    except Exception as error:  # one record that cannot be set does not stop the rest
        return None, f"{type(error).__name__}: {error}"
