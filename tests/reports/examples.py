"""Whole session records of an invented drug: empty, full, signed, amended and hostile."""

from decimal import Decimal

from protocol.rules.charting import (
    Addendum,
    Adjunct,
    AdverseEvent,
    AdverseOutcome,
    AdverseSeverity,
    DosingKind,
    Entry,
    MissedRound,
    Note,
    Override,
    PersonRef,
    PhaseEntered,
    Plan,
    Retraction,
    Source,
)
from protocol.rules.limits import Breach, LimitOn, Severity
from protocol.rules.measures import Observation
from protocol.rules.record import SessionRecord
from protocol.rules.signature import Meaning, Signature
from tests.reports.hand import (
    DOCTOR,
    NURSE,
    OTHER_NURSE,
    PATIENT,
    Chart,
    at,
    breach_of,
    observation,
    policy_document,
    quantity,
    record_of,
    uid,
)


def empty() -> SessionRecord:
    """A session that was prepared, and nothing else."""
    return record_of(Chart())


ENDED = (
    ("09:30", "preparation"), ("09:58", "in-progress"), ("10:34", "on-hold"),
    ("10:39", "in-progress"), ("11:48", "completed"),
)  # fmt: skip


def full() -> SessionRecord:
    """A session with everything that can be charted, corrected and crossed."""
    chart = Chart()
    _before_and_infusion(chart)
    crossed = _crossing(chart)
    _recovery(chart)
    _amended(chart)
    return record_of(chart, crossed, ENDED)


def pain(rest: str, movement: str = "") -> list[Observation]:
    found = [observation("pain-rest", rest, site="lower back")]
    return found + ([observation("pain-movement", movement)] if movement else [])


def _before_and_infusion(chart: Chart) -> None:
    chart.add(
        "09:35",
        Plan(
            drug_line="line-1", dose=quantity("28.0", "mg"), rate=quantity("20", "mL/h"),
            duration_min=Decimal(60), note="slower if the patient prefers",
        ),
        recorded_by=DOCTOR,
    )  # fmt: skip
    chart.add("09:45", PhaseEntered(phase="before"))
    chart.vitals("09:50", "128 78 72 99 14", "left arm, seated", extra=pain("8", "9"))
    chart.add("10:00", PhaseEntered(phase="infusion"))
    chart.dose("10:00", DosingKind.START, rate=quantity("20", "mL/h"))
    chart.vitals("10:00", "131 80 74 98 14", extra=[*pain("8"), observation("temperature", "37.0")])
    chart.dose("10:05", DosingKind.BOLUS, dose=quantity("2.0", "mg"))
    chart.vitals("10:10", "142 86 80 98 13")
    chart.dose("10:15", DosingKind.RATE_CHANGE, rate=quantity("30", "mL/h"), note="as planned")
    chart.vitals("10:15", "148 88 82 97 13", extra=[*pain("6"), observation("sedation", "0")])
    chart.dose("10:20", DosingKind.BOLUS, "line-2", dose=quantity("0.50", "ug/kg"))


def _crossing(chart: Chart) -> list[Breach]:
    bolus = chart.entries[6]
    high = chart.vitals("10:25", "164 96 90 95 12", reason="patient talking, cuff repeated")
    higher = chart.vitals(
        "10:30", "168 98 92 91 12", "right arm, lying", extra=[*pain("4"),
        observation("sedation", "1")], confirmed=("spo2",),
    )  # fmt: skip
    systolic = {
        "limit_code": "systolic-soft", "label": "Systolic blood pressure", "unit": "mm[Hg]",
        "bound": Decimal(160), "bound_unit": "mm[Hg]",
    }  # fmt: skip
    breaches = [
        breach_of(
            bolus, 1, limit_code="bolus-hard", on=LimitOn.SINGLE_DOSE, severity=Severity.HARD,
            label="examplamine bolus", value=Decimal("2.0"), unit="mg", bound=Decimal("1.5"),
            bound_unit="mg", note="Call the physician in charge is our own wording.",
        ),
        breach_of(high, 2, value=Decimal(164), **systolic),
        breach_of(higher, 3, value=Decimal(168), **systolic),
        breach_of(
            higher, 4, limit_code="spo2-hard", severity=Severity.HARD, label="SpO2",
            value=Decimal(91), unit="%", bound=Decimal(92), bound_unit="%", direction="below",
            source="policy version 3", version_id=uid("policy version"),
        ),
    ]  # fmt: skip
    chart.add(
        "10:06", Override(breach_id=breaches[0].id, reason="ordered at the chair"),
        second_person=DOCTOR,
    )  # fmt: skip
    chart.add("10:31", Override(breach_id=breaches[2].id, reason="physician informed"))
    return breaches


def _recovery(chart: Chart) -> None:
    chart.dose("10:34", DosingKind.PAUSE, recorded="10:52", note="nausea")
    chart.add(
        "10:34",
        AdverseEvent(
            what="Nausea", onset_at=at("10:34"), resolved_at=at("10:44"),
            severity=AdverseSeverity.MILD, action_taken="infusion paused, head raised",
            outcome=AdverseOutcome.RESOLVED, relatedness="probable",
        ),
        recorded="10:52",
    )  # fmt: skip
    chart.add(
        "10:36",
        Adjunct(
            medicine="soothazine", dose=quantity("4.0", "mg"), route="intravenous",
            indication="nausea",
        ),
    )  # fmt: skip
    chart.dose("10:39", DosingKind.RESUME, recorded="10:53")
    chart.vitals("10:47", "150 92 84 97 13", extra=pain("3"))
    chart.dose("10:50", DosingKind.RATE_CHANGE, rate=quantity("24", "mL/h"))
    chart.vitals("10:55", "144 88 80 98 13")
    chart.dose("11:02", DosingKind.STOP)
    chart.add("11:02", PhaseEntered(phase="recovery"))
    chart.vitals("11:15", "134 82 74 98 14", extra=pain("3"), source=Source.TRANSCRIBED,
                 recorded="11:40")  # fmt: skip
    chart.vitals("11:30", "130 80 72 99 14", extra=[*pain("3", "4"), observation("sedation", "0")])
    chart.add(
        "11:20",
        Note(text="Walks without help.\nEscort has arrived: a sister, by car."),
        recorded_by=OTHER_NURSE,
    )
    chart.add(
        "11:00",
        MissedRound(
            phase="infusion", round="vitals", due_at=at("10:40"), reason="patient in the bathroom"
        ),
    )


