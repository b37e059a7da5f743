"""The two documents: a bad one is refused by its path, a good one survives json."""

from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from protocol.rules.actions import Action
from protocol.rules.coherence import require_measures_known
from protocol.rules.errors import DocumentInvalid
from protocol.rules.protocols import (
    MINUTES_MAX,
    VERSION_TRANSITIONS,
    PolicyDocument,
    ProtocolDocument,
    VersionStatus,
)
from tests.rules.examples import POLICY, PROTOCOL, a_policy, a_protocol

LIMIT: dict[str, Any] = {
    "code": "l", "on": "rate", "high": "97", "unit": "mg/h", "severity": "soft",
}  # fmt: skip
MEASURED = {**LIMIT, "on": "measure", "measure": "spo2", "unit": "%"}
MEASURE: dict[str, Any] = {"code": "aura", "label": "Aura", "units": ["mg/mL"]}
ROUND = "phases.1.rounds.0"
AMOUNT, VOLUME = (f"drug_lines.0.concentration.{name}" for name in ("amount", "volume"))


DOCUMENTS = ("protocol", "policy", "form", "jurisdiction")


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the document with one place set to another value."""
    copy = deepcopy(document)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = copy
    for step in steps:
        place = place[step]
    place[last] = value
    return copy


def test_a_protocol_and_a_policy_survive_json() -> None:
    protocol = a_protocol(limits=[LIMIT], stop_notes=[{"label": "x", "text": "y"}])
    policy = a_policy(measures=[MEASURE], limits=[MEASURED])
    assert ProtocolDocument.model_validate_json(protocol.model_dump_json()) == protocol
    assert PolicyDocument.model_validate_json(policy.model_dump_json()) == policy
    require_measures_known(protocol, policy)


def test_a_document_names_its_own_parts() -> None:
    protocol = a_protocol()
    line, phase = protocol.drug_line("line-1"), protocol.phase("after")
    assert line is not None
    assert phase is not None
    assert (line.drug, phase.label) == ("examplamine", "After")
    assert protocol.drug_line("line-2") is None
    assert protocol.phase("line-1") is None


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("phases.2.code", "before", "phases.2"),
        ("drug_lines", PROTOCOL["drug_lines"] * 2, "drug_lines.1"),
        ("limits", [LIMIT, LIMIT], "limits.1"),
        ("limits", [{**LIMIT, "drug_line": "line-2"}], "limits.0.drug_line"),
        ("limits", [{**LIMIT, "phase": "during"}], "limits.0.phase"),
        ("phases.1.rounds.1.code", "awareness", "phases.1.rounds.1"),
        (f"{ROUND}.measures", ["spo2", "spo2"], f"{ROUND}.measures.1"),
        (f"{ROUND}.intervals", [], ROUND),
        (f"{ROUND}.at_min", [5, 3], f"{ROUND}.at_min"),
        (f"{ROUND}.at_min", [3, 3], f"{ROUND}.at_min"),
        (f"{ROUND}.at_min", [-1], f"{ROUND}.at_min"),
        (f"{ROUND}.intervals", [{"every_min": 5}, {"every_min": 9}], f"{ROUND}.intervals.0"),
        (f"{ROUND}.intervals", [{"every_min": 9, "for_min": 8}], f"{ROUND}.intervals.0"),
        (f"{AMOUNT}.unit", "mL", f"{AMOUNT}.unit"),
        (f"{AMOUNT}.unit", "%", f"{AMOUNT}.unit"),
        (f"{AMOUNT}.unit", "mg/h", f"{AMOUNT}.unit"),
        (f"{VOLUME}.unit", "mg", f"{VOLUME}.unit"),
        (f"{VOLUME}.value", "0", f"{VOLUME}.value"),
        (f"{AMOUNT}.value", "-1", f"{AMOUNT}.value"),
        ("measures", [{**MEASURE, "code": "spo2"}], "measures.0"),
        ("measures", [MEASURE, MEASURE], "measures.1"),
        ("measures", [{**MEASURE, "units": ["furlong"]}], "measures.0.units.0"),
        ("measures", [{**MEASURE, "units": ["mg", "mL"]}], "measures.0.units.1"),
        ("measures", [{**MEASURE, "low": "2", "high": "1"}], "measures.0"),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_protocol_is_refused_by_the_path_of_its_fault(
    path: str, value: Any, named: str
) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        ProtocolDocument.model_validate(changed(PROTOCOL, path, value))
    assert caught.value.facts["path"] == named
    assert caught.value.sentence.startswith(f"{named}: ")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("phases", []),
        ("drug_lines", []),
        ("name", " "),
        ("kind", "policy"),
        ("extra", "x"),
        ("phases.0.code", "Not A Code"),
        (f"{ROUND}.grace_min", -1),
        (f"{ROUND}.grace_min", "5"),
        (f"{ROUND}.grace_min", 1.5),
        (f"{ROUND}.measures", []),
        (f"{ROUND}.anchor", "sunrise"),
        (f"{ROUND}.at_min", ["5"]),
        (f"{ROUND}.at_min", [True]),
        (f"{ROUND}.at_min", [MINUTES_MAX + 1]),
        (f"{ROUND}.at_min", [10**15]),
        (f"{ROUND}.intervals.0.every_min", 0),
        (f"{ROUND}.intervals.0.every_min", 10**9),
        (f"{ROUND}.intervals.0.for_min", 0),
        (f"{AMOUNT}.value", 7),
        (AMOUNT, {"value": "7", "unit": "mcg"}),
    ],
    ids=str,
)
def test_a_misshapen_protocol_is_refused_where_it_is(path: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ProtocolDocument.model_validate(changed(PROTOCOL, path, value))
    found = ".".join(str(step) for step in caught.value.errors()[0]["loc"])
    assert found.startswith(path)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("limits", [MEASURED, MEASURED], "limits.1"),
        ("limits", [{**MEASURED, "measure": "aura"}], "limits.0.measure"),
        ("limits", [{**MEASURED, "unit": "mg"}], "limits.0.unit"),
        ("limits", [{**LIMIT, "drug_line": "line-1"}], "limits.0"),
        ("limits", [{**LIMIT, "phase": "after"}], "limits.0"),
        ("scales.aura", {"low": "0", "high": "1"}, "scales.aura"),
        ("scales.sedation", {"low": "1", "high": "1"}, "scales.sedation"),
        ("scales.sedation", {"low": "2", "high": "1"}, "scales.sedation"),
        ("scales.sedation", {"low": "0", "high": "1", "step": "0"}, "scales.sedation"),
        ("plausible.0.measure", "aura", "plausible.0.measure"),
        ("plausible.0.unit", "mg", "plausible.0.unit"),
        ("plausible.0.low", "214", "plausible.0"),
        ("plausible", POLICY["plausible"] * 2, "plausible.1"),
        ("measures", [MEASURE, MEASURE], "measures.1"),
    ],
    ids=str,
)
def test_a_bad_policy_is_refused_by_the_path_of_its_fault(
    path: str, value: Any, named: str
) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        PolicyDocument.model_validate(changed(POLICY, path, value))
    assert caught.value.facts["path"] == named


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"limits": [{**MEASURED, "measure": "aura"}]}, "limits.0.measure"),
        ({"limits": [{**MEASURED, "unit": "mg"}]}, "limits.0.unit"),
        ({"phases": changed(PROTOCOL, f"{ROUND}.measures.1", "aura")["phases"]},
         f"{ROUND}.measures.1"),
        ({"phases": changed(PROTOCOL, f"{ROUND}.measures.1", "nausea")["phases"]},
         f"{ROUND}.measures.1"),
    ],
    ids=["limit-measure", "limit-unit", "round-measure", "round-scale"],
)  # fmt: skip
def test_a_protocol_names_only_what_it_or_the_policy_defines(
    changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        require_measures_known(a_protocol(**changes), a_policy())
    assert caught.value.facts["path"] == named


def test_a_protocol_may_name_the_policy_s_measure_or_its_own() -> None:
    phases = changed(PROTOCOL, f"{ROUND}.measures.1", "aura")["phases"]
    require_measures_known(a_protocol(phases=phases), a_policy(measures=[MEASURE]))
    require_measures_known(a_protocol(phases=phases, measures=[MEASURE]), a_policy())


def test_one_measure_in_both_documents_is_named_where_the_protocol_has_it() -> None:
    other = {**MEASURE, "code": "halo"}
    with pytest.raises(DocumentInvalid) as caught:
        require_measures_known(a_protocol(measures=[other, MEASURE]), a_policy(measures=[MEASURE]))
    assert caught.value.facts["path"] == "measures.1"


def test_a_version_is_approved_before_it_is_active_and_never_comes_back() -> None:
    steps = {("draft", "approve"): "approved", ("draft", "retire"): "retired",
             ("approved", "activate"): "active", ("approved", "retire"): "retired",
             ("active", "retire"): "retired"}  # fmt: skip
    for status, action in product(VersionStatus, Action):
        kind, verb = action.split(":")
        expected = steps.get((status, verb)) if kind in DOCUMENTS else None
        assert VERSION_TRANSITIONS.get((status, action)) == expected
