"""What is held against a chain: tree heads that somebody signed, printed or keeps elsewhere.

A chain whose every hash was made anew breaks nowhere in itself. Each claim says what its first
entries were at a moment before; the walk makes the same roots anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from protocol.records.checkpoints import CHECKPOINTS
from protocol.records.lookups import SIGNATURE
from protocol.rules.audit import Fault
from protocol.rules.checkpoints import (
    Checkpoint,
    Verifier,
    checkpoint_of,
    origin_of,
    require_signed,
)
from protocol.rules.errors import CheckpointInvalid
from protocol.rules.tampering import Tampering


class Claim(NamedTuple):
    """That the tree over the first `size` entries has this root, who says so, and whether it is
    signed: an anchor is not, so whoever rewrites the database can remake it."""

    size: int
    root: str
    by: str
    signed: bool = True


class Held(NamedTuple):
    """A claim from outside the database, about a clinic that may not be in it."""

    clinic_id: UUID
    claim: Claim


def held(checkpoint: Checkpoint, verifiers: Sequence[Verifier], by: str) -> Held:
    """A checkpoint from outside. Raises CheckpointInvalid: no clinic's, or not signed.

    Without a key to check it with, it is taken at its word; whoever asks is told so elsewhere.
    """
    clinic_id = checkpoint.clinic_id
    if clinic_id is None:
        raise CheckpointInvalid(f"The origin {checkpoint.origin} is no clinic's.", by=by)
    _require_signed_by_any(checkpoint, verifiers)
    return Held(clinic_id, Claim(checkpoint.head.size, checkpoint.head.root.hex(), by))


def _require_signed_by_any(checkpoint: Checkpoint, verifiers: Sequence[Verifier]) -> None:
    for place, verifier in enumerate(verifiers, start=1):
        try:
            require_signed(checkpoint, verifier)
        except CheckpointInvalid:
            if place == len(verifiers):
                raise
        else:
            return


def claims_inside(
    connection: Connection, clinic_id: UUID, verifiers: Sequence[Verifier]
) -> tuple[list[Claim], list[Fault]]:
    """The checkpoints and anchors in the database, and those that are not well formed or signed."""
    claims, faults = [], []
    rows = connection.execute(select(CHECKPOINTS).where(CHECKPOINTS.c.clinic_id == clinic_id))
    for row in rows.all():
        what = _fault_of(row.note, row.size, row.root, clinic_id, verifiers)
        if what is None and row.size >= row.audit_number:
            what = "it is over entries that came after it"
        if what is None:
            by = f"the checkpoint that entry {row.audit_number} sealed"
            claims.append(Claim(row.size, row.root, by))
        else:
            said = f"the checkpoint that it sealed is not what was signed: {what}"
            faults.append(
                Fault(str(clinic_id), row.audit_number, said, Tampering.FORGED_CHECKPOINT)
            )
    own = SIGNATURE.c.clinic_id == clinic_id
    columns = (SIGNATURE.c.audit_number, SIGNATURE.c.anchor_size, SIGNATURE.c.anchor_root)
    for number, size, root in connection.execute(select(*columns).where(own)):
        if size is not None and root is not None:
            by = f"the anchor of the signature that entry {number} sealed"
            claims.append(Claim(size, root, by, signed=False))
    return claims, faults


def _fault_of(
    note: str, size: int, root: str, clinic_id: UUID, verifiers: Sequence[Verifier]
) -> str | None:
    try:
        checkpoint = checkpoint_of(note)
        _require_signed_by_any(checkpoint, verifiers)
    except CheckpointInvalid as refusal:
        return refusal.sentence
    if checkpoint.origin != origin_of(clinic_id):
        return "it is another clinic's"
    if (checkpoint.head.size, checkpoint.head.root.hex()) != (size, root):
        return "it stands for another size or root"
    return None


def judged(
    claims: Iterable[Claim], size: int, roots: Mapping[int, str], clinic_id: str
) -> list[Fault]:
    """Where the history is shorter than what was claimed, or not the one it was claimed of."""
    ordered = sorted(set(claims))
    good = [one.size for one in ordered if one.signed and roots.get(one.size) == one.root]
    best, found = max(good, default=0), []
    for one in ordered:
        if one.size > size:
            found.append(_shorter(one, size, clinic_id))
        elif roots.get(one.size) != one.root:
            found.append(_other(one, best, clinic_id))
    return found


def _shorter(one: Claim, size: int, clinic_id: str) -> Fault:
    if size == 0:
        what = f"{one.by} is of {one.size} entries of a clinic that is not in this database"
        return Fault(clinic_id, 1, what, Tampering.SWAPPED_CLINIC)
    what = (
        f"history lost: {one.by} is of {one.size} entries and {size} are here; the end was cut,"
        " or an older copy of the database stands in its place"
    )
    return Fault(clinic_id, size + 1, what, Tampering.HISTORY_LOST)


def _other(one: Claim, best: int, clinic_id: str) -> Fault:
    if best > one.size:
        what = f"{one.by} is of {one.size} entries, and not of those that a later one bears out"
        return Fault(clinic_id, one.size, what, Tampering.FORGED_CHECKPOINT)
    since = "from genesis on" if best == 0 else f"after entry {best}"
    what = f"the history was rewritten {since}: {one.by} is of {one.size} other entries"
    return Fault(clinic_id, best + 1, what, Tampering.REWRITTEN)
