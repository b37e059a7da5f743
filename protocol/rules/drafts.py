"""A draft: what was typed at a session and not saved. It is no record and never becomes one.

It is encrypted for the sign-in that typed it: AES-256-GCM under a key that HKDF-SHA256 (RFC 5869)
derives from that sign-in's token. The database has the token's hash alone, so what it keeps opens
for nobody who does not bring the token itself: no colleague, no administrator, no backup's finder.
"""

import json
from decimal import Decimal
from typing import Annotated, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from protocol.rules.errors import DraftUnreadable
from protocol.rules.values import Shape

DRAFT_BYTES_MAX = 65_536
DRAFT_DEPTH_MAX = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.1: the length that GCM takes as it is
_KEY_BYTES = 32
_INFO = b"chairside-draft-1"
_TOO_LARGE = "The draft is larger than {most} bytes."
_TOO_DEEP = "The draft is nested deeper than {most} levels."


class DraftPlace(NamedTuple):
    """Where a draft belongs; opened for another place it does not open."""

    clinic_id: UUID
    person_id: UUID
    session_id: UUID

    @property
    def associated(self) -> bytes:
        """What is authenticated with the encrypted words."""
        return b"".join(one.bytes for one in self)


def _bounded(content: dict[str, object]) -> dict[str, object]:
    """Text, whole numbers, truth values, lists and objects, within the bounds.

    What was typed comes back as it was typed, and a float would lose its digits (R121).
    """
    level: list[object] = [content]
    for _ in range(DRAFT_DEPTH_MAX):
        inside = [each for one in level for each in _parts(one)]
        if any(isinstance(one, float) for one in inside):
            raise PydanticCustomError(
                "number_not_text", "A number is taken as text, in quotes, to keep its exact digits."
            )
        level = [one for one in inside if isinstance(one, dict | list)]
    if level:
        raise PydanticCustomError("too_deep", _TOO_DEEP, {"most": DRAFT_DEPTH_MAX})
    if len(_words(content)) > DRAFT_BYTES_MAX:
        raise PydanticCustomError("too_large", _TOO_LARGE, {"most": DRAFT_BYTES_MAX})
    return content


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _words(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


class DraftIn(Shape):
    """What is to be kept: an object of the page's choosing, at most 65,536 bytes as JSON and 32
    levels deep, its numbers as text."""

    content: Annotated[dict[str, object], AfterValidator(_bounded)]


def encrypted(draft: DraftIn, token: str, place: DraftPlace, nonce: bytes) -> bytes:
    """The draft as it is kept; the nonce is random, and no two drafts of a token share one."""
    sealed = AESGCM(_key(token)).encrypt(nonce, _words(draft.content), place.associated)
    return nonce + sealed


def decrypted(kept: bytes, token: str, place: DraftPlace) -> dict[str, object]:
    """What was typed. Raises DraftUnreadable: another token, another place, or a changed byte."""
    nonce, sealed = kept[:NONCE_BYTES], kept[NONCE_BYTES:]
    try:
        words = AESGCM(_key(token)).decrypt(nonce, sealed, place.associated)
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise DraftUnreadable(
            "The draft of this session does not open with this sign-in.",
            session=str(place.session_id),
        ) from error
    content: dict[str, object] = json.loads(words, parse_float=Decimal)
    return content


def _key(token: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_INFO).derive(token.encode())
