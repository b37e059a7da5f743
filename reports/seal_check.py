"""Whether a file carries the seal, whole and untouched, of the key that is expected (R166).

The judgement is a policy's, never "the signature is valid": the seal covers the file from its first
byte to its last, nothing follows it, it allows no change, and it is by that very certificate. What
no signature covers, the place of the seal itself, holds the seal and zeros and nothing else.
"""

import re
from binascii import hexlify
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from asn1crypto.cms import ContentInfo
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from reports.sealing import FIELD

_RANGE = re.compile(rb"/ByteRange\s*\[\s*0 (\d+) (\d+) (\d+)\s*\]")
_SEALED_ONCE = (b"/ByteRange", b"/SigFlags", b"ETSI.CAdES", b"/FT /Sig")
_NO_PARAMETERS = (b"", b"\x05\x00")
_ENDS = re.compile(rb"%%EOF\s*\Z")


class Found(StrEnum):
    """What `session verify` found wrong with a file, each by its own name."""

    NOT_OURS = "not-ours"
    TRUNCATED = "truncated"
    SEAL_MISSING = "seal-missing"
    SEAL_BROKEN = "seal-broken"
    ADDED_TO = "added-to"
    OTHER_KEY = "other-key"
    KEY_UNKNOWN = "key-unknown"
    RECORD_SWAPPED = "record-swapped"
    NUMBERS_DIFFER = "numbers-differ"
    SIGNATURE_UNKNOWN = "signature-unknown"
    NOT_AS_KEPT = "not-as-kept"
    TRAIL_DIFFERS = "trail-differs"


class Finding(NamedTuple):
    """One thing that does not hold: what it is called, and the facts in a sentence."""

    kind: Found
    what: str


class Seal(NamedTuple):
    """A seal as the file has it: when it says it was made, by whom, and at which level."""

    at: datetime | None
    by: str
    key_digest: str
    level: str


def check_seal(content: bytes, expected: Sequence[bytes]) -> tuple[Seal | None, list[Finding]]:
    """The seal, and what is wrong with it. `expected` are certificates, DER: the key's, and those
    that a time-stamp service is trusted by; without any, whose seal it is stays unknown."""
    ranges = [tuple(map(int, one)) for one in _RANGE.findall(content)]
    if not ranges:
        return None, [_without_seal(content)]
    _, end, length = ranges[-1]
    if len(content) < end + length:
        what = f"the seal is over {end + length} bytes, and the file has {len(content)}"
        return None, [Finding(Found.TRUNCATED, what)]
    found = []
    if len(content) > end + length:
        what = f"{len(content) - end - length} bytes follow the {end + length} that were sealed"
        found.append(Finding(Found.ADDED_TO, what))
    try:
        places = [_in_its_place(content, one, two) for one, two, _ in ranges]
        seal, more = _by_policy(content, expected, bool(found))
    except Exception as error:
        # Whatever bytes do to a parser, they are not those that were sealed.
        what = f"it cannot be read: {type(error).__name__}"
        return None, [*found, Finding(Found.SEAL_BROKEN, what)]
    found += [Finding(Found.SEAL_BROKEN, one) for one in places if one] + more
    return seal, found


def _without_seal(content: bytes) -> Finding:
    if not content.startswith(b"%PDF-"):
        return Finding(Found.NOT_OURS, "it is no PDF")
    if any(one in content for one in _SEALED_ONCE):
        return Finding(Found.SEAL_BROKEN, "it had a seal, which cannot be read")
    if not _ENDS.search(content):
        return Finding(Found.TRUNCATED, "it ends before its end")
    return Finding(Found.SEAL_MISSING, "it has no seal")


def _in_its_place(content: bytes, start: int, end: int) -> str | None:
    """The bytes between the sealed ranges are the seal in capital hexadecimals, then zeros."""
    gap = content[start:end]
    seal = ContentInfo.load(bytes.fromhex(gap[1:-1].decode("ascii"))).dump()
    digits = hexlify(seal).upper()
    if gap != b"<" + digits + b"0" * (len(gap) - 2 - len(digits)) + b">":
        return "the seal's own place holds something else besides"
    return None


