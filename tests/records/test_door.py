"""The queue to a write: in order, sharing commits, and never answered before the commit (R171)."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from protocol.records.database import Database
from protocol.records.door import GROUP_MAX, Door, Group, NotStored
from protocol.records.tables import AuditEntryRow
from protocol.records.waiting import COLUMNS

SCRATCH = (
    "CREATE TABLE known (id INTEGER PRIMARY KEY)",
    "INSERT INTO known VALUES (0)",
    # A row that breaks this is found at the commit, and the commit fails.
    """CREATE TABLE written (
        id INTEGER, of_id INTEGER REFERENCES known (id) DEFERRABLE INITIALLY DEFERRED
    )""",
)
GOOD, BAD = 0, 99


class Acting(threading.Thread):
    """One act: it enters, does its work, leaves, and keeps what came of it."""

    def __init__(self, door: Door, does: Callable[[Group], None]) -> None:
        super().__init__(daemon=True)
        self.door, self.does = door, does
        self.answered = False
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            group = self.door.enter()
            try:
                self.does(group)
            finally:
                self.door.leave(group)
            self.answered = True
        except BaseException as error:
            self.error = error

    def end(self) -> BaseException | None:
        self.join(30)
        assert not self.is_alive(), "the act waits for ever"
        return self.error


@pytest.fixture
def scratch(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.begin_write() as connection:
        for statement in SCRATCH:
            connection.execute(text(statement))
        connection.commit()
    yield database
    database.close()


@pytest.fixture
def door(scratch: Database) -> Door:
    return Door(scratch.begin_write)


def writes(number: int, of_id: int = GOOD) -> Callable[[Group], None]:
    def write(group: Group) -> None:
        group.connection.execute(
            text("INSERT INTO written VALUES (:id, :of_id)"), {"id": number, "of_id": of_id}
        )

    return write


def stored(database: Database) -> list[int]:
    with database.looking() as connection:
        return list(connection.execute(text("SELECT id FROM written ORDER BY id")).scalars())


def queue(door: Door, does: list[Callable[[Group], None]]) -> list[Acting]:
    """Acts that wait for their turn in this order."""
    acts = []
    for one in does:
        acts.append(Acting(door, one))
        while len(door._waiting) < len(acts):
            time.sleep(0.001)
    return acts


def held(door: Door, does: list[Callable[[Group], None]]) -> tuple[Group, list[Acting]]:
    """The turn, taken by this thread, and acts that wait behind it."""
    group = door.enter()
    return group, queue(door, does)


def test_acts_pass_in_the_order_in_which_they_came(door: Door) -> None:
    order: list[int] = []
    numbers = list(range(12))
    group, acts = held(
        door,
        [lambda _, n=n: order.append(n) for n in numbers],  # type: ignore[misc]
    )
    door.leave(group)
    assert [act.end() for act in acts] == [None] * 12
    assert order == numbers


def test_acts_that_wait_share_one_commit(door: Door, scratch: Database) -> None:
    groups: list[Group] = []
    group, acts = held(door, [groups.append] * 5)
    door.leave(group)
    assert [act.end() for act in acts] == [None] * 5
    assert groups == [group] * 5


def test_no_act_is_answered_before_the_commit_that_holds_it(door: Door, scratch: Database) -> None:
    last_has_turn, go_on = threading.Event(), threading.Event()

    def lingers(group: Group) -> None:
        writes(2)(group)
        last_has_turn.set()
        assert go_on.wait(30)

    group, (first, last) = held(door, [writes(1), lingers])
    leaving = threading.Thread(target=door.leave, args=(group,), daemon=True)
    leaving.start()
    assert last_has_turn.wait(30)
    first.join(0.05)
    assert (first.answered, leaving.is_alive(), stored(scratch)) == (False, True, [])
    go_on.set()
    assert (first.end(), last.end()) == (None, None)
    leaving.join(30)
    assert stored(scratch) == [1, 2]


def test_a_commit_that_fails_stores_nothing_and_tells_everyone_in_it(
    door: Door, scratch: Database
) -> None:
    group, acts = held(door, [writes(1), writes(2, BAD), writes(3)])
    with pytest.raises(NotStored) as own:
        door.leave(group)
    errors = [act.end() for act in acts]
    assert [type(error) for error in errors] == [NotStored] * 3
    assert isinstance(own.value.__cause__, IntegrityError)
    assert not any(act.answered for act in acts)
    assert stored(scratch) == []


def test_after_a_failed_commit_the_next_act_is_stored(door: Door, scratch: Database) -> None:
    assert isinstance(Acting(door, writes(1, BAD)).end(), NotStored)
    assert Acting(door, writes(2)).end() is None
    assert stored(scratch) == [2]


def test_rows_that_wait_and_cannot_be_written_store_nothing(door: Door, scratch: Database) -> None:
    def leaves(group: Group) -> None:
        group.waiting.add(AuditEntryRow, dict.fromkeys(COLUMNS[AuditEntryRow]))  # no such table

    group, acts = held(door, [writes(1), leaves])
    with pytest.raises(NotStored):
        door.leave(group)
    assert [type(act.end()) for act in acts] == [NotStored] * 2
    assert stored(scratch) == []


def test_an_endless_queue_keeps_nobody_waiting_for_ever(door: Door, scratch: Database) -> None:
    groups: list[Group] = []
    group, acts = held(door, [groups.append] * (GROUP_MAX + 5))
    door.leave(group)
    assert [act.end() for act in acts] == [None] * len(acts)
    assert groups.count(group) == GROUP_MAX - 1
    assert len(set(map(id, groups))) == 2


def test_a_begin_that_fails_ends_its_own_act_and_no_later_one(scratch: Database) -> None:
    works = iter([True, False, False, True])

    def begins() -> Connection:
        if next(works):
            return scratch.begin_write()
        raise OSError("the disk is gone")

    door = Door(begins)
    ends = [Acting(door, writes(number)).end() for number in range(4)]
    assert [type(end) for end in ends] == [type(None), OSError, OSError, type(None)]
    assert stored(scratch) == [0, 3]


def test_acts_that_wait_while_a_begin_fails_get_their_turn(scratch: Database) -> None:
    may_fail, tries = threading.Event(), []

    def begins() -> Connection:
        tries.append(threading.get_ident())
        if len(tries) == 1:
            assert may_fail.wait(30)
            raise OSError("the disk is gone")
        return scratch.begin_write()

    door = Door(begins)
    first = Acting(door, writes(1))
    while not tries:
        time.sleep(0.001)
    others = queue(door, [writes(2), writes(3)])
    may_fail.set()
    assert isinstance(first.end(), OSError)
    assert [act.end() for act in others] == [None, None]
    assert stored(scratch) == [2, 3]
