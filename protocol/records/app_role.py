"""The role that the application runs as on PostgreSQL: it may read and add, and no more (R187).

The migrations run as another role, which owns the tables and their guards. What is append-only the
application's role can neither update, delete nor truncate, nor can it drop or disable a guard.
"""

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from protocol.records.database import Database
from protocol.records.tables import CHAIN, CONTENTS, SEALED
from protocol.rules.errors import RoleUnfit

_APPEND_ONLY = frozenset(str(row.__tablename__) for row in (*CHAIN, *SEALED, *CONTENTS))
_KNOWN = text("SELECT rolsuper, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = :role")
_OWNS = text(
    "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND pg_has_role(:role, relowner, 'MEMBER')"
)


def rights(table: str) -> str:
    """What the application does with a table: nothing written is ever changed (decision 1)."""
    if table == "alembic_version":
        return "SELECT"
    if table == "audit_detail":  # its guard lets a detail go that a sealed tombstone stands for
        return "SELECT, INSERT, DELETE"
    if table == "draft":  # no record: it goes when what it says was saved, or its sign-in ends
        return "SELECT, INSERT, UPDATE, DELETE"
    return "SELECT, INSERT" if table in _APPEND_ONLY else "SELECT, INSERT, UPDATE"


def grant_app_role(database: Database, role: str) -> dict[str, str]:
    """Give a role exactly what the application needs, and answer it by table.

    Raises RoleUnfit: there is no such role, or it could lift the guards whatever it is given.
    """
    tables = sorted({*SQLModel.metadata.tables, "alembic_version"})
    with database.begin_write() as connection:
        _require_fit(connection, role)
        quote = connection.dialect.identifier_preparer.quote
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
        name, place = quote(role), quote(schema)
        statements = [
            f"REVOKE ALL ON SCHEMA {place} FROM {name}",
            f"GRANT USAGE ON SCHEMA {place} TO {name}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {place} FROM {name}",
            *(f"GRANT {rights(one)} ON {place}.{quote(one)} TO {name}" for one in tables),
        ]
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()
    return {one: rights(one) for one in tables}


def _require_fit(connection: Connection, role: str) -> None:
    found = connection.execute(_KNOWN, {"role": role}).first()
    if found is None:
        raise RoleUnfit(f"There is no role {role} in this PostgreSQL.", role=role)
    if any(found) or connection.execute(_OWNS, {"role": role}).scalar_one():
        raise RoleUnfit(
            f"The role {role} is a superuser, or owns the tables: no grant could bind it.",
            role=role,
        )
