"""A witness: a file outside the database, with every checkpoint it ever took (R183, R184).

It takes a checkpoint only when its signature is the key's and the tree goes on from the last one
held, and writes atomically before it answers. The file, or a directory of one file for each clinic,
may lie on another host. One in reach of whoever attacks the database shows nothing that they do not
want shown.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from protocol.rules.checkpoints import (
    Checkpoint,
    TreeHead,
    Verifier,
    checkpoints_in,
    require_continues,
    require_signed,
)

Proofs = Callable[[int, int], Sequence[bytes]]


class Witness:
    """A file of notes, or a directory of such files."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def file_of(self, origin: str) -> Path:
        """The file that holds the checkpoints of an origin."""
        if not self.place.is_dir():
            return self.place
        return self.place / f"{origin.rpartition('/')[2]}.checkpoints"

    def files(self) -> list[Path]:
        """The files there are."""
        if self.place.is_dir():
            return sorted(self.place.glob("*.checkpoints"))
        return [self.place] if self.place.exists() else []

    def held(self) -> list[Checkpoint]:
        """Every checkpoint it holds. Raises CheckpointInvalid, OSError."""
        return [one for file in self.files() for one in _notes(file)]

    def last(self, origin: str) -> Checkpoint | None:
        """The latest checkpoint of an origin."""
        found = [one for one in _notes(self.file_of(origin)) if one.origin == origin]
        return max(found, key=lambda one: one.head.size, default=None)

    def require_continued(self, origin: str, head: TreeHead, proofs: Proofs) -> None:
        """Refuse a head that does not go on from the last one held. Raises HistoryNotContinued."""
        last = self.last(origin)
        if last is not None:
            proof = proofs(last.head.size, head.size) if last.head.size <= head.size else ()
            require_continues(last.head, head, proof, holder="The witness")

    def add(self, checkpoint: Checkpoint, verifier: Verifier, proofs: Proofs) -> None:
        """Take a checkpoint, on the disk before this returns.

        Raises CheckpointInvalid (not the key's), HistoryNotContinued (smaller or forked).
        """
        require_signed(checkpoint, verifier)
        file = self.file_of(checkpoint.origin)
        with _alone(file):
            self.require_continued(checkpoint.origin, checkpoint.head, proofs)
            before = file.read_text("utf-8") if file.exists() else ""
            _replace(file, before + ("\n" if before else "") + checkpoint.note)


def _notes(file: Path) -> list[Checkpoint]:
    return list(checkpoints_in(file.read_text("utf-8"))) if file.exists() else []


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One at a time: between looking and writing nobody else takes a checkpoint (R184)."""
    with file.with_name(f"{file.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(file: Path, content: str) -> None:
    partial = file.with_name(f"{file.name}.partial")
    with partial.open("w", encoding="utf-8") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    partial.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
