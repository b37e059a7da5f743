"""Telling an invented session: who charted what, so many minutes after its infusion began.

Every line goes through the command that a click would run, with the invented moment as its now.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from api.demo_documents import DRUG_LINE
from api.demo_forms import answers, opened_course
from protocol.commands import charting, enrolling, planning
from protocol.records.clinics import Clinic
from protocol.rules.actions import Action, Actor
from protocol.rules.charting import Charted
from protocol.rules.patients import PatientIn, WeightIn
from protocol.rules.record import SessionRecord
from protocol.rules.schedule import due_rounds

_CHARTED_AFTER = timedelta(seconds=40)
_UNITS = {
    "systolic": "mm[Hg]", "diastolic": "mm[Hg]", "heart-rate": "/min", "spo2": "%",
    "respiratory-rate": "/min", "temperature": "Cel",
}  # fmt: skip


class Stage(NamedTuple):
    """The invented clinic with its people, and the versions that are in force there."""

    clinic: Clinic
    team: dict[str, Actor]
    protocol_id: UUID
    forms: dict[str, UUID]


class Story:
    """One session of one invented patient, told from a moment on."""

    def __init__(self, stage: Stage, began: datetime) -> None:
        self.stage, self.clinic, self.nurse = stage, stage.clinic, stage.team["nurse"]
        self.began = began.replace(second=0, microsecond=0)
        self.patient_id, self.session_id, self.course_id = uuid7(), uuid7(), uuid7()

    def at(self, minute: float) -> datetime:
        """So many minutes after the beginning; before it where negative."""
        return self.began + timedelta(minutes=minute)

    def enrols(self, number: str, family: str, given: str, kg: str, **more: object) -> None:
        """The patient, weighed, with a session prepared half an hour before the infusion."""
        details = {
            "identifiers": [
                {"system": "Demonstration number", "value": f"D-{number}"},
                {"system": "Invented card", "value": f"X-{number}"},
            ],
            "family": family, "given": given, "allergy_state": "none-known", **more,
        }  # fmt: skip
        enrolling.enrol(
            self.clinic, self.nurse, self.patient_id, PatientIn.model_validate(details),
            now=self.at(-40),
        )  # fmt: skip
        weight = {"id": uuid7(), "value_kg": kg, "method": "measured", "measured_at": self.at(-36)}
        enrolling.weigh(
            self.clinic, self.nurse, self.patient_id, WeightIn.model_validate(weight),
            now=self.at(-35),
        )  # fmt: skip
        self.course_id = opened_course(
            self.clinic, self.stage.team, self.patient_id, self.at(-34), self.stage.forms
        )
        planning.prepare(
            self.clinic, self.nurse,
            planning.SessionIn(
                id=self.session_id, patient_id=self.patient_id, course_id=self.course_id,
                protocol_version_id=self.stage.protocol_id, series="Invented course",
            ),
            now=self.at(-30),
        )  # fmt: skip

    def charts(
        self, minute: float, kind: str, by: Actor | None = None, second: Actor | None = None,
        **content: Any,  # noqa: ANN401
    ) -> charting.Recorded:  # fmt: skip
        """An entry of this kind, charted shortly after it was observed."""
        beside = content.pop("beside", {})
        entry = Charted.model_validate(
            {
                "id": uuid7(), "observed_at": self.at(minute),
                "content": {"kind": kind, **content}, **beside,
            }
        )  # fmt: skip
        return charting.record_entry(
            self.clinic, by or self.nurse, self.session_id, entry,
            now=self.at(minute) + _CHARTED_AFTER, second=second,
        )  # fmt: skip

    def reads(
        self, minute: float, values: str, by: Actor | None = None, **beside: Any  # noqa: ANN401
    ) -> charting.Recorded:  # fmt: skip
        """A reading from words: `systolic 121, pain-rest 3`."""
        return self.charts(minute, "reading", by, observations=observed(values), beside=beside)

    def answers(
        self, minute: float, form: str, by: Actor | None = None, **given: Any  # noqa: ANN401
    ) -> charting.Recorded:  # fmt: skip
        """Answers to a form of the session."""
        return self.charts(minute, "form-response", by, form=form, answers=answers(**given))

    def doses(self, minute: float, event: str, **more: Any) -> charting.Recorded:  # noqa: ANN401
        """A dosing event of examplamine; `rate` in mL/h."""
        if "rate" in more:
            more["rate"] = {"value": more["rate"], "unit": "mL/h"}
        return self.charts(minute, "dosing", event=event, drug_line=DRUG_LINE, **more)

    def enters(self, minute: float, phase: str) -> None:
        """The session moves to a phase."""
        self.charts(minute, "phase", phase=phase)

    def becomes(self, minute: float, action: Action) -> None:
        """The session begins or ends."""
        planning.change_status(
            self.clinic, self.nurse, action, self.session_id,
            planning.StatusIn(at=self.at(minute)), now=self.at(minute) + _CHARTED_AFTER,
        )  # fmt: skip

    def record(self, minute: float) -> SessionRecord:
        """The session as the nurse sees it at that minute."""
        return planning.session(self.clinic, self.nurse, self.session_id, now=self.at(minute))

    def explains(self, minute: float, round_: str, due: float, reason: str) -> None:
        """Why a round that was due stays missed."""
        due_at = next(
            one.due_at
            for one in due_rounds(self.record(minute).course(), self.at(minute))
            if one.round == round_ and one.due_at == self.at(due).astimezone(UTC)
        )
        self.charts(
            minute, "missed-round", phase="infusion", round=round_, due_at=due_at, reason=reason
        )


def observed(values: str) -> list[dict[str, str]]:
    """`systolic 121, pain-rest 3` as observations; a pain has its site."""
    found = []
    for one in values.split(", "):
        measure, value = one.split()
        unit = _UNITS.get(measure, "{score}")
        site = {"site": "Lower back"} if measure.startswith("pain") else {}
        found.append({"measure": measure, "value": value, "unit": unit, **site})
    return found
