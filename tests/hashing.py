"""Argon2 at its cheapest: a tenth of a second for each sign-in is for people, not for tests."""

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from protocol.commands import proving


def hash_cheaply(monkeypatch: pytest.MonkeyPatch, memory_cost: int = 8) -> None:
    """From now on, in this process."""
    argon2 = Argon2Hasher(time_cost=1, memory_cost=memory_cost, parallelism=1)
    hasher = PasswordHash((argon2,))
    monkeypatch.setattr(proving, "_hasher", lambda: hasher)
