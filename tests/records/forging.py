"""What a thorough attacker does: every digest, hash and anchor made anew; nothing breaks."""

from collections import defaultdict
from typing import Any

from sqlalchemy import delete, insert, update

from protocol.records.lookups import table
from protocol.records.sealing import DETAILS, ENTRIES
from protocol.records.tables import AuditSubtreeRow, CheckpointRow, SignatureRow
from protocol.rules.audit import GENESIS, NO_ROWS, AuditEntry, entry_hash, row_bytes, rows_digest
from protocol.rules.merkle import levels, nodes_in, root_of
from tests.records.attack import SEALED_TABLES, Attack, Values, is_row

SIGNATURES, CHECKPOINTS = table(SignatureRow), table(CheckpointRow)
SUBTREES = table(AuditSubtreeRow)


def remake(attack: Attack, *, anchors: bool = True) -> None:
    """Make the whole chain anew over the rows and entries as they stand now.

    The subtrees go, for anyone makes them again; the anchors are remade unless they are to stay.
    """
    attack.do(delete(SUBTREES))
    rows = _rows_by_entry(attack)
    leaves, previous = b"", GENESIS
    for row in attack.rows(ENTRIES):
        number = row["number"]
        sealed = []
        for one, values in rows.get(number, ()):
            if anchors and one is SIGNATURES and values["anchor_size"] is not None:
                size = values["anchor_size"]
                root = root_of(size, nodes_in(levels(leaves[: size * 32]))).hex()
                attack.do(update(one).where(is_row(one, values)).values(anchor_root=root))
                sealed.append(row_bytes(one.name, values | {"anchor_root": root}))
                continue
            sealed.append(row_bytes(one.name, values))
        changes: Values = {
            "previous": previous,
            "rows_digest": rows_digest(sealed) if sealed else NO_ROWS,
        }
        fields = {name: (row | changes)[name] for name in AuditEntry._fields}
        previous = entry_hash(AuditEntry(**fields))
        changes["hash"] = previous
        attack.do(update(ENTRIES).where(is_row(ENTRIES, row)).values(changes))
        leaves += bytes.fromhex(previous)


def _rows_by_entry(attack: Attack) -> dict[int, list[tuple[Any, Values]]]:
    found: dict[int, list[tuple[Any, Values]]] = defaultdict(list)
    for one in SEALED_TABLES:
        for values in attack.rows(one):
            found[values["audit_number"]].append((one, values))
    return found


def cut(attack: Attack, last: int) -> None:
    """Nothing is left of what came after this entry."""
    attack.do(
        *(delete(one).where(one.c.audit_number > last) for one in reversed(SEALED_TABLES)),
        delete(DETAILS).where(DETAILS.c.number > last),
        delete(ENTRIES).where(ENTRIES.c.number > last),
        delete(SUBTREES),
    )


def rehashed(values: Values) -> Values:
    """The entry with the hash that its fields now have."""
    fields = {name: values[name] for name in AuditEntry._fields}
    return fields | {"hash": entry_hash(AuditEntry(**fields))}


def put(attack: Attack, row: Values) -> None:
    """One audit entry in the place of the one with its number."""
    own = (ENTRIES.c.clinic_id == row["clinic_id"]) & (ENTRIES.c.number == row["number"])
    attack.do(delete(ENTRIES).where(own), (insert(ENTRIES), [row]))
