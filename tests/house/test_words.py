"""The program states what is and where it is from; it never tells anyone what to do (R3)."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, Finding, Source, literals, report, sources

PYTHON = ("protocol", "api", "reports")
TEMPLATES = ("api", "reports")
# "Give a reason" and "stopped at 10:05" are a request for words and a fact; the verbs of dosing
# are advice wherever they stand, unless the sentence says that the program never does it.
ADVICE = re.compile(
    r"""(?<!never\ )(?<!not\ )\b(
      increase | decrease | reduce | titrate | withhold | administer
    | recommend(s|ed|ation)? | advise[ds]? | suggests? | consider
    | (give | lower | raise | slow | hold) \s (the | a | an | another | \d+)
      \s [^.]*? \b(dose | drug | bolus | infusion | rate | pump)
    | hold \s the
    | should \s [^.]*? \b(dose | drug | bolus | infusion | rate | lower | higher)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
MARKUP = re.compile(
    r"<!--.*?-->|\{#.*?#\}|<style\b.*?</style>|<script\b.*?</script>", re.DOTALL | re.IGNORECASE
)


def advice_in_code(source: Source) -> list[Finding]:
    return [
        source.finding(literal.node, repr(found[0]))
        for literal in literals(source.tree)
        if " " in literal.text and (found := ADVICE.search(literal.text))
    ]


def advice_in_page(path: str, text: str) -> list[Finding]:
    """Advice in a template: in its text, its labels and what it prints."""
    shown = MARKUP.sub(lambda hidden: "\n" * hidden[0].count("\n"), text)
    return [
        Finding(path, shown.count("\n", 0, found.start()) + 1, repr(found[0]))
        for found in ADVICE.finditer(shown)
    ]


def _pages() -> list[Path]:
    return sorted(path for folder in TEMPLATES for path in (ROOT / folder).rglob("*.html*"))


def test_no_message_of_the_program_is_advice():
    found = [each for source in sources(ROOT, *PYTHON) for each in advice_in_code(source)]
    assert not found, report(found)


def test_no_page_and_no_sheet_is_advice():
    found = [
        each
        for path in _pages()
        for each in advice_in_page(path.relative_to(ROOT).as_posix(), path.read_text())
    ]
    assert not found, report(found)


@pytest.mark.parametrize(
    "text",
    [
        "Reduce the rate to 40 mL/h.", "The rate should be lower.", "Give another 5 mg dose.",
        "Consider stopping.", "Hold the infusion.", "{value} is high: lower the infusion rate",
    ],
)  # fmt: skip
def test_advice_is_found(text):
    source = Source("a.py", "", ast.parse(f"raise Impossible(f{text!r}, value=1)"))
    assert len(advice_in_code(source)) == 1
    assert len(advice_in_page("a.html", f"<p>\n{text}</p>")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "200 mm[Hg] is above the clinic's hard limit of 180 (policy version 3).",
        "Give a reason.", "The infusion was stopped.", "Rate reduced at 10:05", "on-hold",
        "Chairside records; it never recommends a dose.",
    ],
)  # fmt: skip
def test_a_fact_is_no_advice(text):
    assert advice_in_code(Source("a.py", "", ast.parse(repr([text])))) == []
    assert advice_in_page("a.html", text) == []


def test_what_nobody_reads_is_no_advice():
    assert advice_in_code(Source("a.py", "", ast.parse('"""Reduce the rate."""'))) == []
    assert advice_in_page("a.html", "{# reduce the rate #}<style>a{reduce: 1}</style>") == []
