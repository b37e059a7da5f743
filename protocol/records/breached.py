"""Whether a secret is in a local file of breached ones, searched without reading it whole.

The file is the public one of Have I Been Pwned, ordered by hash: a SHA-1 in upper-case hex, a
colon and a count a line. Nothing leaves the machine.
"""

from hashlib import sha1
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

_LINE_BYTES_MAX = 128


def is_breached(path: Path, secret: str) -> bool:
    """Whether the secret's hash stands in the file; a file that is gone raises OSError."""
    wanted = sha1(secret.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, SEEK_END)
        while low < high:
            middle = (low + high) // 2
            start, line = _line_from(file, middle)
            if not line or line[:40].upper() > wanted:
                high = middle
            elif line[:40].upper() < wanted:
                low = start + len(line)
            else:
                return True
    return False


def _line_from(file: BinaryIO, position: int) -> tuple[int, bytes]:
    """The first line that begins at or after a position, and where it begins."""
    if position == 0:
        file.seek(0)
        return 0, file.readline(_LINE_BYTES_MAX)
    # From the byte before: a line that begins exactly here follows its line feed.
    file.seek(position - 1)
    skipped = len(file.readline(_LINE_BYTES_MAX))
    start = position - 1 + skipped
    return start, file.readline(_LINE_BYTES_MAX)
