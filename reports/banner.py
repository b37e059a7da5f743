"""Who a patient is, as every sheet about one says it on every page (R140, R141)."""

from protocol.rules.patients import Patient, Sex
from reports import formats
from reports.formats import NOT_RECORDED, Clock
from reports.sheet import Ink, Labelled, Run, text, typed


def patient_facts(patient: Patient, clock: Clock) -> tuple[Labelled, ...]:
    """Birth with age, sex, and both identifiers."""
    age = formats.age(patient.born_on, clock.today)
    sex = NOT_RECORDED if patient.sex is Sex.UNKNOWN else formats.sentence_case(patient.sex)
    return (
        Labelled("Born", (Run(formats.day(patient.born_on)), Run(f" ({age})", Ink.SOFT))),
        Labelled("Sex", text(sex)),
        *(Labelled(one.system, typed(one.value)) for one in patient.identifiers),
    )
