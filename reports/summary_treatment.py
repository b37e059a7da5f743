"""The course of treatment as one session's sheet tells it: its place, the days, what was given."""

from protocol.rules.course import SeriesGiven
from reports.formats import NOT_RECORDED, computed, counted, measured, with_unit
from reports.sheet import Cell, Ink, Labelled, joined, text, typed
from reports.view import View


def treatment(view: View) -> tuple[Labelled, ...]:
    """One fact of page one, where the session belongs to a course.

    Sums are of the sessions of the course up to and with this one, as recorded (R2).
    """
    course = view.record.course_so_far
    if course is None:
        return ()
    number = NOT_RECORDED.lower() if course.number is None else f"{course.number:,}"
    planned = counted(course.planned, "planned session") if course.planned else "no plan"
    said = [typed(course.name), text(f"session {number} of {planned}")]
    if course.days_since_last is not None and course.last_given_at is not None:
        days = with_unit(measured(course.days_since_last), "d")
        said.append(text(f"{days} since the last session"))
    given = [_given(one) for one in course.given]
    if given:
        said += [text("computed for the course so far", Ink.SOFT), *given]
    return (Labelled("Course", joined(*said)),)


def _given(one: SeriesGiven) -> Cell:
    parts = [with_unit(computed(one.amount), one.unit), with_unit(computed(one.volume_ml), "mL")]
    if one.amount_per_kg is not None:
        parts.append(with_unit(computed(one.amount_per_kg), f"{one.unit}/kg"))
    return text(f"{one.drug} {', '.join(parts)} in {counted(one.sessions, 'session')}")
