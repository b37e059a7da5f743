"""The patient as the record needs: two identifiers, name, birth, sex, allergies (R93, R140)."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field, model_validator

from protocol.rules.charting import Weight
from protocol.rules.values import Day, Exact, Instant, Line, Prose, Shape


class Sex(StrEnum):
    """FHIR administrative-gender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class AllergyState(StrEnum):
    """Unknown is never "none": the three states are apart (R140)."""

    KNOWN = "known"
    NONE_KNOWN = "none-known"
    NOT_RECORDED = "not-recorded"


class WeightMethod(StrEnum):
    """How a weight was obtained (R126)."""

    MEASURED = "measured"
    STATED = "stated"
    ESTIMATED = "estimated"


class Identifier(Shape):
    """An identifier and what issues it, such as a medical record number."""

    system: Line
    value: Line


class PatientIn(Shape):
    """A patient's details as entered; two identifiers tell people of one name apart (R93)."""

    identifiers: tuple[Identifier, Identifier]
    family: Line
    given: Line
    born_on: Day
    sex: Sex
    allergy_state: AllergyState
    allergies: tuple[Line, ...] = Field(default=(), max_length=100)
    # Left out where absent, so that the digest of a patient from before it stays what it was.
    address: Prose | None = Field(
        default=None, exclude_if=lambda value: value is None,
        description="As the entry of a controlled drug given states it (R72).",
    )  # fmt: skip

    @model_validator(mode="after")
    def _coherent(self) -> "PatientIn":
        if (self.allergy_state is AllergyState.KNOWN) != bool(self.allergies):
            raise ValueError("allergies are listed if and only if they are known")
        if self.identifiers[0] == self.identifiers[1]:
            raise ValueError("the two identifiers differ")
        if not 1850 <= self.born_on.year <= 2200:
            raise ValueError("the year of birth lies between 1850 and 2200")
        return self


class Patient(PatientIn):
    """A patient as kept: which version of the details, and the weights so far."""

    id: UUID
    version: int
    recorded_at: Instant
    weights: tuple[Weight, ...] = ()

    @property
    def name(self) -> str:
        """FAMILY, Given (R140)."""
        return f"{self.family.upper()}, {self.given}"


class WeightIn(Shape):
    """A weight as entered, in kg; pounds are not taken (R126)."""

    id: UUID
    value_kg: Exact = Field(gt=0, lt=1000)
    method: WeightMethod
    measured_at: Instant


def weight_in_force(weights: tuple[Weight, ...], at: Instant) -> Weight | None:
    """The latest weight measured at or before that moment; later recorded wins a tie (R126)."""
    known = [weight for weight in weights if weight.measured_at <= at]
    if not known:
        return None
    latest = max(weight.measured_at for weight in known)
    return [weight for weight in known if weight.measured_at == latest][-1]
