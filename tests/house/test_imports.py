"""The import contracts in pyproject.toml hold, and each of them can be broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT

FOLDERS = (*PACKAGES, "protocol/rules", "protocol/records", "protocol/commands")
ONE_WAY = "Imports run one way"
OFFENCES = [
    ("reports/a.py", "import api", ONE_WAY),
    ("protocol/commands/a.py", "import reports", ONE_WAY),
    ("protocol/records/a.py", "import protocol.commands", ONE_WAY),
    ("protocol/rules/a.py", "import protocol.records", ONE_WAY),
    ("api/a.py", "import migrations", "Only the records migrate"),
    ("migrations/a.py", "import protocol.rules", "Migrations know nothing but the records"),
    ("api/a.py", "def f():\n    import sqlmodel", "Only the records know the database"),
    ("protocol/commands/a.py", "from sqlalchemy import text", "Only the records know the database"),
    ("reports/a.py", "import sqlite3", "Only the records know the database"),
    ("protocol/records/a.py", "import fastapi", "Only the API knows the web and the command line"),
    ("reports/a.py", "import typer", "Only the API knows the web and the command line"),
    ("reports/summary.py", "import weasyprint", "Only reports.printing knows WeasyPrint"),
    ("protocol/rules/a.py", "import secrets", "The rules touch nothing but their arguments"),
    ("protocol/rules/a.py", "from time import time", "The rules touch nothing but their arguments"),
]
INNOCENT = {
    "api/cli.py": "import typer\nimport reports.printing\n",
    "protocol/commands/a.py": "import protocol.records.database\n",
    "protocol/records/database.py": "import sqlalchemy\nimport migrations\n",
    "protocol/rules/b.py": "from datetime import datetime\nfrom decimal import Decimal\n",
    "migrations/env.py": "import alembic\nimport protocol.records\n",
    "reports/printing.py": "def f():\n    import weasyprint\n",
}


def lint_imports(root: Path) -> tuple[int, str]:
    program = Path(sys.executable).parent / "lint-imports"
    ran = subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


def _skeleton(root: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", root)
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
        (root / folder / "__init__.py").touch()
    for path, text in INNOCENT.items():
        (root / path).write_text(text)


def test_the_imports_keep_every_contract():
    status, output = lint_imports(ROOT)
    assert status == 0, output


def test_an_innocent_tree_keeps_every_contract(tmp_path):
    _skeleton(tmp_path)
    status, output = lint_imports(tmp_path)
    assert status == 0, output


@pytest.mark.parametrize(("path", "line", "contract"), OFFENCES)
def test_an_import_against_the_contract_is_found(tmp_path, path, line, contract):
    _skeleton(tmp_path)
    (tmp_path / path).write_text(f"{line}\n")
    status, output = lint_imports(tmp_path)
    assert status == 1, output
    assert f"{contract} BROKEN" in output
