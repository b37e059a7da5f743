"""What a GS1 DataMatrix says of a container: product, lot, expiry, serial number.

A scanner that poses as a keyboard sends the symbol's text with its separators (FNC1) as GS, or as
one of a few stand-ins; people type what is printed below it, with parentheses. The parsing of the
elements is a library's (`commands/scanning.py`); this is what stands before and after it.
"""

import re
from calendar import monthrange
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from protocol.rules.custody_errors import NotGs1
from protocol.rules.errors import Impossible
from protocol.rules.values import Day, Line, Shape

GS = "\x1d"
SHOWN_GS = "\u241d"
TEXT_CHARACTERS_MAX = 400
# What keyboard wedges and drivers send for FNC1. No single character of these is in the sets that
# GS1 allows in an element; `<GS>` could be in theory, and is in no lot that a scanner reads.
_STAND_INS = re.compile(r"<GS>|\{GS\}|\[GS\]|\^\]|[\u241d|~]")
# Symbology identifiers (ISO/IEC 15424) of symbols that carry GS1 element strings.
_IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_IDENTIFIERS = ("]d2", "]C1", "]e0", "]Q3", "]J1")
_CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")


def _scanned(value: str) -> str:
    trimmed = value.strip("\r\n\t ")
    if not trimmed.strip(f"{GS} "):
        raise PydanticCustomError("blank", "The text is blank.")
    if len(trimmed) > TEXT_CHARACTERS_MAX:
        raise PydanticCustomError(
            "too_long", "The text is longer than {most} characters.", {"most": TEXT_CHARACTERS_MAX}
        )
    if _CONTROL.search(trimmed):
        raise PydanticCustomError(
            "control_character", "The text holds a control character other than GS."
        )
    return trimmed


Scanned = Annotated[
    str,
    AfterValidator(_scanned),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": TEXT_CHARACTERS_MAX,
            "pattern": r"^[^\u0000-\u0008\u000b-\u000c\u000e-\u001c\u001e-\u001f\u007f-\u009f]*$",
        }
    ),
]
"""What a scanner typed: one line, in which GS (U+001D) is the one control character."""


class ScanIn(Shape):
    """A text as scanned or typed."""

    text: Scanned


class ScannedContainer(Shape):
    """What the symbol says. `read` is its text as printed below a symbol, to compare by eye."""

    read: Line
    gtin: Line
    lot: Line | None = None
    expires_on: Day | None = None
    serial: Line | None = None


def shown(text: str) -> str:
    """The text as it is named in a refusal: a separator is seen."""
    return text.replace(GS, SHOWN_GS)


def element_text(text: str) -> str:
    """The element strings alone: without symbology identifier, each separator as GS.

    Raises NotGs1 for a symbol that carries none.
    """
    found = _IDENTIFIER.match(text)
    if found is not None:
        if found[0] not in _GS1_IDENTIFIERS:
            raise NotGs1(
                f"The symbology identifier {found[0]} is not of a GS1 symbol; read was"
                f" {shown(text)}.", read=shown(text),
            )  # fmt: skip
        text = text[found.end() :]
    if not text.isascii() and not text.replace(SHOWN_GS, "").isascii():
        raise NotGs1(f"{shown(text)} is no GS1 text.", read=shown(text))
    return _STAND_INS.sub(GS, text).strip(GS)


def expiry(digits: str, today: date, read: str) -> date:
    """The day of YYMMDD: day 00 is the month's last, and the century is that of the year nearest
    to today's, from 49 back to 50 ahead (GS1 General Specifications 3.4.7 and 7.12).

    Raises Impossible for a day that no calendar has.
    """
    year, month, day = (int(digits[place : place + 2]) for place in (0, 2, 4))
    ahead = year - today.year % 100
    century = today.year // 100 - (ahead > 50) + (ahead < -49)
    year += 100 * century
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        raise no_day(digits, read) from None


def no_day(digits: str, read: str) -> Impossible:
    """The refusal of an expiry that is no day."""
    return Impossible(
        f"The expiry {digits} (year, month, day) is no day of the calendar; read was {read}.",
        field="text", value=digits, read=read,
    )  # fmt: skip
