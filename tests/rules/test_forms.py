"""A form whose parts do not fit is refused by the path of the part; a good one survives json."""

from typing import Any

import pytest

from protocol.rules.errors import DocumentInvalid
from protocol.rules.forms import FormDocument
from protocol.rules.protocols import VERSION_TRANSITIONS, VersionStatus
from tests.rules.form_examples import CHECKLIST, a_form, rated, scoring
from tests.rules.test_protocols import changed

TOTAL = scoring(3, "sum", 2)
SCORED = rated(3, scores=[TOTAL])
ITEM: dict[str, Any] = {"code": "x", "label": "X", "kind": "text"}
OPTION = {"code": "a", "label": "A", "score": "1"}


def with_item(**values: Any) -> dict[str, Any]:
    return {**CHECKLIST, "items": [*CHECKLIST["items"], {**ITEM, **values}]}


def with_score(**values: Any) -> dict[str, Any]:
    return {**SCORED, "scores": [{**TOTAL, **values}]}


def with_scored(**values: Any) -> dict[str, Any]:
    items = [*SCORED["items"], {**ITEM, **values}]
    return {**SCORED, "items": items, "scores": [{**TOTAL, "items": ["i0", "x"]}]}


def bands(*spans: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"label": label, "low": low, "high": high} for label, low, high in spans]


def test_a_form_survives_json():
    form = a_form(with_score(bands=bands(("Few", "0", "3"), ("Many", "4", "12"))))
    assert FormDocument.model_validate_json(form.model_dump_json()) == form
    assert form.item("i2") is not None
    assert form.item("i3") is None


def test_a_form_goes_through_the_states_of_a_protocol():
    steps = {action.value for (_, action) in VERSION_TRANSITIONS}
    assert {"form:approve", "form:activate", "form:retire"} <= steps
    assert {
        following.value
        for (status, action), following in VERSION_TRANSITIONS.items()
        if action.value.startswith("form:") and status is VersionStatus.DRAFT
    } == {"approved", "retired"}


