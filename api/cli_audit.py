"""`chairside audit`: verifying that nothing was altered, and reporting who did what."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from api.cli_acting import (
    AsJson,
    Stop,
    moment,
    opened,
    program,
    say,
    say_json,
)

if TYPE_CHECKING:
    from protocol.records.database import Database
    from protocol.records.verifying import Verified

app = program(help="The audit trail: verify, report.")
_Answer = TypeVar("_Answer")


@app.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Walk every clinic's chain and every row that it seals; exit 1 with the first bad entry.

    It takes no sign-in, so that whoever holds the database can verify it.
    """
    from protocol.records import verifying

    with opened() as database:
        found = _with_bar("Verifying", lambda: verifying.verify(database))
        faults = verifying.database_faults(database)
        wrong = [f"{_where(one)}: {one.fault.what}." for one in found if one.fault] + faults
        if as_json:
            say_json(_as_dict(found, faults, holds=not wrong))
        elif not wrong:
            for one in found:
                say(f"clinic {one.clinic_id}: {one.entries} entries hold, head {one.head}")
        if wrong:
            raise Stop(*wrong)
        _leave_trace(database)


def _where(one: "Verified") -> str:
    assert one.fault is not None
    return f"clinic {one.clinic_id}, audit entry {one.fault.number}"


def _as_dict(found: list["Verified"], faults: list[str], *, holds: bool) -> dict[str, Any]:
    return {
        "ok": holds,
        "clinics": [
            {
                "clinic": str(one.clinic_id), "entries": one.entries, "head": one.head,
                "fault": None if one.fault is None
                else {"number": one.fault.number, "what": one.fault.what},
            }
            for one in found
        ],
        "database_faults": faults,
    }  # fmt: skip


def _leave_trace(database: "Database") -> None:
    """A verification is audited (R10), unless it found a fault: that trail is left as it is."""
    from protocol.commands.people import system_actor
    from protocol.records.clinics import clinics
    from protocol.records.reading import reading
    from protocol.rules.actions import Action, Role

    for clinic in clinics(database):
        actor = system_actor(clinic.id, frozenset({Role.AUDITOR}))
        with reading(clinic, actor, Action.AUDIT_VERIFY, moment()):
            pass


def _with_bar(what: str, run: Callable[[], _Answer]) -> _Answer:
    """The answer, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        bar.add_task(what, total=None)
        return run()