def _by_policy(
    content: bytes, expected: Sequence[bytes], added_to: bool
) -> tuple[Seal, list[Finding]]:
    reader = PdfFileReader(BytesIO(content))
    seals = [one for one in reader.embedded_regular_signatures if one.field_name == FIELD]
    others = len(reader.embedded_regular_signatures) - len(seals)
    if len(seals) != 1 or others:
        what = f"{len(seals)} seals and {others} other signatures are in it"
        kind = Found.ADDED_TO if seals else Found.SEAL_BROKEN
        return Seal(None, "", "", ""), [Finding(kind, what)]
    one, stamps = seals[0], reader.embedded_timestamp_signatures
    own = one.signer_cert.dump()
    trusted = [Certificate.load(each) for each in (expected or [own])]
    at = one.self_reported_timestamp
    context = ValidationContext(trust_roots=trusted, moment=at, allow_fetching=False)
    status = validate_pdf_signature(one, context)
    found = list(_faults(one, status, bool(stamps), added_to))
    for stamp in stamps:
        judged = validate_pdf_timestamp(stamp, ValidationContext(trust_roots=trusted, moment=at))
        if not (judged.intact and judged.valid and judged.trusted):
            found.append(Finding(Found.SEAL_BROKEN, "its time stamp does not hold"))
    found += _key_faults(own, expected, one.signer_cert.subject.human_friendly)
    level = "B-LTA" if stamps else "B-T" if status.timestamp_validity else "B-B"
    seal = Seal(at, one.signer_cert.subject.human_friendly, sha256(own).hexdigest(), level)
    return seal, found


def _faults(
    one: EmbeddedPdfSignature, status: PdfSignatureStatus, stamped: bool, added_to: bool
) -> Iterator[Finding]:
    if not (status.intact and status.valid):
        yield Finding(Found.SEAL_BROKEN, "a byte under it is not the one that was sealed")
        return
    if not _plain(one, status):
        yield Finding(Found.SEAL_BROKEN, "it is not made as our seals are")
    whole = (
        SignatureCoverageLevel.ENTIRE_REVISION if stamped else SignatureCoverageLevel.ENTIRE_FILE
    )
    allowed = ModificationLevel.LTA_UPDATES if stamped else ModificationLevel.NONE
    changed = status.modification_level is None or status.modification_level > allowed
    if not added_to and (status.coverage < whole or changed or not status.docmdp_ok):
        yield Finding(Found.ADDED_TO, "a later revision of the file follows the sealed one")
    if status.docmdp_ok and not status.bottom_line and status.trusted:
        yield Finding(Found.SEAL_BROKEN, "its time stamp does not hold")


def _plain(one: EmbeddedPdfSignature, status: PdfSignatureStatus) -> bool:
    """What the signature's own bytes say beside it, and nothing signs."""
    signed, info = one.signed_data, one.signer_info
    named = [*signed["digest_algorithms"], info["digest_algorithm"], info["signature_algorithm"]]
    return (
        signed["version"].native == "v1"
        and info["version"].native == "v1"
        and [each["algorithm"].native for each in named[:-1]] == ["sha256", "sha256"]
        and all(each["parameters"].dump() in _NO_PARAMETERS for each in named)
        and signed["encap_content_info"]["content"].native is None
        and (status.timestamp_validity is not None or not info["unsigned_attrs"].native)
    )


def _key_faults(own: bytes, expected: Sequence[bytes], name: str) -> Iterator[Finding]:
    digest = sha256(own).hexdigest()
    if not expected:
        what = f"no key was given to hold it against; it is by {name}, certificate SHA-256 {digest}"
        yield Finding(Found.KEY_UNKNOWN, what)
    elif own not in expected:
        what = f"it is by another key than expected: {name}, certificate SHA-256 {digest}"
        yield Finding(Found.OTHER_KEY, what)
