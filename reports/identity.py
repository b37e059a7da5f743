"""Which document a sheet is: its id, version, status and digest, on every page and as a QR code.

A session's document has one id, the session's. Each signature makes a version of it, which is
sealed and kept; what is printed before, between or after them is no version and says so (R151).
"""

from io import BytesIO

import segno

from protocol.rules.record import SessionRecord

DOCUMENT = "CHAIRSIDE"
CODE_SAID = "QR code of the document's id, its version and the digest of its record"


def version_of(record: SessionRecord) -> int:
    """The document's version: how many signatures the record has; 0 is a draft."""
    return len(record.signatures)


def version_said(record: SessionRecord, status: str) -> str:
    """The version as every page says it."""
    version = version_of(record)
    if not version:
        return "draft, no version"
    return f"after version {version}" if status == "AMENDED" else f"version {version}"


def code_text(record: SessionRecord, digest: str) -> str:
    """What the QR code says: document, version and the record's SHA-256, in the code's own
    alphabet of capitals, which takes little room."""
    return f"{DOCUMENT}:{record.id}:{version_of(record)}:{digest}".upper()


def code_svg(words: str) -> str:
    """The QR code as one path of an SVG, with a line in its place for who hears the sheet read."""
    drawn = BytesIO()
    segno.make_qr(words, error="m", boost_error=False).save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, nl=False,
        svgclass=None, lineclass=None, title=CODE_SAID,
    )  # fmt: skip
    return drawn.getvalue().decode()
