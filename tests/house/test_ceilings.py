"""Files, functions and lines stay short enough to be read at one sitting."""

import ast
from pathlib import Path

from tests.house.tree import PACKAGES, ROOT, Finding, Source, report, sources

FILE_LINES = 300
FUNCTION_LINES = 40
LINE_CHARACTERS = 100
# A migration is never edited after it ran, so it cannot be split either.
ANY_LENGTH = "migrations/versions/"


def over_ceilings(source: Source) -> list[Finding]:
    lines = source.text.splitlines()
    found = []
    if len(lines) > FILE_LINES and not source.path.startswith(ANY_LENGTH):
        found.append(Finding(source.path, 1, f"{len(lines)} lines"))
    found += [
        Finding(source.path, number, f"{len(line)} characters")
        for number, line in enumerate(lines, 1)
        if len(line) > LINE_CHARACTERS
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(source.finding(node, f"{node.name} has {length} lines"))
    return found


def test_every_file_function_and_line_keeps_to_its_ceiling():
    found = [each for source in sources(ROOT, *PACKAGES, "tests") for each in over_ceilings(source)]
    assert not found, report(found)


def _findings_in(root: Path, path: str, text: str) -> list[str]:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    folder = path.partition("/")[0]
    return [each.what for source in sources(root, folder) for each in over_ceilings(source)]


def test_a_file_of_301_lines_is_found_and_one_of_300_is_not(tmp_path):
    assert _findings_in(tmp_path, "api/a.py", "x = 1\n" * 300) == []
    assert _findings_in(tmp_path, "api/a.py", "x = 1\n" * 301) == ["301 lines"]


def test_a_migration_may_be_a_longer_file_but_not_a_longer_function(tmp_path):
    function = "def upgrade():\n" + "    pass\n" * 40
    text = "x = 1\n" * 301 + function
    assert _findings_in(tmp_path, f"{ANY_LENGTH}a.py", text) == ["upgrade has 41 lines"]


def test_a_line_of_101_characters_is_found(tmp_path):
    text = "x = '" + "y" * 95 + "'\n"
    assert _findings_in(tmp_path, "api/a.py", text) == ["101 characters"]


def test_a_function_of_41_lines_is_found(tmp_path):
    text = "class A:\n    async def f(self):\n" + "        pass\n" * 40
    assert _findings_in(tmp_path, "api/a.py", text) == ["f has 41 lines"]
