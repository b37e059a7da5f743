"""The example of a profile is a document that can be imported, and nothing but an example."""

from pathlib import Path

import pytest

from api.documents import DocumentFaulty, document_from, document_text
from protocol.rules.jurisdiction import JurisdictionDocument

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".readme" / "jurisdiction-us-federal.yaml"


@pytest.fixture(scope="module")
def profile() -> JurisdictionDocument:
    found = document_from(EXAMPLE.read_text(encoding="utf-8"), "jurisdiction", "yaml")
    assert isinstance(found, JurisdictionDocument)
    return found


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_the_example_can_be_imported_and_exported(
    profile: JurisdictionDocument, format_: str
) -> None:
    assert document_from(document_text(profile, format_), "jurisdiction", format_) == profile


def test_every_part_of_the_example_names_its_source(profile: JurisdictionDocument) -> None:
    about = " ".join(one.about for one in profile.sources)
    for part in profile.model_fields_set - {"kind", "name", "effective_on", "about", "sources"}:
        assert part in about, part
    assert all(one.remark for one in profile.sources)


def test_nothing_in_the_program_knows_of_the_example() -> None:
    packages = [ROOT / name for name in ("api", "protocol", "reports", "migrations")]
    texts = [path for one in packages for path in one.rglob("*") if path.suffix in {".py", ".toml"}]
    assert not [path for path in texts if "us-federal" in path.read_text(encoding="utf-8")]


def test_a_fault_in_a_profile_is_named_by_its_path() -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("days: 45", "days: 4.5")
    with pytest.raises(DocumentFaulty) as refused:
        document_from(text, "jurisdiction", "yaml")
    assert refused.value.lines == [
        "loss.electronic_report.days: the number 4.5 is written in quotes, to keep its exact digits"
    ]
