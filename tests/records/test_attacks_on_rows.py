"""Every row of the record is sealed by its entry: change, take away or add one, and it is named."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Table, text

from protocol.records.sealing import ENTRIES
from protocol.records.verifying import verify
from protocol.rules.audit import Fault
from tests.commands.world import World
from tests.records.attack import SEALED_TABLES, Attack, Values, something_else, twin


@pytest.fixture
def attack(lived_in: World) -> Iterator[Attack]:
    assert lived_in.fault() is None
    with Attack(lived_in) as attacking:
        yield attacking


def first_rows(attack: Attack) -> list[tuple[Table, Values]]:
    return [(one, attack.rows(one)[0]) for one in SEALED_TABLES]


def columns(attack: Attack) -> list[tuple[Table, Values, Column[Any]]]:
    """Every column, with its table and first row.

    On PostgreSQL, where a verification costs more: the last of each table, and one of each type.
    """
    everyone = [(one, row, column) for one, row in first_rows(attack) for column in one.c]
    if attack.world.database.is_sqlite:
        return everyone
    typical = {id(column) for column in {repr(c.type): c for _, _, c in everyone}.values()}
    typical |= {id(list(one.c)[-1]) for one in SEALED_TABLES}
    return [each for each in everyone if id(each[2]) in typical]


def expected(one: Table, row: Values) -> set[int]:
    """Where the fault is named: at the entry that sealed the row, or for a tombstone at the
    entry whose detail it stands for, which comes first."""
    stands_for = {row["number"]} if one.name == "tombstone" else set()
    return {row["audit_number"]} | stands_for


def _number(fault: Fault | None) -> int | None:
    return None if fault is None else fault.number


def test_an_edit_of_any_column_of_any_row_is_named(lived_in: World, attack: Attack) -> None:
    unseen = {}
    for one, row, column in columns(attack):
        other = something_else(column, row[column.name])
        with attack.edited(one, row, **{column.name: other}):
            fault = lived_in.fault()
        named = fault is not None and fault.number in expected(one, row)
        if fault is None or not named or not {"rows", "tombstone"} & set(fault.what.split()):
            unseen[f"{one.name}.{column.name}"] = fault
    assert unseen == {}
    assert lived_in.fault() is None


def test_a_row_that_is_gone_is_named(lived_in: World, attack: Attack) -> None:
    unseen = {}
    for one, row in first_rows(attack):
        with attack.deleted(one, row):
            if _number(lived_in.fault()) not in expected(one, row):
                unseen[one.name] = lived_in.fault()
    assert unseen == {}
    assert lived_in.fault() is None


def test_a_forged_row_beside_a_true_one_is_named(lived_in: World, attack: Attack) -> None:
    unseen = {}
    for one, row in first_rows(attack):
        if one.name != "clinic":  # a second clinic is a chain of its own
            with attack.added(one, twin(one, row)):
                if _number(lived_in.fault()) != row["audit_number"]:
                    unseen[one.name] = lived_in.fault()
    assert unseen == {}


def test_a_forged_row_that_no_entry_sealed_is_named(lived_in: World, attack: Attack) -> None:
    unseen, beyond = {}, attack.last + 5
    for one, row in first_rows(attack):
        if one.name != "clinic":
            with attack.added(one, twin(one, row) | {"audit_number": beyond}):
                if _number(lived_in.fault()) != beyond:
                    unseen[one.name] = lived_in.fault()
    assert unseen == {}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_row_at_an_entry_that_sealed_none_is_named(lived_in: World, attack: Attack) -> None:
    view = next(row for row in attack.rows(ENTRIES) if row["action"] == "session:view")["number"]
    for one, row in first_rows(attack):
        if one.name != "clinic":
            with attack.added(one, twin(one, row) | {"audit_number": view}):
                assert _number(lived_in.fault()) == view, one.name


def test_a_second_clinic_without_a_chain_is_named(lived_in: World, attack: Attack) -> None:
    clinic = next(one for one in SEALED_TABLES if one.name == "clinic")
    other = UUID(int=7)
    with attack.added(clinic, attack.rows(clinic)[0] | {"clinic_id": other}):
        faults = [one.fault for one in verify(lived_in.database) if one.fault]
    assert [(fault.clinic_id, fault.number) for fault in faults] == [(str(other), 1)]


UNREADABLE = [
    ("entry", "observed_at", "yesterday"),
    ("entry", "id", "no id at all"),
    ("observation", "value", "a lot"),
    ("patient_version", "born_on", "long ago"),
    ("entry", "clinic_id", "no clinic at all"),
    ("weight", "audit_number", "no number"),
]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("name", "column", "words"), UNREADABLE)
def test_a_value_that_no_program_of_ours_writes_is_named(
    lived_in: World, attack: Attack, name: str, column: str, words: str
) -> None:
    one = next(each for each in SEALED_TABLES if each.name == name)
    number = attack.rows(one)[0]["audit_number"]
    statement = f"UPDATE {name} SET {column} = '{words}' WHERE audit_number = {number}"
    attack.do(text(statement))
    assert _number(lived_in.fault()) == number
