"""The statements that every act runs, compiled once for an engine and run on its driver.

SQLAlchemy's execution costs 60 to 100 us a statement beside the statement itself; an act at the
chair runs ten. These are the same expressions, compiled by SQLAlchemy with the columns' own
conversions, handed to the driver's cursor without the layers between. Everything else is executed
as usual.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class _Plan(NamedTuple):
    """A statement as one dialect's driver takes it."""

    text: str
    names: tuple[str, ...]
    binds: tuple[tuple[str, Convert | None], ...]
    constants: Mapping[str, Any]
    by_name: bool
    results: tuple[tuple[int, Convert], ...]


class Prepared:
    """A statement with bind parameters; `columns` names those of an insert.

    Every method raises what SQLAlchemy raises for the driver's error.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._plans: dict[str, _Plan] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows that a query answers, converted as its columns say."""
        plan = self._plan(connection.dialect)
        cursor = _cursor(connection)
        try:
            cursor.execute(plan.text, _bound(plan, values))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise _known(error, plan.text, connection.dialect) from error
        finally:
            cursor.close()
        return [_converted(row, plan.results) for row in found] if plan.results else found

    def first(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row of a query, if there is one."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def run(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run an insert for each of these sets of values."""
        plan = self._plan(connection.dialect)
        cursor = _cursor(connection)
        try:
            if len(many) == 1:
                cursor.execute(plan.text, _bound(plan, many[0]))
            else:
                cursor.executemany(plan.text, _bound_many(plan, many))
        except connection.dialect.loaded_dbapi.Error as error:
            raise _known(error, plan.text, connection.dialect) from error
        finally:
            cursor.close()

    def _plan(self, dialect: Dialect) -> _Plan:
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _planned(self._statement, self._columns, dialect)
        return plan


def _planned(statement: ClauseElement, columns: Sequence[str] | None, dialect: Dialect) -> _Plan:
    compiled = statement.compile(
        dialect=dialect, column_keys=None if columns is None else list(columns)
    )
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or compiled.params)
    binds = tuple(
        (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in names
    )
    # Such as a LIMIT's number. The values of an insert are all given, defaults or not.
    constants = {
        name: value
        for name, value in compiled.params.items()
        if columns is None and value is not None
    }
    results = tuple(
        (place, process)
        for place, column in enumerate(getattr(statement, "selected_columns", ()))
        if (process := column.type.dialect_impl(dialect).result_processor(dialect, None))
    )
    return _Plan(str(compiled), names, binds, constants, not compiled.positional, results)


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
    rows = zip(*columns, strict=True)
    return [dict(zip(plan.names, one, strict=True)) for one in rows] if plan.by_name else list(rows)


def _converted(row: tuple[Any, ...], results: tuple[tuple[int, Convert], ...]) -> tuple[Any, ...]:
    values = list(row)
    for place, process in results:
        values[place] = process(values[place])
    return tuple(values)


def command(connection: Connection, text: str) -> None:
    """Run a statement without parameters or rows, such as a savepoint's."""
    cursor = _cursor(connection)
    try:
        cursor.execute(text)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _known(error, text, connection.dialect) from error
    finally:
        cursor.close()


def _cursor(connection: Connection) -> Any:  # noqa: ANN401 - a driver's cursor
    return connection.connection.cursor()


def _known(error: Exception, text: str, dialect: Dialect) -> Exception:
    return DBAPIError.instance(
        text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )
