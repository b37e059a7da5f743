"""What was attempted, for the audit trail and for the caller, without anyone's secret in it.

A refused value is kept (R18); a secret or a token never is, whatever name it came under.
"""

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute

from protocol.rules.drafts import DraftIn
from protocol.rules.values import Shape

VALUE_CHARACTERS_MAX = 80
BODY_CHARACTERS_MAX = 3_000
HIDDEN = "(not kept)"
_SECRET = re.compile(
    r"secret|passw|passphrase|token|credentials|authorization|one_time_code|\bpin\b", re.I
)


class Attempt(Shape):
    """A request that never reached a command, as its audit entry keeps it."""

    method: str
    path: str
    operation: str
    body: str | None = None


def is_secret(names: Sequence[object]) -> bool:
    """Whether any of these names is one that a secret would come under."""
    return any(_SECRET.search(name) for name in names if isinstance(name, str))


def holds_secret(request: Request) -> bool:
    """Whether the operation takes a secret at the top of its body: then no value of it is kept.

    A draft is nobody's to read but who typed it, in the trail neither (R42).
    """
    route = request.scope.get("route")
    field = route.body_field if isinstance(route, APIRoute) else None
    model = None if field is None else field.field_info.annotation
    return model is DraftIn or is_secret(list(getattr(model, "model_fields", ())))


def shown(value: object) -> str | None:
    """A value as a problem names it: short, plain, or nothing where it is no single value."""
    if isinstance(value, str):
        return value[:VALUE_CHARACTERS_MAX]
    if isinstance(value, bool | int | float):
        return json.dumps(value)[:VALUE_CHARACTERS_MAX]
    return None


def redacted(value: object) -> object:
    """A JSON value without what stands under a secret's name."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if is_secret([name]) else redacted(each) for name, each in value.items()
        }
    return [redacted(each) for each in value] if isinstance(value, list) else value


def attempt_of(request: Request) -> Attempt:
    """What the request attempted, as far as it was read."""
    route = request.scope.get("route")
    operation = route.operation_id if isinstance(route, APIRoute) else None
    return Attempt(
        method=request.method, path=ascii(request.url.path)[1:-1][:400],
        operation=operation or "", body=_body(request),
    )  # fmt: skip


def _body(request: Request) -> str | None:
    raw: bytes | None = getattr(request, "_body", None)
    if not raw or holds_secret(request):
        return None
    try:
        value: Any = json.loads(raw)
    except (ValueError, RecursionError):
        # It is no JSON, so what in it is a secret cannot be told.
        return f"{len(raw)} bytes, SHA-256 {sha256(raw).hexdigest()}"
    return json.dumps(redacted(value))[:BODY_CHARACTERS_MAX]
