"""One thread that runs the acts of a server, one after another, and answers them together.

A thread for each act pays for waking it, and for the interpreter lock it waits for at every
statement: with eight clients that was more than the act. Here the acts that wait share a turn at
the door, hence a commit, and whoever waits for them is told once.
"""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from protocol.records.database import Database
from protocol.records.door import GROUP_MAX, Group, HalfWritten, NotStored
from protocol.records.prepared import Ask, command
from protocol.records.sealing import head

# What an act is given, to look up who acts.
Turn = Group


class Submitted(NamedTuple):
    """An act, whatever its caller knows it again by, and what it will ask."""

    act: Callable[[Turn], object]
    caller: Any
    asks: Sequence[Ask]


class Answer(NamedTuple):
    """What came of an act: its result, or what it raised."""

    caller: Any
    result: object
    error: BaseException | None


class Runner:
    """Runs what is submitted. `answer` is called from the runner's thread, after the commit."""

    def __init__(
        self, database: Database, clinic_id: UUID, answer: Callable[[Sequence[Answer]], None]
    ) -> None:
        self._database, self._clinic_id, self._answer = database, clinic_id, answer
        self._door = database.door(str(clinic_id))
        self._waiting: SimpleQueue[Submitted | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="acts", daemon=True)
        self._thread.start()

    def submit(
        self, act: Callable[[Turn], object], caller: object, asks: Sequence[Ask] = ()
    ) -> None:
        """Have the act run; it is given its turn, and may run twice.

        An act whose group failed is run again by itself: its ids make that harmless (decision 10).
        What it `asks` is asked together with what the others ask, where each question is a journey.
        """
        self._waiting.put(Submitted(act, caller, asks))

    def close(self) -> None:
        """End the thread when everything submitted has been answered."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            together: list[Submitted] = []
            try:
                answers = self._share(first, together)
            except BaseException as error:
                answers = [self._alone(one, error) for one in together]
            self._answer(answers)

    def _share(self, first: Submitted, together: list[Submitted]) -> list[Answer]:
        """Run the act and those that came meanwhile in one turn; `together` is all it took."""
        answers: list[Answer] = []
        together.append(first)
        with self._door.turn(repeats=True) as group:
            while len(answers) < len(together):
                while len(together) < GROUP_MAX and (following := self._next()) is not None:
                    together.append(following)
                self._ask_ahead(group, together[len(answers) :])
                answers += [_answered(one, group) for one in together[len(answers) :]]
        return answers

    def _ask_ahead(self, group: Group, together: Sequence[Submitted]) -> None:
        asked = [ask for one in together for ask in one.asks]
        if asked and not self._database.is_sqlite:
            head(group, self._database, str(self._clinic_id))  # others are locked out from here on
            group.ask_ahead(list(dict.fromkeys(asked)))

    def _next(self) -> Submitted | None:
        try:
            following = self._waiting.get_nowait()
        except Empty:
            return None
        if following is None:  # the runner is closing: seen again by `_run`
            self._waiting.put(None)
        return following

    def _alone(self, one: Submitted, failure: BaseException) -> Answer:
        if not isinstance(failure, NotStored):
            return Answer(one.caller, None, failure)
        try:
            with self._door.turn() as group:
                return _answered(one, group)
        except BaseException as error:
            return Answer(one.caller, None, error)


def _answered(one: Submitted, group: Group) -> Answer:
    """Run one act. What spoils a group that is run again is raised; else it is undone alone."""
    if not group.repeatable:
        command(group.connection, "SAVEPOINT turn")
    try:
        return Answer(one.caller, one.act(group), None)
    except (DBAPIError, HalfWritten) as error:
        if group.repeatable:
            raise
        command(group.connection, "ROLLBACK TO SAVEPOINT turn")
        failed = NotStored("The record could not be stored; nothing was kept.")
        failed.__cause__ = error
        return Answer(one.caller, None, failed)
    except BaseException as error:
        return Answer(one.caller, None, error)
