"""The server's log on standard error: operations, ids, times; never a patient's data (R46).

Only our own loggers and the web server's speak. A library's words may hold anything - the database
driver logs statements with their values, the printer the letters of a sheet - so of a library's
warning only the place is kept.
"""

import logging
import sys
from enum import StrEnum
from pathlib import Path
from traceback import extract_tb
from types import TracebackType

FRAMES_MAX = 8
OURS = ("chairside", "uvicorn")


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def places(trace: TracebackType | None) -> str:
    """Where something failed, the innermost place first, without a value of any variable."""
    frames = extract_tb(trace)[-FRAMES_MAX:]
    return " < ".join(
        f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames)
    )


class PlainFormatter(logging.Formatter):
    """One line an event. Of an exception its class and places, for its message may hold a name."""

    def format(self, record: logging.LogRecord) -> str:
        """The event's line; of a library's, where it was logged."""
        if record.name.partition(".")[0] not in OURS:
            record = logging.makeLogRecord(
                record.__dict__ | {"msg": f"at {record.filename}:{record.lineno}", "args": None}
            )
        return super().format(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        """The class of an exception and where it came from."""
        kind, _, trace = ei if isinstance(ei, tuple) else (None, None, None)
        return f"{getattr(kind, '__name__', 'exception')} at {places(trace)}"

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's own name
        """Nothing: a stack shows source lines, and those are in the repository."""
        return ""


def log_to_stderr(level: LogLevel) -> None:
    """Begin to log; whatever is not ours speaks up from a warning on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.value.upper())
