"""A row that waits to be written: its table's class and its values.

The class is the typed description, checked by mypy through `new`; it is not instantiated, because
the mapper's instrumentation would cost more than the whole insert.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, cast

from sqlmodel import SQLModel

_Columns = ParamSpec("_Columns")


class New(NamedTuple):
    """A row to be written."""

    kind: type[SQLModel]
    values: dict[str, Any]


def new(kind: Callable[_Columns, SQLModel], /, *_: _Columns.args, **values: _Columns.kwargs) -> New:
    """A row of this class; its columns are checked as the class's own constructor's would be."""
    return New(cast(type[SQLModel], kind), values)
