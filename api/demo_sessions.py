"""The three invented sessions: one signed, one waiting for its signatures, one running now."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from api.demo_custody import Vault, draws, wastes
from api.demo_forms import BEFORE, CHECKLIST, DISCHARGE, LEAVING
from api.demo_story import Stage, Story, observed
from protocol.commands import amending, signing
from protocol.rules.actions import Action
from protocol.rules.charting import Charted
from protocol.rules.signature import Meaning


def signed_session(stage: Stage, vault: Vault, secrets: dict[str, str], began: datetime) -> Story:
    """A session without anything out of the ordinary, signed by nurse and physician."""
    team, story = stage.team, Story(stage, began)
    story.enrols("0001", "Madeup", "Mona", "61.7", born_on="1961-02-03", sex="female",
                 address="2 Invented Street, Examplia")  # fmt: skip
    drawn = draws(vault, story, -8)
    _begins(story, "11.3")
    story.reads(7, "systolic 128, diastolic 79, heart-rate 74, spo2 98, respiratory-rate 15")
    _quiet_round(story, 14, "systolic 126, diastolic 78, heart-rate 75")
    story.reads(27, "systolic 124, diastolic 77, heart-rate 77, spo2 97, respiratory-rate 14,"
                " sedation 1, dissociation 1, nausea 0, pain-rest 4, pain-movement 6")  # fmt: skip
    story.doses(29, "rate-change", rate="13.1")
    _quiet_round(story, 40, "systolic 122, diastolic 76, heart-rate 79")
    _ends(story, 51)
    wastes(vault, story, 55, drawn, "29.4")
    _recovers(story, 51)
    digest = story.record(80).digest()
    signers = (("nurse", Meaning.AUTHORSHIP, 82), ("physician", Meaning.APPROVAL, 95))
    for who, meaning, minute in signers:
        wanted = signing.SignatureIn(
            id=uuid7(), meaning=meaning, record_digest=digest, secret=secrets[who]
        )
        signing.sign(stage.clinic, team[who], story.session_id, wanted, now=story.at(minute))
    return story


def waiting_session(stage: Stage, vault: Vault, began: datetime) -> None:
    """A session with everything that a physician looks for before signing."""
    story = Story(stage, began)
    story.enrols("0002", "Invented", "Ivo", "83.2", born_on="1954-11-12", sex="male",
                 allergy_state="known", allergies=["Imaginary resin (rash)"],
                 address="3 Invented Street, Examplia")  # fmt: skip
    drawn = draws(vault, story, -8)
    _begins(story, "12.7", fasting_as_asked=False)
    story.reads(7, "systolic 139, diastolic 84, heart-rate 88, spo2 97, respiratory-rate 16")
    _quiet_round(story, 14, "systolic 146, diastolic 87, heart-rate 96")
    _breaches(story)
    story.charts(31, "adverse-event", what="Nausea", onset_at=story.at(28).isoformat(),
                 resolved_at=story.at(30).isoformat(), severity="mild", outcome="resolved",
                 action_taken="Invented antiemetic, see adjunct.")  # fmt: skip
    story.charts(32, "adjunct", medicine="Inventron", dose={"value": "3.7", "unit": "mg"},
                 route="intravenous", indication="Nausea")  # fmt: skip
    story.doses(33, "pause", note="Line looked at.")
    story.doses(36, "resume", rate="10.9")
    wrong = story.reads(
        40, "systolic 141, diastolic 83, heart-rate 19, spo2 96, respiratory-rate 15",
        confirmed=["heart-rate"], reason="To be read again",
    )  # fmt: skip
    _corrects(story, wrong.entry.id)
    _ends(story, 51)
    story.explains(53, "awareness", 42, "The patient was asleep and was left to sleep.")
    wastes(vault, story, 56, drawn, "28.9")
    _recovers(story, 51)


def running_session(stage: Stage, vault: Vault, now: datetime) -> None:
    """A session that runs at this moment, with a round that is due and a breach that is open."""
    story = Story(stage, now - timedelta(minutes=44))
    story.enrols("0003", "Fictitious", "Fay", "70.4", born_on="1979-06-07", sex="female",
                 allergy_state="not-recorded")  # fmt: skip
    draws(vault, story, -8)
    _begins(story, "11.9")
    story.reads(7, "systolic 131, diastolic 80, heart-rate 84, spo2 98, respiratory-rate 14")
    _quiet_round(story, 14, "systolic 134, diastolic 81, heart-rate 91")
    story.doses(21, "rate-change", rate="13.3")
    story.reads(27, "systolic 137, diastolic 82, heart-rate 117, spo2 97, respiratory-rate 15,"
                " sedation 1, dissociation 2, nausea 1, pain-rest 4, pain-movement 6")  # fmt: skip
    story.charts(30, "note", text="Says that the room seems larger. Calm, speaks clearly.")


def _begins(story: Story, rate: str, **otherwise: bool) -> None:
    """What comes before an infusion; what is answered otherwise than hoped has its reason."""
    physician = story.stage.team["physician"]
    story.enters(-20, "before")
    story.charts(-19, "plan", physician, drug_line="examplamine",
                 rate={"value": rate, "unit": "mL/h"}, duration_min="51",
                 note="Invented for the demonstration.")  # fmt: skip
    story.reads(-16, "systolic 133, diastolic 82, heart-rate 76, spo2 98, respiratory-rate 15,"
                " temperature 36.7, pain-rest 7, pain-movement 8")  # fmt: skip
    story.answers(-12, CHECKLIST, physician, asa_class=["asa-2"], airway="Nothing of note.")
    checked = {"yes": True, "at": story.at(-6).isoformat()}
    story.answers(-5, CHECKLIST, pump_checked=checked, **BEFORE | otherwise)
    if otherwise:
        lacking = [item.replace("_", "-") for item in otherwise]
        story.charts(-4, "form-override", physician, form=CHECKLIST, items=lacking,
                     reason="Invented: a biscuit, six hours ago.")  # fmt: skip
    story.becomes(-2, Action.SESSION_BEGIN)
    story.enters(-1, "infusion")
    story.reads(0, "systolic 132, diastolic 81, heart-rate 77, spo2 98, respiratory-rate 15")
    story.doses(0, "start", rate=rate)


def _quiet_round(story: Story, minute: float, circulation: str) -> None:
    story.reads(minute, f"{circulation}, spo2 97, respiratory-rate 14")
    story.reads(minute + 1, "sedation 1, dissociation 1, nausea 0")


def _breaches(story: Story) -> None:
    """A hard limit crossed: charted, then explained by the nurse with a second person."""
    high = story.reads(27, "systolic 181, diastolic 97, heart-rate 104, spo2 96,"
                       " respiratory-rate 17, pain-rest 5, pain-movement 7, sedation 0,"
                       " dissociation 2, nausea 2")  # fmt: skip
    for breach in high.breaches:
        story.charts(
            29, "override", second=story.stage.team["physician"], breach_id=str(breach.id),
            reason="Known to the physician, who was present.",
        )  # fmt: skip


def _corrects(story: Story, wrong: UUID) -> None:
    content = observed("systolic 141, diastolic 83, heart-rate 91, spo2 96, respiratory-rate 15")
    amending.correct_entry(
        story.clinic, story.nurse, story.session_id,
        Charted.model_validate(
            {
                "id": uuid4(), "observed_at": story.at(40), "replaces": wrong,
                "content": {"kind": "reading", "observations": content},
                "reason": "Mistyped: 91 was read.",
            }
        ),
        now=story.at(43),
    )  # fmt: skip


def _ends(story: Story, minute: float) -> None:
    story.doses(minute, "stop")
    story.enters(minute, "recovery")


def _recovers(story: Story, minute: float) -> None:
    vitals = "systolic 127, diastolic 78, heart-rate 73, spo2 98, respiratory-rate 14"
    story.reads(minute + 13, vitals)
    story.reads(minute + 26, f"{vitals}, pain-rest 3, sedation 0, nausea 0")
    left = {"yes": True, "at": story.at(minute + 27).isoformat()}
    story.answers(minute + 27, DISCHARGE, left=left, **LEAVING)
    story.becomes(minute + 28, Action.SESSION_COMPLETE)
