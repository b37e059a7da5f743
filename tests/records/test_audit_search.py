"""Searches of the trail: what is sought is found, in every order, along one index range (R15)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from protocol.records import audit_search
from protocol.records.audit_search import NEWEST_FIRST, AuditLine, Order, Sought, every, find
from protocol.records.windows import last_number
from protocol.rules.audit import SORTABLE, Outcome, entry_hash
from protocol.rules.errors import NotFound, TooWide
from tests.commands.templates import TRAIL, Templates
from tests.commands.world import NINE, World
from tests.records.trails import ACTS, nth

FILTERS: dict[str, Any] = {
    "person_id": nth(1, 5), "patient_id": nth(2, 7), "session_id": nth(3, 11),
    "action": ACTS[3], "outcome": Outcome.REFUSED,
}  # fmt: skip
WINDOW: dict[str, Any] = {
    "since": NINE + timedelta(minutes=9),
    "until": NINE + timedelta(minutes=31),
}
WINDOWS: tuple[dict[str, Any], ...] = ({}, WINDOW)


@pytest.fixture
def trail(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A clinic with a trail of many people, patients and acts."""
    with templates.copy(engine_name, "trail", tmp_path) as copied:
        yield copied


@pytest.fixture
def long_trail(engine_name: str, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """A clinic with four times as many entries: enough for a plan that reads them all to show."""
    with templates.copy(engine_name, "long_trail", tmp_path) as copied:
        yield copied


def found(world: World, sought: Sought, order: Order = NEWEST_FIRST, limit: int = 90) -> list[int]:
    """Every number, page by page."""
    numbers: list[int] = []
    after = None
    with world.database.looking() as connection:
        while True:
            page = find(connection, world.clinic, sought, order, after=after, limit=limit)
            numbers += [one.entry.number for one in page.lines]
            after = page.next
            if after is None:
                return numbers


def everything(world: World) -> list[AuditLine]:
    with world.database.looking() as connection:
        up_to = last_number(connection, world.clinic)
    return list(every(world.clinic, Sought(), NEWEST_FIRST, up_to=up_to))


def is_sought(line: AuditLine, sought: Sought) -> bool:
    names = ("person_id", "patient_id", "session_id", "action", "outcome")
    wanted = {name: getattr(sought, name) for name in names}
    same = all(value is None or getattr(line.entry, name) == str(value)
               for name, value in wanted.items())  # fmt: skip
    said = sought.said()
    return same and said.get("since", "") <= line.entry.at < said.get("until", "9")


def test_every_combination_of_what_is_asked_finds_what_fits_and_nothing_else(
    trail: World,
) -> None:
    lines = everything(trail)
    assert {one.entry.number for one in lines} == set(range(1, len(lines) + 1))
    times = [(one.entry.at, one.entry.number) for one in lines]
    assert times == sorted(times, reverse=True)
    asked: list[dict[str, Any]] = [
        dict(pick) for size in range(4) for pick in combinations(FILTERS.items(), size)
    ]
    asked += [{**one, "outcome": Outcome.DONE} for one in asked if "outcome" not in one]
    for one, window in product(asked, WINDOWS):
        sought = Sought(**one, **window)
        fitting = [line.entry.number for line in lines if is_sought(line, sought)]
        assert found(trail, sought) == fitting, sought


@pytest.mark.parametrize("descending", [True, False])
def test_every_recorded_field_sorts_a_window_from_end_to_end(
    trail: World, descending: bool
) -> None:
    lines = [one for one in everything(trail) if is_sought(one, Sought(**WINDOW))]
    for name in SORTABLE:

        def key(one: AuditLine, name: str = name) -> tuple[Any, int]:
            value = one.hash if name == "hash" else getattr(one.entry, name)
            return value, one.entry.number

        ordered = sorted(lines, key=key, reverse=descending)
        sought, order = Sought(**WINDOW), Order(name, descending)
        assert found(trail, sought, order, 400) == [one.entry.number for one in ordered], name


def test_a_line_holds_all_that_was_hashed(trail: World) -> None:
    for line in everything(trail)[:50]:
        assert entry_hash(line.entry) == line.hash
        assert line.detail == {}


def test_a_page_goes_on_behind_an_entry_that_is_there(trail: World) -> None:
    with trail.database.looking() as connection, pytest.raises(NotFound):
        find(connection, trail.clinic, Sought(), after=10**6)


def test_what_is_looked_for_among_many_gives_short_pages_and_all_of_it(
    trail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought = Sought(person_id=nth(1, 5), outcome=Outcome.DONE, patient_id=nth(2, 7))
    rare = Sought(action=ACTS[3], person_id=nth(1, 5))
    whole, few = found(trail, sought), found(trail, rare)
    monkeypatch.setattr(audit_search, "SCANNED_MAX", 13)
    assert found(trail, sought) == whole
    assert found(trail, rare) == few
    assert found(trail, rare, Order(descending=False)) == few[::-1]


def test_a_long_list_is_sorted_by_time_and_by_nothing_else(
    trail: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "SORTED_MAX", 100)
    with pytest.raises(TooWide, match="up to 100 entries"):
        found(trail, Sought(), Order("roles"))
    assert len(found(trail, Sought())) > TRAIL
    assert len(found(trail, Sought(), Order("number"))) > TRAIL
    assert len(found(trail, Sought(session_id=nth(3, 11)), Order("roles"))) > 3


def statements(world: World, sought: Sought, order: Order) -> list[tuple[str, Any]]:
    """What a first and a second page ask the database about the trail."""
    asked: list[tuple[str, Any]] = []

    def keep(_c: object, _cursor: object, words: str, bound: Any, *_: object) -> None:
        if "audit_entry" in words:
            asked.append((words, bound))

    event.listen(world.database.engine, "before_cursor_execute", keep)
    try:
        with world.database.looking() as connection:
            page = find(connection, world.clinic, sought, order, limit=5)
            if page.next is not None:
                find(connection, world.clinic, sought, order, after=page.next, limit=5)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", keep)
    return asked


def plan(world: World, words: str, bound: Any) -> Iterator[str]:
    explain = "EXPLAIN QUERY PLAN " if world.database.is_sqlite else "EXPLAIN "
    with world.database.engine.connect() as connection:
        for row in connection.exec_driver_sql(explain + words, bound):
            yield str(row[-1])


def unbounded(steps: list[str], *, narrow: bool, streams: bool) -> list[str]:
    """Steps that read the whole trail, or a clinic's whole part of it where less is asked, or
    that sort before the bounded stretch (a subquery with its LIMIT) was taken."""
    named = [
        number for number, step in enumerate(steps) if "anon" in step and "SCAN" in step.upper()
    ]
    inner = (
        range(named[0] + 1, len(steps))
        if "Subquery Scan" in str(steps)
        else range(named[0] if named else len(steps))
    )
    found = []
    for number, step in enumerate(steps):
        whole = "SCAN audit_entry" in step or "Seq Scan on audit_entry" in step
        clinic = step.endswith("(clinic_id=?)") or ("Index Cond" in step and " AND " not in step)
        sorts = "USE TEMP B-TREE" in step or "Sort" in step.partition("(")[0]
        early = sorts and streams and (not named or number in inner)
        if whole or (narrow and clinic) or early:
            found.append(step)
    return found


def faults(world: World, sought: Sought, order: Order) -> list[str]:
    """Each unbounded step, with what was asked."""
    streams = order.by == "at" or (order.by == "number" and sought == Sought())
    asked = sought._replace(outcome=None if sought.outcome == "done" else sought.outcome)
    return [
        f"{sought.said()} by {order.by}: {step} in {words}"
        for words, bound in statements(world, sought, order)
        for step in unbounded(
            [*plan(world, words, bound)], narrow=asked != Sought(), streams=streams
        )
    ]


def test_no_search_reads_the_whole_trail_or_sorts_it(long_trail: World) -> None:
    """EXPLAIN of every filter, alone and with a window, with every order that is offered."""
    world = long_trail
    if not world.database.is_sqlite:
        with world.database.begin_write() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
    alone = [{name: value} for name, value in FILTERS.items()]
    pairs = [dict(pick) for pick in combinations(FILTERS.items(), 2)]
    done: list[dict[str, Any]] = [{"outcome": Outcome.DONE}]
    done.append({"outcome": Outcome.DONE, "person_id": nth(1, 5)})
    asked: list[dict[str, Any]] = [{}, *alone, *pairs, *done]
    found = []
    for one, window, descending in product(asked, WINDOWS, (True, False)):
        found += faults(world, Sought(**one, **window), Order("at", descending))
    found += faults(world, Sought(), Order("number"))
    for one, name in product([*alone, *pairs], SORTABLE):
        found += faults(world, Sought(**one), Order(name))
    for one, name in product(asked, SORTABLE):
        found += faults(world, Sought(**one, **WINDOW), Order(name))
    assert found == []


@pytest.mark.parametrize("name", ["at", "person", "patient", "session", "action", "not_done"])
def test_a_search_without_its_index_is_seen_to_read_too_much(long_trail: World, name: str) -> None:
    world = long_trail
    with world.database.begin_write() as connection:
        connection.execute(text(f"DROP INDEX ix_audit_entry_{name}"))
        connection.execute(text("ANALYZE"))
        connection.commit()
    field = {"not_done": "outcome", "action": "action"}.get(name, f"{name}_id")
    sought = Sought(**WINDOW) if name == "at" else Sought(**{field: FILTERS[field]})
    assert faults(world, sought, NEWEST_FIRST)
