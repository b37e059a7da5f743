"""Sessions of every kind as records: long, dense, of one point, all beyond limits, stopped early,
over midnight and over the end of summer time. Every number is plainly invented."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from protocol.rules.charting import (
    AdverseEvent,
    AdverseSeverity,
    DosingKind,
    MissedRound,
    Note,
    PhaseEntered,
)
from protocol.rules.limits import AppliesTo, Breach, Limit, LimitOn, Severity
from protocol.rules.measures import Observation
from protocol.rules.record import SessionRecord, StatusChange
from protocol.rules.sessions import SessionStatus
from tests.reports.examples import pain
from tests.reports.hand import (
    NURSE,
    Chart,
    at,
    breach_of,
    observation,
    policy_document,
    protocol_document,
    quantity,
    record_of,
)


def clock(minutes: int) -> str:
    """Minutes after 08:00 as the clinic's clock."""
    return f"{8 + minutes // 60}:{minutes % 60:02d}"


def wave(number: int, low: int, span: int, period: int) -> str:
    """An invented course: up and down again, in whole numbers."""
    place = number % period
    return str(low + span * min(place, period - place) * 2 // period)


def vitals(number: int) -> str:
    return " ".join(
        (
            wave(number, 112, 44, 19), wave(number, 70, 22, 19), wave(number + 5, 62, 30, 23),
            wave(number + 3, 94, 5, 13), wave(number, 11, 6, 11),
        )
    )  # fmt: skip


def scores(number: int) -> list[Observation]:
    return [
        observation("pain-rest", str(max(8 - number // 4, 2)), "lower back"),
        observation("sedation", wave(number, 0, 3, 9)),
    ]


def hundred() -> SessionRecord:
    """A reading every two minutes for three hours and a quarter."""
    chart = Chart()
    chart.add("08:00", PhaseEntered(phase="infusion"))
    chart.dose("08:00", DosingKind.START, rate=quantity("12.5", "mL/h"))
    for number in range(100):
        extra = scores(number) if number % 5 == 0 else []
        chart.vitals(clock(2 * number), vitals(number), extra=extra)
    for number in range(1, 14):
        rate = quantity(str(10 + number * 3 % 17), "mL/h")
        chart.dose(clock(14 * number), DosingKind.RATE_CHANGE, rate=rate)
        chart.dose(clock(14 * number + 5), DosingKind.BOLUS, dose=quantity("1.25", "mg"))
    chart.dose(clock(196), DosingKind.STOP)
    chart.add(clock(196), PhaseEntered(phase="recovery"))
    return record_of(chart, (), (("07:50", "preparation"), ("8:00", "in-progress"),
                                 (clock(204), "completed")))  # fmt: skip


def eight_hours() -> SessionRecord:
    """A slow infusion over a working day, with two pauses and a round that was missed."""
    chart = Chart()
    chart.add("08:00", PhaseEntered(phase="before"))
    chart.vitals("08:10", vitals(0), extra=pain("7", "9"))
    chart.add("08:20", PhaseEntered(phase="infusion"))
    chart.dose("08:20", DosingKind.START, rate=quantity("8", "mL/h"))
    for number in range(1, 31):
        if number not in (11, 12):
            extra = scores(number) if number % 3 == 0 else []
            chart.vitals(clock(20 + 14 * number), vitals(number), extra=extra)
    chart.dose(clock(140), DosingKind.PAUSE)
    chart.dose(clock(177), DosingKind.RESUME, rate=quantity("6.5", "mL/h"))
    chart.dose(clock(300), DosingKind.PAUSE)
    chart.dose(clock(306), DosingKind.RESUME)
    chart.dose(clock(440), DosingKind.STOP)
    chart.add(clock(440), PhaseEntered(phase="recovery"))
    chart.vitals(clock(470), vitals(40), extra=pain("3", "4"))
    protocol = protocol_document()
    before, infusion, recovery = protocol.phases
    rounds = infusion.rounds[0].model_copy(
        update={"intervals": (infusion.rounds[0].intervals[0].model_copy(
            update={"every_min": 14}),), "grace_min": 6}
    )  # fmt: skip
    phases = (before, infusion.model_copy(update={"rounds": (rounds,)}), recovery)
    return record_of(
        chart, (), (("07:50", "preparation"), ("8:20", "in-progress"), (clock(480), "completed")),
        protocol=protocol.model_copy(update={"phases": phases}),
    )  # fmt: skip


def one_point() -> SessionRecord:
    """One reading and nothing else."""
    chart = Chart()
    chart.vitals("09:50", "128 78 72 99 14", extra=pain("8"))
    return record_of(chart)


def nothing() -> SessionRecord:
    """A session that ended without anything that a chart shows."""
    chart = Chart()
    chart.add("09:45", PhaseEntered(phase="before"))
    chart.add("09:50", Note(text="The patient went home before anything began."))
    return record_of(chart, (), (("09:30", "preparation"), ("09:55", "not-done")))


def both(code: str, measure: str, unit: str, low: str, high: str, hard: str) -> list[Limit]:
    """A soft range and a hard bound above it."""
    return [
        Limit(code=f"{code}-soft", on=LimitOn.MEASURE, measure=measure, low=Decimal(low),
              high=Decimal(high), unit=unit, severity=Severity.SOFT),
        Limit(code=f"{code}-hard", on=LimitOn.MEASURE, measure=measure, high=Decimal(hard),
              unit=unit, severity=Severity.HARD),
    ]  # fmt: skip


def crowded() -> dict[str, object]:
    """Soft and hard limits on everything, of the policy and of the protocol."""
    limits = [
        *both("sys", "systolic", "mm[Hg]", "90", "150", "180"),
        *both("dia", "diastolic", "mm[Hg]", "50", "100", "110"),
        *both("heart", "heart-rate", "/min", "50", "110", "130"),
        *both("breath", "respiratory-rate", "/min", "10", "22", "28"),
        Limit(code="spo2-hard", on=LimitOn.MEASURE, measure="spo2", low=Decimal(92), unit="%",
              severity=Severity.HARD),
    ]  # fmt: skip
    own = (
        Limit(code="spo2-soft", on=LimitOn.MEASURE, measure="spo2", low=Decimal(94), unit="%",
              severity=Severity.SOFT, phase="infusion"),
        Limit(code="rate-hard", on=LimitOn.RATE, high=Decimal(22), unit="mL/h",
              severity=Severity.HARD, applies_to=AppliesTo.FACT),
    )  # fmt: skip
    return {
        "policy": policy_document().model_copy(update={"limits": tuple(limits)}),
        "protocol": protocol_document().model_copy(update={"limits": own}),
    }


def all_breaches() -> SessionRecord:
    """Every reading beyond limits, some beyond every axis, and every rate too high."""
    chart = Chart()
    found: list[Breach] = []
    chart.add("08:00", PhaseEntered(phase="infusion"))
    rates = (("08:00", "23"), ("08:30", "38"), ("09:10", "31.5"))
    kinds = (DosingKind.START, DosingKind.RATE_CHANGE, DosingKind.RATE_CHANGE)
    dosed = [
        chart.dose(when, kind, rate=quantity(rate, "mL/h"))
        for (when, rate), kind in zip(rates, kinds, strict=True)
    ]
    readings = [
        ("08:05", "186 112 133 91 30"), ("08:15", "214 118 171 88 33"),
        ("08:25", "239 131 188 79 41"), ("08:35", "322 150 330 49 82"),
        ("08:45", "201 120 166 84 9"), ("08:55", "88 47 44 90 8"),
        ("09:05", "72 31 38 74 6"), ("09:15", "190 111 131 91 29"),
    ]  # fmt: skip
    for number, (when, values) in enumerate(readings):
        entry = chart.vitals(when, values, extra=scores(number))
        for measure, value in zip(("systolic", "spo2"), values.split()[::3], strict=True):
            above = measure == "systolic" and number not in (5, 6)
            unit = "mm[Hg]" if measure == "systolic" else "%"
            found.append(
                breach_of(
                    entry, len(found) + 1, limit_code="sys-hard" if above else "spo2-hard",
                    label=measure, value=Decimal(value), unit=unit, bound=Decimal(90),
                    bound_unit=unit, direction="above" if above else "below",
                    severity=Severity.HARD,
                )
            )  # fmt: skip
    found += [
        breach_of(one, 100 + number, limit_code="rate-hard", on=LimitOn.RATE, label="Rate",
                  value=Decimal(rate), unit="mL/h", bound=Decimal(22), bound_unit="mL/h",
                  severity=Severity.HARD)
        for number, (one, (_, rate)) in enumerate(zip(dosed, rates, strict=True))
    ]  # fmt: skip
    chart.dose("09:20", DosingKind.STOP)
    chart.add("09:20", PhaseEntered(phase="recovery"))
    ends = (("07:50", "preparation"), ("8:00", "in-progress"), ("9:40", "completed"))
    return record_of(chart, found, ends, **crowded())


def stopped_early() -> SessionRecord:
    """Held after a quarter of an hour, and stopped."""
    chart = Chart()
    chart.add("09:45", PhaseEntered(phase="before"))
    chart.vitals("09:50", "128 78 72 99 14", extra=pain("8", "9"))
    chart.add("10:00", PhaseEntered(phase="infusion"))
    chart.dose("10:00", DosingKind.START, rate=quantity("20", "mL/h"))
    chart.vitals("10:01", "131 80 74 98 14")
    chart.vitals("10:11", "146 88 96 97 18", extra=[observation("sedation", "0")])
    chart.dose("10:14", DosingKind.PAUSE)
    chart.add(
        "10:14",
        AdverseEvent(what="Palpitations", onset_at=at("10:13"), severity=AdverseSeverity.MODERATE),
    )
    chart.vitals("10:16", "151 90 108 97 19", extra=pain("8"))
    chart.dose("10:19", DosingKind.STOP)
    ends = (("09:30", "preparation"), ("09:58", "in-progress"), ("10:14", "on-hold"),
            ("10:24", "stopped"))  # fmt: skip
    return record_of(chart, (), ends)


def running() -> SessionRecord:
    """A session that goes on: a rate without an end, a round that is due, one that is overdue."""
    record = stopped_early()
    entries = tuple(one for one in record.entries if one.observed_at < at("10:12"))
    history = record.history[:2]
    return record.model_copy(update={"entries": entries, "history": history})


def moved(record: SessionRecord, by: timedelta) -> SessionRecord:
    """The same session at another time: a day's end, a change of the clock."""

    def later(moment: datetime) -> datetime:
        return moment + by

    entries = tuple(
        one.model_copy(
            update={
                "observed_at": later(one.observed_at), "recorded_at": later(one.recorded_at),
                "content": one.content.model_copy(update={"due_at": later(one.content.due_at)})
                if isinstance(one.content, MissedRound) else one.content,
            }
        )
        for one in record.entries
    )  # fmt: skip
    history = tuple(
        one.model_copy(update={"at": later(one.at), "recorded_at": later(one.recorded_at)})
        for one in record.history
    )
    return record.model_copy(update={"entries": entries, "history": history})


def over_midnight() -> SessionRecord:
    """The eight hours, from the evening into the next day."""
    return moved(eight_hours(), timedelta(hours=12))


def over_summer_s_end() -> SessionRecord:
    """A session in the night when the clock goes back: 02:00 to 03:00 comes twice."""
    return moved(eight_hours(), datetime(2026, 10, 24, 21, tzinfo=UTC) - at("08:00"))


def ended_open() -> SessionRecord:
    """A session whose infusion has no stop: the rate is drawn to the end, and left open there."""
    record = running()
    last = StatusChange(
        status=SessionStatus.COMPLETED,
        at=at("10:40"),
        recorded_at=at("10:40"),
        by=NURSE,
        number=900,
    )
    return record.model_copy(update={"history": (*record.history, last)})


KINDS = (
    hundred, eight_hours, one_point, all_breaches, stopped_early, running, over_midnight,
    over_summer_s_end, ended_open,
)  # fmt: skip
