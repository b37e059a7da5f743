"""A whole copy of an embedded database, taken while others write (SQLite's online backup)."""

from pathlib import Path

from protocol.records.database import Database, copy_file, sqlite_url


def copied(database: Database, target: Path) -> Database:
    """The database's copy in a new file: one consistent state, whole in itself."""
    source = database.path
    if source is None:
        raise TypeError("only an embedded database is a file")
    copy_file(source, target)
    return Database(sqlite_url(target.absolute()))
