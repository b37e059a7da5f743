"""Whether the append-only guards stand. A server whose guards are missing does not serve (R13)."""

from sqlalchemy import text

from protocol.records.database import Database
from protocol.records.tables import CHAIN, SEALED

_SQLITE = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL = text(
    "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
    " AND pg_table_is_visible(c.oid) AND t.tgname = ANY (:names)"
)


def expected_guards(database: Database) -> frozenset[str]:
    """The triggers that the migrations made: three a table on SQLite, two on PostgreSQL."""
    kinds = ("update", "delete", "insert") if database.is_sqlite else ("row", "truncate")
    return frozenset(
        f"guard_{table.__tablename__}_{kind}" for table in (*CHAIN, *SEALED) for kind in kinds
    )


def missing_guards(database: Database) -> list[str]:
    """The guards that should stand and do not, in order of name."""
    expected = expected_guards(database)
    with database.looking() as connection:
        if database.is_sqlite:
            present = set(connection.execute(_SQLITE).scalars())
        else:
            present = set(connection.execute(_POSTGRESQL, {"names": sorted(expected)}).scalars())
    return sorted(expected - present)
