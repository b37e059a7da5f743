"""Where tests keep what nobody will miss: in memory where there is room for it, else on disk.

Copying a database for every test cost ten times more on an ext4 file system, where each copy of
some five hundred files was slower than the one before. What is under test is the same: the end of
a process loses no page of either, and a cut of the power is tried on neither.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 * 2**30
_LOCK = "owner.lock"
# The lock is held for as long as this process lives, by a file that nobody closes.
_held: list[int] = []


def place() -> Path:
    """A folder for temporary files: /dev/shm (shm_overview(7)) if it is there and roomy enough."""
    on_disk = Path(tempfile.gettempdir())
    if not os.access(IN_MEMORY, os.W_OK | os.X_OK):
        return on_disk
    return IN_MEMORY if shutil.disk_usage(IN_MEMORY).free >= ROOM_BYTES else on_disk


def folder_in_memory(prefix: str) -> Path:
    """A new folder, gone with the next call once this process is: what a killed run leaves in
    memory would otherwise stay there until the machine is started again."""
    for left in place().glob(f"{prefix}*/{_LOCK}"):
        _remove_if_orphaned(left)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place()))
    held = os.open(folder / _LOCK, os.O_CREAT | os.O_WRONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    _held.append(held)
    return folder


def _remove_if_orphaned(lock: Path) -> None:
    with suppress(OSError):
        found = os.open(lock, os.O_WRONLY)
        try:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
        finally:
            os.close(found)
