"""A rule's answer depends on its arguments alone, and its numbers are exact."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, Finding, Source, report, sources

RULES = "protocol/rules"
# Each of them gives another answer at another time or place, or writes to one.
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid7", "open", "print", "input"}
DATABASE_MODULES = ("sqlalchemy", "sqlmodel", "alembic", "sqlite3", "psycopg")
DATABASE_FIXTURES = {
    "engine_name", "database_url", "migrated_url", "sqlite_template", "postgres_template",
    "postgres_cluster",
}  # fmt: skip


def impurities(source: Source) -> list[Finding]:
    return [
        source.finding(node, f"calls {_called(node)}()")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _called(node) in IMPURE_CALLS
    ]


def floats(source: Source) -> list[Finding]:
    """Where a number could lose digits; `isinstance(x, float)` is how a float is refused."""
    refusals = {
        id(inner)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _called(node) == "isinstance"
        for inner in ast.walk(node)
    }
    return [
        source.finding(node, what)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.expr) and id(node) not in refusals
        for what in _float(node)
    ]


def _float(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name) and node.id == "float":
        yield "float"
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield f"the float {node.value}"
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("json.loads", "json.load"):
        given = {keyword.arg for keyword in node.keywords}
        yield from () if "parse_float" in given else ("JSON read without parse_float",)


def database_use(source: Source) -> list[Finding]:
    """Where a test of the rules reaches for a database."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [
                source.finding(node, f"imports {name}")
                for name in names
                if name.partition(".")[0] in ("api", "reports", "migrations", *DATABASE_MODULES)
                or name.startswith(("protocol.records", "protocol.commands"))
            ]
        elif isinstance(node, ast.FunctionDef):
            asked = {argument.arg for argument in node.args.args} & DATABASE_FIXTURES
            found += [source.finding(node, f"asks for {name}") for name in sorted(asked)]
    return found


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def _of(text: str) -> Source:
    return Source("a.py", text, ast.parse(text))


def test_the_rules_read_no_clock_make_up_no_id_and_open_no_file():
    found = [each for source in sources(ROOT, RULES) for each in impurities(source)]
    assert not found, report(found)


def test_no_number_in_the_rules_is_a_float():
    found = [each for source in sources(ROOT, RULES) for each in floats(source)]
    assert not found, report(found)


def test_the_tests_of_the_rules_use_no_database():
    found = [each for source in sources(ROOT, "tests/rules") for each in database_use(source)]
    assert not found, report(found)


def test_importing_every_rule_loads_no_database_driver():
    modules = [path.stem for path in sorted((ROOT / RULES).glob("*.py"))]
    imports = "\n".join(f"import protocol.rules.{name}" for name in modules if name != "__init__")
    loaded = f"print([name for name in {DATABASE_MODULES} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys\n{imports}\n{loaded}"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "text", ["datetime.now(UTC)", "date.today()", "uuid4()", "open('a')", "Path('a').open()"]
)
def test_a_clock_an_invented_id_or_a_file_is_found(text):
    assert len(impurities(_of(text))) == 1


@pytest.mark.parametrize(
    "text", ["float('1')", "x: float = y", "x = 0.5", "json.loads(x)", "def f() -> float: ..."]
)
def test_a_float_is_found(text):
    assert len(floats(_of(text))) == 1


@pytest.mark.parametrize(
    "text", ["isinstance(x, bool | int | float)", "json.loads(x, parse_float=Decimal)", "x = 5"]
)
def test_refusing_a_float_is_no_float(text):
    assert floats(_of(text)) == []


@pytest.mark.parametrize(
    "text",
    ["import sqlite3", "from protocol.records.work import work", "def test_a(migrated_url): ..."],
)
def test_a_database_in_a_test_of_the_rules_is_found(text):
    assert len(database_use(_of(text))) == 1
