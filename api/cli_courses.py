"""`chairside course`: open, change, close, reopen, show, list; and a patient's responses."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli_acting import (
    Acting,
    As,
    AsJson,
    SecretFile,
    Stop,
    acting,
    every,
    file_bytes,
    listed,
    moment,
    one_of,
    program,
    say,
    say_json,
    write_out,
)

if TYPE_CHECKING:
    from datetime import datetime

    from protocol.commands.courses import CourseTold
    from protocol.rules.course import Course
    from protocol.rules.course_series import CourseSeries

app = program(help="Courses of treatment: open, change, close, reopen, show, list, responses.")
CourseId = Annotated[UUID, typer.Argument(help="The course.")]
Reason = Annotated[str, typer.Option(help="Why.")]
When = Annotated[str | None, typer.Option("--at", help="When, with its zone; absent: now.")]
File = Annotated[
    Path, typer.Argument(help="JSON or YAML file of the course's details, or - for standard input.")
]


@app.command("open")
def open_(
    file: File,
    patient: Annotated[UUID, typer.Option(help="The patient.")],
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Open a course from a file: name, indication, icd_codes, planned, scheduled, as in the API."""
    from api.documents import shaped
    from protocol.commands import courses
    from protocol.rules.course import CourseIn

    wanted = shaped(CourseIn, _details(file))
    with acting(username, secret_file) as one:
        done = courses.open_course(one.clinic, one.actor, patient, wanted, now=moment())
    listed([_line(done)], as_json=as_json)


@app.command("change")
def change(
    course: CourseId,
    file: File,
    reason: Reason,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """Give a course other details, whole, from a file; the earlier version stays."""
    from api.documents import shaped
    from protocol.commands import courses
    from protocol.rules.course import CourseChangeIn

    wanted = shaped(CourseChangeIn, {**_details(file), "reason": reason})
    with acting(username, secret_file) as one:
        done = courses.change_course(one.clinic, one.actor, course, wanted, now=moment())
    listed([_line(done)], as_json=as_json)


def _add_status(verb: str, words: str) -> None:
    @app.command(verb, help=words)
    def status(
        course: CourseId,
        reason: Reason,
        at: When = None,
        username: As = "",
        secret_file: SecretFile = None,
        as_json: AsJson = False,
    ) -> None:
        from uuid_utils.compat import uuid7

        from api.documents import shaped
        from protocol.commands import courses
        from protocol.rules.course import CourseStatusIn

        run = {"close": courses.close_course, "reopen": courses.reopen_course}[verb]
        wanted = shaped(CourseStatusIn, {"id": uuid7(), "at": at, "reason": reason})
        with acting(username, secret_file) as one:
            done = run(one.clinic, one.actor, course, wanted, now=moment())
        listed([_line(done)], as_json=as_json)


_add_status("close", "Close a course, with a reason; what is known of it later is still taken.")
_add_status("reopen", "Reopen a course, with a reason.")


@app.command("show")
def show(
    course: CourseId,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Write it as a printed sheet to this file.")
    ] = None,
) -> None:
    """Show a course: sessions, days between, sums, pain and function value by value, forms due."""
    from protocol.commands import courses
    from protocol.rules.actions import Action

    action = Action.COURSE_VIEW if pdf is None else Action.COURSE_PRINT
    with acting(username, secret_file) as one:
        now = moment()
        told = courses.course(one.clinic, one.actor, course, now=now, action=action)
        if pdf is not None:
            write_out(pdf, _sheet(one, told, now))
            return
    if as_json:
        say_json(
            {
                "course": told.course.model_dump(mode="json"),
                "status": told.course.status.value,
                "progress": told.progress.model_dump(mode="json"),
            }
        )
    else:
        for line in _said(told):
            say(line)


def _sheet(one: "Acting", told: "CourseTold", now: "datetime") -> bytes:
    from reports.course_report import course_report
    from reports.listing import Printed
    from reports.printing import listing_pdf

    printed = Printed(now, one.actor.name, told.page_size)
    return listing_pdf(
        course_report(one.clinic.ref, told.patient, told.course, told.progress, printed)
    )


