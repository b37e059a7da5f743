"""Every route there is, walked from the application itself, refuses whoever does not belong: a
stranger, and callers whose sign-in is expired, revoked, locked or of too narrow a scope."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import update

from api.dependencies import StrictRoute
from protocol.commands.signing_in import token_hash
from protocol.records.sign_ins import SIGN_IN
from tests.api.clinic import (
    PATIENT,
    POLICY,
    PROTOCOL,
    SECRET,
    Chair,
    ago,
    an_id,
    dosing,
    entry,
    heart_rate,
    quantity,
)

# They take a locked sign-in, and its person's or a newcomer's secret with it.
# What is left of a draw.
LEFT_OVER = {
    "id": an_id(), "observed_at": ago(9), "draw_id": an_id(), "amount": quantity("1 mg"),
}  # fmt: skip
DOCUMENTS: dict[str, Any] = {
    "PolicyDocument": POLICY, "ProtocolDocument": PROTOCOL, "PatientIn": PATIENT,
    "EnrolIn": {"id": an_id(), **PATIENT},
    "DosingEvent": dosing("stop"),
    "Plan": {"kind": "plan", "drug_line": "line-1", "rate": quantity("30.0 mg/h")},
    "WasteWitnessedIn": {**LEFT_OVER, "manner": "Into the invented sink"},
    "GiveBackWitnessedIn": LEFT_OVER, "BreakWitnessedIn": LEFT_OVER, "LoseWitnessedIn": LEFT_OVER,
    "ReconcileIn": {"id": an_id(), "observed_at": ago(9), "session_id": an_id()},
    "CorrectionIn": entry(1, heart_rate("71"), replaces=an_id(), reason="Mistyped"),
}  # fmt: skip
FOR_THE_LOCKED = {"/api/v1/unlock", "/api/v1/switch-user"}


def routes(chair: Chair) -> list[StrictRoute]:
    app = chair.client.app
    assert isinstance(app, FastAPI)
    found = [one for one in app.router.routes if isinstance(one, StrictRoute)]
    private = [one for one in found if not one.is_public]
    assert len(private) > 60
    return private


def asked(chair: Chair, route: StrictRoute, token: str | None) -> tuple[str, int, str]:
    """The route, asked with no body at all: whoever does not belong is refused before its shape."""
    [method] = list(route.methods or [])
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    response = chair.client.request(method, path, headers=headers)
    return f"{method} {route.path}", response.status_code, response.json()["code"]


def change_own(chair: Chair, token: str, **values: object) -> None:
    """What time does to a sign-in, done at once."""
    with chair.database.begin_write() as connection:
        own = SIGN_IN.c.token_hash == token_hash(token)
        connection.execute(update(SIGN_IN).where(own).values(**values))
        connection.commit()


def left_open(chair: Chair, token: str | None, status: int, code: str, but: set[str]) -> list[str]:
    answers = [asked(chair, route, token) for route in routes(chair) if route.path not in but]
    return [where for where, *answer in answers if answer != [status, code]]


def a_body(description: dict[str, Any], operation: dict[str, Any]) -> Any:
    """What the description asks for and no more; whole documents are the tests' own."""
    if "requestBody" not in operation:
        return None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return a_value(description["components"]["schemas"], schema)


def a_value(schemas: dict[str, Any], schema: dict[str, Any]) -> Any:
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        return DOCUMENTS.get(name.removesuffix("-Input")) or a_value(schemas, schemas[name])
    either = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if either:
        return a_value(schemas, either[0])
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    made = {
        "object": lambda: {
            one: a_value(schemas, schema["properties"][one]) for one in schema.get("required", [])
        },
        "array": lambda: [a_value(schemas, schema["items"])],
        "string": lambda: a_text(schema),
        "integer": lambda: 1,
        "boolean": lambda: True,
    }
    return made[schema["type"]]()


_MINUTES = itertools.count()


