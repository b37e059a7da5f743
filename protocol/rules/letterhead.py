"""The head of the clinic's own paper: its lines, and its logo as data, fetched from nowhere.

A logo is a PNG, because a drawing (SVG) can hold scripts, references and text that no check here
could bound. What is printed is rebuilt from the parts that make a picture and nothing else.
"""

import binascii
import zlib
from base64 import b64decode
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from protocol.rules.values import Line, Shape

LOGO_BYTES_MAX = 48 * 1024
LOGO_CHARACTERS_MAX = LOGO_BYTES_MAX * 4 // 3 + 4
LOGO_SIDE_MAX = 2_000
LOGO_PIXELS_MAX = 1_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# Samples a pixel, and the depths allowed, by colour type (PNG, third edition, table 11.1).
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}


class _Part(NamedTuple):
    """One chunk: its type, its data, and all of it as it stands in the file."""

    kind: bytes
    data: bytes
    whole: bytes


def plain_png(content: bytes) -> bytes:
    """The picture alone: what a PNG holds beside its pixels (names, places, profiles) is left out.

    Refuses, by rule and value, what is no PNG, is damaged, is larger than a logo, or would unpack
    to more than its size says.
    """
    if len(content) > LOGO_BYTES_MAX:
        raise _refusal("has {bytes} bytes, and at most {most}", bytes=len(content),
                       most=LOGO_BYTES_MAX)  # fmt: skip
    parts = list(_parts(content))
    kinds = [one.kind for one in parts]
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or b"IDAT" not in kinds:
        raise _refusal("does not have the parts of a PNG in their order")
    _require_order(kinds)
    _require_pixels(parts)
    return _SIGNATURE + b"".join(one.whole for one in parts if one.kind in _KEPT)


def _parts(content: bytes) -> Iterator[_Part]:
    if not content.startswith(_SIGNATURE):
        raise _refusal("is no PNG")
    at = len(_SIGNATURE)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        whole = content[at : at + 12 + length]
        kind, data = whole[4:8], whole[8:-4]
        if len(whole) != 12 + length:
            raise _refusal("is cut off")
        if zlib.crc32(kind + data) != int.from_bytes(whole[-4:], "big"):
            raise _refusal("is damaged: a part does not have its check sum")
        yield _Part(kind, data, whole)
        at += len(whole)


def _require_order(kinds: list[bytes]) -> None:
    """A part that a reader must know and this one does not, or one that is there twice."""
    unknown = [one for one in kinds if one not in _KEPT and not one[:1].islower()]
    twice = [one for one in (b"IHDR", b"PLTE", b"tRNS", b"IEND") if kinds.count(one) > 1]
    first, count = kinds.index(b"IDAT"), kinds.count(b"IDAT")
    if unknown or twice or kinds[first : first + count] != [b"IDAT"] * count:
        raise _refusal("does not have the parts of a PNG in their order")


def _require_pixels(parts: list[_Part]) -> None:
    head = parts[0].data
    if len(head) != 13:
        raise _refusal("does not have the parts of a PNG in their order")
    width, height = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
    depth, colours, packing, filters, interlace = head[8:]
    if not 0 < width <= LOGO_SIDE_MAX or not 0 < height <= LOGO_SIDE_MAX:
        raise _refusal("is {width} by {height} pixels; a side has at most {most}", width=width,
                       height=height, most=LOGO_SIDE_MAX)  # fmt: skip
    if width * height > LOGO_PIXELS_MAX:
        raise _refusal("has {pixels} pixels, and at most {most}", pixels=width * height,
                       most=LOGO_PIXELS_MAX)  # fmt: skip
    if depth not in _DEPTHS.get(colours, ()) or packing or filters or interlace:
        raise _refusal("is of 16 bits a sample, interlaced, or of no known kind")
    if colours == 3 and all(one.kind != b"PLTE" for one in parts):
        raise _refusal("names a palette and has none")
    row = (width * depth * _SAMPLES[colours] + 7) // 8 + 1
    pixels = _unpacked(b"".join(one.data for one in parts if one.kind == b"IDAT"), row * height)
    if any(pixels[place] > 4 for place in range(0, len(pixels), row)):
        raise _refusal("is damaged: a row has no known filter")


def _unpacked(packed: bytes, size: int) -> bytes:
    """Exactly the bytes that the picture's size asks for: no more is ever unpacked."""
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(packed, size + 1)
    except zlib.error:
        raise _refusal("is damaged: its pixels do not unpack") from None
    if len(found) != size or not unpacking.eof or unpacking.unused_data:
        raise _refusal("holds more or fewer pixels than its size says")
    return found


def _refusal(says: str, **facts: int) -> PydanticCustomError:
    return PydanticCustomError("not_a_logo", f"The logo {says}.", facts)


def _decoded(value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _refusal("is no base64") from None


def _logo(value: str) -> str:
    plain_png(_decoded(value))
    return value


Logo = Annotated[
    str,
    Field(max_length=LOGO_CHARACTERS_MAX),
    AfterValidator(_logo),
    WithJsonSchema(
        {"type": "string", "maxLength": LOGO_CHARACTERS_MAX, "contentEncoding": "base64",
         "contentMediaType": "image/png"}
    ),
]  # fmt: skip
"""A PNG of at most 48 KiB in base64."""


class Letterhead(Shape):
    """What stands at the head of a sheet's first page: lines of text, and a logo beside them."""

    lines: tuple[Line, ...] = Field(min_length=1, max_length=6)
    logo: Logo | None = None

    @cached_property
    def picture(self) -> bytes | None:
        """The logo as it is printed."""
        return None if self.logo is None else plain_png(_decoded(self.logo))
