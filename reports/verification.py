"""`session verify`: whether a printed summary is what left the clinic, from the file alone (R167).

The seal, the attached record against the digest on every page, and each printed number against the
attached record. Nothing is fetched, and no database is asked; what a database knows beside is held
against it by `api/verifying_files.py`.
"""

import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from pypdf import PdfReader

from protocol.rules.record import NOT_SIGNED, SessionRecord
from protocol.rules.signature import digest_of
from reports.archive import RECORD_FILE, RELEASE
from reports.markup import drawn_words, sheet_html
from reports.reprinted import differences
from reports.seal_check import Finding, Found, Seal, check_seal
from reports.summary import summary


class Verification(NamedTuple):
    """What a file holds and what does not: no finding, and it is what was printed and sealed."""

    findings: tuple[Finding, ...]
    seal: Seal | None = None
    record: SessionRecord | None = None
    digest: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(content: bytes, expected: Sequence[bytes] = ()) -> Verification:
    """Hold a file against itself, and its seal against the certificates that are expected (DER)."""
    seal, found = check_seal(content, expected)
    kinds = {one.kind for one in found}
    if Found.NOT_OURS in kinds or Found.TRUNCATED in kinds:
        return Verification(tuple(found), seal)
    try:
        file = _read(content)
    except Exception as error:
        # A file that no reader opens: what broke it is already named, or it was never ours.
        if found and Found.SEAL_MISSING not in kinds:
            return Verification(tuple(found), seal)
        what = f"it cannot be read: {type(error).__name__}"
        return Verification((Finding(Found.NOT_OURS, what),))
    if len(file.attached) != 1:
        what = f"{len(file.attached)} files by the name {RECORD_FILE} are attached to it"
        if file.attached:
            return Verification((*found, Finding(Found.RECORD_SWAPPED, what)), seal)
        kept = [one for one in found if one.kind is not Found.SEAL_MISSING]
        return Verification((*kept, Finding(Found.NOT_OURS, what)), seal)
    return _of_record(found, seal, file)


def clinic_of(content: bytes) -> UUID | None:
    """Whose sheet a file says it is, for the key to be looked up; nothing is proven by it."""
    try:
        attached = PdfReader(BytesIO(content)).attachments[RECORD_FILE][0]
        return UUID(json.loads(attached)["clinic"]["id"])
    except Exception:
        return None


class _File(NamedTuple):
    """What is read of a PDF: the text of its pages, the records in it, and what made it."""

    pages: list[str]
    attached: list[bytes]
    release: str


def _read(content: bytes) -> _File:
    reader = PdfReader(BytesIO(content))
    attached = [
        one for name, many in reader.attachments.items() if name == RECORD_FILE for one in many
    ]
    made_by = "" if reader.metadata is None else reader.metadata.creator or ""
    return _File([page.extract_text() for page in reader.pages], attached, made_by)


def _of_record(found: list[Finding], seal: Seal | None, file: _File) -> Verification:
    try:
        value: Any = json.loads(file.attached[0])
        digest = digest_of({name: one for name, one in value.items() if name not in NOT_SIGNED})
        record = SessionRecord.model_validate_json(file.attached[0])
    except (ValueError, AttributeError, ValidationError):
        found.append(Finding(Found.RECORD_SWAPPED, "the attached record is no session's record"))
        return Verification(tuple(found), seal)
    found = [_missing_said(one, record) for one in found]
    bare = ["".join(one.split()) for one in file.pages]
    lacking = [number for number, page in enumerate(bare, 1) if digest not in page]
    if lacking:
        what = f"the attached record has the digest {digest}, which is not on page {lacking[0]}"
        found.append(Finding(Found.RECORD_SWAPPED, what))
    remarks: tuple[str, ...] = ()
    if not record.signatures:
        remarks = ("It is a draft: nobody signed it, and its numbers were not derived anew.",)
    elif any(one.kind is Found.SEAL_MISSING for one in found):
        remarks = ("Its numbers were not derived anew: nothing says when a copy was printed.",)
    elif not lacking and file.release != RELEASE:
        made_by = file.release or "another program"
        remarks = (f"Its numbers were not derived anew: {made_by} made it, this is {RELEASE}.",)
    elif not lacking:
        found += [Finding(Found.NUMBERS_DIFFER, one) for one in _compared(record, file.pages)]
    return Verification(tuple(found), seal, record, digest, remarks)


def _missing_said(one: Finding, record: SessionRecord) -> Finding:
    """A draft was never sealed; of what was signed, the seal was taken away, or it was printed for
    reading beside the one that is kept."""
    if one.kind is not Found.SEAL_MISSING or not record.signatures:
        return one
    count = len(record.signatures)
    return Finding(one.kind, f"it has no seal, and the record has {count} signatures")


def _compared(record: SessionRecord, pages: Sequence[str]) -> list[str]:
    given = record.signatures[-1]
    sheet = summary(record, printed_at=given.signed_at, printed_by=given.signer.name)
    return differences(sheet_html(sheet), pages, drawn_words(sheet))
