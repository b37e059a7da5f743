"""What the sessions of one course gave altogether."""

from typing import Any

from protocol.rules.charting import Entry
from protocol.rules.record import SessionRecord
from protocol.rules.series import series_given
from protocol.rules.sessions import SessionStatus
from protocol.rules.values import plain
from tests.rules.examples import (
    PROTOCOL,
    a_protocol,
    a_record,
    a_status,
    a_weight,
    an_entry,
    an_id,
    at,
    dosing,
)


def a_bolus(dose: str, **changes: Any) -> Entry:
    return an_entry(10, dosing("bolus", dose=dose), **({"weight": a_weight("50")} | changes))


def a_session(name: str, *entries: Entry, **changes: Any) -> SessionRecord:
    return a_record(entries, id=an_id(name), **changes)


def with_concentration(unit: str) -> Any:
    amount = {"value": "7", "unit": unit}
    concentration = {"amount": amount, "volume": {"value": "3", "unit": "mL"}}
    line = PROTOCOL["drug_lines"][0] | {"concentration": concentration}
    return a_protocol(drug_lines=[line])


def test_a_course_is_the_exact_sum_of_its_sessions() -> None:
    records = [a_session("one", a_bolus("7 mg")), a_session("two", a_bolus("3 mL"))]
    (one,) = series_given(records, at(100))
    assert (plain(one.amount), one.unit, plain(one.volume_ml)) == ("14", "mg", "6")
    assert one.amount_per_kg is not None
    assert (plain(one.amount_per_kg), one.sessions, one.drug) == ("0.28", 2, "examplamine")


def test_a_session_entered_in_error_gave_nothing() -> None:
    error = {"history": (a_status(SessionStatus.ENTERED_IN_ERROR, 5, 3),)}
    records = [a_session("one", a_bolus("7 mg")), a_session("two", a_bolus("7 mg"), **error)]
    (one,) = series_given(records, at(100))
    assert (plain(one.amount), one.sessions) == ("7", 1)


def test_one_unknown_weight_leaves_the_amount_per_kg_unknown() -> None:
    records = [a_session("one", a_bolus("7 mg")), a_session("two", a_bolus("7 mg", weight=None))]
    (one,) = series_given(records, at(100))
    assert one.amount_per_kg is None


def test_other_units_of_one_family_add_up_and_of_another_stay_apart() -> None:
    in_ug = a_session("two", a_bolus("7 mg"), protocol=with_concentration("ug"))
    in_iu = a_session("three", a_bolus("7 [iU]"), protocol=with_concentration("[iU]"))
    found = series_given([a_session("one", a_bolus("7 mg")), in_ug, in_iu], at(100))
    assert [(plain(one.amount), one.unit) for one in found] == [("14", "mg"), ("7", "[iU]")]


def test_what_runs_counts_up_to_the_moment_asked() -> None:
    running = an_entry(10, dosing("start", rate="60 mg/h"), 0)
    (one,) = series_given([a_session("one", running, ended=False)], at(12))
    assert plain(one.amount) == "12"


def test_no_sessions_gave_nothing() -> None:
    assert series_given([], at(0)) == ()
    assert series_given([a_session("one")], at(0)) == ()
