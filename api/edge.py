"""The outermost layer of ours: the host asked for, body limit, headers, access log, and what nobody
expected.

One plain ASGI callable around the application, because every layer costs each request.
"""

import logging
import time
from functools import lru_cache
from uuid import UUID

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.headers import completed
from api.logs import places
from api.problems import Problem, plain_problem, respond

ACCESS = logging.getLogger("chairside.access")
FAILURES = logging.getLogger("chairside.failures")
TOO_LARGE = "The body is larger than the server takes."
# A balancer asks for it by address and in the clear, and it tells nothing of anyone.
ANY_HOST = "/healthz"
HOSTS_REMEMBERED = 256


class AnswerBroken(Exception):
    """An answer that had begun could not be ended. Why stands in our log, without its message."""


class Edge:
    """Wraps the application. A page may set a policy of its own; the API's is set here."""

    def __init__(
        self, app: ASGIApp, body_bytes_max: int, hosts: frozenset[str], *, tls_only: bool
    ) -> None:
        self.app, self.body_bytes_max, self.tls_only = app, body_bytes_max, tls_only
        self.names_us = lru_cache(HOSTS_REMEMBERED)(lambda host: _name(host) in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever it raises becomes a problem document."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = _Request(scope, receive, send, self.body_bytes_max)
        try:
            problem = self._turned_away(scope)
            if problem is None:
                await self.app(scope, request.receive, request.send)
            else:
                await respond(problem)(scope, receive, request.send)
        except Exception as error:
            _log_failure(scope, error)
            if request.status is not None:
                raise AnswerBroken(type(error).__name__) from None
            sentence = "The server failed at this request."
            response = respond(plain_problem(500, "failed", "Server failure", sentence))
            await response(scope, receive, request.send)
        finally:
            if ACCESS.isEnabledFor(logging.INFO):
                request.log_access()

    def _turned_away(self, scope: Scope) -> Problem | None:
        """A request for another host, or in the clear where TLS is due, is not looked at.

        A page of elsewhere whose name was made to point here would otherwise be same-origin to a
        browser (DNS rebinding); it names its own host.
        """
        if scope["path"] == ANY_HOST:
            return None
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self.names_us(hosts[0]):
            sentence = "The server does not answer to the host that the request names."
            return plain_problem(421, "other-host", "Another host", sentence)
        if self.tls_only and scope["scheme"] != "https":
            sentence = "The server answers over TLS alone."
            return plain_problem(421, "tls-only", "TLS alone", sentence)
        return None


def _name(host: bytes) -> str:
    """The name in a Host header, without its port."""
    text = host.decode("latin-1").lower()
    name, colon, port = text.rpartition(":")
    return name if colon and port.isdecimal() and port.isascii() else text


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
            secure = self.scope["scheme"] == "https"
            present = message.get("headers", ())
            message["headers"] = completed(present, self.scope["path"], secure=secure)
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
    route = getattr(scope.get("route"), "path", "(no route)")
    FAILURES.error("%s at %s: %s", type(error).__name__, route, places(error.__traceback__))
