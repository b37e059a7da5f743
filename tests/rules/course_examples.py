"""An invented course: sessions on days of their own, and answers between them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from protocol.rules.charting import Entry, Reading
from protocol.rules.course import (
    Course,
    CourseStatus,
    CourseStatusChange,
    CourseVersion,
)
from protocol.rules.forms import Answer, FormDocument, FormPurpose
from protocol.rules.record import SessionRecord
from protocol.rules.responses import PatientResponse
from protocol.rules.sessions import SessionStatus
from tests.rules.examples import (
    a_person,
    a_record,
    a_status,
    an_entry,
    an_id,
    dosing,
    observed,
)

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
FIRST_DAY = NOON.date()
OUTCOME: dict[str, Any] = {
    "name": "invented-outcome", "title": "Invented outcome", "purpose": "outcome",
    "items": [
        {"code": "pain", "label": "Pain", "kind": "scale", "scale": {"low": "0", "high": "10"}},
        {"code": "mood", "label": "Mood", "kind": "scale", "scale": {"low": "0", "high": "10"}},
    ],
    "scores": [
        {"code": "both", "label": "Both", "method": "mean", "items": ["pain", "mood"],
         "answered_min": 2}
    ],
}  # fmt: skip


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def on(day: float) -> datetime:
    """Noon so many days after the invented first day."""
    return NOON + timedelta(days=day)


def a_version(number: int = 1, day: float = 0, **details: Any) -> CourseVersion:
    return CourseVersion.model_validate(
        {"name": "Invented course", **details, "number": number,
         "recorded_at": on(day).isoformat(), "recorded_by": a_person()}
    )  # fmt: skip


def a_course(*versions: CourseVersion, closed: float | None = None) -> Course:
    history = [a_change(CourseStatus.OPEN, 0)]
    if closed is not None:
        history.append(a_change(CourseStatus.CLOSED, closed))
    return Course(
        id=an_id("course"), patient_id=an_id("patient"), versions=versions or (a_version(),),
        history=tuple(history),
    )  # fmt: skip


def a_change(status: CourseStatus, day: float) -> CourseStatusChange:
    return CourseStatusChange(status=status, at=on(day), recorded_at=on(day), by=a_person())


def an_outcome(**changes: Any) -> FormDocument:
    return FormDocument.model_validate(OUTCOME | changes)


def a_response(day: float, *answers: Answer, version: int = 1, **changes: Any) -> PatientResponse:
    values: dict[str, Any] = {
        "id": an_id(f"response {day} {version}"), "number": int(day * 10) + 100,
        "observed_at": on(day), "recorded_at": on(day), "recorded_by": a_person(),
        "answers": answers, "patient_id": an_id("patient"), "course_id": an_id("course"),
        "form": "invented-outcome", "form_title": "Invented outcome",
        "form_purpose": FormPurpose.OUTCOME, "form_version_id": an_id(f"form {version}"),
        "form_version_number": version, "late": False,
    }  # fmt: skip
    return PatientResponse(**(values | changes))


def pain(value: str | None, **more: Any) -> Answer:
    """`pain("7")`; without a value it was asked and is not known."""
    if value is None:
        return Answer.model_validate({"item": "pain", "absent": "asked-unknown", **more})
    return Answer.model_validate({"item": "pain", "value": value, **more})


def a_reading_at(day: float, measure: str, value: str, site: str | None = None) -> Entry:
    content = Reading(observations=(observed(measure, f"{value} {{score}}", site),))
    moment: dict[str, Any] = {"observed_at": on(day), "recorded_at": on(day)}
    return an_entry(int(day * 1000) + 10, content, id=an_id(f"{day} {measure}"), **moment)


def a_bolus_at(day: float, dose: str = "7 mg") -> Entry:
    moment: dict[str, Any] = {"observed_at": on(day), "recorded_at": on(day)}
    content = dosing("bolus", dose=dose)
    return an_entry(int(day * 1000) + 11, content, id=an_id(f"{day} {dose}"), **moment)


def a_session_on(day: float, *entries: Entry, **changes: Any) -> SessionRecord:
    """A session that took place: begun at noon of the day, ended an hour and more later."""
    status = changes.pop("status", SessionStatus.COMPLETED)
    history = [a_status(SessionStatus.PREPARATION, 0, int(day * 1000) + 1)]
    if status is not SessionStatus.PREPARATION:
        began = a_status(SessionStatus.IN_PROGRESS, 0, int(day * 1000) + 2)
        history.append(began.model_copy(update={"at": on(day)}))
        ended = a_status(status, 0, int(day * 1000) + 900)
        history.append(ended.model_copy(update={"at": on(day + _of_a_day(1.2))}))
    return a_record(entries, id=an_id(f"session {day}"), history=tuple(history), **changes)


def _of_a_day(hours: float) -> float:
    return hours / 24
