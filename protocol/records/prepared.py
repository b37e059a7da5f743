"""The statements that every act runs, compiled once for an engine and run on its driver.

SQLAlchemy's execution costs 60 to 100 us a statement beside the statement itself; an act at the
chair runs ten. These are the same expressions, compiled by SQLAlchemy with the columns' own
conversions, handed to the driver's cursor without the layers between. Everything else is executed
as usual.
"""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

import orjson
from sqlalchemy import ClauseElement, Connection, Dialect, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from protocol.rules.audit import as_text

Convert = Callable[[Any], Any]
Rows = list[tuple[Any, ...]]
KNOWN_MAX = 2_000


class _Plan(NamedTuple):
    """A statement as one dialect's driver takes it."""

    text: str
    names: tuple[str, ...]
    binds: tuple[tuple[str, Convert | None], ...]
    constants: Mapping[str, Any]
    by_name: bool
    results: tuple[tuple[int, Convert], ...]
    known: dict[tuple[Any, ...], tuple[Any, ...]]


class Prepared:
    """A query with bind parameters. Raises what SQLAlchemy raises for the driver's error."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

    def plan(self, dialect: Dialect) -> _Plan:
        """The statement as this dialect's driver takes it."""
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _planned(self._statement, dialect)
        return plan


class Insert:
    """An insert of whole rows into one table.

    PostgreSQL is sent the rows of a group as one JSON text: a parameter for each value cost it more
    than the rows did. SQLite takes them as they are.
    """

    def __init__(self, table: Table) -> None:
        self._plain = Prepared(insert(table))
        name, columns = f'"{table.name}"', ", ".join(f'"{column.name}"' for column in table.c)
        source = f"json_populate_recordset(NULL::{name}, %s::json)"
        rows = f"SELECT {columns} FROM {source}"  # noqa: S608 - our own names alone
        self._from_json = f"INSERT INTO {name} ({columns}) {rows}"

    def run(self, driver: "_Driver", rows: Sequence[Mapping[str, Any]]) -> None:
        """Write these rows; each has a value for every column."""
        if driver.dialect.name == "postgresql":
            driver.execute(self._from_json, (_as_json(rows),))
            return
        plan = self._plain.plan(driver.dialect)
        if len(rows) == 1:
            driver.execute(plan.text, _bound(plan, rows[0]))
        else:
            driver.cursor().executemany(plan.text, _bound_many(plan, rows))


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=as_text, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()


def _planned(statement: ClauseElement, dialect: Dialect) -> _Plan:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or compiled.params)
    binds = tuple(
        (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in names
    )
    # Such as a LIMIT's number. The values of an insert are all given, defaults or not.
    constants = (
        {}
        if compiled.isinsert
        else {name: value for name, value in compiled.params.items() if value is not None}
    )
    results = tuple(
        (place, process)
        for place, column in enumerate(getattr(statement, "selected_columns", ()))
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None))
    )
    return _Plan(str(compiled), names, binds, constants, not compiled.positional, results, {})


def _bound(plan: _Plan, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as the driver takes it
    if plan.constants:
        values = {**plan.constants, **values}
    bound = [values[n] if process is None else process(values[n]) for n, process in plan.binds]
    return dict(zip(plan.names, bound, strict=True)) if plan.by_name else bound


def _bound_many(plan: _Plan, many: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Column by column: a value that the rows share is converted once."""
    columns = []
    for name, process in plan.binds:
        values = [one[name] for one in many]
        if process is not None:
            first, known = values[0], process(values[0])
            values = [known if value is first else process(value) for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))


def _converted(row: tuple[Any, ...], plan: _Plan) -> tuple[Any, ...]:
    """A row as its columns say; one that was read before is converted no more, for a session's and
    a sign-in's come again with every act."""
    known = plan.known.get(row)
    if known is None:
        values = list(row)
        for place, process in plan.results:
            values[place] = process(values[place])
        known = tuple(values)
        if len(plan.known) >= KNOWN_MAX:
            plan.known.clear()
        plan.known[row] = known
    return known


class Ask(NamedTuple):
    """A query with the values that it is about; equal ones get the same answer."""

    query: Prepared
    values: tuple[tuple[str, Any], ...]


def asking(query: Prepared, **values: object) -> Ask:
    """The query about these values."""
    return Ask(query, tuple(values.items()))


def ask_all(connection: Connection, asked: Sequence[Ask]) -> list[Rows]:
    """The rows of several queries, in one journey where the driver can (pipeline mode)."""
    plans = [(one.query.plan(connection.dialect), dict(one.values)) for one in asked]
    with _Driver(connection, together=len(plans) > 1) as driver:
        cursors = [driver.execute(plan.text, _bound(plan, values)) for plan, values in plans]
    found = []
    for (plan, _), cursor in zip(plans, cursors, strict=True):
        rows = cursor.fetchall()
        found.append([_converted(row, plan) for row in rows] if plan.results else rows)
        cursor.close()
    return found


def run_all(
    connection: Connection, many: Sequence[tuple[Insert, Sequence[Mapping[str, Any]]]]
) -> None:
    """Run several inserts, each for its rows, in one journey where the driver can."""
    with _Driver(connection, together=True) as driver:
        for one, rows in many:
            one.run(driver, rows)


def command(connection: Connection, text: str) -> None:
    """Run a statement without parameters or rows, such as a savepoint's."""
    with _Driver(connection, together=False) as driver:
        driver.execute(text, ())


class _Driver:
    """A connection's driver for some statements; its errors are raised as SQLAlchemy's own."""

    def __init__(self, connection: Connection, *, together: bool) -> None:
        self.dialect = connection.dialect
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        pipeline = getattr(self._driver, "pipeline", None) if together else None
        self._pipeline: Any = None if pipeline is None else pipeline()

    def __enter__(self) -> Self:
        if self._pipeline is not None:
            self._pipeline.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        errors = self.dialect.loaded_dbapi.Error
        if self._pipeline is not None:
            try:
                self._pipeline.__exit__(kind, error, trace)
            except errors as late:
                error = late
        if isinstance(error, errors):
            raise self._known(error, errors) from error

    def _known(self, error: Any, errors: type[Exception]) -> Exception:  # noqa: ANN401 - theirs
        if self.dialect.is_disconnect(error, self._driver, None):
            self._connection.invalidate(error)
        return DBAPIError.instance(
            None, None, error, errors, hide_parameters=True, dialect=self.dialect
        )

    def cursor(self) -> Any:  # noqa: ANN401 - a driver's cursor
        """Another cursor."""
        return self._driver.cursor()

    def execute(self, text: str, bound: Any) -> Any:  # noqa: ANN401 - as the driver takes them
        """Send a statement; its rows are read when all have been sent."""
        cursor = self._driver.cursor()
        cursor.execute(text, bound)
        return cursor
