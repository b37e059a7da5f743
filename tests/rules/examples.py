"""Example documents, people and entries of these tests: an invented drug and invented numbers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from protocol.rules.actions import Actor, Role
from protocol.rules.charting import Content, DosingEvent, DosingKind, Entry, PersonRef, Weight
from protocol.rules.dosing import Dosed
from protocol.rules.limits import Breach, Limit, LimitInForce, LimitOn, Severity
from protocol.rules.measures import Observation
from protocol.rules.patients import AllergyState, Identifier, Patient, Sex
from protocol.rules.protocols import Concentration, PolicyDocument, ProtocolDocument
from protocol.rules.quantity import Quantity
from protocol.rules.record import ClinicRef, SessionRecord, StatusChange, VersionRef
from protocol.rules.sessions import SessionStatus

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)
SPACE = UUID("00000000-0000-4000-8000-00000000e8a3")

PROTOCOL: dict[str, Any] = {
    "name": "Examplamine, invented",
    "phases": [
        {"code": "before", "label": "Before"},
        {
            "code": "infusion",
            "label": "Infusion",
            "rounds": [
                {
                    "code": "awareness",
                    "label": "Awareness",
                    "measures": ["respiratory-rate", "pain-rest"],
                    "anchor": "infusion-start",
                    "intervals": [
                        {"every_min": 3, "for_min": 12},
                        {"every_min": 7, "for_min": 14},
                        {"every_min": 13},
                    ],
                    "grace_min": 1,
                },
                {
                    "code": "circulation",
                    "label": "Circulation",
                    "measures": ["systolic", "diastolic", "heart-rate"],
                    "at_min": [0],
                    "intervals": [{"every_min": 10}],
                    "grace_min": 2,
                },
            ],
        },
        {
            "code": "after",
            "label": "After",
            "rounds": [
                {
                    "code": "leaving",
                    "label": "Leaving",
                    "measures": ["heart-rate"],
                    "at_min": [17],
                    "grace_min": 4,
                }
            ],
        },
    ],
    "drug_lines": [
        {
            "code": "line-1",
            "drug": "examplamine",
            "concentration": {
                "amount": {"value": "7", "unit": "mg"},
                "volume": {"value": "3", "unit": "mL"},
            },
            "route": "intravenous",
        }
    ],
}
POLICY: dict[str, Any] = {
    "name": "Invented policy",
    "late_entry_after_min": 9,
    "plausible": [{"measure": "heart-rate", "low": "31", "high": "213", "unit": "/min"}],
    "scales": {
        "pain-rest": {"low": "0", "high": "10"},
        "sedation": {"low": "1", "high": "10"},
    },
}


def at(minute: float) -> datetime:
    """So many minutes after nine o'clock of the example day."""
    return NINE + timedelta(minutes=minute)


def an_id(name: object) -> UUID:
    """The same id for the same name."""
    return uuid5(SPACE, str(name))


def quantity(text: str) -> Quantity:
    """`quantity("7.3 mg")`."""
    value, unit = text.split(" ", 1)
    return Quantity(value=Decimal(value), unit=unit)


def a_protocol(**changes: Any) -> ProtocolDocument:
    return ProtocolDocument.model_validate(PROTOCOL | changes)


def a_policy(**changes: Any) -> PolicyDocument:
    return PolicyDocument.model_validate(POLICY | changes)


def a_concentration(amount: str = "7 mg", volume: str = "3 mL") -> Concentration:
    return Concentration(amount=quantity(amount), volume=quantity(volume))


def observed(measure: str, text: str, site: str | None = None) -> Observation:
    """`observed("heart-rate", "71 /min")`."""
    value, unit = text.split(" ", 1)
    return Observation(measure=measure, value=Decimal(value), unit=unit, site=site)


def dosing(
    kind: str, *, rate: str | None = None, dose: str | None = None, line: str = "line-1"
) -> DosingEvent:
    return DosingEvent(
        event=DosingKind(kind),
        drug_line=line,
        rate=quantity(rate) if rate else None,
        dose=quantity(dose) if dose else None,
    )