def a_text(schema: dict[str, Any]) -> str:
    """Text of the format, or of the first of a few that fits the pattern and the length."""
    # Each time after the one before, as the ends of a window have to be.
    formats = {"uuid": an_id(), "date-time": ago(10_000 - next(_MINUTES)), "date": "2031-05-06"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    fits = [
        one for one in ("1", "mg", "line-1", "0" * 64, "an invented secret of some length")
        if re.search(schema.get("pattern", ""), one) and len(one) >= schema.get("minLength", 0)
    ]  # fmt: skip
    return fits[0]


@pytest.fixture
def token(empty: Chair) -> str:
    """Of somebody who may nearly everything: only the sign-in itself is in the way."""
    found = {one["username"]: one["id"] for one in empty.get("ada", "/people")["items"]}
    roles = ["nurse", "physician", "administrator"]
    path = f"/people/{found['nora']}/standing"
    assert empty.ask("ada", "PUT", path, json={"roles": roles}).status_code == 204
    return empty.tokens["nora"]


def test_a_stranger_is_refused_everywhere(empty: Chair) -> None:
    assert left_open(empty, None, 401, "not-signed-in", set()) == []
    assert left_open(empty, "x" * 43, 401, "not-signed-in", set()) == []


def test_an_expired_sign_in_is_refused_everywhere(empty: Chair, token: str) -> None:
    change_own(empty, token, expires_at=datetime.now(UTC))
    assert left_open(empty, token, 401, "not-signed-in", set()) == []
    assert empty.last_audited()["detail"]["standing"] == "expired"


def test_a_revoked_sign_in_is_refused_everywhere(empty: Chair, token: str) -> None:
    for one in empty.get("nora", "/me/sign-ins")["items"]:
        assert empty.ask("ada", "DELETE", f"/sign-ins/{one['id']}").status_code == 204
    assert left_open(empty, token, 401, "not-signed-in", set()) == []
    assert empty.last_audited()["detail"]["standing"] == "ended"


def test_a_closed_account_is_refused_everywhere(empty: Chair, token: str) -> None:
    found = {one["username"]: one["id"] for one in empty.get("ada", "/people")["items"]}
    closed = {"roles": ["nurse"], "active": False}
    empty.ask("ada", "PUT", f"/people/{found['nora']}/standing", json=closed)
    assert left_open(empty, token, 401, "not-signed-in", set()) == []
    assert empty.last_audited()["detail"]["standing"] == "deactivated"


@pytest.mark.parametrize("how", ["locked", "idle"])
def test_a_locked_sign_in_is_refused_everywhere_but_where_it_is_opened(
    empty: Chair, token: str, how: str
) -> None:
    if how == "locked":
        empty.post("nora", "/lock", status=204)
    else:
        change_own(empty, token, seen_at=datetime.now(UTC) - timedelta(minutes=15))
    assert left_open(empty, token, 401, "sign-in-locked", FOR_THE_LOCKED) == []
    assert empty.last_audited()["detail"]["standing"] == how
    for path in FOR_THE_LOCKED:
        body = {"username": "nora", "secret": "wrong"} if "switch" in path else {"secret": "wrong"}
        response = empty.ask("nora", "POST", path.removeprefix("/api/v1"), json=body)
        assert response.json()["code"] == "sign-in-failed"
    empty.post("nora", "/unlock", {"secret": SECRET}, 200)
    empty.get("nora", "/me")


def test_a_token_of_another_scope_is_refused_everywhere(empty: Chair, token: str) -> None:
    expires_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    scope = "clinic:view"  # an act that no route serves
    body = {"id": an_id(), "label": "Narrow", "scopes": [scope], "expires_at": expires_at}
    empty.tokens["program"] = empty.post("nora", "/me/tokens", body | {"secret": SECRET})["token"]
    description = empty.client.get("/api/v1/openapi.json").json()
    open_to_it = []
    for route in routes(empty):
        [method] = list(route.methods or [])
        operation, path, asks = description["paths"][route.path][method.lower()], route.path, {}
        for one in operation.get("parameters", []):
            if one["required"]:
                asks[one["name"]] = str(
                    a_value(description["components"]["schemas"], one["schema"])
                )
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", asks.pop(name))
        response = empty.ask(
            "program", method, path.removeprefix("/api/v1"), params=asks,
            json=a_body(description, operation),
        )  # fmt: skip
        if response.json()["code"] != "not-permitted":
            open_to_it.append((method, route.path, response.status_code, response.text[:200]))
    assert not open_to_it, "\n".join(map(str, open_to_it))
