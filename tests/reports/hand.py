"""Making session records by hand: people, documents and a chart, with plainly invented numbers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from protocol.rules.actions import Role
from protocol.rules.charting import (
    Content,
    DosingEvent,
    DosingKind,
    Entry,
    PersonRef,
    Reading,
    Weight,
)
from protocol.rules.limits import Breach, Limit, LimitOn, Severity
from protocol.rules.measures import BUILT_IN, MeasureKind, Observation, Scale
from protocol.rules.patients import AllergyState, Identifier, Patient, Sex
from protocol.rules.protocols import (
    Concentration,
    DrugLine,
    Interval,
    Phase,
    PolicyDocument,
    ProtocolDocument,
    Round,
)
from protocol.rules.quantity import Quantity
from protocol.rules.record import ClinicRef, SessionRecord, StatusChange, VersionRef
from protocol.rules.sessions import SessionStatus

DAY = datetime(2026, 11, 20, tzinfo=UTC)
PRINTED_AT = DAY + timedelta(hours=12, minutes=7)
PRINTED_BY = "WRIGHT, Dana, RN"


def uid(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(NAMESPACE_URL, name)


def at(clock: str) -> datetime:
    """A time of the session's day in UTC; the clinic's clock is an hour ahead."""
    hours, minutes = clock.split(":")
    return DAY + timedelta(hours=int(hours) - 1, minutes=int(minutes))


NURSE = PersonRef(id=uid("nurse"), name="WRIGHT, Dana", credential="RN", roles=(Role.NURSE,))
OTHER_NURSE = PersonRef(id=uid("other"), name="BERG, Ilse", credential="RN", roles=(Role.NURSE,))
DOCTOR = PersonRef(
    id=uid("doctor"), name="OKAFOR, Samuel", credential="MD", roles=(Role.PHYSICIAN,)
)
WEIGHT = Weight(
    id=uid("weight"), value_kg=Decimal("70.0"), method="measured", measured_at=at("09:40")
)
PATIENT = Patient(
    id=uid("patient"), version=2, recorded_at=at("09:30"), weights=(WEIGHT,),
    identifiers=(
        Identifier(system="MRN", value="0012 3456"),
        Identifier(system="Insurance no.", value="EX-77-1001"),
    ),
    family="Example", given="Robin", born_on=date(1985, 7, 14), sex=Sex.FEMALE,
    allergy_state=AllergyState.KNOWN, allergies=("penicillin (rash)", "latex (contact)"),
)  # fmt: skip
MEASURES = ("systolic", "diastolic", "heart-rate", "spo2", "respiratory-rate")


def protocol_document() -> ProtocolDocument:
    """Two drug lines of invented drugs; every number is invented."""
    return ProtocolDocument(
        name="Back pain, slow infusion",
        phases=(
            Phase(
                code="before", label="Before the infusion",
                rounds=(Round(code="baseline", label="Baseline", measures=MEASURES, at_min=(10,),
                              grace_min=8),),
            ),
            Phase(
                code="infusion", label="Infusion",
                rounds=(Round(code="vitals", label="Vital signs", measures=MEASURES, at_min=(0,),
                              intervals=(Interval(every_min=10),), grace_min=4),),
            ),
            Phase(code="recovery", label="Recovery"),
        ),
        drug_lines=(
            DrugLine(
                code="line-1", drug="examplamine", route="intravenous infusion",
                diluent="sodium chloride 0.9 percent",
                concentration=Concentration(amount=quantity("50", "mg"),
                                            volume=quantity("50", "mL")),
            ),
            DrugLine(
                code="line-2", drug="placebazole", route="intravenous injection",
                concentration=Concentration(amount=quantity("200", "ug"),
                                            volume=quantity("1", "mL")),
            ),
        ),
        limits=(
            Limit(code="systolic-soft", on=LimitOn.MEASURE, measure="systolic",
                  high=Decimal(160), unit="mm[Hg]", severity=Severity.SOFT),
            Limit(code="bolus-hard", on=LimitOn.SINGLE_DOSE, high=Decimal("1.5"), unit="mg",
                  severity=Severity.HARD, note="Call the physician in charge is our own wording."),
        ),
    )  # fmt: skip


def policy_document(**changes: object) -> PolicyDocument:
    """A clinic's policy with scales from nothing but invention."""
    scales = {
        code: Scale(low=Decimal(0), high=Decimal(10))
        for code, measure in BUILT_IN.items()
        if measure.kind is MeasureKind.SCORE
    }
    scales["sedation"] = Scale(
        low=Decimal(0), high=Decimal(3),
        anchors={"0": "awake", "1": "drowsy", "2": "asleep", "3": "not rousable"},
    )  # fmt: skip
    return PolicyDocument(
        name="North Clinic policy", late_entry_after_min=15, scales=scales,
        limits=(
            Limit(code="spo2-hard", on=LimitOn.MEASURE, measure="spo2", low=Decimal(92),
                  unit="%", severity=Severity.HARD),
        ),
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip


def quantity(value: str, unit: str) -> Quantity:
    return Quantity(value=Decimal(value), unit=unit)


def observation(measure: str, value: str, site: str | None = None, unit: str = "") -> Observation:
    return Observation(
        measure=measure, value=Decimal(value), unit=unit or BUILT_IN[measure].units[0], site=site
    )


class Chart:
    """Entries in the order they are recorded, each a minute after it was observed."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, clock: str, content: Content, recorded: str = "", **more: object) -> Entry:
        observed = at(clock)
        values = {
            "id": uid(f"entry {len(self.entries)}"),
            "number": 100 + len(self.entries),
            "observed_at": observed,
            "recorded_at": at(recorded) if recorded else observed + timedelta(minutes=1),
            "recorded_by": NURSE,
            "content": content,
        } | more
        entry = Entry(**values)  # type: ignore[arg-type]
        self.entries.append(entry)
        return entry

    def vitals(self, clock: str, values: str, context: str | None = None, **more: object) -> Entry:
        """`values` in the order of MEASURES, "-" for one that was not taken."""
        taken = [
            observation(measure, value)
            for measure, value in zip(MEASURES, values.split(), strict=False)
            if value != "-"
        ]
        extra = more.pop("extra", ())
        assert isinstance(extra, Sequence)
        return self.add(
            clock,
            Reading(observations=(*taken, *extra), context=context),
            **more,  # type: ignore[arg-type]
        )

    def dose(self, clock: str, event: DosingKind, line: str = "line-1", **more: object) -> Entry:
        fields = {name: more.pop(name) for name in ("rate", "dose", "note") if name in more}
        content = DosingEvent(event=event, drug_line=line, **fields)  # type: ignore[arg-type]
        return self.add(clock, content, weight=WEIGHT, **more)  # type: ignore[arg-type]


def breach_of(entry: Entry, number: int, **values: object) -> Breach:
    """A breach as the rules make it."""
    shared = {
        "id": uid(f"breach {number}"),
        "entry_id": entry.id,
        "severity": Severity.SOFT,
        "on": LimitOn.MEASURE,
        "direction": "above",
        "source": "protocol version 2",
        "version_id": uid("protocol version"),
    }
    return Breach(**(shared | values))  # type: ignore[arg-type]


def record_of(
    chart: Chart, breaches: Sequence[Breach] = (), statuses: Sequence[tuple[str, str]] = (),
    **changes: object,
) -> SessionRecord:  # fmt: skip
    """A record of the chart's entries."""
    history = [
        StatusChange(
            status=SessionStatus(status), at=at(clock), recorded_at=at(clock), by=NURSE,
            number=50 + number,
            reason="the patient asked to stop" if status == "stopped" else None,
        )
        for number, (clock, status) in enumerate(statuses or [("09:30", "preparation")])
    ]  # fmt: skip
    values = {
        "clinic": ClinicRef(
            id=uid("clinic"), name="North Clinic", zone="Europe/Berlin", demonstration=True
        ),
        "id": UUID("0192f0c4-5d11-7c3e-9a40-3f6b2f8f0001"),
        "patient": PATIENT,
        "series": "1, session 4",
        "protocol_version": VersionRef(
            id=uid("protocol version"), name="Back pain, slow infusion", number=2,
            digest="4be1" * 16, approved_by=DOCTOR,
        ),
        "protocol": protocol_document(),
        "policy_version": VersionRef(
            id=uid("policy version"), name="North Clinic policy", number=3, digest="77aa" * 16,
            approved_by=DOCTOR,
        ),
        "policy": policy_document(),
        "history": tuple(history),
        "entries": tuple(chart.entries),
        "breaches": tuple(breaches),
    }  # fmt: skip
    return SessionRecord(**(values | changes))  # type: ignore[arg-type]
