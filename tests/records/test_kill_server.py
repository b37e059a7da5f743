"""kill -9 on the server itself: every note that it answered with 201 is in the record (R170)."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection as Caller
from http.client import HTTPException
from uuid import UUID

from uuid_utils.compat import uuid7

from tests.commands.world import SECRET, World
from tests.house.tree import ROOT
from tests.records.processes import lost

KILLS, CALLERS, NOTES_BEFORE = 2, 4, 25
GONE = (OSError, HTTPException)
# What was charted before the server is killed carries the server's own clock.
EARLIER = datetime(2026, 1, 2, 9, 0, tzinfo=UTC).isoformat()


class Served:
    """The clinic, served by the program itself in a process of its own."""

    def __init__(self, world: World) -> None:
        self.session = world.session
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", "0"],
            cwd=ROOT,
            env=os.environ | {"CHAIRSIDE_DATABASE_URL": world.database.url},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        said = re.search(r":(\d+)/", self._process.stdout.readline())
        assert said, "the server did not start"
        self.port = int(said[1])

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def post(self, caller: Caller, path: str, token: str, **body: object) -> int:
        """Send it; answers the status once the whole answer has come."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        caller.request("POST", f"/api/v1{path}", json.dumps(body), headers)
        answer = caller.getresponse()
        self.answer = json.loads(answer.read())
        return answer.status

    def connection(self) -> Caller:
        return Caller("127.0.0.1", self.port, timeout=30)

    def token(self) -> str:
        caller = self.connection()
        assert self.post(caller, "/sign-in", "-", username="nurse", secret=SECRET) in (200, 201)
        caller.close()
        return str(self.answer["token"])

    def chart(self, token: str, acknowledged: list[UUID], enough: threading.Event) -> None:
        """Chart notes until the server is gone."""
        caller = self.connection()
        with suppress(*GONE):
            while True:
                note = uuid7()
                content = {"kind": "note", "text": "Charted over the wire."}
                status = self.post(
                    caller, f"/sessions/{self.session}/notes", token, id=str(note),
                    observed_at=EARLIER, content=content,
                )  # fmt: skip
                assert status == 201
                acknowledged.append(note)
                if len(acknowledged) >= NOTES_BEFORE:
                    enough.set()
        caller.close()


def test_a_killed_server_has_lost_nothing(sqlite_world: World) -> None:
    sqlite_world.database.close()
    acknowledged: list[UUID] = []
    for _ in range(KILLS):
        served, own, enough = Served(sqlite_world), list[UUID](), threading.Event()
        arguments = (served.token(), own, enough)
        callers = [
            threading.Thread(target=served.chart, args=arguments, daemon=True)
            for _ in range(CALLERS)
        ]
        for caller in callers:
            caller.start()
        assert enough.wait(60)
        served.kill()
        for caller in callers:
            caller.join(30)
            assert not caller.is_alive()
        acknowledged += own
        assert lost(sqlite_world, acknowledged) == []
    assert len(acknowledged) >= KILLS * NOTES_BEFORE
