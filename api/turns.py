"""Charting acts of requests, in the queue to a write and without a thread for each.

The server's loop hands an act to the `Runner` of the clinic's door and waits; it is woken once for
all the acts of a commit. What takes its time before a write, such as proving a second person's
secret, has no place in here: it would keep everyone behind it waiting.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar, cast
from uuid import UUID

from protocol.records.database import Database
from protocol.records.prepared import Ask
from protocol.records.runner import Answer, Runner, Turn

T = TypeVar("T")
TOKENS_MAX = 10_000


class Turns:
    """The runners of one server, by clinic, and to which clinic a token belongs for ever."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runners: dict[UUID, Runner] = {}
        self._clinics: dict[str, UUID] = {}

    def clinic_of(self, token_hash: str) -> UUID | None:
        """The clinic of a token that was valid once; whether it still is, its act looks up."""
        return self._clinics.get(token_hash)

    def remember(self, token_hash: str, clinic_id: UUID) -> None:
        """Keep a token's clinic: it never changes."""
        if len(self._clinics) >= TOKENS_MAX:
            self._clinics.clear()
        self._clinics[token_hash] = clinic_id

    async def run(self, clinic_id: UUID, act: Callable[[Turn], T], asks: Sequence[Ask]) -> T:
        """What the act answers, after the commit that holds it. Raises what it raises."""
        runner = self._runners.get(clinic_id)
        if runner is None:
            loop = asyncio.get_running_loop()
            runner = self._runners[clinic_id] = Runner(
                self._database, clinic_id, lambda answers: _wake(loop, answers)
            )
        waiting: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        runner.submit(act, waiting, asks)
        return cast("T", await waiting)

    def close(self) -> None:
        """End the runners when everything submitted has been answered."""
        for runner in self._runners.values():
            runner.close()
        self._runners.clear()


def _wake(loop: asyncio.AbstractEventLoop, answers: Sequence[Answer]) -> None:
    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        loop.call_soon_threadsafe(_settle, answers)


def _settle(answers: Sequence[Answer]) -> None:
    for one in answers:
        if one.caller.done():  # the client went away; what it sent is stored all the same
            continue
        if one.error is None:
            one.caller.set_result(one.result)
        else:
            one.caller.set_exception(one.error)
