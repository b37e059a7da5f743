"""Each attack on a printed file is found by its own name, from file and key alone (R166)."""

import logging
import re
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pypdf import PdfWriter

from protocol.rules.audit import canonical_json
from protocol.rules.charting import Reading
from reports import verification
from reports.archive import RECORD_FILE
from reports.seal_check import check_seal
from reports.sealing import _signer
from reports.verification import verify
from tests.reports import examples
from tests.reports.hand import PRINTED_AT
from tests.reports.reading_sheets import pdf_of
from tests.reports.sealed_files import (
    as_signed,
    found,
    key,
    sealed,
    sealed_by,
    unsealed,
    verified,
)


@pytest.fixture(autouse=True)
def _quiet():
    """What parsers say of broken files is not what is looked at here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_a_sheet_as_it_left_the_clinic_holds_and_says_what_it_is():
    result = verified(sealed())
    assert result.holds
    assert result.seal is not None
    assert (result.seal.level, result.seal.at) == ("B-B", PRINTED_AT.replace(microsecond=0))
    assert result.seal.key_digest == key().digest
    assert result.record == examples.signed()
    assert result.digest == examples.signed().digest()
    assert result.remarks == ()


def _seal_place() -> tuple[int, int]:
    found_range = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)", sealed())
    assert found_range is not None
    return int(found_range[1]), int(found_range[2])


def _flipped(place: int, bits: int = 1) -> bytes:
    content = bytearray(sealed())
    content[place] ^= bits
    return bytes(content)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.4, 0.6, 0.8, 0.95, 0.999, 1.0])
def test_a_flipped_byte_anywhere_under_the_seal_breaks_it(share):
    """From the head of the file to its last byte; the very last newline is a comment to no one."""
    place = int(share * (len(sealed()) - 8))
    kinds = found(_flipped(place))
    assert kinds[0] in ("seal-broken", "not-ours")
    assert place != 0 or kinds == ["seal-broken"]


def test_a_flipped_byte_in_the_seals_own_place_breaks_it():
    """What no signature covers: the certificate, what is said beside the signature, the padding,
    and a digit that means the same when it is written small."""
    start, end = _seal_place()
    undetected = []
    for place in (*range(start, start + 130, 3), *range(start + 130, end, 97)):
        for bits in (0x01, 0x20):
            _, findings = check_seal(_flipped(place, bits), [key().certificate])
            if not findings:
                undetected.append((place, bits))
    assert undetected == []


def test_an_incremental_update_is_found_whatever_it_changes():
    writer = IncrementalPdfFileWriter(BytesIO(sealed()))
    writer.root["/Lang"] = writer.root.raw_get("/Lang").__class__("de")
    writer.update_root()
    changed = BytesIO()
    writer.write(changed)
    assert found(changed.getvalue()) == ["added-to"]
    assert found(sealed() + b"\n% a remark") == ["added-to"]


def test_the_seal_lets_nobody_sign_after_it():
    signer = PdfSigner(PdfSignatureMetadata(field_name="Another"), _signer(key("Another clinic")))
    with pytest.raises(SigningError):
        signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(sealed())))


def test_a_stripped_seal_is_found():
    start = sealed()[: len(unsealed())]
    assert start == unsealed()
    assert found(start) == ["seal-missing"]
    rewritten = BytesIO()
    writer = PdfWriter(clone_from=BytesIO(sealed()))
    del writer.root_object["/AcroForm"]
    writer.write(rewritten)
    assert found(rewritten.getvalue())[0] in ("seal-missing", "seal-broken", "added-to")


def test_another_clinics_key_is_found_and_a_key_that_nobody_gave_is_said():
    forged = sealed_by(key("Another clinic"))
    assert found(forged) == ["other-key"]
    assert found(forged, key("Another clinic").certificate) == []
    assert [one.kind.value for one in verify(sealed()).findings] == ["key-unknown"]


def _with_record(change) -> bytes:
    """The sheet with another record attached, resealed by whoever has the key."""
    swapped = BytesIO()
    with pikepdf.open(BytesIO(unsealed())) as pdf:
        change(pdf)
        pdf.save(swapped)
    return sealed_by(key(), swapped.getvalue())


def test_a_swapped_attachment_is_found_even_under_the_clinics_own_seal():
    other = canonical_json(examples.full().model_dump(mode="json"))

    def swap(pdf):
        pdf.attachments[RECORD_FILE].obj.EF.F.write(other)

    assert found(_with_record(swap)) == ["record-swapped"]


def test_a_record_that_is_attached_twice_is_found():
    def twice(pdf):
        spec = pdf.attachments[RECORD_FILE].obj
        names = pdf.Root.Names.EmbeddedFiles.Names
        pdf.Root.Names.EmbeddedFiles.Names = pikepdf.Array([*names, RECORD_FILE, spec])

    assert found(_with_record(twice)) == ["record-swapped"]


def test_a_printed_number_that_is_not_the_records_is_found():
    """A sheet of another record's numbers, with the first one's record and digest."""
    record = examples.signed()
    entries = list(record.entries)
    place, reading = next(
        (place, one.content)
        for place, one in enumerate(entries)
        if isinstance(one.content, Reading)
    )
    first, *others = reading.observations
    observations = (first.model_copy(update={"value": first.value + 1}), *others)
    content = reading.model_copy(update={"observations": observations})
    entries[place] = entries[place].model_copy(update={"content": content})
    altered = record.model_copy(update={"entries": tuple(entries)})
    true = record.digest()
    altered.__dict__["digest"] = lambda: true
    forged = BytesIO()
    with pikepdf.open(BytesIO(as_signed(altered))) as pdf:
        pdf.attachments[RECORD_FILE].obj.EF.F.write(canonical_json(record.model_dump(mode="json")))
        pdf.save(forged)
    assert found(sealed_by(key(), forged.getvalue())) == ["numbers-differ"]


@pytest.mark.parametrize("content", [b"", b"no PDF", b"%PDF-1.7\nnothing more\n%%EOF\n"])
def test_a_file_that_is_not_ours_is_said_to_be_none(content):
    assert found(content) == ["not-ours"]


def test_a_truncated_file_is_found():
    assert found(sealed()[:-1]) == ["truncated"]
    assert found(sealed()[: len(sealed()) // 2]) == ["truncated"]
    assert found(sealed()[: len(unsealed()) - 10]) == ["truncated"]


def test_a_draft_has_no_seal_and_that_is_said():
    result = verified(pdf_of(examples.full()))
    assert [one.kind.value for one in result.findings] == ["seal-missing"]
    assert "draft" in result.remarks[0]


def test_a_sheet_of_another_release_is_not_said_to_have_wrong_numbers(monkeypatch):
    monkeypatch.setattr(verification, "RELEASE", "Chairside 9.9")
    other = sealed_by(key(), pdf_of(examples.signed()))
    result = verified(other)
    assert result.holds
    assert "not derived anew" in result.remarks[0]
