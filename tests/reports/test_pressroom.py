"""Printing in bulk: warm processes, and a sheet that fails is named and stops no other."""

import os
import signal
from datetime import UTC, datetime
from multiprocessing import forkserver
from pathlib import Path

import pytest

from reports import pressroom
from reports.pressroom import Wanted, print_all
from reports.printing import summary_pdf
from tests.reports import examples

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def wanted(*records):
    return [Wanted(one, NOW, "Ada Sample") for one in records]


def test_a_press_prints_the_bytes_that_one_process_prints_alone():
    record = examples.full()
    (printed,) = print_all(wanted(record), presses=1)
    assert printed.session_id == record.id
    assert printed.pdf == summary_pdf(record, printed_at=NOW, printed_by="Ada Sample")


def test_a_record_that_cannot_be_set_is_named_and_the_others_are_printed():
    good = examples.full()
    bad = good.model_copy(update={"clinic": None})
    found = list(print_all(wanted(bad, good, bad, good), presses=2))
    assert len(found) == 4
    assert sorted(one.pdf is not None for one in found) == [False, False, True, True]
    assert all("AttributeError" in one.fault for one in found if one.pdf is None)


def test_a_press_that_is_killed_costs_one_sheet_and_another_takes_its_place():
    running = print_all(wanted(*[examples.full()] * 6), presses=2)
    first = next(running)
    assert first.pdf is not None
    os.kill(pressroom_children()[0], signal.SIGKILL)
    rest = list(running)
    assert len(rest) == 5
    lost = [one for one in rest if one.pdf is None]
    assert len(lost) <= 1
    assert all("press ended with" in one.fault for one in lost)


def pressroom_children() -> list[int]:
    """The presses: what the fork server has begun."""
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return [int(one) for one in Path(f"/proc/{server}/task/{server}/children").read_text().split()]


def test_a_press_is_replaced_after_its_sheets(monkeypatch):
    monkeypatch.setattr(pressroom, "SHEETS_A_PRESS", 1)
    found = list(print_all(wanted(*[examples.empty()] * 3), presses=1))
    assert [one.fault for one in found] == ["", "", ""]


def test_whoever_stops_reading_leaves_no_press_behind():
    running = print_all(wanted(*[examples.empty()] * 4), presses=2)
    next(running)
    running.close()
    assert pressroom_children() == []


@pytest.mark.parametrize("presses", [1, 2])
def test_nothing_wanted_is_nothing_printed(presses):
    assert list(print_all([], presses)) == []
