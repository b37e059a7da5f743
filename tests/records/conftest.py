"""The clinic that commands are tested in is the one that records are tested with."""

from tests.commands.conftest import _cheap_hashing, lived_in, sqlite_world, templates, world

__all__ = ["_cheap_hashing", "lived_in", "sqlite_world", "templates", "world"]
