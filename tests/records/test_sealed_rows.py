"""The bytes that a verification makes from stored rows are the ones that their entries sealed."""

import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, insert, select, text

from protocol.records.columns import ExactText
from protocol.records.raw import Raw
from protocol.records.sealed_rows import TABLES, RowBytes, SealedRows, stored_type
from protocol.rules.audit import row_bytes
from tests.commands.world import World
from tests.records.attack import listed

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
_INSTANTS = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_EXACT = st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-99, max_value=10**9
)
VALUES: dict[type, st.SearchStrategy[Any]] = {
    UUID: st.uuids(), datetime: _INSTANTS, Decimal: _EXACT, bool: st.booleans(),
    int: st.integers(1, 2**31 - 1), str: _TEXT,
}  # fmt: skip


def both(world: World) -> tuple[dict[str, list[bytes]], dict[str, list[bytes]]]:
    """Every sealed row's bytes by table: as the act made them, and as a verification does."""
    sealed, made = {}, {}
    with world.database.looking() as connection:
        raw = Raw(connection)
        clinic = world.clinic.id.hex if raw.is_sqlite else world.clinic.id
        for one in TABLES:
            rows = connection.execute(select(one).where(one.c.clinic_id == world.clinic.id)).all()
            sealed[one.name] = sorted(row_bytes(one.name, dict(row._mapping)) for row in rows)
            form = RowBytes(one, raw.is_sqlite)
            found = form.of(raw.rows(form.statement, clinic, 0, 2**31 - 1))
            made[one.name] = sorted(content for _, content in found)
    return sealed, made


def test_every_row_of_a_lived_in_clinic_gives_the_bytes_that_were_sealed(lived_in: World) -> None:
    sealed, made = both(lived_in)
    assert made == sealed
    assert all(sealed.values())


def _strategy(column: Column[Any]) -> st.SearchStrategy[Any]:
    kind = Decimal if isinstance(column.type, ExactText) else stored_type(column)
    found = VALUES.get(kind, st.dates())
    if named := listed(column):
        found = st.sampled_from(named)
    return st.none() | found if column.nullable else found


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.data())
def test_whatever_a_row_holds_gives_the_bytes_that_were_sealed(
    world: World, data: st.DataObject
) -> None:
    with world.database.engine.connect() as connection, connection.begin() as transaction:
        loose = "PRAGMA defer_foreign_keys=ON" if world.database.is_sqlite else (
            "SET LOCAL session_replication_role = replica"
        )  # fmt: skip
        connection.execute(text(loose))
        raw = Raw(connection)
        for one in TABLES:
            row = {c.name: data.draw(_strategy(c), label=f"{one.name}.{c.name}") for c in one.c}
            connection.execute(insert(one), [row])
            form = RowBytes(one, raw.is_sqlite)
            clinic = row["clinic_id"].hex if raw.is_sqlite else row["clinic_id"]
            number = row["audit_number"]
            [(found, content)] = form.of(raw.rows(form.statement, clinic, number, number))
            assert (found, content) == (number, row_bytes(one.name, row))
        transaction.rollback()


def test_rows_come_by_the_number_of_their_entry(lived_in: World) -> None:
    with lived_in.database.looking() as connection:
        rows = SealedRows(Raw(connection), lived_in.clinic.id, 1, 50)
        first, second = rows.up_to(20), rows.up_to(50)
        rows.close()
    assert set(first) <= set(range(1, 21))
    assert set(second) <= set(range(21, 51))
    assert 1 in first
    assert second


def test_two_readers_of_one_connection_do_not_meet(lived_in: World) -> None:
    statement = "SELECT number FROM audit_entry ORDER BY number"
    with lived_in.database.looking() as connection:
        one, other = Raw(connection), Raw(connection)
        first, second = one.pages(statement, size=5), other.pages(statement, size=7)
        pages = [next(first), next(second), next(first), next(second)]
        first.close()
        second.close()
    assert [page[0][0] for page in pages] == [1, 1, 6, 8]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("column", "value"),
    [("id", "id || char(0) || 'x'"), ("id", "upper(id)"), ("id", "'a-b-c'"),
     ("observed_at", "replace(observed_at, ' ', 'T')"), ("observed_at", "observed_at || '0'"),
     ("kind", "kind || char(0)"), ("audit_number", "audit_number + 0.5"),
     ("observed_offset_min", "'one'")],
)  # fmt: skip
def test_what_no_program_of_ours_stores_never_gives_the_sealed_bytes(
    lived_in: World, column: str, value: str
) -> None:
    before = both(lived_in)[1]["entry"]
    path = str(lived_in.database.path)
    with lived_in.database.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_entry_update")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
    lived_in.database.close()
    with sqlite3.connect(path) as plain:
        plain.execute(
            f"UPDATE entry SET {column} = {value} WHERE rowid = (SELECT min(rowid) FROM entry)"
        )
    plain.close()
    with lived_in.database.looking() as connection:
        raw = Raw(connection)
        form = RowBytes(next(one for one in TABLES if one.name == "entry"), True)
        after = form.of(raw.rows(form.statement, lived_in.clinic.id.hex, 0, 2**31 - 1))
    assert len(set(before) - {content for _, content in after}) == 1
