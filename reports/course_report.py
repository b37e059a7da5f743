"""A course of treatment on paper: its sessions, pain and function over it, what it gave, what is
due. Individual values, a change with what it is a change of, and no average of anything (R100)."""

from protocol.rules.benefit import Benefit, BenefitEnd
from protocol.rules.course import Course, SeriesGiven
from protocol.rules.course_progress import CourseProgress, CourseSession
from protocol.rules.course_schedule import DueForm
from protocol.rules.course_series import Change, CourseSeries, Instrument, Moment, Point
from protocol.rules.patients import Patient
from protocol.rules.record import ClinicRef
from protocol.rules.signature import digest_of
from reports import formats
from reports.formats import (
    NOT_RECORDED,
    Clock,
    clock_of,
    computed,
    counted,
    measured,
    with_unit,
    words,
)
from reports.listing import Printed, Told, listing
from reports.sheet import (
    Cell,
    Column,
    Ink,
    Labelled,
    Listing,
    Row,
    Section,
    Table,
    joined,
    text,
    typed,
)

TITLE = "Course of treatment"
_MOMENTS = {
    Moment.BEFORE_INFUSION: "before the infusion", Moment.AFTER_INFUSION: "after the infusion",
    Moment.WITHOUT_INFUSION: "in a session without infusion",
    Moment.BETWEEN_SESSIONS: "between sessions",
}  # fmt: skip
_HOW_BENEFIT = (
    "Before is the last value up to the session's first dosing event. Days count from the session's"
    " end to the last value still below it and to the first one back. Nothing is interpolated."
)


def course_report(
    clinic: ClinicRef, patient: Patient, course: Course, progress: CourseProgress, printed: Printed
) -> Listing:
    """The whole course as of the moment of printing."""
    clock = clock_of(clinic.zone, printed.at)
    details = course.details
    planned = f"{progress.done:,} of {counted(progress.planned, 'planned session')} took place"
    facts = (
        Labelled("Course", joined(typed(details.name), text(course.status.value))),
        Labelled("Indication", typed(details.indication, NOT_RECORDED)),
        Labelled("ICD-10", text(", ".join(details.icd_codes) or NOT_RECORDED)),
        Labelled("Sessions", text(planned)),
        *(Labelled("Given", _given(one)) for one in progress.given),
    )
    sections = (
        _sessions(clock, progress), *(_series(clock, one) for one in progress.series),
        _benefits(clock, progress), _due(progress), _plan(course),
    )  # fmt: skip
    found = tuple(one for one in sections if one is not None)
    content = [course.model_dump(mode="json"), progress.model_dump(mode="json")]
    return listing(clinic, Told(TITLE, facts, found, digest_of(content), patient), printed)


def _given(one: SeriesGiven) -> Cell:
    amounts = [with_unit(computed(one.amount), one.unit), with_unit(computed(one.volume_ml), "mL")]
    if one.amount_per_kg is not None:
        amounts.append(with_unit(computed(one.amount_per_kg), f"{one.unit}/kg"))
    said = f"computed, in {counted(one.sessions, 'session')}"
    return joined(text(one.drug, Ink.STRONG), text(", ".join(amounts)), text(said, Ink.SOFT))


def _sessions(clock: Clock, progress: CourseProgress) -> Section:
    columns = (
        Column("No.", 6), Column("Began", 18), Column("Ended", 18), Column("Status", 14),
        Column("Since the last", 14, "days", numeric=True), Column("Limits on days between", 30),
    )  # fmt: skip
    rows = tuple(_session(clock, one) for one in progress.sessions)
    about = () if rows else ("No session belongs to it.",)
    return Section("Sessions", about, (Table(columns, rows),) if rows else ())