def _amended(chart: Chart) -> None:
    wrong = chart.vitals("11:05", "221 84 78 98 14", context="left arm")
    chart.vitals(
        "11:06", "121 84 78 98 14", context="left arm, seated", recorded="11:12",
        replaces=wrong.id, reason="digit mistyped", recorded_by=OTHER_NURSE,
    )  # fmt: skip
    stranger = chart.vitals("11:08", "99 55 61 96 11")
    chart.add(
        "11:08", Retraction(reason="wrong patient"), recorded="11:20", replaces=stranger.id
    )  # fmt: skip
    note = chart.add("11:32", Note(text="Left with her brother."))
    chart.add(
        "11:32", Note(text="Left with her sister."), recorded="11:35", replaces=note.id,
        reason="person mistaken",
    )  # fmt: skip


LONG_WORD = "w" * 10_000
HEBREW = "כאב גב תחתון"
STRANGE = "\u202eright to left override\u202c, e\u0301 z\u0323\u0307, \U0001f600"
MARKUP = '<img src="file:///etc/passwd"><script>alert(1)</script> & {{ 7 * 7 }} {% raw %}'
MANY = 44
ALLERGIES = 12


def hostile() -> SessionRecord:
    """What people type when nobody stops them: markup, other scripts, one endless word."""
    chart = Chart()
    chart.add("09:45", PhaseEntered(phase="infusion"))
    sites = [f"site {number}" for number in range(MANY)]
    every = [observation("pain-rest", str(number % 11), sites[number]) for number in range(MANY)]
    chart.vitals("09:50", "128 78 72 99 14", MARKUP, extra=every[:50])
    for minute in range(MANY):
        chart.vitals(
            f"{10 + minute // 60}:{minute % 60:02d}", f"{100 + minute} 70 {60 + minute} 99 14",
            f"{HEBREW} {minute}", reason=MARKUP if minute == 3 else None,
        )  # fmt: skip
    chart.add("10:10", Note(text=LONG_WORD))
    chart.add("10:11", Note(text=f"{MARKUP}\n\n\tindented  twice\n{HEBREW} 5 10 15"))
    chart.add("10:12", Note(text=STRANGE))
    chart.add(
        "10:13",
        AdverseEvent(
            what="x" * 400, onset_at=at("10:13"), severity=AdverseSeverity.SEVERE,
            action_taken="long " * 1_200 + "END-OF-ACTION",
        ),
    )  # fmt: skip
    chart.dose("10:14", DosingKind.START, rate=quantity("123456.700", "ug/kg/min"), note=MARKUP)
    stopped = chart.dose("10:15", DosingKind.STOP, note="n" * 3_000)
    chart.dose("10:16", DosingKind.STOP, note="short", replaces=stopped.id, reason=MARKUP)
    patient = PATIENT.model_copy(
        update={
            "family": "W" * 400, "given": f"<b>{HEBREW}</b>" + "é" * 350,
            "allergies": tuple(f"substance {number} " + "y" * 380 for number in range(ALLERGIES)),
        }
    )  # fmt: skip
    return record_of(chart, patient=patient, policy=policy_document(page_size="Letter"))


def answered() -> SessionRecord:
    """The full session with every breach and round answered, so that it can be signed."""
    record = full()
    chart = Chart()
    chart.entries = list(record.entries)
    chart.add(
        "10:32", Override(breach_id=record.breaches[3].id, reason="finger cold, probe moved"),
        second_person=DOCTOR,
    )  # fmt: skip
    return record.model_copy(update={"entries": tuple(chart.entries)})


def signature(record: SessionRecord, person: PersonRef, meaning: Meaning, clock: str) -> Signature:
    return Signature(
        id=uid(f"{meaning} {clock}"), number=500 + len(record.signatures), signer=person,
        meaning=meaning, signed_at=at(clock), record_digest=record.digest(),
        protocol_version_id=record.protocol_version.id, policy_version_id=record.policy_version.id,
    )  # fmt: skip


def signed() -> SessionRecord:
    """Authored by the nurse and approved by the physician."""
    record = answered()
    for person, meaning, clock in (
        (NURSE, Meaning.AUTHORSHIP, "11:50"),
        (DOCTOR, Meaning.APPROVAL, "11:53"),
    ):
        given = signature(record, person, meaning, clock)
        record = record.model_copy(update={"signatures": (*record.signatures, given)})
    return record


def amended() -> SessionRecord:
    """Signed, and then an addendum."""
    record = signed()
    late = Entry(
        id=uid("addendum"), number=600, observed_at=at("12:30"), recorded_at=at("12:30"),
        recorded_by=DOCTOR, content=Addendum(text="The patient telephoned: no complaint."),
    )  # fmt: skip
    return record.model_copy(update={"entries": (*record.entries, late)})
