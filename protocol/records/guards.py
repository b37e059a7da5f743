"""Whether the append-only guards stand. A server whose guards are missing does not serve (R13).

A guard that is there by name but does something else, or nothing, counts as missing.
"""

from sqlalchemy import Connection, text

from migrations import purging
from protocol.records.database import Database
from protocol.records.tables import CHAIN, CONTENTS, SEALED

_SQLITE = text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
# tgtype is 27 for BEFORE UPDATE OR DELETE of each row, 34 for BEFORE TRUNCATE.
_POSTGRESQL = text(
    "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
    " AND (t.tgname, t.tgtype) IN"
    " (('guard_' || c.relname || '_row', 27), ('guard_' || c.relname || '_truncate', 34))"
    " AND t.tgqual IS NULL AND t.tgattr = ''"
    " AND CASE t.tgname WHEN 'guard_audit_detail_row' THEN p.proname = :purge_only"
    " AND p.prosrc = :purge_body AND p.proconfig[1] LIKE 'search_path=%, pg_temp'"
    " ELSE p.proname = 'chairside_append_only'"
    " AND regexp_replace(p.prosrc, '\\s+', ' ', 'g') LIKE ' BEGIN RAISE EXCEPTION %' END"
).bindparams(purge_only=purging.FUNCTION_NAME, purge_body=purging.FUNCTION_BODY)


def expected_guards(database: Database) -> frozenset[str]:
    """The triggers that the migrations made: three a table on SQLite, two on PostgreSQL."""
    kinds = ("update", "delete", "insert") if database.is_sqlite else ("row", "truncate")
    return frozenset(
        f"guard_{table.__tablename__}_{kind}"
        for table in (*CHAIN, *SEALED, *CONTENTS)
        for kind in kinds
    )


def missing_guards(database: Database) -> list[str]:
    """The guards that should stand and do not, in order of name."""
    with database.looking() as connection:
        present = _sqlite(connection) if database.is_sqlite else _postgresql(connection)
    return sorted(expected_guards(database) - present)


def _sqlite(connection: Connection) -> set[str]:
    return {
        name for name, table, words in connection.execute(_SQLITE) if _refuses(name, table, words)
    }


def _refuses(name: str, table: str, words: str) -> bool:
    if name == "guard_audit_detail_delete":
        return words == purging.SQLITE
    refusal = f"BEGIN SELECT RAISE(ABORT, 'chairside: {table} is append-only'); END"
    verb = name.removeprefix(f"guard_{table}_").upper()
    head = f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
    if verb == "INSERT":
        head += f"WHEN EXISTS (SELECT 1 FROM {table} WHERE ("  # noqa: S608 - compared, never run
        return words.startswith(head) and words.endswith(f") {refusal}")
    return words == head + refusal


def _postgresql(connection: Connection) -> set[str]:
    return set(connection.execute(_POSTGRESQL).scalars())
