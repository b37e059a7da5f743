"""The README's glossary names every word of the record, so that nobody invents a second one."""

import ast
from collections.abc import Iterator

from tests.house.tree import ROOT, Source, sources


def words(source: Source) -> Iterator[str]:
    """The values of every StrEnum of a module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and "StrEnum" in map(ast.unparse, node.bases):
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                    yield str(line.value.value)


def unexplained(readme: str, modules: list[Source]) -> list[str]:
    """The words that do not stand in backticks anywhere in the README."""
    every = {word for module in modules for word in words(module)}
    return sorted(word for word in every if f"`{word}`" not in readme)


def test_the_readme_names_every_word_of_the_record():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert unexplained(readme, sources(ROOT, "protocol/rules")) == []


def test_a_word_without_an_entry_is_found():
    text = 'class Severity(StrEnum):\n    """."""\n    SOFT = "soft"\n    HARD = "hard"\n'
    module = Source("a.py", text, ast.parse(text))
    assert unexplained("`soft` asks for a reason; hard does not stand in backticks", [module]) == [
        "hard"
    ]
