"""Forms on the command line: a file in, a file out, and the path of each fault."""

from pathlib import Path

from tests.api.test_cli import Ask, ask, in_force, init  # noqa: F401
from tests.commands.formed import CHECK


def test_a_form_is_imported_put_in_force_and_exported(ask: Ask, tmp_path: Path):  # noqa: F811
    init(ask, tmp_path)
    version = in_force(ask, tmp_path, "form", CHECK)
    file = tmp_path / "out.yaml"
    assert ask("form", "export", version, "-o", file, by="nora").status == 0
    assert ask("form", "import", file, "--json", by="paula").lines[0]["id"] == version
    (line,) = ask("form", "list", "--json", by="nora").lines
    assert (line["name"], line["number"], line["status"]) == ("before-we-begin", 1, "active")
    file.write_text(file.read_text().replace("unit: mL", "unit: pints"))
    assert ask("form", "import", file, by="paula") == (
        1, "", "chairside: items.4.unit: pints is not a unit that is known\n",
    )  # fmt: skip
