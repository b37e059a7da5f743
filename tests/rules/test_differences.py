"""Where two versions of a document differ, and that nothing else is named."""

from typing import Any

import pytest

from protocol.rules.differences import Difference, differences
from tests.rules.examples import PROTOCOL, a_policy, a_protocol

PHASES = PROTOCOL["phases"]
BEFORE, INFUSION, AFTER = PHASES
PAUSE: dict[str, Any] = {"code": "pause", "label": "Pause"}


def test_a_document_does_not_differ_from_itself() -> None:
    assert differences(a_protocol(), a_protocol()) == ()
    assert differences(a_policy(), a_policy()) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "Other"}, Difference("name", "Examplamine, invented", "Other")),
        ({"indication": "Pain"}, Difference("indication", None, "Pain")),
        (
            {"phases": [BEFORE, INFUSION, AFTER | {"label": "Later"}]},
            Difference("phases.after.label", "After", "Later"),
        ),
    ],
    ids=["name", "added-field", "nested"],
)
def test_one_change_is_one_difference(changes: dict[str, Any], expected: Difference) -> None:
    assert differences(a_protocol(), a_protocol(**changes)) == (expected,)


def test_a_part_put_in_between_is_the_only_difference() -> None:
    found = differences(a_protocol(), a_protocol(phases=[BEFORE, PAUSE, INFUSION, AFTER]))
    assert [(one.path, one.before) for one in found] == [("phases.pause", None)]


def test_a_part_taken_away_is_absent_afterwards() -> None:
    found = differences(a_protocol(), a_protocol(phases=[BEFORE, INFUSION]))
    assert [(one.path, one.after) for one in found] == [("phases.after", None)]


def test_a_changed_order_is_a_difference() -> None:
    (one,) = differences(a_protocol(), a_protocol(phases=[BEFORE, AFTER, INFUSION]))
    assert (one.before, one.after) == ("before, infusion, after", "before, after, infusion")
