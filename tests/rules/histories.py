"""Random legal histories of one drug line, for property tests."""

from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from protocol.rules.charting import DosingKind
from protocol.rules.dosing import FLOW, Dosed, Flow
from protocol.rules.quantity import Quantity
from tests.rules.examples import an_id, at, dosing

RATES = ("mL/h", "mL/min", "mg/h", "ug/kg/min", "mg/kg/h")
DOSES = ("mg", "ug", "mL", "mg/kg")
NUMBERS = st.integers(0, 999_999).map(lambda number: Decimal(number) / 1000)
WEIGHTS = st.sampled_from([Decimal("61.7"), Decimal("48.2"), Decimal("103")])


def legal(flow: Flow) -> list[DosingKind]:
    return [kind for kind in DosingKind if (flow, kind) in FLOW]


@st.composite
def histories(draw: st.DrawFn, gap_min: int = 0, length_max: int = 9) -> list[Dosed]:
    """Events in order of time, each one legal after the one before; minutes apart."""
    flow, minute, events = Flow.IDLE, 0, []
    for number in range(draw(st.integers(1, length_max))):
        kind = draw(st.sampled_from(legal(flow)))
        flow = FLOW[flow, kind]
        minute += draw(st.integers(gap_min, 90))
        rate = dose = None
        gives_rate = kind in (DosingKind.START, DosingKind.RATE_CHANGE)
        if gives_rate or (kind is DosingKind.RESUME and draw(st.booleans())):
            rate = str(Quantity(value=draw(NUMBERS), unit=draw(st.sampled_from(RATES))))
        if kind is DosingKind.BOLUS:
            dose = str(Quantity(value=draw(NUMBERS), unit=draw(st.sampled_from(DOSES))))
        event = dosing(kind, rate=rate, dose=dose)
        events.append(Dosed(an_id(f"random {number}"), number, at(minute), event, draw(WEIGHTS)))
    return events


def shuffled(events: list[Dosed], chance: Random) -> list[Dosed]:
    numbers = list(range(100, 100 + len(events)))
    chance.shuffle(numbers)
    renumbered = [one._replace(number=n) for one, n in zip(events, numbers, strict=True)]
    chance.shuffle(renumbered)
    return renumbered
