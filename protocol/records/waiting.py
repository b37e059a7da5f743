"""The rows of a group that wait to be written, table by table, in one journey to the engine.

An act's rows wait with those of the acts beside it where all of them can be run again (runner.py);
entries of the audit trail wait for the commit always. Whoever reads what might wait has it written
first (`Act.connection`, `Act.seeing`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlmodel import SQLModel

from protocol.records.prepared import Insert, run_all
from protocol.records.tables import CHAIN, SEALED

Kind = type[SQLModel]

_TABLES = {row: SQLModel.metadata.tables[str(row.__tablename__)] for row in (*SEALED, *CHAIN)}
COLUMNS: dict[Kind, tuple[str, ...]] = {row: tuple(t.c.keys()) for row, t in _TABLES.items()}
_INSERTS: dict[Kind, Insert] = {row: Insert(table) for row, table in _TABLES.items()}
_ORDER = {row: place for place, row in enumerate(COLUMNS)}


class Waiting:
    """Rows by table, and of which sessions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Kind, list[Mapping[str, Any]]] = {}
        self.sessions: set[str] = set()
        self._touched: set[str] = set()

    def add(self, kind: Kind, values: Mapping[str, Any], session_id: str = "") -> None:
        """Keep a row, with a value for each column of its table."""
        self._rows.setdefault(kind, []).append(values)
        if kind not in CHAIN:
            self.sessions.add(session_id)
            self._touched.add(session_id)

    def touches(self, session_id: UUID) -> bool:
        """Whether a row of this session, or of none, was left in this group so far."""
        return not self._touched.isdisjoint(("", str(session_id)))

    def write_rows(self) -> None:
        """Write what acts have left but their entries, which a savepoint must not hold."""
        self._write([kind for kind in self._rows if kind not in CHAIN])
        self.sessions = set()

    def write(self) -> None:
        """Write everything that waits."""
        self._write(list(self._rows))
        self.sessions = set()

    def _write(self, kinds: list[Kind]) -> None:
        kinds.sort(key=_ORDER.__getitem__)  # as foreign keys let them be written
        if kinds:
            run_all(self._connection, [(_INSERTS[kind], self._rows.pop(kind)) for kind in kinds])
