"""Numbers come back digit by digit and times with their zone, from both engines (R121, R122)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, MetaData, Table, delete, insert, select
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel

from protocol.records.columns import ExactText, offset_min, with_offset
from protocol.records.database import Database
from protocol.records.tables import EntryRow

INSTANT = type(SQLModel.metadata.tables[str(EntryRow.__tablename__)].c.observed_at.type)
SCRATCH = Table("scratch", MetaData(), Column("number", ExactText), Column("moment", INSTANT))
NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1).flatmap(
    lambda whole: st.integers(0, 15).map(lambda places: Decimal(whole).scaleb(-places))
)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda east: timezone(timedelta(minutes=east)))
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 2),  # noqa: DTZ001
    max_value=datetime(2200, 12, 30),  # noqa: DTZ001
    timezones=ZONES,
)
on_one_connection = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    database = Database(migrated_url)
    with database.begin_write() as opened:
        SCRATCH.create(opened)
        yield opened
    database.close()


def back(connection: Connection, column: str, value: object) -> object:
    """What the database gives back of a value."""
    connection.execute(delete(SCRATCH))
    connection.execute(insert(SCRATCH), {column: value})
    return connection.execute(select(SCRATCH.c[column])).scalar_one()


@on_one_connection
@given(number=NUMBERS)
def test_a_number_comes_back_digit_by_digit(connection: Connection, number: Decimal) -> None:
    found = back(connection, "number", number)
    assert isinstance(found, Decimal)
    assert found.as_tuple() == number.as_tuple()


@pytest.mark.parametrize("words", ["0", "1.10", "0.000000000000001", "999999999999999.9"])
def test_its_digits_are_kept_as_text(connection: Connection, words: str) -> None:
    back(connection, "number", Decimal(words))
    assert connection.exec_driver_sql("SELECT number FROM scratch").scalar_one() == words


def test_a_great_number_is_kept_without_an_exponent(connection: Connection) -> None:
    assert str(back(connection, "number", Decimal("1E+3"))) == "1000"


@pytest.mark.parametrize("value", [1.5, 1, "1.1", Decimal("NaN"), Decimal("inf")])
def test_nothing_but_a_finite_decimal_is_taken(connection: Connection, value: object) -> None:
    with pytest.raises(StatementError, match="takes a finite Decimal"):
        back(connection, "number", value)


@on_one_connection
@given(moment=MOMENTS)
def test_a_time_comes_back_at_its_instant_and_in_its_zone(
    connection: Connection, moment: datetime
) -> None:
    found = back(connection, "moment", moment)
    assert isinstance(found, datetime)
    again = with_offset(found, offset_min(moment))
    assert (again, again.utcoffset()) == (moment, moment.utcoffset())
    assert again.replace(tzinfo=None) == moment.replace(tzinfo=None)


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    naive = datetime(2031, 5, 6, 9)  # noqa: DTZ001
    with pytest.raises(StatementError):
        back(connection, "moment", naive)
    with pytest.raises(TypeError):
        offset_min(naive)


def test_universal_time_has_no_offset() -> None:
    moment = datetime(2031, 5, 6, 9, tzinfo=UTC)
    assert offset_min(moment) == 0
    assert with_offset(moment, 0).tzinfo is UTC
