"""Periods, reviews and regularity: the clinic's numbers, reckoned to the day."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from protocol.rules.charting import Entry, PersonRef
from protocol.rules.holds import Hold, held
from protocol.rules.keeping import RecordKeeping, RegularCharting, months_after, months_before
from protocol.rules.protocols import PolicyDocument
from protocol.rules.regularity import Regularity, regular
from protocol.rules.requests import answer_due_at
from protocol.rules.review import ReviewState, gaps
from protocol.rules.signature import digest_of
from tests.rules.examples import POLICY

NOW = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)
MOMENTS = st.integers(0, 200 * 366 * 24).map(
    lambda hours: datetime(1950, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)


@given(MOMENTS, st.integers(0, 600))
def test_months_ahead_and_back_never_shorten_a_period(moment: datetime, months: int) -> None:
    later, earlier = months_after(moment, months), months_before(moment, months)
    assert earlier <= moment <= later
    assert months_after(earlier, months) <= moment
    assert months_before(later, months) <= moment or later.day == 1
    assert (later.hour, later.minute) == (moment.hour, moment.minute)


def test_a_day_that_a_month_lacks_ends_later_and_begins_earlier() -> None:
    leap = datetime(2032, 2, 29, tzinfo=UTC)
    assert months_after(leap, 12) == datetime(2033, 3, 1, tzinfo=UTC)
    assert months_before(leap, 12) == datetime(2031, 2, 28, tzinfo=UTC)
    assert months_after(datetime(2031, 12, 31, tzinfo=UTC), 2) == datetime(2032, 3, 1, tzinfo=UTC)
    assert months_after(datetime(2031, 10, 31, tzinfo=UTC), 2) == datetime(2031, 12, 31, tzinfo=UTC)


def test_a_policy_without_periods_keeps_the_digest_that_it_had_before_there_were_any() -> None:
    document = PolicyDocument.model_validate(POLICY)
    assert "keeping" not in document.model_dump(mode="json")
    kept = PolicyDocument.model_validate({**POLICY, "keeping": {}})
    assert digest_of(kept.model_dump(mode="json")) != digest_of(document.model_dump(mode="json"))


def test_no_period_and_no_threshold_ships() -> None:
    values = RecordKeeping().model_dump()
    assert all(not value for value in values.values())
    assert answer_due_at(NOW, None) is None
    assert answer_due_at(NOW, RecordKeeping()) is None


@pytest.mark.parametrize(
    "values",
    [
        {"regular_charting": {}},
        {"regular_charting": {"entries": 3}},
        {"regular_charting": {"within_s": 3}},
        {"regular_charting": {"identical_sets": 1}},
        {"audit_review_every_days": 0},
        {"amendment_answer_days": "3"},
        {"retention": [{"record_class": "a", "acts": ["no:act"], "keep_months": 1,
                        "legal_basis": "x"}]},
        {"retention": [{"record_class": "a", "acts": ["audit:view"], "keep_months": 1,
                        "legal_basis": "x"}] * 2},
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_no_policy(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RecordKeeping.model_validate(values)


WINDOWS = st.lists(
    st.tuples(st.integers(-50, 500), st.integers(1, 90)).map(
        lambda pair: (NOW + timedelta(hours=pair[0]), NOW + timedelta(hours=sum(pair)))
    ),
    max_size=12,
)


@given(WINDOWS, st.integers(1, 400), st.integers(1, 9))
def test_gaps_and_reviews_cover_every_moment_once(
    reviewed: list[tuple[datetime, datetime]], hours: int, every: int
) -> None:
    until = NOW + timedelta(hours=hours)
    found = gaps(reviewed, since=NOW, now=until, every_days=every)
    for hour in range(hours):
        moment = NOW + timedelta(hours=hour)
        covered = any(begin <= moment < end for begin, end in reviewed)
        lacking = [one for one in found if one.since <= moment < one.until]
        assert len(lacking) == (not covered)
    for one in found:
        assert one.due_at == one.since + timedelta(days=every)
        assert (one.state is ReviewState.OVERDUE) == (one.due_at < until)


def test_a_hold_on_a_patient_holds_that_patient_and_one_on_the_clinic_everything() -> None:
    values: dict[str, Any] = {
        "id": uuid4(), "matter": "m", "reason": "r", "placed_at": NOW,
        "placed_by": {"id": uuid4(), "name": "Ada"},
    }  # fmt: skip
    patient = uuid4()
    one = Hold.model_validate(values | {"patient_id": patient})
    assert held([one], str(patient))
    assert not held([one], "")
    assert held([Hold.model_validate(values)], "")
    lifted = {"at": NOW, "by": values["placed_by"], "reason": "over"}
    assert not held([Hold.model_validate(values | {"lifted": lifted})], "")


NORA, NILS = (PersonRef(id=uuid4(), name=name) for name in ("Nora", "Nils"))


def readings(*values: str, step_s: int = 600, by: PersonRef = NORA, **more: Any) -> list[Entry]:
    return [
        Entry.model_validate({
            "id": uuid4(), "number": number, "observed_at": NOW + timedelta(minutes=10 * number),
            "recorded_at": NOW + timedelta(seconds=step_s * number), "recorded_by": by,
            "content": {"kind": "reading", "observations": [
                {"measure": "heart-rate", "value": value, "unit": "/min"}]}, **more,
        })
        for number, value in enumerate(values, 1)
    ]  # fmt: skip


def listed(charted: list[Entry], /, **thresholds: int) -> list[tuple[str, int]]:
    found = regular(uuid4(), charted, RegularCharting(**thresholds))
    return [(one.kind.value, one.entries) for one in found]


def test_successive_readings_that_say_the_same_are_listed_from_the_threshold_on() -> None:
    run = readings("71", "72", "72", "72", "71", "71")
    assert listed(run, identical_sets=3) == [("identical-sets", 3)]
    assert listed(run, identical_sets=2) == [("identical-sets", 3), ("identical-sets", 2)]
    assert listed(run, identical_sets=4) == []
    assert listed(readings("72", "72.0"), identical_sets=2) == [], "digits are as entered"


def test_entries_within_seconds_are_listed_for_each_person_as_one_run() -> None:
    quick = readings("71", "72", "73", "74", step_s=2)
    assert listed(quick, entries=3, within_s=4) == [("entries-within", 4)]
    assert listed(quick, entries=3, within_s=3) == []
    assert listed(quick[:2] + readings("75", step_s=2, by=NILS), entries=3, within_s=60) == []
    apart = [*quick, *readings("75", "76", "77", step_s=2, by=NILS)]
    found = sorted(listed(apart, entries=3, within_s=4))
    assert found == [("entries-within", 3), ("entries-within", 4)]


def test_what_was_copied_from_another_source_is_not_listed() -> None:
    copied = readings("72", "72", "72", step_s=1, source="transcribed")
    assert listed(copied, identical_sets=2, entries=2, within_s=9) == []


def test_a_listing_names_people_and_times_and_no_value() -> None:
    [one] = regular(uuid4(), readings("72", "72"), RegularCharting(identical_sets=2))
    assert one.kind is Regularity.IDENTICAL_SETS
    assert (one.name, one.first_at, one.last_at) == (
        "Nora", NOW + timedelta(minutes=10), NOW + timedelta(minutes=20)
    )  # fmt: skip
    assert "72" not in str(one._replace(first_at=NOW, last_at=NOW, session_id=NORA.id)).replace(
        str(NORA.id), ""
    )