@app.command("list")
def list_courses(
    patient: Annotated[UUID | None, typer.Option(help="Only of this patient.")] = None,
    status: Annotated[str | None, typer.Option(help="Only in this status.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List courses: id, status, patient, name."""
    with acting(username, secret_file) as one:
        listed(_lines(one, status, patient), as_json=as_json)


@app.command("responses")
def responses(
    patient: Annotated[UUID, typer.Argument(help="The patient.")],
    course: Annotated[UUID | None, typer.Option(help="Only of this course.")] = None,
    username: As = "",
    secret_file: SecretFile = None,
    as_json: AsJson = False,
) -> None:
    """List a patient's responses to forms, those that no longer stand too."""
    from protocol.commands import responding

    with acting(username, secret_file) as one:
        found = responding.patient_responses(
            one.clinic, one.actor, patient, now=moment(), course_id=course
        )
    if as_json:
        for each in found:
            say_json(each.model_dump(mode="json"))
        return
    listed(
        (
            {"response": str(each.response.id), "observed": each.response.observed_at,
             "form": each.response.form, "version": each.response.form_version_number,
             "retracts": each.response.retracts, "replaced_by": each.replaced_by,
             "late": "late" if each.response.late else "",
             "scores": "; ".join(f"{one.label} {one.value}" for one in each.scores),
             "lacking": len(each.lacking)}
            for each in found
        ),
        as_json=False,
    )  # fmt: skip


def _details(file: Path) -> dict[str, object]:
    from uuid_utils.compat import uuid7

    from api.documents import DocumentFaulty, parsed

    try:
        text = file_bytes(file).decode("utf-8-sig")
        value = parsed(text, "json" if file.suffix.lower() == ".json" else "yaml")
    except UnicodeDecodeError as error:
        raise Stop(f"{file}: it is not UTF-8 text (byte {error.start}).") from error
    except DocumentFaulty as faulty:
        raise Stop(*faulty.lines) from faulty
    if not isinstance(value, dict):
        raise Stop(f"{file}: it holds no object.")
    return {"id": uuid7(), **value}


def _line(course: "Course") -> dict[str, object]:
    return {
        "course": str(course.id), "status": course.status.value,
        "patient": str(course.patient_id), "version": course.details.number,
        "name": course.details.name,
    }  # fmt: skip


def _lines(one: Acting, status: str | None, patient: UUID | None) -> Iterator[dict[str, object]]:
    from protocol.commands import courses
    from protocol.rules.course import CourseStatus

    wanted = one_of(CourseStatus, status, "--status")
    for line in every(
        lambda after: courses.find_courses(
            one.clinic, one.actor, now=moment(), patient_id=patient, status=wanted, after=after
        )
    ):
        yield {
            "course": str(line.id), "status": line.status.value,
            "patient": str(line.patient_id), "name": line.name,
        }  # fmt: skip


def _said(told: "CourseTold") -> Iterator[str]:
    """The course in lines, one fact each."""
    course, progress = told.course, told.progress
    yield f"{course.details.name}, {course.status}, plan version {course.details.number}"
    yield f"sessions: {progress.done} of {progress.planned} planned"
    for session in progress.sessions:
        number = "-" if session.number is None else str(session.number)
        gap = session.days_since_last
        days = "" if gap is None else f", {gap} d since the patient was last given anything"
        yield f"  {number}  {session.session_id}  {session.status}{days}"
        for limit in session.gap_limits:
            yield f"     {limit.sentence}"
    for given in progress.given:
        yield f"given, computed: {given.drug} {given.amount} {given.unit} in {given.sessions}"
    for series in progress.series:
        yield from _series_said(series)
    for one in progress.benefits:
        below = "" if one.days_below is None else f", below for {one.days_below} d at least"
        yield f"after {one.session_id}, {one.instrument.label}: {one.end}{below}"
    for due in progress.due_forms:
        yield f"{due.form} due {due.due_on}: {due.state}"


def _series_said(series: "CourseSeries") -> Iterator[str]:
    from reports.formats import computed

    instrument, change = series.instrument, series.change
    version = f"{instrument.form} version {instrument.form_version_number}"
    yield f"{instrument.label} ({version if instrument.form else 'readings'})"
    for point in series.points:
        yield f"  {point.at}  {point.moment}  {point.missing or point.value}"
    if change is not None:
        share = "no percentage: the first is zero"
        if change.percent is not None:
            share = f"{computed(change.percent)} % of the first value, {change.percent_of}"
        yield f"  last against first: {computed(change.difference)}, {share}"
