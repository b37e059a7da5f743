"""Charting of unusual regularity, as a neutral listing for an administrator (R64).

It lists; it judges nobody. A patient may be that stable, and a nurse may enter a page of notes at
once. Entries copied from another source are left out: their times of entry say nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from protocol.rules.charting import Entry, Reading, Source
from protocol.rules.keeping import RegularCharting


class Regularity(StrEnum):
    """What is listed: readings that say the same, or many entries within seconds."""

    IDENTICAL_SETS = "identical-sets"
    ENTRIES_WITHIN = "entries-within"


class Regular(NamedTuple):
    """One finding: how many entries of a session, by whom, from when to when; no values."""

    kind: Regularity
    session_id: UUID
    person_id: UUID
    name: str
    entries: int
    first_at: datetime
    last_at: datetime


def regular(
    session_id: UUID, entries: Sequence[Entry], thresholds: RegularCharting
) -> list[Regular]:
    """What crosses the clinic's thresholds among one session's entries."""
    own = [one for one in entries if one.source is Source.CHARTED]
    return [
        *_identical(session_id, own, thresholds.identical_sets),
        *_within(session_id, own, thresholds.entries, thresholds.within_s),
    ]


def _identical(session_id: UUID, entries: Sequence[Entry], least: int | None) -> Iterator[Regular]:
    if least is None:
        return
    replaced = {one.replaces for one in entries if one.replaces is not None}
    readings = sorted(
        (one for one in entries if isinstance(one.content, Reading) and one.id not in replaced),
        key=lambda one: (one.observed_at, one.number),
    )
    for _, same in groupby(readings, key=_said):
        run = list(same)
        if len(run) >= least:
            yield _found(Regularity.IDENTICAL_SETS, session_id, run, by_observed=True)


def _said(entry: Entry) -> frozenset[tuple[str, str, str, str | None]]:
    content = entry.content
    assert isinstance(content, Reading)
    return frozenset(
        (one.measure, str(one.value), one.unit, one.site) for one in content.observations
    )


def _within(
    session_id: UUID, entries: Sequence[Entry], least: int | None, within_s: int | None
) -> Iterator[Regular]:
    """Runs of one person's entries of which any `least` successive ones lie within the seconds."""
    if least is None or within_s is None:
        return
    span = timedelta(seconds=within_s)
    by_author = sorted(entries, key=lambda one: (str(one.recorded_by.id), one.recorded_at))
    for _, own in groupby(by_author, key=lambda one: one.recorded_by.id):
        authored = list(own)
        runs: list[tuple[int, int]] = []
        for start in range(len(authored) - least + 1):
            end = start + least
            if authored[end - 1].recorded_at - authored[start].recorded_at <= span:
                overlaps = bool(runs) and start < runs[-1][1]
                runs.append((runs.pop()[0], end) if overlaps else (start, end))
        for start, end in runs:
            yield _found(
                Regularity.ENTRIES_WITHIN, session_id, authored[start:end], by_observed=False
            )


def _found(
    kind: Regularity, session_id: UUID, run: Sequence[Entry], *, by_observed: bool
) -> Regular:
    times = [one.observed_at if by_observed else one.recorded_at for one in run]
    by = run[0].recorded_by
    return Regular(kind, session_id, by.id, by.name, len(run), min(times), max(times))
