"""A clinic's letterhead: lines, and a logo that is a small picture and nothing else."""

import struct
import zlib
from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from protocol.rules.letterhead import LOGO_BYTES_MAX, Letterhead, plain_png
from protocol.rules.protocols import PolicyDocument
from tests.reports.hand import policy_document

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def part(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def head(
    width: int = 2, height: int = 2, depth: int = 8, colours: int = 2, rest: bytes = b"\0\0\0"
) -> bytes:
    return part(b"IHDR", struct.pack(">IIBB", width, height, depth, colours) + rest)


ROWS = (b"\0" + b"\x12\x21\x2b" * 2) * 2
PIXELS = part(b"IDAT", zlib.compress(ROWS))
END = part(b"IEND")
LOGO = SIGNATURE + head() + PIXELS + END


def letterhead(logo: bytes) -> Letterhead:
    return Letterhead.model_validate({"lines": ["North Clinic"], "logo": b64encode(logo).decode()})


def test_a_logo_is_taken_and_printed_as_it_is():
    assert letterhead(LOGO).picture == LOGO
    assert Letterhead(lines=("North Clinic",)).picture is None


def test_what_a_picture_holds_beside_its_pixels_is_kept_on_record_and_not_printed():
    beside = part(b"tEXt", b"Author\0someone") + part(b"eXIf", b"where it was taken")
    tagged = SIGNATURE + head() + beside + PIXELS + END
    taken = letterhead(tagged)
    assert taken.logo == b64encode(tagged).decode()
    assert taken.picture == LOGO


@pytest.mark.parametrize(
    ("logo", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "is no PNG"),
        (b"\xff\xd8\xff\xe0 a JPEG", "is no PNG"),
        (LOGO[:-6], "is cut off"),
        (LOGO[:40] + b"!" + LOGO[41:], "does not have its check sum"),
        (SIGNATURE + head(), "parts of a PNG in their order"),
        (SIGNATURE + PIXELS + head() + END, "parts of a PNG in their order"),
        (SIGNATURE + head() + PIXELS + part(b"tEXt") + PIXELS + END, "in their order"),
        (SIGNATURE + head() + part(b"RUNS") + PIXELS + END, "in their order"),
        (LOGO + b"%PDF-1.7", "is cut off"),
        (SIGNATURE + head(width=2_001) + PIXELS + END, "2001 by 2 pixels; a side has at most 2000"),
        (SIGNATURE + head(width=0) + PIXELS + END, "0 by 2 pixels"),
        (SIGNATURE + head(1_500, 1_500) + PIXELS + END, "has 2250000 pixels, and at most 1000000"),
        (SIGNATURE + head(depth=16) + PIXELS + END, "16 bits a sample"),
        (SIGNATURE + head(rest=b"\0\0\1") + PIXELS + END, "interlaced"),
        (SIGNATURE + head(colours=3) + PIXELS + END, "names a palette and has none"),
        (SIGNATURE + head(width=3) + PIXELS + END, "more or fewer pixels"),
        (SIGNATURE + head(width=1) + PIXELS + END, "more or fewer pixels"),
        (SIGNATURE + head() + part(b"IDAT", b"not packed") + END, "its pixels do not unpack"),
        (
            SIGNATURE + head() + part(b"IDAT", zlib.compress(b"\x09" + ROWS[1:])) + END,
            "no known filter",
        ),
        (b"\0" * (LOGO_BYTES_MAX + 1), "at most 49152"),
    ],
)  # fmt: skip
def test_what_is_no_small_sound_picture_is_refused_by_name(logo, says):
    with pytest.raises(ValidationError) as refused:
        letterhead(logo)
    assert says in refused.value.errors()[0]["msg"]


def test_a_picture_that_would_unpack_to_a_thousand_times_its_size_is_never_unpacked():
    bomb = SIGNATURE + head() + part(b"IDAT", zlib.compress(b"\0" * 30_000_000, 9)) + END
    with pytest.raises(ValidationError, match="more or fewer pixels"):
        letterhead(bomb)


def test_what_is_no_base64_is_refused():
    with pytest.raises(ValidationError, match="is no base64"):
        Letterhead(lines=("North Clinic",), logo="<svg>")


@given(st.binary(max_size=200), st.integers(0, len(LOGO)))
def test_no_bytes_make_it_fail_otherwise_than_by_a_refusal(noise, place):
    for logo in (noise, SIGNATURE + noise, LOGO[:place] + noise + LOGO[place + len(noise) :]):
        with suppress(PydanticCustomError):
            assert plain_png(logo).startswith(SIGNATURE)


def test_a_policy_without_a_letterhead_has_the_digest_that_it_always_had():
    assert "letterhead" not in policy_document().model_dump_json()
    with_one = policy_document(letterhead=letterhead(LOGO))
    assert PolicyDocument.model_validate_json(with_one.model_dump_json()) == with_one
