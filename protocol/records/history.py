"""Whether a database's history still is what it was when it was last signed or witnessed (R175).

What a server asks of itself before it serves and at every health check: not the whole chain, but
its size and the root of the tree that the last checkpoints name, at the cost of log(n).
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from protocol.records.checkpoints import last_kept
from protocol.records.clinics import Clinic, clinics
from protocol.records.database import Database
from protocol.records.trees import Tree
from protocol.records.witness import Witness
from protocol.rules.checkpoints import TreeHead, origin_of
from protocol.rules.errors import CheckpointInvalid


def history_faults(database: Database, witness: Witness | None = None) -> list[str]:
    """Where a clinic's history is shorter than its last checkpoint, or another one."""
    try:
        held = [] if witness is None else witness.held()
    except (OSError, CheckpointInvalid) as error:
        return [f"The witness cannot be read: {error}"]
    here = clinics(database)
    origins = {origin_of(clinic.id) for clinic in here}
    wrong = [
        f"History lost: the witness holds a checkpoint of {origin}, which is not in this database."
        for origin in sorted({one.origin for one in held} - origins)
    ]
    with database.looking() as connection:
        for clinic in here:
            known = [one for one in held if one.origin == origin_of(clinic.id)]
            last = max(known, key=lambda one: one.head.size, default=None)
            held_head = None if last is None else last.head
            wrong += _of_head(connection, clinic, held_head, "The witness")
            try:
                kept = last_kept(connection, clinic)
            except ValueError as error:
                wrong.append(f"The last checkpoint of clinic {clinic.id} cannot be read: {error}.")
            else:
                head = None if kept is None else kept.checkpoint.head
                wrong += _of_head(connection, clinic, head, "The database")
    return wrong


def _of_head(
    connection: Connection, clinic: Clinic, head: TreeHead | None, holder: str
) -> Sequence[str]:
    if head is None:
        return []
    tree = Tree(connection, str(clinic.id))
    says = f"{holder} holds a checkpoint of {head.size} entries of clinic {clinic.id}"
    size = tree.size
    if size < head.size:
        return [f"History lost: {says}; {size} are here."]
    try:
        same = tree.head(head.size) == head
    except ValueError as error:
        return [f"{says}: {error}."]
    return [] if same else [f"{says}, and the first {head.size} here are others."]
