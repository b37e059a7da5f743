"""The queue to a write: acts pass one by one, in order, and share a commit when more are waiting.

`BEGIN IMMEDIATE` under threads busy-waits with a p99 of a second; writers that queue and share one
durable commit give four to five times the throughput on both engines (performance B). An act is
answered only after the commit that holds it (R171). It runs in its own thread, or in the one thread
of a server's `Runner` (runner.py), which takes a turn for all the acts that wait there.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection

from protocol.records.prepared import Ask, Rows, ask_all
from protocol.records.waiting import Waiting

# So that the first act of a group is not kept waiting by an endless queue behind it.
GROUP_MAX = 64


class NotStored(Exception):
    """The commit that held an act failed: nothing of it is in the record."""


class HalfWritten(Exception):
    """An act failed between its rows and its entry, in a group whose acts are run again."""


class Group:
    """The acts of one transaction: the connection they share and what they leave for its commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.heads: dict[str, tuple[int, str]] = {}
        self.waiting = Waiting(connection)
        self.known: dict[Ask, Rows] = {}
        self.tickets: list[threading.Lock] = []
        self.size = 0
        self.repeatable = False
        self.spoilt: BaseException | None = None
        self.error: BaseException | None = None

    def ask_ahead(self, asked: Sequence[Ask]) -> None:
        """Ask what acts of this group are about to ask, all of it in one journey."""
        self.known.update(zip(asked, ask_all(self.connection, asked), strict=True))

    def ask(self, asked: Sequence[Ask], session_id: UUID | None = None) -> list[Rows]:
        """The answers; those asked ahead hold until a row of their session was left."""
        touched = session_id is not None and self.waiting.touches(session_id)
        known = [self.known.pop(one, None) for one in asked]
        answers = [one for one in known if one is not None]
        if touched or len(answers) < len(asked):
            answers = ask_all(self.connection, asked)
        return answers


class Door:
    """First come, first served. `enter` waits for the turn, `leave` for the commit."""

    def __init__(self, begin: Callable[[], Connection]) -> None:
        self._begin = begin
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False
        self._group: Group | None = None
        self._several: int | None = None

    @contextmanager
    def turn(self, *, repeats: bool = False) -> Iterator[Group]:
        """A turn for several acts of this thread: their `enter` and `leave` nest in it.

        What the block raises undoes the whole group, so that whoever can run the acts again needs
        no savepoint for each: they doubled the cost of an act's rows. Where another thread's act is
        in the group already, the savepoints stay. Raises NotStored as `leave` does.
        """
        group = self.enter()
        group.repeatable = repeats and group.size == 0
        self._several = threading.get_ident()
        try:
            yield group
            group.waiting.write()
        except BaseException as error:
            group.spoilt = error
        finally:
            self._several = None
            group.repeatable = False
            self.leave(group)

    def enter(self) -> Group:
        """Wait for the turn; the transaction is open, and this thread alone uses it."""
        if self._several == threading.get_ident() and self._group is not None:
            return self._group
        ticket = None
        with self._mutex:
            if self._taken:
                ticket = _ticket()
                self._waiting.append(ticket)
            self._taken = True
        if ticket is not None:
            ticket.acquire()
        if self._group is None:
            try:
                self._group = Group(self._begin())
            except BaseException:
                self._pass_on()
                raise
        return self._group

    def leave(self, group: Group) -> None:
        """End the turn: hand it on inside the same transaction, or commit for everyone in it.

        Raises NotStored when the commit failed.
        """
        if self._several == threading.get_ident():
            group.size += 1
            return
        following = None
        with self._mutex:
            group.size += 1
            if self._waiting and group.size < GROUP_MAX and group.spoilt is None:
                following = self._waiting.popleft()
        if following is not None:
            ticket = _ticket()
            group.tickets.append(ticket)
            following.release()
            ticket.acquire()
        else:
            self._commit(group)
        if group.error is not None:
            raise NotStored("The record could not be stored; nothing was kept.") from group.error

    def _commit(self, group: Group) -> None:
        try:
            if group.spoilt is not None:
                raise group.spoilt
            group.waiting.write()
            group.connection.commit()
        except BaseException as error:
            group.error = error
            group.connection.rollback()
        finally:
            self._group = None
            group.connection.close()
            self._pass_on()
            for ticket in group.tickets:
                ticket.release()

    def _pass_on(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


def _ticket() -> threading.Lock:
    ticket = threading.Lock()
    ticket.acquire()
    return ticket
