"""Checkpoints: a tree head as signed text that stands outside the database (R182).

The form is C2SP's tlog-checkpoint: a signed note (Ed25519) of origin, size and base64 root. The
origin names the clinic, and the key's name is the origin, so a checkpoint of one clinic is never
taken for another's. A file may hold several notes, one after the other.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.rules.errors import CheckpointInvalid, HistoryNotContinued
from protocol.rules.merkle import HASH_BYTES, is_consistent

_ED25519 = b"\x01"  # the algorithm's byte in a key id: C2SP signed-note, "Ed25519"
_KEY_ID_BYTES = 4
_SIGNATURE_MARK = "— "
_ORIGIN = "chairside/clinic/"
_SIZE = re.compile("0|[1-9][0-9]{0,17}")


class TreeHead(NamedTuple):
    """The tree over the first `size` entries of a clinic's chain, by its root."""

    size: int
    root: bytes


class Checkpoint(NamedTuple):
    """A signed tree head: whose it is, the head, and the whole note as it was signed."""

    origin: str
    head: TreeHead
    note: str

    @property
    def clinic_id(self) -> UUID | None:
        """The clinic of the origin, or none where it is not one of ours."""
        try:
            found = UUID(self.origin.removeprefix(_ORIGIN))
        except ValueError:
            return None
        return found if origin_of(found) == self.origin else None


class Verifier(NamedTuple):
    """A public key under a name."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key a signature line is of (C2SP signed-note)."""
        return sha256(f"{self.name}\n".encode() + _ED25519 + self.key).digest()[:_KEY_ID_BYTES]

    @property
    def words(self) -> str:
        """The verifier key as text: name, key id and key."""
        key = b64encode(_ED25519 + self.key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    def named(self, name: str) -> "Verifier":
        """The same key for another origin."""
        return Verifier(name, self.key)


def origin_of(clinic_id: UUID) -> str:
    """The origin of a clinic's checkpoints."""
    return f"{_ORIGIN}{clinic_id}"


def verifier_of(words: str) -> Verifier:
    """A verifier key from its text. Raises CheckpointInvalid."""
    name, _, rest = words.strip().partition("+")
    key_id, _, key = rest.partition("+")
    raw = _from_base64(key)
    if not name or raw is None or len(raw) != 1 + HASH_BYTES or raw[:1] != _ED25519:
        raise CheckpointInvalid("It is no verifier key of Ed25519: name+id+key.", key=words[:200])
    found = Verifier(name, raw[1:])
    if found.key_id.hex() != key_id:
        raise CheckpointInvalid("The id of the verifier key is not that of its key.", key=name)
    return found


def public_half(key: Ed25519PrivateKey, name: str) -> Verifier:
    """The verifier of a signing key under a name."""
    return Verifier(name, key.public_key().public_bytes_raw())


def signed(key: Ed25519PrivateKey, origin: str, head: TreeHead) -> Checkpoint:
    """The head as a checkpoint, signed by the key under the origin's name."""
    text = f"{origin}\n{head.size}\n{b64encode(head.root).decode()}\n"
    raw = public_half(key, origin).key_id + key.sign(text.encode())
    note = f"{text}\n{_SIGNATURE_MARK}{origin} {b64encode(raw).decode()}\n"
    return Checkpoint(origin, head, note)


def checkpoints_in(text: str) -> Iterator[Checkpoint]:
    """Every note of a file, in order; their signatures are not looked at.

    Raises CheckpointInvalid with the number of the note, the field and the rule.
    """
    lines, place, count = text.split("\n"), 0, 0
    while place < len(lines):
        if not lines[place]:
            place += 1
            continue
        count += 1
        end = place
        while end < len(lines) and lines[end]:
            end += 1
        last = end + 1
        while last < len(lines) and lines[last].startswith(_SIGNATURE_MARK):
            last += 1
        yield _parsed(lines[place:end], lines[end + 1 : last], count)
        place = last


def checkpoint_of(text: str) -> Checkpoint:
    """The one note of a text. Raises CheckpointInvalid."""
    found = list(checkpoints_in(text))
    if len(found) != 1:
        raise CheckpointInvalid(f"It holds {len(found)} checkpoints, not one.", notes=len(found))
    return found[0]


def _parsed(body: list[str], signatures: list[str], count: int) -> Checkpoint:
    def wrong(field: str, rule: str) -> CheckpointInvalid:
        return CheckpointInvalid(
            f"Checkpoint {count} in it is not well formed: {field} {rule}.",
            checkpoint=count, field=field, rule=rule,
        )  # fmt: skip

    if len(body) < 3:
        raise wrong("text", "has fewer than three lines")
    origin, size, root = body[0], body[1], _from_base64(body[2])
    if not _SIZE.fullmatch(size):
        raise wrong("size", "is no decimal number without leading zeros")
    if root is None or len(root) != HASH_BYTES:
        raise wrong("root", "is not 32 bytes in base64")
    if not signatures:
        raise wrong("signature", "is missing")
    if any(_signature_in(line) is None for line in signatures):
        raise wrong("signature", "is not a name and base64 of a key id and a signature")
    note = "\n".join([*body, "", *signatures, ""])
    return Checkpoint(origin, TreeHead(int(size), root), note)


def _signature_in(line: str) -> tuple[str, bytes, bytes] | None:
    name, _, words = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    raw = _from_base64(words)
    if not name or "+" in name or raw is None or len(raw) <= _KEY_ID_BYTES:
        return None
    return name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]


def _from_base64(words: str) -> bytes | None:
    """The bytes, where the text is the one way to write them."""
    try:
        found = b64decode(words, validate=True)
    except (NotBase64, ValueError):
        return None
    return found if b64encode(found).decode() == words else None


def require_signed(checkpoint: Checkpoint, verifier: Verifier) -> None:
    """Refuse a checkpoint without a valid signature of the key. Raises CheckpointInvalid.

    Signatures of other keys, a witness's for example, are passed over (C2SP signed-note).
    """
    text, _, rest = checkpoint.note.partition("\n\n")
    named = verifier.named(checkpoint.origin)
    for line in rest.splitlines():
        found = _signature_in(line)
        if found is None or found[:2] != (named.name, named.key_id):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(named.key).verify(found[2], f"{text}\n".encode())
        except InvalidSignature:
            break
        return
    raise CheckpointInvalid(
        f"The checkpoint of {checkpoint.head.size} entries is not signed by the key"
        f" {named.key_id.hex()}.",
        size=checkpoint.head.size, key=named.key_id.hex(),
    )  # fmt: skip


def require_continues(
    last: TreeHead, head: TreeHead, proof: Sequence[bytes], *, holder: str
) -> None:
    """Refuse a tree that is smaller than the one held, or does not begin with it (R182, R184).

    `holder` names who holds the earlier head. Raises HistoryNotContinued.
    """
    if head.size < last.size:
        raise HistoryNotContinued(
            f"{holder} holds a checkpoint of {last.size} entries; this history has {head.size}.",
            held=last.size, size=head.size,
        )  # fmt: skip
    if not is_consistent(last.size, head.size, last.root, head.root, proof):
        raise HistoryNotContinued(
            f"The history does not begin with the {last.size} entries of the checkpoint that"
            f" {holder} holds.",
            held=last.size, size=head.size,
        )  # fmt: skip
