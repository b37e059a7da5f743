"""How long recorded pain stayed below what it was before a session: a fact of the record, no more.

Of each session and each series of pain: what was known before the infusion began, and what was
recorded after it ended, up to the moment the next session of the course gave anything. Values lie
between days that somebody asked, so the span is told by both ends: the last value that was still
below, and the first one that was back. Nothing is interpolated (R63), nothing recommended (R2).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from protocol.rules.course_series import CourseSeries, Infusion, Instrument, Point
from protocol.rules.quantity import rounded
from protocol.rules.values import Computed, Instant, Shape

_MICROSECOND = timedelta(microseconds=1)
_HUNDREDTH = Decimal("0.01")


class BenefitEnd(StrEnum):
    """What the record says of the end of a span of lower pain."""

    RETURNED = "returned"
    NEXT_SESSION = "next-session"
    STILL_BELOW = "still-below"
    NOT_BELOW = "not-below"
    NOT_KNOWN = "not-known"


class Given(NamedTuple):
    """A session that gave something: when, and when it ended."""

    session_id: UUID
    infusion: Infusion
    ended_at: datetime


class Benefit(Shape):
    """One session, one series of pain: the value before, and until when lower ones are recorded.

    Days are counted from the session's end. `values` is how many were recorded in between.
    """

    session_id: UUID
    instrument: Instrument
    ended_at: Instant
    before: Computed | None
    before_at: Instant | None
    end: BenefitEnd
    values: int
    below_until: Instant | None = None
    days_below: Computed | None = None
    back_at: Instant | None = None
    days_to_back: Computed | None = None
    next_session_at: Instant | None = None
    days_to_next_session: Computed | None = None


def benefits(given: Sequence[Given], series: Sequence[CourseSeries]) -> tuple[Benefit, ...]:
    """For each session that gave something, in order, each series of pain."""
    ordered = sorted(given, key=lambda one: one.infusion.first_at)
    pains = [one for one in series if one.instrument.code.partition("-")[0] == "pain"]
    return tuple(
        _benefit(one, ordered[place + 1] if place + 1 < len(ordered) else None, pain)
        for place, one in enumerate(ordered)
        for pain in pains
    )


def days_between(earlier: datetime, later: datetime) -> Decimal:
    """Days, to a hundredth."""
    days = Fraction((later - earlier) // _MICROSECOND, timedelta(days=1) // _MICROSECOND)
    return rounded(days).quantize(_HUNDREDTH)


def _benefit(one: Given, following: Given | None, series: CourseSeries) -> Benefit:
    valued = [point for point in series.points if point.value is not None]
    before = [point for point in valued if point.at <= one.infusion.first_at]
    until = None if following is None else following.infusion.first_at
    later = [
        point
        for point in valued
        if point.at >= one.infusion.last_at and (until is None or point.at <= until)
    ]
    known = before[-1] if before else None
    below, back = _split(known, later)
    last = below[-1] if below else None
    return Benefit(
        session_id=one.session_id, instrument=series.instrument, ended_at=one.ended_at,
        before=None if known is None else known.value,
        before_at=None if known is None else known.at,
        end=_end(known, later, below, back, following), values=len(later),
        below_until=None if last is None else last.at,
        days_below=None if last is None else _days(one, last.at),
        back_at=None if back is None else back.at,
        days_to_back=None if back is None else _days(one, back.at),
        next_session_at=until,
        days_to_next_session=None if until is None else _days(one, until),
    )  # fmt: skip


def _split(known: Point | None, later: list[Point]) -> tuple[list[Point], Point | None]:
    """The values up to the first that is at or above the one before the session, and that one."""
    if known is None or known.value is None:
        return [], None
    below: list[Point] = []
    for point in later:
        if point.value is not None and point.value >= known.value:
            return below, point
        below.append(point)
    return below, None


def _end(
    known: Point | None, later: list[Point], below: list[Point], back: Point | None,
    following: Given | None,
) -> BenefitEnd:  # fmt: skip
    if known is None or not later:
        return BenefitEnd.NOT_KNOWN
    if not below:
        return BenefitEnd.NOT_BELOW
    if back is not None:
        return BenefitEnd.RETURNED
    return BenefitEnd.STILL_BELOW if following is None else BenefitEnd.NEXT_SESSION


def _days(one: Given, at: datetime) -> Decimal:
    """From the session's end; what was recorded between the infusion's end and it is none."""
    return days_between(min(one.ended_at, at), at)