def dosed(
    number: int,
    kind: str,
    minute: float,
    *,
    rate: str | None = None,
    dose: str | None = None,
    weight: str | None = "61.7",
) -> Dosed:
    """One event on line-1; starts and rate changes run at an invented rate unless one is said."""
    if rate is None and kind in ("start", "rate-change"):
        rate = "11.3 mL/h"
    if dose is None and kind == "bolus":
        dose = "1.9 mg"
    weight_kg = None if weight is None else Decimal(weight)
    event = dosing(kind, rate=rate, dose=dose)
    return Dosed(an_id(f"dosed {number}"), number, at(minute), event, weight_kg)


def a_person(role: Role = Role.NURSE, name: str = "Nora Sample") -> PersonRef:
    return PersonRef(id=an_id(name), name=name, credential="", roles=(role,))


def an_actor(*roles: Role, name: str = "Nora Sample") -> Actor:
    return Actor(
        clinic_id=an_id("clinic"),
        person_id=an_id(name),
        username="sample",
        name=name,
        roles=frozenset(roles),
    )


def an_entry(number: int, content: Content, minute: float = 0, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "id": an_id(f"entry {number}"),
        "number": number,
        "observed_at": at(minute),
        "recorded_at": at(minute + 1),
        "recorded_by": a_person(),
        "content": content,
    }
    return Entry(**(values | changes))


def a_weight(value: str = "61.7", minute: float = -60) -> Weight:
    return Weight(
        id=an_id(f"weight {value}"),
        value_kg=Decimal(value),
        method="measured",
        measured_at=at(minute),
    )


def a_patient() -> Patient:
    return Patient(
        id=an_id("patient"),
        version=1,
        recorded_at=at(-90),
        identifiers=(
            Identifier(system="Record", value="X-1"),
            Identifier(system="Card", value="Y-2"),
        ),
        family="Invented",
        given="Ida",
        born_on="1961-02-03",  # type: ignore[arg-type]
        sex=Sex.FEMALE,
        allergy_state=AllergyState.NOT_RECORDED,
        weights=(a_weight(),),
    )


def a_status(status: SessionStatus, minute: float, number: int) -> StatusChange:
    return StatusChange(
        status=status, at=at(minute), recorded_at=at(minute), by=a_person(), number=number
    )


def a_record(entries: Iterable[Entry] = (), *, ended: bool = True, **changes: Any) -> SessionRecord:
    history = [
        a_status(SessionStatus.PREPARATION, -10, 1),
        a_status(SessionStatus.IN_PROGRESS, 0, 2),
    ]
    if ended:
        history.append(a_status(SessionStatus.COMPLETED, 90, 3))
    values: dict[str, Any] = {
        "clinic": ClinicRef(
            id=an_id("clinic"), name="Invented clinic", zone="Etc/UTC", demonstration=True
        ),
        "id": an_id("session"),
        "patient": a_patient(),
        "protocol_version": VersionRef(id=an_id("protocol"), name="P", number=1, digest="aa"),
        "protocol": a_protocol(),
        "policy_version": VersionRef(id=an_id("policy"), name="Q", number=1, digest="bb"),
        "policy": a_policy(),
        "history": tuple(history),
        "entries": tuple(entries),
    }
    return SessionRecord(**(values | changes))


def a_limit(**changes: Any) -> LimitInForce:
    """A soft limit of 97 on the heart rate, unless something else is said."""
    values: dict[str, Any] = {
        "code": "limit-1",
        "on": "measure",
        "measure": "heart-rate",
        "high": "97",
        "unit": "/min",
        "severity": "soft",
    }
    limit = Limit.model_validate({k: v for k, v in (values | changes).items() if v is not None})
    return LimitInForce(limit=limit, source="policy version 3", version_id=an_id("policy"))


def a_breach(entry: Entry, severity: Severity = Severity.SOFT) -> Breach:
    return Breach(
        id=an_id(f"breach of {entry.number}"),
        entry_id=entry.id,
        limit_code="limit-1",
        on=LimitOn.MEASURE,
        severity=severity,
        label="Heart rate",
        value=Decimal(120),
        unit="/min",
        direction="above",
        bound=Decimal(97),
        bound_unit="/min",
        source="policy version 3",
        version_id=an_id("policy"),
    )
