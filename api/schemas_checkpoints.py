"""Signed heads of the chain, and proofs, as the API gives them; hashes are hexadecimal."""

from datetime import datetime
from typing import Self

from pydantic import Field

from api.schemas import Out
from protocol.commands.checkpoints import Consistency
from protocol.records.checkpoints import Kept
from protocol.records.trees import Included
from protocol.rules.checkpoints import TreeHead


class TreeHeadOut(Out):
    """The tree over the first `size` entries, by its root."""

    size: int
    root: str

    @classmethod
    def head(cls, head: TreeHead) -> Self:
        """From the rules' own."""
        return cls.model_construct(size=head.size, root=head.root.hex())


class CheckpointOut(TreeHeadOut):
    """A signed tree head, and the entry that sealed it."""

    number: int
    signed_at: datetime
    note: str = Field(description="As it was signed: C2SP tlog-checkpoint.")

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """From the records' own."""
        head = kept.checkpoint.head
        return cls.model_construct(
            size=head.size, root=head.root.hex(), number=kept.number, signed_at=kept.signed_at,
            note=kept.checkpoint.note,
        )  # fmt: skip


class InclusionOut(TreeHeadOut):
    """An entry's path to the root: `leaf` is its hash, `index` its number less one."""

    number: int
    index: int
    leaf: str
    path: list[str]

    @classmethod
    def of(cls, found: Included) -> Self:
        """From the records' own."""
        return cls.model_construct(
            size=found.head.size, root=found.head.root.hex(), number=found.number,
            index=found.number - 1, leaf=found.leaf.hex(), path=[one.hex() for one in found.path],
        )  # fmt: skip


class ConsistencyOut(Out):
    """That the newer tree begins with the older one."""

    old: TreeHeadOut
    new: TreeHeadOut
    path: list[str]

    @classmethod
    def of(cls, found: Consistency) -> Self:
        """From the commands' own."""
        return cls.model_construct(
            old=TreeHeadOut.head(found.old), new=TreeHeadOut.head(found.new),
            path=[one.hex() for one in found.path],
        )  # fmt: skip
