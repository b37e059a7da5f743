"""Thefts and losses: facts, clocks from the profile, and what the clinic says it filed (R81)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from protocol.commands import loss_reporting
from protocol.commands.loss_reporting import LossView
from protocol.rules.errors import AlreadyReplaced, IdConflict, Impossible, NotFound, ReasonMissing
from protocol.rules.jurisdiction import Filing
from protocol.rules.losses import FilingIn, LossIn
from tests.commands.vault import a_location, a_profile, amount
from tests.commands.world import World, at


@pytest.fixture
def safe(world: World) -> UUID:
    return a_location(world)


def reported(world: World, safe: UUID, minute: float = 20, **changes: Any) -> LossView:
    wanted = {
        "id": uuid7(), "location_id": safe, "kind": "theft", "discovered_at": at(10).isoformat(),
        "drug": "examplamine", "amount": amount("50 mg"), "facts": "The safe stood open.",
        "factors": {"quantity": "One vial", "access": "Three people"}, **changes,
    }  # fmt: skip
    return loss_reporting.report_loss(
        world.clinic, world.nurse, LossIn.model_validate(wanted), now=at(minute)
    )


def filed(world: World, report: UUID, minute: float = 30, **changes: Any) -> LossView:
    wanted = {"id": uuid7(), "filing": "written-notice", "filed_at": at(minute).isoformat(),
              "reference": "F-1", **changes}  # fmt: skip
    return loss_reporting.note_filing(
        world.clinic, world.physician, report, FilingIn.model_validate(wanted), now=at(minute)
    )


def states(world: World, days: float = 0) -> dict[str, str]:
    now = at(40) + timedelta(days=days)
    [found] = loss_reporting.loss_reports(world.clinic, world.auditor, now=now)
    return {filing.value: state.value for filing, state in found.states.items()}


def test_a_report_shows_both_clocks_and_what_they_stand_on(world: World, safe: UUID) -> None:
    a_profile(world)
    report = reported(world, safe).report
    # Tuesday the 6th: two business days are Wednesday and Thursday.
    assert [
        (one.filing.value, str(one.due_on), one.form, one.source, one.profile)
        for one in report.clocks
    ] == [
        ("written-notice", "2031-05-08", "A letter", "Art. 1", "Inventia, version 1"),
        ("electronic-report", "2031-06-06", "A form", "Art. 2", "Inventia, version 1"),
    ]
    assert (report.factors.quantity, report.factors.pattern) == ("One vial", None)
    assert states(world, 2) == {"written-notice": "running", "electronic-report": "running"}
    assert states(world, 3) == {"written-notice": "overdue", "electronic-report": "running"}
    assert world.fault() is None


def test_a_filing_is_noted_when_the_clinic_says_so(world: World, safe: UUID) -> None:
    a_profile(world)
    report = reported(world, safe).report
    view = filed(world, report.id)
    assert view.report.filed[0].recorded_by.name == "Physician"
    assert view.states[Filing.WRITTEN_NOTICE].value == "filed"
    assert states(world, 99) == {"written-notice": "filed", "electronic-report": "overdue"}
    for minute, moment in ((30, 31), (30, 9)):
        with pytest.raises(Impossible):
            filed(world, report.id, minute, filed_at=at(moment).isoformat())
    with pytest.raises(NotFound):
        filed(world, uuid7())


def test_without_a_profile_a_report_has_its_facts_and_no_clock(world: World, safe: UUID) -> None:
    assert reported(world, safe).report.clocks == ()
    assert states(world) == {}


def test_a_later_profile_moves_no_clock_that_runs(world: World, safe: UUID) -> None:
    a_profile(world)
    before = reported(world, safe).report.clocks
    a_profile(world, loss=None)
    [found] = loss_reporting.loss_reports(world.clinic, world.nurse, now=at(40))
    assert found.report.clocks == before


def test_a_report_is_corrected_by_another_and_stays(world: World, safe: UUID) -> None:
    first = reported(world, safe).report
    with pytest.raises(ReasonMissing):
        reported(world, safe, replaces=first.id)
    second = reported(world, safe, kind="loss", replaces=first.id, reason="It was found").report
    found = loss_reporting.loss_reports(world.clinic, world.nurse, now=at(40))
    assert [(one.report.id, one.report.replaced_by) for one in found] == [
        (first.id, second.id), (second.id, None),
    ]  # fmt: skip
    with pytest.raises(AlreadyReplaced):
        reported(world, safe, replaces=first.id, reason="Again")


def test_what_a_report_names_is_the_clinic_s_and_of_the_past(world: World, safe: UUID) -> None:
    with pytest.raises(Impossible):
        reported(world, safe, discovered_at=at(21).isoformat())
    for name in ("location_id", "container_id", "discrepancy_id", "replaces"):
        changes: dict[str, Any] = {name: uuid7(), "reason": "x"}
        with pytest.raises(NotFound):
            reported(world, safe, **changes)


def test_a_report_sent_twice_is_kept_once(world: World, safe: UUID) -> None:
    same = uuid7()
    first = reported(world, safe, id=same)
    assert reported(world, safe, id=same) == first
    with pytest.raises(IdConflict):
        reported(world, safe, id=same, facts="Another")