LAST = f"items.{len(CHECKLIST['items'])}"
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    (with_item(code="named"), f"{LAST}.code", "named is there twice"),
    (with_item(shown_when={"item": "nowhere", "answered": ["yes"]}), f"{LAST}.shown_when.item",
     "there is no item nowhere"),
    (with_item(shown_when={"item": "x", "answered": ["yes"]}), f"{LAST}.shown_when.item",
     "it is shown by itself: x, x"),
    (with_item(shown_when={"item": "who", "answered": ["yes"]}), f"{LAST}.shown_when.item",
     "who is a text item, without answers to name"),
    (with_item(shown_when={"item": "named", "answered": ["maybe"]}),
     f"{LAST}.shown_when.answered.0", "named has no answer maybe"),
    (changed(CHECKLIST, "items.0.shown_when", {"item": "came-with", "answered": ["nobody"]}),
     "items.0.shown_when.item", "came-with comes later"),
    (changed(changed(CHECKLIST, "items.1.shown_when", {"item": "reached", "answered": ["yes"]}),
             "items.0.shown_when", {"item": "came-with", "answered": ["nobody"]}),
     "items.0.shown_when.item", "came-with comes later"),
    (changed(CHECKLIST, "items.1.shown_when", {"item": "reached", "answered": ["yes"]}),
     "items.1.shown_when.item", "it is shown by itself: came-with, reached, came-with"),
    (with_item(required=True, shown_when={"item": "brought", "answered": ["paper"]}),
     f"{LAST}.shown_when.item", "brought shows a required item, and is not required"),
    (with_item(options=[OPTION]), f"{LAST}.options", "a text item has no options"),
    (with_item(scale={"low": "0", "high": "1"}), f"{LAST}.scale", "a text item has no scale"),
    (with_item(kind="yes-no", coding="icd-10"), f"{LAST}.coding", "a yes-no item has no coding"),
    (with_item(unit="mg"), f"{LAST}.unit", "a text item has no unit"),
    (with_item(low="0"), f"{LAST}.low", "a text item has no low"),
    (with_item(kind="number"), LAST, "a number item has its unit"),
    (with_item(kind="number", unit="pounds"), f"{LAST}.unit",
     "pounds is not a unit that is known"),
    (with_item(kind="number", unit="mg", low="3", high="2"), f"{LAST}.low", "low is above high"),
    (with_item(kind="one-of"), LAST, "a one-of item has its options"),
    (with_item(kind="one-of", options=[OPTION, OPTION]), f"{LAST}.options.1.code",
     "a is there twice"),
    (with_item(kind="scale"), LAST, "a scale item has its scale"),
    (with_item(kind="scale", scale={"low": "4", "high": "0"}), f"{LAST}.scale",
     "low is below high and the step above zero"),
    (with_item(kind="scale", scale={"low": "0", "high": "10", "step": "3"}),
     f"{LAST}.scale.step", "no step ends on high"),
    (with_item(kind="scale", scale={"low": "0", "high": "3", "anchors": {"4": "worst"}}),
     f"{LAST}.scale.anchors.4", "4 is not a value of the scale"),
    (with_item(kind="scale", scale={"low": "0", "high": "3", "anchors": {"none": "best"}}),
     f"{LAST}.scale.anchors.none", "none is not a value of the scale"),
    (with_item(required=True, met_when=["yes"]), f"{LAST}.met_when", "a text item has no met_when"),
    (with_item(kind="yes-no", met_when=["yes"]), f"{LAST}.met_when",
     "an item that is to be met is required"),
    (with_item(kind="yes-no", required=True, met_when=["no", "maybe"]), f"{LAST}.met_when.1",
     "x has no answer maybe"),
    (with_score(code="i1"), "scores.0.code", "i1 is an item"),
    ({**SCORED, "scores": [TOTAL, TOTAL]}, "scores.1.code", "total is there twice"),
    (with_score(items=["i0", "i0"]), "scores.0.items.1", "i0 is there twice"),
    (with_score(items=["i0", "i9"]), "scores.0.items.1", "there is no item i9"),
    (with_scored(), "scores.0.items.1", "x has no score for each of its answers"),
    (with_scored(kind="one-of", options=[OPTION, {"code": "b", "label": "B"}]),
     "scores.0.items.1", "x has no score for each of its answers"),
    (with_score(answered_min=4), "scores.0.answered_min", "4 is more than its 3 items"),
    (with_score(met_low="5", met_high="4"), "scores.0.met_low", "met_low is above met_high"),
    (with_score(bands=bands(("A", "0", "4"), ("B", "4", "8"))), "scores.0.bands.1",
     "it overlaps A"),
    (with_score(bands=bands(("A", "5", "4"))), "scores.0.bands.0", "low is above high"),
    (with_score(bands=bands(("A", "0", "1"), ("A", "2", "3"))), "scores.0.bands.1.label",
     "A is there twice"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "path", "rule"), FAULTS, ids=[f"{n} {one[2]}" for n, one in enumerate(FAULTS)]
)
def test_a_fault_names_its_path(document, path, rule):
    with pytest.raises(DocumentInvalid) as caught:
        FormDocument.model_validate(document)
    assert caught.value.facts == {"path": path, "rule": rule}
    assert caught.value.sentence == f"{path}: {rule}"


def test_a_mean_is_over_items_of_one_scale():
    wider = changed(SCORED, "items.1.scale", {"low": "0", "high": "5"})
    assert a_form(wider).scores
    with pytest.raises(DocumentInvalid, match="a mean is over items of one scale"):
        a_form({**wider, "scores": [scoring(3, "mean", 1)]})


def test_a_percent_is_of_a_highest_score_above_zero():
    below = changed(SCORED, "items.2.scale", {"low": "-4", "high": "0"})
    assert a_form(below).scores
    with pytest.raises(DocumentInvalid, match=r"scores\.0\.items\.2: its highest score is not"):
        a_form({**below, "scores": [scoring(3, "percent-of-answered-maximum", 1)]})


def test_options_that_each_have_a_score_can_be_scored():
    for kind in ("one-of", "several-of"):
        assert a_form(with_scored(kind=kind, options=[OPTION])).scores
