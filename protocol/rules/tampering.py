"""What was done to a chain, from where it breaks: the entry is named, and how it was bent (R14).

Each entry's hash is over its own number, its clinic and the entry before it, so an entry that was
moved still says, by its hash, where it was sealed. What is told here is the simplest reading of the
break; a chain whose every hash was made anew breaks nowhere, and shows only against a checkpoint.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from protocol.rules.audit import AuditEntry, chain_fault, entry_hash

# How far an entry may have been moved and is still recognised.
_MOVED_MAX = 64


class Tampering(StrEnum):
    """How a history was bent, as far as it shows."""

    EDITED = "edited"
    INSERTED = "inserted"
    DELETED = "deleted"
    REORDERED = "reordered"
    CUT = "cut"
    REWRITTEN = "rewritten"
    HISTORY_LOST = "history-lost"
    SWAPPED_CLINIC = "swapped-clinic"
    COPIED_SIGNATURE = "copied-signature"
    FORGED_CHECKPOINT = "forged-checkpoint"
    WRONG_SUBTREE = "wrong-subtree"
    WRONG_BALANCE = "wrong-balance"
    ALTERED_SUMMARY = "altered-summary"
    UNREADABLE = "unreadable"


class Sealed(NamedTuple):
    """An entry as it stands, and the hash that stands with it."""

    entry: AuditEntry
    hash: str


class Break(NamedTuple):
    """Where a chain breaks, and how."""

    number: int
    kind: Tampering
    what: str


def chain_break(
    standing: Sequence[Sealed], place: int, number: int, previous: str, clinics: Iterable[str]
) -> Break | None:
    """What is wrong with the entry at a place, which must have this number and follow this hash.

    `standing` are the entries around it, as they stand; `clinics` are the ids of every clinic.
    """
    entry, hashed = standing[place]
    try:
        fault = chain_fault(entry, hashed, number, previous)
    except ValueError as error:  # a field that would forge another
        return Break(number, Tampering.EDITED, str(error))
    if fault is None:
        return None
    if entry.number > number:
        return Break(number, Tampering.DELETED, fault.what)
    if entry.number < number:
        return Break(number, Tampering.INSERTED, f"entry {entry.number} stands here once more")
    sealed_at = _sealed_at(entry, hashed)
    if sealed_at is not None:
        return _moved(standing, place, sealed_at)
    kind, more = _bent(standing, place, previous, clinics)
    return Break(number, kind, f"{fault.what}{more}")


def _bent(
    standing: Sequence[Sealed], place: int, previous: str, clinics: Iterable[str]
) -> tuple[Tampering, str]:
    """How an entry that is where it was sealed was bent."""
    entry, hashed = standing[place]
    for clinic in clinics:
        if clinic != entry.clinic_id and entry_hash(entry._replace(clinic_id=clinic)) == hashed:
            return Tampering.SWAPPED_CLINIC, f": it was sealed at another clinic, {clinic}"
    after = standing[place + 1].entry.previous if place + 1 < len(standing) else None
    if entry.previous != previous and after == previous:
        return Tampering.INSERTED, ": it was inserted"
    if entry.previous != previous and entry_hash(entry) == hashed:
        return Tampering.EDITED, f": entry {entry.number - 1} was edited and its hash made anew"
    return Tampering.EDITED, ""


def _sealed_at(entry: AuditEntry, hashed: str) -> int | None:
    """The number that the entry was sealed under, where that is another one near by."""
    for distance in range(1, _MOVED_MAX + 1):
        for number in (entry.number + distance, entry.number - distance):
            if number > 0 and entry_hash(entry._replace(number=number)) == hashed:
                return number
    return None


def _moved(standing: Sequence[Sealed], place: int, sealed_at: int) -> Break:
    number = standing[place].entry.number
    was = f"it was sealed as entry {sealed_at}"
    if sealed_at < number:
        return Break(number, Tampering.INSERTED, f"{was}: something was inserted before it")
    elsewhere = standing[place + 1 : place + 1 + _MOVED_MAX]
    if any(_sealed_at(one.entry, one.hash) == number for one in elsewhere):
        return Break(number, Tampering.REORDERED, f"{was}: the entries were reordered")
    return Break(number, Tampering.DELETED, f"{was}: entry {number} was deleted and the gap closed")
