"""Replaying charted infusions through the very commands of a nurse's click (design 6).

One infusion is one session of one patient of the replay clinic: weights, a start, rate changes,
a pause and a resume over every gap, a stop, the session's end. The given amounts that come out are
those of the SessionRecord. Ids come of the content, so a second run finds what the first one made.
"""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from api.documents import shaped
from api.replay_clinic import DRUG_LINE, SPACE, ReplayClinic, moment, protocol_of_drug
from api.replay_rows import Infusion, Refused, Row
from protocol.commands import charting, enrolling, planning
from protocol.records.work import record_refusal
from protocol.rules.actions import Action
from protocol.rules.charting import Charted, Source
from protocol.rules.errors import Refusal
from protocol.rules.patients import PatientIn, WeightIn
from protocol.rules.quantity import unit_named
from protocol.rules.record import SessionRecord
from protocol.rules.sessions import SessionStatus
from protocol.rules.signature import digest_of
from protocol.rules.values import plain

# Where an infusion's dates lie ahead, or have no zone, it is moved by whole days to end before
# this moment: the same at every run, whenever it runs, and every interval stays what it was.
ANCHOR = datetime(2020, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_VOLUME = "mL"
_ENDED = frozenset({"Stopped", "FinishedRunning"})
_DIGITS = 120
_CLIENTS = 8
_CONFIRMED = ("rate",)


class GivenSegment(NamedTuple):
    """What the record says was given in one segment, in the unit of the file's row."""

    infusion: str
    segment: int
    given: str
    unit: str
    session: UUID


class Moved(NamedTuple):
    """An infusion on its way in: its id, how far it is moved, and how its entries are marked."""

    id: UUID
    by: timedelta
    source: Source


class _Protocols:
    """The protocol of each drug and unit, made when the first of its infusions comes."""

    def __init__(self, here: ReplayClinic) -> None:
        self._here, self._mutex = here, threading.Lock()
        self._known: dict[tuple[str, str], UUID] = {}

    def of(self, infusion: Infusion) -> UUID:
        key = (infusion.rows[0].drug, _line_unit(infusion))
        with self._mutex:
            if key not in self._known:
                self._known[key] = protocol_of_drug(self._here, *key).id
            return self._known[key]


def replay(
    here: ReplayClinic, infusions: Iterable[Infusion | Refused]
) -> Iterator[list[GivenSegment] | Refused]:
    """Chart every infusion of a file; each comes back, in order, as its segments or as refused.

    Several are charted at once, as by several nurses: acts that wait together share a commit.
    """
    clients = ThreadPoolExecutor(_CLIENTS)
    try:
        yield from clients.map(partial(_replayed, here, _Protocols(here)), infusions)
    finally:
        clients.shutdown(cancel_futures=True)


def _replayed(
    here: ReplayClinic, protocols: _Protocols, one: Infusion | Refused
) -> list[GivenSegment] | Refused:
    if isinstance(one, Refused):
        record_refusal(here.clinic, here.nurse, one.refusal, moment())
        return one
    try:
        return _given(one, _charted(here, one, protocols.of(one)))
    except Refusal as refusal:
        return Refused(one.name, one.rows[0].line, refusal)


def moved(infusion: Infusion, now: datetime) -> Moved:
    """How far an infusion is moved: not at all where its own zoned times have passed."""
    first, last = infusion.rows[0], infusion.rows[-1]
    stands = first.zoned and last.end <= now
    days = 0 if stands else max(0, (last.end - ANCHOR) // _DAY + 1)
    source = Source.TRANSCRIBED if stands else Source.TRANSCRIBED_SHIFTED
    said = [row.model_dump(mode="json", exclude={"line", "zoned", "note"}) for row in infusion.rows]
    return Moved(uuid5(SPACE, digest_of([*said, days])), days * _DAY, source)


def _line_unit(infusion: Infusion) -> str:
    """The finest unit that the rows name, so that the one rounding keeps the most digits."""
    if unit_named(infusion.rows[0].amount_unit).amount == _VOLUME:
        return "mg"  # stands for whatever was in the volume
    named = {row.amount_unit for row in infusion.rows}
    named |= {row.rate.unit.partition("/")[0] for row in infusion.rows}
    return min(named, key=lambda code: unit_named(code).factor)


def _charted(here: ReplayClinic, infusion: Infusion, protocol_id: UUID) -> SessionRecord:
    clinic, nurse = here.clinic, here.nurse
    to = moved(infusion, moment())
    patient, session = uuid5(to.id, "patient"), uuid5(to.id, "session")
    first, last = infusion.rows[0], infusion.rows[-1]
    enrolling.enrol(clinic, nurse, patient, _patient(infusion, to), now=moment())
    wanted = planning.SessionIn(
        id=session, patient_id=patient, protocol_version_id=protocol_id,
        series=infusion.name, prepared_at=first.start - to.by,
    )  # fmt: skip
    record = planning.prepare(clinic, nurse, wanted, now=moment())
    if record.status is SessionStatus.COMPLETED:
        return record
    for weight in _weights(infusion, to):
        enrolling.weigh(clinic, nurse, patient, weight, now=moment())
    for one in _events(infusion, to):
        charting.record_dosing_event(clinic, nurse, session, one, now=moment())
    ended = planning.StatusIn(at=last.end - to.by)
    return planning.change_status(
        clinic, nurse, Action.SESSION_COMPLETE, session, ended, now=moment()
    )


def _patient(infusion: Infusion, to: Moved) -> PatientIn:
    return shaped(
        PatientIn,
        {
            "identifiers": [
                {"system": "infusion in the source", "value": f"{infusion.name} {to.id}"},
                {"system": "content of the infusion", "value": str(to.id)},
            ],
            "family": "Replayed",
            "given": infusion.name,
            "born_on": "1900-01-01",  # the source tells no date of birth, and the record asks one
            "sex": "unknown",
            "allergy_state": "not-recorded",
        },
    )


def _weights(infusion: Infusion, to: Moved) -> Iterator[WeightIn]:
    before = None
    for row in infusion.rows:
        if row.weight_kg is not None and row.weight_kg != before:
            before = row.weight_kg
            yield shaped(
                WeightIn,
                {
                    "id": uuid5(to.id, f"weight {row.segment}"), "value_kg": row.weight_kg,
                    "method": "stated", "measured_at": row.start - to.by,
                },
            )  # fmt: skip


def _events(infusion: Infusion, to: Moved) -> Iterator[Charted]:
    """Each segment is begun by one event of its own; a gap and the end are events too."""
    before: Row | None = None
    for row in infusion.rows:
        if before is None:
            kind = "start"
        elif before.end == row.start:
            kind = "rate-change"
        else:
            stopped = before.ended_as in _ENDED
            kind = "start" if stopped else "resume"
            yield _event(to, f"gap {row.segment}", "stop" if stopped else "pause", before.end)
        more: dict[str, Any] = {"rate": row.rate.model_dump(mode="json"), "note": row.note}
        yield _event(to, f"segment {row.segment}", kind, row.start, **more)
        before = row
    yield _event(to, "stop", "stop", infusion.rows[-1].end)


def _event(to: Moved, name: str, kind: str, at: datetime, **more: Any) -> Charted:  # noqa: ANN401
    return shaped(
        Charted,
        {
            "id": uuid5(to.id, name),
            "observed_at": at - to.by,
            "content": {"kind": "dosing", "event": kind, "drug_line": DRUG_LINE, **more},
            # What is transcribed happened: an unusual rate is true as it stands in the source.
            "confirmed": _CONFIRMED if more else (),
            "source": to.source,
        },
    )


def _given(infusion: Infusion, record: SessionRecord) -> list[GivenSegment]:
    own = moved(infusion, moment()).id
    parts = {part.entry_id: part for total in record.totals() for part in total.parts}
    found = []
    for row in infusion.rows:
        part = parts[uuid5(own, f"segment {row.segment}")]
        if part.given is None:
            raise RuntimeError("a segment that has ended has a given amount")
        volume = unit_named(row.amount_unit).amount == _VOLUME
        amount, unit = part.given.amount, part.given.unit
        if volume:
            amount, unit = part.given.volume_ml, _VOLUME
        found.append(
            GivenSegment(
                infusion.name, row.segment, _in_unit(amount, unit, row.amount_unit),
                row.amount_unit, record.id,
            )
        )  # fmt: skip
    return found


def _in_unit(amount: Decimal, unit: str, to: str) -> str:
    """The amount in a coarser or finer unit of its family, whose factors are powers of ten."""
    ratio = unit_named(unit).factor / unit_named(to).factor
    with localcontext() as context:
        context.prec = _DIGITS
        exact = amount * ratio.numerator / ratio.denominator
    return plain(exact)
