"""Reading a GS1 symbol's text, and finding what the clinic itself knows of the product.

`biip` parses the elements. It is called here and not in the rules, because it looks at the clock
for a date's century; that part is done by `rules/gs1.py` with the clinic's own day.
"""

import re
from datetime import date

from biip import ParseConfig, ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_element_strings import GS1ElementString

from protocol.rules.custody_errors import CheckDigitWrong, NotGs1, ScanCutShort
from protocol.rules.errors import Refusal
from protocol.rules.gs1 import GS, ScannedContainer, element_text, expiry, no_day, shown

_GTIN, _LOT, _EXPIRY, _SERIAL = "01", "10", "17", "21"
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)
_LENGTH = re.compile(r"N([0-9]+)")
_PRINTED = re.compile(r"\(([0-9]{2,4})\)([^()\s][^(]*)")


def scanned(text: str, today: date) -> ScannedContainer:
    """What the text says. Raises NotGs1, ScanCutShort, CheckDigitWrong and Impossible, each with
    what was read."""
    elements = _elements(element_text(text), shown(text))
    values: dict[str, str] = {}
    for one in elements:
        if values.setdefault(one.ai.ai, one.value) != one.value:
            raise NotGs1(
                f"The element ({one.ai.ai}) is there twice with different values; read was"
                f" {shown(text)}.", read=shown(text),
            )  # fmt: skip
    read = "".join(f"({one.ai.ai}){one.value}" for one in elements)
    digits = values.get(_EXPIRY)
    return ScannedContainer(
        read=read, gtin=_gtin(values.get(_GTIN), shown(text)), lot=values.get(_LOT),
        expires_on=None if digits is None else expiry(digits, today, shown(text)),
        serial=values.get(_SERIAL),
    )  # fmt: skip


def _elements(text: str, read: str) -> list[GS1ElementString]:
    if text.startswith("("):
        return _printed(text, read)
    found, rest = [], text
    while rest:
        one = _first(rest, read)
        found.append(one)
        rest = rest[len(one) :]
        if rest and not rest.startswith(GS) and one.ai.separator_required:
            raise NotGs1(
                f"The element ({one.ai.ai}) is longer than it may be, or no separator follows it;"
                f" read was {read}.", read=read,
            )  # fmt: skip
        rest = rest.lstrip(GS)
    return found


def _first(rest: str, read: str) -> GS1ElementString:
    try:
        identifier = GS1ApplicationIdentifier.extract(rest)
    except ParseError:
        raise NotGs1(f"{read} is no GS1 text.", read=read) from None
    try:
        return GS1ElementString.extract(rest, config=_CONFIG)
    except ParseError:
        raise _unreadable(identifier, rest.partition(GS)[0], read) from None


def _unreadable(identifier: GS1ApplicationIdentifier, element: str, read: str) -> Refusal:
    """Cut short where every character fits and some are lacking, or why else it is none."""
    if identifier.ai == _EXPIRY and re.match("[0-9]{6}", element[2:]):
        return no_day(element[2:8], read)
    lengths = [int(one) for one in _LENGTH.findall(identifier.format)]
    value = element[len(identifier.ai) :]
    lacking = sum(lengths) - len(element)
    if not value or (not identifier.separator_required and lacking > 0 and value.isdecimal()):
        return ScanCutShort(
            f"The element ({identifier.ai}) ends after {len(value)} characters; read was {read}.",
            read=read, element=identifier.ai,
        )  # fmt: skip
    return NotGs1(
        f"The element ({identifier.ai}) is not of its form; read was {read}.", read=read,
        element=identifier.ai,
    )  # fmt: skip


def _printed(text: str, read: str) -> list[GS1ElementString]:
    """The elements of a text with parentheses; whatever is none of them is not passed over."""
    joined = "".join(text.replace(GS, "").split())
    parts = _PRINTED.findall(joined)
    if "".join(f"({name}){value}" for name, value in parts) != joined:
        ends = bool(re.search(r"\([0-9]{0,4}\)?$", joined))
        kind = ScanCutShort if ends else NotGs1
        raise kind(f"{read} is no whole GS1 text.", read=read)
    found = []
    for name, value in parts:
        one = _first(name + value, read)
        if one.ai.ai != name or one.value != value:
            raise NotGs1(f"({name}){value} is no GS1 element; read was {read}.", read=read)
        found.append(one)
    return found


def _gtin(digits: str | None, read: str) -> str:
    if digits is None:
        raise ScanCutShort(
            f"There is no product number (01) in it; read was {read}.", read=read, element=_GTIN
        )
    expected = gs1_standard_check_digit(digits[:-1])
    if int(digits[-1]) != expected:
        raise CheckDigitWrong(
            f"The product number {digits} ends in {digits[-1]}, and its check digit is {expected};"
            f" read was {read}.", read=read, value=digits,
        )  # fmt: skip
    return digits
