"""The outermost layer of ours: body limit, headers, access log, and what nobody expected.

One plain ASGI callable around the application, because every layer costs each request.
"""

import logging
import time
import traceback
from pathlib import Path
from uuid import UUID

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import plain_problem, respond

ACCESS = logging.getLogger("chairside.access")
FAILURES = logging.getLogger("chairside.failures")
TOO_LARGE = "The body is larger than the server takes."
# An answer of the API is data; nothing in it is to be run, framed or kept by a browser (R46).
_API_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
_EVERY_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


class Edge:
    """Wraps the application. A page may set a policy of its own; the API's is set here."""

    def __init__(self, app: ASGIApp, body_bytes_max: int) -> None:
        self.app, self.body_bytes_max = app, body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever it raises becomes a problem document."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(scope, receive, send, self.body_bytes_max)
        try:
            await self.app(scope, request.receive, request.send)
        except Exception as error:
            _log_failure(scope, error)
            if request.status is not None:
                raise
            sentence = "The server failed at this request."
            response = respond(plain_problem(500, "failed", "Server failure", sentence))
            await response(scope, receive, request.send)
        finally:
            if ACCESS.isEnabledFor(logging.INFO):
                request.log_access()


class _Request:
    """One request on its way: how much of the body came, and what was answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body_bytes_max: int) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self._left = body_bytes_max
        length = Headers(scope=scope).get("content-length", "")
        self._declared = int(length[:20]) if length.isdecimal() else 0
        self.status: int | None = None
        self.began = time.perf_counter()

    async def receive(self) -> Message:
        """The next part of the body. Raises 413 as soon as it is declared or found too large."""
        if self._declared > self._left:
            raise HTTPException(413, TOO_LARGE)
        message = await self._receive()
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self._left, self._declared = self._left - size, 0
            if self._left < 0:
                raise HTTPException(413, TOO_LARGE)
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _EVERY_HEADERS.items():
                headers.setdefault(name, value)
            if self.scope["path"].startswith(("/api", "/healthz")):
                for name, value in _API_HEADERS.items():
                    headers.setdefault(name, value)
        await self._send(message)

    def log_access(self) -> None:
        """One line with the operation and ids, never a query, a body or a name (R46)."""
        route = self.scope.get("route")
        ids = {
            name: value
            for name, value in self.scope.get("path_params", {}).items()
            if _is_id(value)
        }
        ACCESS.info(
            "%s %s %s %d %.1fms", self.scope["method"], getattr(route, "path", "(no route)"),
            " ".join(f"{name}={value}" for name, value in ids.items()), self.status or 0,
            (time.perf_counter() - self.began) * 1000,
        )  # fmt: skip


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def _log_failure(scope: Scope, error: Exception) -> None:
    """What failed and where, without the message: it may hold a patient's data."""
    places = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-8:]
    ]
    route = getattr(scope.get("route"), "path", "(no route)")
    FAILURES.error("%s at %s: %s", type(error).__name__, route, " < ".join(reversed(places)))
