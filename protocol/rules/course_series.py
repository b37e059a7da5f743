"""Pain and function over a course: individual values, and a change with what it is a change of.

A series holds one measure on one scale, or one item or score of one version of a form; nothing is
averaged, and nothing is set beside another scale's or version's value (R98, R100). A score that was
not reached has no value, which is not zero.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from pydantic import Field

from protocol.rules.charting import Reading
from protocol.rules.forms import FormDocument, FormPurpose, ItemKind
from protocol.rules.measures import BUILT_IN, Observation, Scale
from protocol.rules.quantity import rounded
from protocol.rules.record import SessionRecord
from protocol.rules.responses import PatientResponse
from protocol.rules.scoring import scores
from protocol.rules.values import Code, Computed, Exact, Instant, Line, Shape

# What the mission asks for over a course; a clinic's own measure joins by how its code begins.
KINDS = ("pain", "function")


class Moment(StrEnum):
    """When in the course a value was observed."""

    BEFORE_INFUSION = "before-infusion"
    AFTER_INFUSION = "after-infusion"
    WITHOUT_INFUSION = "without-infusion"
    BETWEEN_SESSIONS = "between-sessions"


class Instrument(Shape):
    """What a series was measured with: a measure on its scale, or a version of a form."""

    code: Code
    label: Line
    site: Line | None = None
    scale: Scale | None = None
    form: Code | None = None
    form_version_id: UUID | None = None
    form_version_number: int | None = None


class Point(Shape):
    """One value; without one, `missing` says why there is none."""

    at: Instant
    moment: Moment
    value: Computed | None
    missing: str | None = None
    session_id: UUID | None = None
    response_id: UUID | None = None


class Change(Shape):
    """The last value against the first; scores are ordinal, so it is no amount of anything.

    `percent` is of `percent_of`, the first value; where that is zero there is no percentage.
    """

    first: Computed
    first_at: Instant
    last: Computed
    last_at: Instant
    difference: Computed
    percent: Computed | None
    percent_of: Computed


class CourseSeries(Shape):
    """The values of one instrument over the course, by the time observed."""

    instrument: Instrument
    points: tuple[Point, ...]
    change: Change | None = Field(default=None, description="Absent: fewer than two values.")


class Infusion(NamedTuple):
    """When a session first and last gave anything."""

    first_at: datetime
    last_at: datetime


def infusion_of(record: SessionRecord) -> Infusion | None:
    """The span of a session's standing dosing events, if it has any."""
    times = [one.observed_at for one in record.dosed]
    return Infusion(min(times), max(times)) if times else None


def is_followed(code: str) -> bool:
    """Whether a measure, an item or a score is one of pain or function, by how its code begins."""
    return any(code == kind or code.startswith(f"{kind}-") for kind in KINDS)


def series_of_course(
    records: Iterable[SessionRecord], standing: Iterable[PatientResponse],
    forms: Mapping[UUID, FormDocument],
) -> tuple[CourseSeries, ...]:  # fmt: skip
    """Pain and function by instrument: of each session the last value before and the last after
    its infusion, of each response every scale item and score."""
    found: dict[str, tuple[Instrument, list[Point]]] = {}
    readings = (pair for record in records for pair in _of_session(record))
    answers = (pair for one in standing for pair in _of_response(one, forms[one.form_version_id]))
    for instrument, point in (*readings, *answers):
        key = instrument.model_dump_json(exclude={"label"})
        found.setdefault(key, (instrument, []))[1].append(point)
    return tuple(_series(instrument, points) for instrument, points in found.values())


def _series(instrument: Instrument, points: list[Point]) -> CourseSeries:
    ordered = tuple(sorted(points, key=lambda one: one.at))
    return CourseSeries(instrument=instrument, points=ordered, change=_change(ordered))


def _change(points: Sequence[Point]) -> Change | None:
    valued = [(one, one.value) for one in points if one.value is not None]
    if len(valued) < 2:
        return None
    (first, was), (last, is_now) = valued[0], valued[-1]
    difference = Fraction(is_now) - Fraction(was)
    return Change(
        first=was, first_at=first.at, last=is_now, last_at=last.at,
        difference=rounded(difference), percent_of=was,
        percent=rounded(difference * 100 / Fraction(was)) if was else None,
    )  # fmt: skip


def _of_session(record: SessionRecord) -> Iterator[tuple[Instrument, Point]]:
    infusion = infusion_of(record)
    last: dict[tuple[str, str, Moment], tuple[datetime, Observation]] = {}
    for entry in record.of(Reading):
        moment = _moment(infusion, entry.observed_at)
        if moment is None or not isinstance(entry.content, Reading):
            continue
        for one in entry.content.observations:
            if is_followed(one.measure):
                last[one.measure, one.site or "", moment] = (entry.observed_at, one)
    scales = {**record.policy.scales, **record.protocol.scales}
    for (measure, site, moment), (at, one) in last.items():
        instrument = Instrument(
            code=measure, label=_label(record, measure), site=site or None,
            scale=scales.get(measure),
        )  # fmt: skip
        yield instrument, Point(at=at, moment=moment, value=one.value, session_id=record.id)


def _moment(infusion: Infusion | None, at: datetime) -> Moment | None:
    """What is observed while something runs belongs to the session alone."""
    if infusion is None:
        return Moment.WITHOUT_INFUSION
    if at <= infusion.first_at:
        return Moment.BEFORE_INFUSION
    return Moment.AFTER_INFUSION if at >= infusion.last_at else None


def _label(record: SessionRecord, code: str) -> str:
    own = {one.code: one for one in (*record.policy.measures, *record.protocol.measures)}
    known = own.get(code) or BUILT_IN.get(code)
    return code if known is None else known.label


def _of_response(one: PatientResponse, form: FormDocument) -> Iterator[tuple[Instrument, Point]]:
    if one.form_purpose is FormPurpose.FOLLOW_UP:
        return
    answers = {answer.item: answer for answer in one.answers}
    for item in form.items:
        answer = answers.get(item.code)
        if item.kind is ItemKind.SCALE and is_followed(item.code) and answer is not None:
            missing = None if answer.absent is None else answer.absent.value
            yield (
                _of_form(one, item.code, item.label, item.scale),
                _between(one, answer.value, missing),
            )
    for score in scores(form, answers):
        value = score.value
        yield _of_form(one, score.code, score.label, None), _between(one, value, score.reason)


def _of_form(one: PatientResponse, code: str, label: str, scale: Scale | None) -> Instrument:
    return Instrument(
        code=code, label=label, scale=scale, form=one.form, form_version_id=one.form_version_id,
        form_version_number=one.form_version_number,
    )  # fmt: skip


def _between(one: PatientResponse, value: Exact | Decimal | None, missing: str | None) -> Point:
    return Point(
        at=one.observed_at, moment=Moment.BETWEEN_SESSIONS, value=value, missing=missing,
        response_id=one.id,
    )  # fmt: skip
