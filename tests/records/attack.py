"""What someone does who has the database file or the superuser's password: no guard stops them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Executable,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    and_,
    create_engine,
    delete,
    event,
    insert,
    select,
    text,
    update,
)
from sqlmodel.sql.sqltypes import UTCDateTime

from protocol.records.columns import ExactText
from protocol.records.lookups import table
from protocol.records.sealing import ENTRIES
from protocol.records.tables import SEALED
from tests.commands.world import World

SEALED_TABLES = [table(row) for row in SEALED]
Values = dict[str, Any]
_AN_INSTANT = datetime(2031, 5, 6, tzinfo=UTC)
_ABSENT: dict[type, Any] = {
    int: 1, UUID: UUID(int=1), object: _AN_INSTANT, date: _AN_INSTANT.date(), bool: True,
}  # fmt: skip


class Attack:
    """Connections past every guard and foreign key; what is done by them is committed."""

    def __init__(self, world: World, drops_guards: bool = True) -> None:
        self.world = world
        self.engine = create_engine(world.database.url)
        if not drops_guards:
            return
        if world.database.is_sqlite:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            with self.engine.begin() as connection:
                for name in connection.execute(text(triggers)).scalars().all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            event.listen(self.engine, "connect", _as_replica)

    @classmethod
    def looking(cls, world: World) -> Self:
        """The same, with the guards left where they are."""
        return cls(world, drops_guards=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()

    def do(self, *statements: Executable | tuple[Executable, Sequence[Values]]) -> int:
        """Run them in one transaction; answers how many rows the last one changed."""
        with self.engine.begin() as connection:
            for statement in statements:
                parts = statement if isinstance(statement, tuple) else (statement,)
                result = connection.execute(*parts)
        return result.rowcount

    def rows(self, one: Table, *where: ColumnElement[bool]) -> list[Values]:
        """The rows of a table, in the order of their entries."""
        names = ("audit_number", "number", "position")
        order = next(one.c[name] for name in names if name in one.c)
        with self.engine.connect() as connection:
            found = connection.execute(select(one).where(*where).order_by(order)).all()
        return [dict(row._mapping) for row in found]

    def entry(self, number: int) -> Values:
        """One audit entry; -1 is the last."""
        return self.rows(ENTRIES)[number - 1 if number > 0 else number]

    @property
    def last(self) -> int:
        """The number of the last audit entry."""
        return int(self.entry(-1)["number"])

    @contextmanager
    def edited(self, one: Table, row: Values, **changes: Any) -> Iterator[None]:
        """The row with other values, for as long as the block lasts."""
        assert self.do(update(one).where(is_row(one, row)).values(changes)) == 1
        yield
        before = {name: row[name] for name in changes}
        assert self.do(update(one).where(is_row(one, row | changes)).values(before)) == 1

    @contextmanager
    def deleted(self, one: Table, row: Values) -> Iterator[None]:
        """The row is gone, for as long as the block lasts."""
        assert self.do(delete(one).where(is_row(one, row))) == 1
        yield
        self.do((insert(one), [row]))

    @contextmanager
    def added(self, one: Table, row: Values) -> Iterator[None]:
        """One row more, for as long as the block lasts."""
        self.do((insert(one), [row]))
        yield
        assert self.do(delete(one).where(is_row(one, row))) == 1


def _as_replica(connection: Any, _record: object) -> None:
    connection.execute("SET session_replication_role = replica")
    connection.commit()


def is_row(one: Table, values: Values) -> ColumnElement[bool]:
    return and_(*(column == values[column.name] for column in one.primary_key))


def listed(column: Column[Any]) -> list[str]:
    """The values that the column's own check takes, where the database itself knows them."""
    table = column.table
    assert isinstance(table, Table)
    checks = [str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint)]
    return [
        value
        for check in checks
        if check.startswith(f"{column.name} IN (")
        for value in re.findall("'([^']*)'", check)
    ]


def something_else(column: Column[Any], value: Any) -> Any:
    """Another value that the column takes; of a number, the same one with one digit more."""
    if named := listed(column):
        return next(one for one in named if one != value)
    if value is None:
        if isinstance(column.type, UTCDateTime):
            return _AN_INSTANT
        absent = _ABSENT.get(column.type.python_type, "x")
        return Decimal(1) if isinstance(column.type, ExactText) else absent
    if isinstance(value, bool):
        return not value
    changes: list[tuple[type, Any]] = [
        (int, lambda: value + 1_000),
        (datetime, lambda: value + timedelta(microseconds=1)),
        (date, lambda: value + timedelta(days=1)),
        (UUID, lambda: UUID(int=value.int ^ 1)),
        (Decimal, lambda: Decimal(f"{value}0" if "." in str(value) else f"{value}.0")),
        (str, lambda: value + "x"),
    ]
    return next(change() for kind, change in changes if isinstance(value, kind))


def twin(one: Table, row: Values) -> Values:
    """A row that differs in its key and its other unique columns alone."""
    unique = [one.primary_key, *one.constraints]
    names = {
        column.name
        for each in unique
        if isinstance(each, PrimaryKeyConstraint | UniqueConstraint)
        for column in each.columns
    } - {"clinic_id"}
    return row | {name: something_else(one.c[name], row[name]) for name in names}
