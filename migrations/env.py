"""Alembic's environment: our metadata, our database, and plain SQL types in what it writes."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel

from protocol.records import tables
from protocol.records.columns import ExactText
from protocol.records.database import Database

METADATA = SQLModel.metadata
assert tables.SEALED


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write app types as the SQL types they are, so that a migration imports nothing of ours."""
    if kind != "type":
        return False
    if isinstance(item, ExactText) or type(item).__name__ == "AutoString":
        return "sa.String()"
    return "sa.DateTime(timezone=True)" if type(item).__name__ == "UTCDateTime" else False


def run() -> None:
    """Run the migrations in one transaction on the database that was asked for."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run_on(given)
        return
    database = Database(context.config.attributes["url"])
    try:
        connection = database.begin_write()
        try:
            _run_on(connection)
            connection.commit()
        finally:
            connection.close()
    finally:
        database.close()


def _run_on(connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=METADATA, render_as_batch=True,
        render_item=render_item, compare_type=True, compare_server_default=True,
    )  # fmt: skip
    context.run_migrations()


run()
