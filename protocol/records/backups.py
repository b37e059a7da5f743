"""A whole copy of an embedded database, taken while others write (SQLite's online backup)."""

import sqlite3
from contextlib import closing
from pathlib import Path

from protocol.records.database import Database, sqlite_url


def copied(database: Database, target: Path) -> Database:
    """The database's copy in a new file: one consistent state, whole in itself."""
    source = database.path
    if source is None:
        raise TypeError("only an embedded database is a file")
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    return Database(sqlite_url(target.absolute()))
