"""The audit entry: its canonical bytes, its hash, the chain, and what a walk over it finds.

Every entry is sealed over the one before it, per clinic and without gaps (R180). It holds salted
digests of its detail and of the rows that its act wrote, so the detail can be lawfully purged and
the chain still verifies (R189). The hash is RFC 6962's leaf hash, so that the Merkle tree of a
checkpoint stands on the same leaves.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from protocol.rules.values import plain

LEAF = b"\x00"  # RFC 6962 section 2.1: domain separation of leaves from nodes
GENESIS = "0" * 64
VERSION = "chairside-audit-1"
# Made once: json.dumps would make an encoder at every call.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
NO_ROWS = sha256(b"").hexdigest()
_ROW = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


class Outcome(StrEnum):
    """What came of an act: done, refused, or the same act sent again."""

    DONE = "done"
    REFUSED = "refused"
    REPEATED = "repeated"


class AuditEntry(NamedTuple):
    """One act, view or refusal (R10, R11). All fields are text or int and hold no line feed."""

    clinic_id: str
    number: int
    at: str
    person_id: str
    roles: str
    workstation: str
    action: str
    outcome: str
    code: str
    patient_id: str
    session_id: str
    subject_id: str
    rows_digest: str
    detail_digest: str
    previous: str


# What a list of entries is sorted by: every recorded field but the clinic, which is one (R15).
SORTABLE = (*AuditEntry._fields[1:], "hash")


def canonical(entry: AuditEntry) -> bytes:
    """One field a line under a version line; a field with a line feed could forge another."""
    lines = "\n".join(map(str, entry))
    if lines.count("\n") != len(entry) - 1:
        raise ValueError("an audit field holds a line feed")
    return f"{VERSION}\n{lines}\n".encode()


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the leaf prefix and the canonical bytes, in hex."""
    return sha256(LEAF + canonical(entry)).hexdigest()


def canonical_json(value: object) -> bytes:
    """RFC 8785 for values without floats: sorted keys, no spaces, UTF-8."""
    return _ENCODER.encode(value).encode()


def detail_digest(salt: str, detail: str) -> str:
    """The salted digest of an entry's detail; without the salt a purged detail is not guessable."""
    return sha256(f"{salt}\n{detail}".encode()).hexdigest()


def canonical_instant(moment: datetime) -> str:
    """A UTC instant of fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


_AS_TEXT: Mapping[type, Callable[[Any], str]] = {
    datetime: canonical_instant, date: str, Decimal: plain,
}  # fmt: skip


def as_text(value: object) -> str:
    """A stored time, day or exact number as its row's bytes have it."""
    return _AS_TEXT[type(value)](value)


def row_bytes(table: str, values: Mapping[str, object]) -> bytes:
    """A stored row as canonical bytes; absent values are left out, so that a column added by a
    later migration leaves every earlier row's digest as it was.

    The bytes are `canonical_json`'s, by a faster encoder: an act seals seven rows.
    """
    present = {name: value for name, value in values.items() if value is not None}
    return orjson.dumps([table, present], default=as_text, option=_ROW)


def rows_digest(rows: Iterable[bytes]) -> str:
    """The digest of all rows that one act wrote, whatever order a database returns them in."""
    return sha256(b"\n".join(sorted(rows))).hexdigest()


class Fault(NamedTuple):
    """Something that a verification found wrong: where, what, and how it came about."""

    clinic_id: str
    number: int
    what: str
    kind: str = "edited"


def chain_fault(entry: AuditEntry, hashed: str, number: int, previous: str) -> Fault | None:
    """What is wrong with one entry, given the number and hash that it must follow."""
    if entry.number != number:
        return Fault(entry.clinic_id, number, f"entry {number} is missing")
    if entry.previous != previous:
        return Fault(entry.clinic_id, number, "it does not follow the entry before it")
    if entry_hash(entry) != hashed:
        return Fault(entry.clinic_id, number, "its fields are not what was sealed")
    return None