def _session(clock: Clock, one: CourseSession) -> Row:
    times = [
        NOT_RECORDED if at is None else clock.moment(at) for at in (one.began_at, one.ended_at)
    ]
    limits = joined(
        *(
            text(limit.sentence, Ink.PLAIN if limit.within else Ink.STRONG)
            for limit in one.gap_limits
        )
    )
    return Row((
        text("" if one.number is None else f"{one.number}", Ink.STRONG), *map(text, times),
        text(words(one.status.value)),
        text("None before" if one.days_since_last is None else measured(one.days_since_last)),
        limits,
    ))  # fmt: skip


def _series(clock: Clock, one: CourseSeries) -> Section:
    columns = (Column("At", 30), Column("When in the course", 45), Column("Value", 25))
    rows = tuple(
        Row((text(clock.moment(point.at)), text(_MOMENTS[point.moment]), _value(point)))
        for point in one.points
    )
    about = (_scale(one.instrument), _change(clock, one.change))
    return Section(_name(one.instrument), tuple(filter(None, about)), (Table(columns, rows),))


def _name(one: Instrument) -> str:
    form = "" if one.form is None else f", {one.form} version {one.form_version_number}"
    site = f", {one.site}" if one.site else ""
    return f"{one.label}{site}{form}"


def _scale(one: Instrument) -> str:
    if one.scale is None:
        return ""
    return f"On a scale from {measured(one.scale.low)} to {measured(one.scale.high)}."


def _value(point: Point) -> Cell:
    if point.value is None:
        return text(point.missing or NOT_RECORDED, Ink.SOFT)
    return text(measured(point.value), Ink.STRONG)


def _change(clock: Clock, change: Change | None) -> str:
    if change is None:
        return "No change is told of fewer than two values."
    return (
        f"First {measured(change.first)} ({clock.moment(change.first_at)}), last"
        f" {measured(change.last)} ({clock.moment(change.last_at)}):"
        f" {formats.change(change.first, change.last)}."
    )


def _benefits(clock: Clock, progress: CourseProgress) -> Section | None:
    columns = (
        Column("Session ended", 20), Column("Of", 24), Column("Before", 10, numeric=True),
        Column("Record says", 18), Column("Still below until", 14, "days", numeric=True),
        Column("Back after", 14, "days", numeric=True),
    )  # fmt: skip
    rows = tuple(_benefit(clock, one) for one in progress.benefits)
    if not rows:
        return None
    return Section("Pain until the next session", (_HOW_BENEFIT,), (Table(columns, rows),))


def _benefit(clock: Clock, one: Benefit) -> Row:
    back = one.days_to_next_session if one.end is BenefitEnd.NEXT_SESSION else one.days_to_back
    return Row((
        text(clock.moment(one.ended_at)), typed(_name(one.instrument)),
        text(NOT_RECORDED if one.before is None else measured(one.before)),
        text(words(one.end.value)),
        *(text("" if days is None else measured(days)) for days in (one.days_below, back)),
    ))  # fmt: skip


def _due(progress: CourseProgress) -> Section | None:
    columns = (
        Column("Form", 34), Column("Due", 18), Column("In time until", 18), Column("State", 14),
        Column("Answered", 16),
    )  # fmt: skip
    rows = tuple(map(_due_form, progress.due_forms))
    return Section("Asked between sessions", (), (Table(columns, rows),)) if rows else None


def _due_form(one: DueForm) -> Row:
    answered = "" if one.answered_on is None else formats.day(one.answered_on)
    return Row((
        text(one.form), text(formats.day(one.due_on)), text(formats.day(one.in_time_until)),
        text(one.state.value, Ink.STRONG), text(answered),
    ))  # fmt: skip


def _plan(course: Course) -> Section | None:
    planned = course.details.planned
    rows = tuple(
        Row((
            text(f"{number}", Ink.STRONG),
            text(NOT_RECORDED if one.on is None else formats.day(one.on)), typed(one.note),
        ))
        for number, one in enumerate(planned, 1)
    )  # fmt: skip
    columns = (Column("No.", 10), Column("Planned on", 30), Column("Note", 60))
    return Section("Planned sessions", (), (Table(columns, rows),)) if rows else None
