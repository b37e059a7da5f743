"""Every file lies where its name says, and the name says what is in it."""

import re
from pathlib import Path

from tests.house.tree import PACKAGES, ROOT

ENTRIES = {
    *PACKAGES, "tests", "pyproject.toml", "uv.lock", "Makefile", "README.md", "LICENSE", "NOTICE",
}  # fmt: skip
MADE_HERE = {"build", "dist", "chairside-data", "__pycache__"}
LAWS = {"rules", "records", "commands"}
# Names that would hold anything, and so say nothing.
NAMELESS = {
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "service", "services",
    "base", "misc",
}  # fmt: skip


def strangers(root: Path) -> list[str]:
    """Top-level entries that the layout does not know."""
    names = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    return sorted(name for name in names - ENTRIES - MADE_HERE if not name.endswith(".pdf"))


def nameless(root: Path, *folders: str) -> list[str]:
    """Files and folders whose name says nothing of what is in them."""
    return sorted(
        path.relative_to(root).as_posix()
        for folder in folders
        for path in (root / folder).rglob("*")
        if "__pycache__" not in path.parts
        and NAMELESS & set(re.split(r"[^a-z0-9]+", path.name.lower()))
    )


def test_the_top_of_the_tree_holds_only_what_the_layout_names():
    assert strangers(ROOT) == []


def test_the_protocol_is_rules_records_and_commands_and_nothing_else():
    inside = {path.name for path in (ROOT / "protocol").iterdir()} - {"__pycache__"}
    assert inside == {"__init__.py", *LAWS}


def test_no_file_or_folder_has_a_name_that_could_hold_anything():
    assert nameless(ROOT, *PACKAGES, "tests") == []


def test_tests_are_no_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_a_stranger_at_the_top_is_found(tmp_path):
    for name in ("api", "scripts", ".ci", "dist"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").touch()
    assert strangers(tmp_path) == ["notes.txt", "scripts"]


def test_a_nameless_file_or_folder_is_found_and_a_database_is_none(tmp_path):
    for name in ("pdf_utils.py", "base.html", "database.py", "services/a.py"):
        path = tmp_path / "api" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert nameless(tmp_path, "api") == ["api/base.html", "api/pdf_utils.py", "api/services"]
