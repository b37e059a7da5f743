"""The source tree, read as text and as syntax; nothing in it is imported."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("protocol", "api", "reports", "migrations")


class Finding(NamedTuple):
    """One place that breaks a rule of the house."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class Source(NamedTuple):
    """One Python file with its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    def finding(self, node: ast.stmt | ast.expr, what: str) -> Finding:
        return Finding(self.path, node.lineno, what)


class Literal(NamedTuple):
    """A string in the code that is no docstring; what an f-string fills in reads as {}."""

    node: ast.expr
    text: str


def sources(root: Path, *folders: str) -> list[Source]:
    """Every Python file under the folders, in order."""
    paths = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    return [_source(root, path) for path in paths]


def _source(root: Path, path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(root).as_posix(), text, ast.parse(text, str(path)))


def literals(tree: ast.AST) -> Iterator[Literal]:
    """Every string of the tree, an f-string as one, docstrings left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr):
            yield Literal(node, "".join(_part(value) for value in node.values))
            for value in node.values:
                yield from literals(value) if isinstance(value, ast.FormattedValue) else ()
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield Literal(node, node.value)
        elif not _is_docstring(node):
            yield from literals(node)


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else "{}"


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def report(findings: list[Finding]) -> str:
    """One finding a line, as a failing test prints it."""
    return "\n".join(["", *map(str, findings)])
