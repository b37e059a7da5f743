"""Rows as the driver gives them, page by page: what a verification of a million entries reads.

SQLAlchemy's result rows and conversions cost more than hashing what they carry, and a page holds a
bounded piece of the table, whatever its size (R188).
"""

from collections.abc import Generator
from itertools import count
from typing import Any

from sqlalchemy import Connection

Page = list[tuple[Any, ...]]
_PAGE = 2_000
# Of the whole process: two readers of one connection have cursors open at once.
_NAMES = count()


class Raw:
    """The driver's own connection under a transaction of ours; statements mark values with `?`."""

    def __init__(self, connection: Connection) -> None:
        self._driver: Any = connection.connection.driver_connection
        self.is_sqlite = connection.dialect.name == "sqlite"

    def pages(
        self, statement: str, *values: object, size: int = _PAGE
    ) -> Generator[Page, None, None]:
        """The rows of a statement in pages; the last one is the one that is not full."""
        cursor = self._cursor(size)
        try:
            cursor.execute(statement if self.is_sqlite else statement.replace("?", "%s"), values)
            while page := cursor.fetchmany(size):
                yield page
        finally:
            cursor.close()

    def rows(self, statement: str, *values: object) -> Page:
        """All rows of a statement that has few of them."""
        return [row for page in self.pages(statement, *values) for row in page]

    def _cursor(self, size: int) -> Any:  # noqa: ANN401 - a cursor of either driver
        if self.is_sqlite:
            cursor = self._driver.cursor()
            cursor.arraysize = size
            return cursor
        # A cursor of the server's: a plain one would bring the whole table over at once.
        cursor = self._driver.cursor(name=f"chairside_{next(_NAMES)}")
        cursor.itersize = size
        return cursor
