"""Replaying registers: counts, losses, and what was said of discrepancies.

The bodies are those of the API; what a path names there, the body names here: `count_id`,
`report_id` or `discrepancy_id`. The second counter is the second person of the replay.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from api.documents import shaped
from protocol.commands import counting, loss_reporting, reconciling
from protocol.records.clinics import Clinic
from protocol.rules.actions import Action, Actor
from protocol.rules.counts import CountAbandonIn, CountIn, CountRecordIn
from protocol.rules.discrepancies import ClosingIn, ExplanationIn
from protocol.rules.losses import FilingIn, LossIn
from protocol.rules.values import Shape


class _OfCount(Shape):
    count_id: UUID


class _OfReport(Shape):
    report_id: UUID


class _OfDiscrepancy(Shape):
    discrepancy_id: UUID


class _Told(NamedTuple):
    """The body of an act, the command that it runs, and what of the path the body names."""

    shape: type[Shape]
    command: Callable[..., object]
    about: type[Shape] | None = None


_ACTS: dict[Action, _Told] = {
    Action.COUNT_BEGIN: _Told(CountIn, counting.begin_count),
    Action.COUNT_RECORD: _Told(CountRecordIn, counting.record_count, _OfCount),
    Action.COUNT_ABANDON: _Told(CountAbandonIn, counting.abandon_count, _OfCount),
    Action.LOSS_REPORT: _Told(LossIn, loss_reporting.report_loss),
    Action.LOSS_FILE: _Told(FilingIn, loss_reporting.note_filing, _OfReport),
    Action.DISCREPANCY_EXPLAIN: _Told(ExplanationIn, reconciling.explain, _OfDiscrepancy),
    Action.DISCREPANCY_CLOSE: _Told(ClosingIn, reconciling.close, _OfDiscrepancy),
}
REGISTER_ACTS = frozenset(_ACTS)


def replay_register(
    clinic: Clinic, actor: Actor, act: Action, body: dict[str, Any], second: Actor | None,
    now: datetime,
) -> None:  # fmt: skip
    """Run one act of a register."""
    told = _ACTS[act]
    named: list[UUID] = []
    if told.about is not None:
        about = {name: body.pop(name) for name in told.about.model_fields if name in body}
        named += shaped(told.about, about).model_dump().values()
    beside = {"second": second} if act is Action.COUNT_RECORD and second is not None else {}
    told.command(clinic, actor, *named, shaped(told.shape, body), now=now, **beside)
