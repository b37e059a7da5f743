"""The append-only guards, per dialect: what was written is neither changed nor deleted.

SQLite's `INSERT OR REPLACE` deletes without firing DELETE triggers unless recursive_triggers is on,
so an insert over an existing key is guarded too, whatever a connection has set (requirements 0.9);
the rowid is a key of every table, though none of ours names it.
"""

from collections.abc import Sequence

from alembic import op

FUNCTION = """
CREATE OR REPLACE FUNCTION chairside_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'chairside: % is append-only', TG_TABLE_NAME USING ERRCODE = '55000';
END $$
"""


def guard(table: str, *keys: Sequence[str]) -> None:
    """Guard one table; `keys` are its primary key and every other unique key."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite(table, keys)
    else:
        _guard_postgresql(table)


def _guard_sqlite(table: str, keys: Sequence[Sequence[str]]) -> None:
    refusal = f"SELECT RAISE(ABORT, 'chairside: {table} is append-only');"
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN {refusal} END"
        )
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")"
        for key in (*keys, ["rowid"])
    )
    op.execute(
        f"CREATE TRIGGER guard_{table}_insert BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refusal} END"
    )


def _guard_postgresql(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER guard_{table}_row BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION chairside_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION chairside_append_only()"
    )
