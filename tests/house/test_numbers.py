"""No dose, rate, limit or interval ships with the program: every such number is a clinic's (R1)."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.tree import PACKAGES, ROOT, Finding, Source, literals, report, sources

DEMONSTRATION = re.compile(r"api/demo")
# The shapes of protocols.py, limits.py and forms.py whose numbers a physician writes.
WRITTEN_BY_A_CLINIC = {
    "Band", "Concentration", "Interval", "Limit", "PlausibleRange", "PolicyDocument", "Quantity",
    "Round", "Scale", "Scoring",
}  # fmt: skip
CLINIC_FIELD = re.compile(r"low|high|dose|rate|amount|bound|at_min|(?!minutes).*_min")
AMOUNT = re.compile(
    r"(?<![\w.])\d+(\.\d+)?\s?(ng|ug|mcg|µg|mg|micrograms?|milligrams?|mL|ml|mmol|units)\b"
)
FILLED_IN = re.compile(r"<input\b[^>]*\b(?:placeholder|value)=[\"']\s*\d+(?:\.\d+)?\s*[\"'][^>]*>")
NOT_TYPED_AS_NUMBER = re.compile(r"type=[\"'](?:hidden|radio|checkbox|submit)[\"']")
DATA: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}
TEXTS = {".html", ".svg", ".js", ".sql", ".csv", ".txt", ".md"}


def numbers_in_code(source: Source) -> list[Finding]:
    """A clinic's number as an argument, as a default of its field, or inside a text."""
    found = [
        source.finding(literal.node, f"the amount {amount[0]!r}")
        for literal in literals(source.tree)
        if (amount := AMOUNT.search(literal.text))
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITTEN_BY_A_CLINIC:
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(map(_is_number, values)):
                found.append(source.finding(node, f"a {ast.unparse(node.func)} with a number"))
        elif isinstance(node, ast.AnnAssign) and _is_number(node.value):
            name = ast.unparse(node.target)
            if CLINIC_FIELD.fullmatch(name):
                found.append(source.finding(node, f"{name} has a default"))
    return found


def _is_number(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Constant):
        value = node.value
        return not isinstance(value, bool) and bool(re.fullmatch(r"\d+(\.\d+)?", str(value)))
    if isinstance(node, ast.Tuple | ast.List):
        return any(map(_is_number, node.elts))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Decimal":
        return any(map(_is_number, node.args))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field":
        return any(_is_number(each.value) for each in node.keywords if each.arg == "default")
    return False


def numbers_in_data(path: str, document: Any) -> Iterator[Finding]:
    """A clinic's number under one of a clinic's keys, anywhere in a document."""
    for key, value in _entries(document):
        if CLINIC_FIELD.fullmatch(key) and re.search(r"^\d|^\[\d", str(value)):
            yield Finding(path, 1, f"{key} is {value}")


def _entries(document: Any) -> Iterator[tuple[str, Any]]:
    inside = document if isinstance(document, list) else []
    if isinstance(document, dict):
        inside = list(document.values())
        yield from ((str(key), value) for key, value in document.items())
    for each in inside:
        yield from _entries(each)


def numbers_in_text(path: str, text: str) -> list[Finding]:
    """An amount in a page, or a number that waits in an input (R6)."""
    places = list(AMOUNT.finditer(text))
    places += [
        found for found in FILLED_IN.finditer(text) if not NOT_TYPED_AS_NUMBER.search(found[0])
    ]
    return [
        Finding(path, text.count("\n", 0, found.start()) + 1, repr(found[0])) for found in places
    ]


def _shipped(*suffixes: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in suffixes and not DEMONSTRATION.match(name):
            yield name, path


def test_no_number_of_a_clinic_is_in_the_code():
    shipped = [each for each in sources(ROOT, *PACKAGES) if not DEMONSTRATION.match(each.path)]
    found = [each for source in shipped for each in numbers_in_code(source)]
    assert not found, report(found)


def test_no_number_of_a_clinic_is_in_the_data_files():
    found = [
        each
        for name, path in _shipped(*DATA)
        for each in numbers_in_data(name, DATA[path.suffix](path.read_text()))
    ]
    assert not found, report(found)


def test_no_amount_is_on_a_page_and_no_number_waits_in_an_input():
    found = [
        each for name, path in _shipped(*TEXTS) for each in numbers_in_text(name, path.read_text())
    ]
    assert not found, report(found)


@pytest.mark.parametrize(
    "text",
    [
        "Limit(on=LimitOn.RATE, high=Decimal('50'), unit='mg/h')", "Interval(every_min=15)",
        "Scale(low='0', high='10')", "Round(at_min=(0, 5))", "examples = ['35 mg']",
        "f'up to 0.5 mg/kg of {drug}'",
        "class A:\n    grace_min: int = 5", "class A:\n    rate: Exact = Field(default=5, ge=0)",
    ],
)  # fmt: skip
def test_a_number_in_the_code_is_found(text):
    assert len(numbers_in_code(Source("a.py", text, ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Limit(on=on, high=high)", "f'{value} mg'", "class A:\n    low: Exact | None = None",
        "class A:\n    every_min: int = Field(ge=1, le=10080)", "'version 3, 2026-11-22'",
    ],
)  # fmt: skip
def test_what_holds_no_number_is_left_alone(text):
    assert numbers_in_code(Source("a.py", text, ast.parse(text))) == []


def test_a_number_in_a_document_is_found():
    document = {"phases": [{"rounds": [{"every_min": 15, "at_min": [0], "label": "3 rounds"}]}]}
    assert len(list(numbers_in_data("a.json", document))) == 2


def test_an_amount_on_a_page_and_a_number_in_an_input_are_found():
    page = '<p>35 mg</p>\n<input name="rate" inputmode="decimal" placeholder="40">'
    assert [each.line for each in numbers_in_text("a.html", page)] == [1, 2]
    left = '<input type="radio" value="10"><input name="rate" value="{{ rate }}">{{ dose }} mg'
    assert numbers_in_text("a.html", left) == []
