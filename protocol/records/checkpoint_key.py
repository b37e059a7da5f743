"""The signing key of the checkpoints: a file outside the database, for its owner alone (R182)."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from protocol.rules.errors import CheckpointKeyUnfit


def made_or_read(path: Path) -> Ed25519PrivateKey:
    """The key in the file, which is made where there is none. Raises CheckpointKeyUnfit."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    return read(path)


def read(path: Path) -> Ed25519PrivateKey:
    """The key in the file. Raises CheckpointKeyUnfit: missing, open to others, or no such key."""
    try:
        open_to_others = path.stat().st_mode & 0o077
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointKeyUnfit(f"{path}: {error.strerror}.", path=str(path)) from error
    if open_to_others:
        raise CheckpointKeyUnfit(
            f"{path}: others than its owner may read or write it (mode"
            f" {path.stat().st_mode & 0o777:o}, where 600 is asked).",
            path=str(path),
        )
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise CheckpointKeyUnfit(f"{path}: it holds no private key.", path=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CheckpointKeyUnfit(f"{path}: the key is not Ed25519.", path=str(path))
    return key
