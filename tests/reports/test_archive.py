"""Archive quality, judged by other people's tools (R160 to R164)."""

import json
import shutil
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import pdfua
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from protocol.rules.audit import canonical_json
from reports.archive import RECORD_FILE, RELEASE
from reports.identity import code_text
from tests.reports import examples
from tests.reports.hand import PRINTED_AT
from tests.reports.reading_sheets import pdf_of
from tests.reports.sealed_files import key, sealed, sealed_by

# The seal is not seen and has no place on a page to be tagged at (stack 1.9); what runs at the head
# and foot of every page is read once; and the chart's text is its numbers, which is no prose.
KNOWN_FALSE = {"FRM-003", "PAG-001", "FIG-012"}
EXAMPLES = ("empty", "full", "signed", "amended", "hostile")


@cache
def file_of(name: str) -> bytes:
    return sealed() if name == "sealed" else pdf_of(getattr(examples, name)())


@pytest.fixture
def path(request, tmp_path):
    """A sheet on disk, for programs that want one."""
    file = tmp_path / "sheet.pdf"
    file.write_bytes(file_of(request.param))
    return file


def every(*names: str):
    return pytest.mark.parametrize("path", names or (*EXAMPLES, "sealed"), indirect=True)


def ran(*arguments: str) -> str:
    """What a program prints. One that is lacking is a fault."""
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    return done.stdout


@every()
def test_qpdf_finds_no_fault_in_it(path):
    assert "No syntax or stream encoding errors" in ran("qpdf", "--check", str(path))


@every()
def test_every_font_is_embedded_and_is_ours(path):
    fonts = [one.split() for one in ran("pdffonts", str(path)).splitlines()[2:]]
    assert fonts
    for one in fonts:
        assert one[0].partition("+")[2].startswith("Chairside"), one
        assert one[-5:-2] == ["yes", "yes", "yes"], one


def test_poppler_takes_the_seal_for_valid_and_whole(tmp_path):
    (tmp_path / "sheet.pdf").write_bytes(sealed())
    said = ran("pdfsig", "-nocert", str(tmp_path / "sheet.pdf"))
    for line in ("Signature is Valid", "Total document signed", "ETSI.CAdES.detached"):
        assert line in said


@every("full", "signed", "sealed")
def test_the_checkers_of_pdf_ua_find_nothing(path):
    """One of pdfua's checks fails by itself on any file of this pikepdf; it says so."""
    found = pdfua.validate(str(path))
    assert [one for one in found.findings if one.severity.name in ("ERROR", "WARNING")] == []


@every("full", "sealed")
def test_what_a_screen_reader_is_told_is_right(path, tmp_path):
    report = tmp_path / "report.json"
    checker = Path(sys.executable).with_name("outloud")  # installed beside this Python
    subprocess.run([checker, "-q", "--json", report, path], check=False)
    found = {one["rule"] for one in _findings(json.loads(report.read_text()))}
    assert found <= KNOWN_FALSE


def _findings(part):
    if isinstance(part, dict):
        if part.get("severity") in ("error", "warning") and "message" in part:
            yield part
        for one in part.values():
            yield from _findings(one)
    elif isinstance(part, list):
        for one in part:
            yield from _findings(one)


if shutil.which("verapdf"):  # Java's; where it is not, the structure is looked at below

    @every("full", "sealed")
    def test_verapdf_takes_it_for_what_it_says_it_is(path):
        for flavour in ("3a", "ua1"):
            assert "PASS" in ran("verapdf", "--format", "text", "--flavour", flavour, str(path))


@every()
def test_it_says_that_it_is_pdf_a_and_pdf_ua_and_has_what_they_ask_for(path):
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        [intent] = root.OutputIntents
        assert (str(intent.S), "/DestOutputProfile" in intent) == ("/GTS_PDFA1", True)
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert (str(root.Lang), "/StructTreeRoot" in root, "/Outlines" in root) == (
            "en",
            True,
            True,
        )
        xmp = root.Metadata.read_bytes().decode()
        assert xmp.count("<rdf:RDF") == 1
        with pdf.open_metadata() as metadata:
            known = {name: metadata.get(name) for name in (
                "pdfaid:part", "pdfaid:conformance", "pdfuaid:part", "xmp:CreatorTool",
            )}  # fmt: skip
            assert list(known.values()) == ["3", "A", "1", RELEASE]
            assert "Infusion session summary" in str(metadata["dc:title"])


@every("full", "sealed")
def test_its_record_is_attached_once_and_said_to_be_its_data(path):
    with pikepdf.open(path) as pdf:
        [associated] = pdf.Root.AF
        assert associated.AFRelationship == "/Data"
        assert list(pdf.attachments) == [RECORD_FILE]
        attached = pdf.attachments[RECORD_FILE].get_file()
        assert attached.mime_type == "application/json"
        record = examples.full() if path.stat().st_size == len(file_of("full")) else None
        wanted = record or examples.signed()
        assert attached.read_bytes() == canonical_json(wanted.model_dump(mode="json"))


@every("full")
def test_every_head_of_a_table_says_what_it_is_the_head_of(path):
    with pikepdf.open(path) as pdf:
        heads = [one for one in pdf.objects if _is(one, "/TH")]
        assert len(heads) > 20
        assert {str(one.A.Scope) for one in heads} == {"/Column"}


def _is(one: object, kind: str) -> bool:
    return isinstance(one, pikepdf.Dictionary) and one.get("/S") == kind


@every("signed", "empty")
def test_the_qr_code_on_page_one_is_read_by_a_decoder(path, tmp_path):
    ran("pdftoppm", "-r", "100", "-gray", "-png", "-l", "1", "-singlefile", str(path),
        str(tmp_path / "page"))  # fmt: skip
    with Image.open(tmp_path / "page.png") as image:
        [code] = zxingcpp.read_barcodes(image)
    record = examples.signed() if "signed" in str(path) else None
    known = [code_text(one, one.digest()) for one in (examples.signed(), examples.empty())]
    assert code.text in known
    assert record is None or code.text == known[0]


def test_the_seal_adds_no_page_and_leaves_what_was_printed_as_it_was():
    unsealed_length = len(pdf_of(examples.full()))
    content = sealed_by(key(), pdf_of(examples.full()))
    assert content[:unsealed_length] == pdf_of(examples.full())
    with pikepdf.open(BytesIO(content)) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].V.M).startswith(f"D:{PRINTED_AT:%Y%m%d}")
