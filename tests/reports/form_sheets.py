"""A session with forms as it is printed: every kind of answer, and everything that can lack."""

from typing import Any

from protocol.rules.charting import FormOverride, FormResponse
from protocol.rules.forms import Answer, FormDocument
from protocol.rules.record import PinnedForm, SessionRecord, VersionRef
from tests.reports.hand import DOCTOR, OTHER_NURSE, Chart, record_of, uid

CHECKLIST: dict[str, Any] = {
    "name": "before-we-begin", "title": "Before we begin", "purpose": "pre-session",
    "recall": "the last week", "source": "Written by the clinic.", "licence": "The clinic's own.",
    "items": [
        {"code": "named", "label": "Name and day of birth asked", "kind": "yes-no",
         "section": "Identity", "required": True, "met_when": ["yes"]},
        {"code": "consent", "label": "Consent signed", "kind": "yes-no", "section": "Identity",
         "required": True, "met_when": ["yes"]},
        {"code": "ate", "label": "Has eaten", "kind": "yes-no", "section": "Today", "timed": True},
        {"code": "came-with", "label": "Came with", "kind": "one-of", "section": "Today",
         "required": True,
         "options": [{"code": "relative", "label": "A relative"},
                     {"code": "nobody", "label": "Nobody"}]},
        {"code": "who", "label": "Who", "kind": "text", "section": "Today", "required": True,
         "shown_when": {"item": "came-with", "answered": ["relative"]}},
        {"code": "alone", "label": "Home alone tonight", "kind": "yes-no", "section": "Today",
         "required": True, "shown_when": {"item": "came-with", "answered": ["nobody"]}},
        {"code": "tea", "label": "Drunk since morning", "kind": "number", "unit": "mL",
         "section": "Today"},
        {"code": "pregnancy", "label": "Pregnancy excluded", "kind": "yes-no", "required": True,
         "section": "Today", "met_when": ["yes"]},
        {"code": "access", "label": "Access at", "kind": "body-site", "section": "Access"},
        {"code": "placed", "label": "Placed on", "kind": "date", "section": "Access"},
        {"code": "pump", "label": "Pump looked at", "kind": "yes-no", "section": "Access",
         "required": True, "met_when": ["yes"]},
    ],
}  # fmt: skip
LEAVING: dict[str, Any] = {
    "name": "before-you-leave", "title": "Before you leave", "purpose": "discharge",
    "items": [
        {"code": code, "label": label, "kind": "scale",
         "scale": {"low": "0", "high": "2", "anchors": {"0": "not yet", "2": "as before"}}}
        for code, label in (("walks", "Walks"), ("knows", "Knows where"), ("drinks", "Drinks"))
    ],
    "scores": [
        {"code": "ready", "label": "Readiness", "method": "mean", "answered_min": 3,
         "items": ["walks", "knows", "drinks"], "met_low": "1",
         "bands": [{"label": "Well", "low": "1.5", "high": "2"}]},
        {"code": "share", "label": "Share of what can be had", "answered_min": 1,
         "method": "percent-of-answered-maximum", "items": ["walks", "knows"]},
    ],
}  # fmt: skip
STATUSES = (
    ("09:30", "preparation"), ("09:58", "in-progress"), ("11:48", "completed"),
)  # fmt: skip


def pinned(*documents: dict[str, Any]) -> tuple[PinnedForm, ...]:
    return tuple(
        PinnedForm(
            version=VersionRef(
                id=uid(one["name"]), name=one["name"], number=4, digest="9cd0" * 16,
                approved_by=DOCTOR,
            ),
            document=FormDocument.model_validate(one),
        )
        for one in documents
    )  # fmt: skip


def response(form: dict[str, Any], **answers: Any) -> FormResponse:
    given = [{"item": item.replace("_", "-"), **one} for item, one in answers.items()]
    return FormResponse(
        form=form["name"], answers=tuple(Answer.model_validate(one) for one in given)
    )


def formed() -> SessionRecord:
    """A checklist with everything, and a list for leaving whose score is not there."""
    chart = Chart()
    chart.add("09:40", response(
        CHECKLIST, named={"yes": True}, consent={"yes": False}, came_with={"chosen": ["nobody"]},
        alone={"yes": True}, ate={"yes": True, "at": "2026-11-20T06:30:00Z"},
    ))  # fmt: skip
    wrong = chart.add("09:42", response(CHECKLIST, tea={"value": "2500", "unit": "mL"}))
    chart.add("09:42", response(CHECKLIST, tea={"value": "250.0", "unit": "mL"}), "09:44",
              replaces=wrong.id, reason="a nought too many")  # fmt: skip
    chart.add("09:45", response(
        CHECKLIST, came_with={"chosen": ["relative"]}, who={"text": "her sister, <b>Ruth</b>"},
        pregnancy={"absent": "asked-declined"}, access={"site": "left forearm"},
        placed={"day": "2026-11-18"},
    ), "10:40", recorded_by=OTHER_NURSE)  # fmt: skip
    chart.add("09:57", FormOverride(
        form=CHECKLIST["name"], items=("consent", "pregnancy"),
        reason="Consent is on paper in the file; the test was negative last week.",
    ), recorded_by=DOCTOR)  # fmt: skip
    chart.add("11:40", response(LEAVING, walks={"value": "2"}, knows={"value": "1"}))
    chart.add("11:46", FormOverride(
        form=LEAVING["name"], items=("ready",), reason="Does not like tea.",
    ), recorded_by=DOCTOR)  # fmt: skip
    return record_of(chart, (), STATUSES, forms=pinned(CHECKLIST, LEAVING))
