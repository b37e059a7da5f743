"""Signing the head of a clinic's chain, and proving what is under it (R181-R184)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7

from protocol.records.checkpoints import Kept, last_kept
from protocol.records.clinics import Clinic
from protocol.records.reading import reading
from protocol.records.rows import new
from protocol.records.tables import CheckpointRow
from protocol.records.trees import Included, Tree, keep_subtrees
from protocol.records.witness import Witness
from protocol.records.work import work
from protocol.rules.actions import Action, Actor
from protocol.rules.checkpoints import (
    Checkpoint,
    TreeHead,
    origin_of,
    public_half,
    require_continues,
    signed,
)
from protocol.rules.errors import NotFound


class Consistency(NamedTuple):
    """That a newer tree begins with an older one."""

    old: TreeHead
    new: TreeHead
    path: Sequence[bytes]


def sign_checkpoint(
    clinic: Clinic, actor: Actor, key: Ed25519PrivateKey, *, now: datetime,
    witness: Witness | None = None,
) -> Checkpoint:  # fmt: skip
    """The head of the chain, signed, kept, and shown to the witness if there is one.

    Raises NotPermitted, HistoryNotContinued: a head that does not go on from the last one kept or
    witnessed is never signed (R182).
    """
    keep_subtrees(clinic)
    origin = origin_of(clinic.id)
    with work(clinic, actor, Action.AUDIT_CHECKPOINT, now) as act:
        tree = Tree(act.connection, str(clinic.id))
        head = tree.head()
        kept = last_kept(act.connection, clinic)
        if kept is not None:
            last = kept.checkpoint.head
            proof = tree.consistency(last.size, head.size) if last.size <= head.size else ()
            require_continues(last, head, proof, holder="The database")
        if witness is not None:
            witness.require_continued(origin, head, tree.consistency)
        made = signed(key, origin, head)
        checkpoint_id = uuid7()
        act.about(subject=checkpoint_id, size=head.size, root=head.root.hex())
        act.add(
            new(CheckpointRow,
                clinic_id=clinic.id, id=checkpoint_id, size=head.size, root=head.root.hex(),
                note=made.note, signed_at=now,
            )
        )  # fmt: skip
    if witness is not None:
        _show(clinic, made, key, witness)
    return made


def _show(clinic: Clinic, made: Checkpoint, key: Ed25519PrivateKey, witness: Witness) -> None:
    with clinic.database.looking() as connection:
        tree = Tree(connection, str(clinic.id))
        witness.add(made, public_half(key, made.origin), tree.consistency)


def latest_checkpoint(clinic: Clinic, actor: Actor, *, now: datetime) -> Kept:
    """The last checkpoint that was signed. Raises NotFound where there is none."""
    with reading(clinic, actor, Action.AUDIT_PROVE, now) as connection:
        found = last_kept(connection, clinic)
        if found is None:
            raise NotFound("No checkpoint was signed at this clinic yet.")
        return found


def prove_included(
    clinic: Clinic, actor: Actor, number: int, *, now: datetime, size: int | None = None
) -> Included:
    """That an entry is in the tree of `size` entries, or of the last checkpoint. Raises NotFound.

    Whoever has the entry's hash, the path and a checkpoint of that size needs nothing else of ours
    (RFC 9162 section 2.1.3.2).
    """
    keep_subtrees(clinic)
    with reading(clinic, actor, Action.AUDIT_PROVE, now) as connection:
        tree = Tree(connection, str(clinic.id))
        kept = last_kept(connection, clinic)
        if size is None:
            size = kept.checkpoint.head.size if kept and kept.checkpoint.head.size >= number else 0
            size = size or tree.size
        _require_within(tree, size)
        if not 1 <= number <= size:
            raise NotFound(f"There is no entry {number} among the first {size}.", number=number)
        return tree.included(number, size)


def prove_consistent(
    clinic: Clinic, actor: Actor, old: int, new_size: int | None = None, *, now: datetime
) -> Consistency:
    """That the tree of `new_size` entries, or of all, begins with that of `old`.

    Raises NotFound where the chain has no such trees.
    """
    keep_subtrees(clinic)
    with reading(clinic, actor, Action.AUDIT_PROVE, now) as connection:
        tree = Tree(connection, str(clinic.id))
        newer = tree.size if new_size is None else new_size
        _require_within(tree, newer)
        if not 1 <= old <= newer:
            raise NotFound(f"The first {newer} entries do not begin with {old} of them.", size=old)
        path = tree.consistency(old, newer)
        return Consistency(tree.head(old), tree.head(newer), path)


def _require_within(tree: Tree, size: int) -> None:
    if size > tree.size:
        raise NotFound(f"The chain has {tree.size} entries, not {size}.", size=size)
