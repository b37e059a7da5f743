"""The OpenAPI document: complete, committed, and without a number of any clinic (R1)."""

import json
from pathlib import Path
from typing import Any

import api
from api.app import as_text, create_app
from api.settings import Settings
from tests.api.clinic import Chair

COMMITTED = Path(api.__file__).parent / "openapi.json"
APP = create_app(Settings(database_url="sqlite://"))
TEXT = as_text(APP)
DOCUMENT: dict[str, Any] = json.loads(TEXT)
ALWAYS = {"401", "403", "413", "415", "422", "500", "503"}


def _operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_document_is_the_one_that_is_served():
    again = f'{COMMITTED} is older than the code: python -c "import pathlib, api.app as a, '
    again += 'api.settings as s; print(end=a.as_text(a.create_app(s.Settings())))" > it'
    assert COMMITTED.read_text() == TEXT, again


def test_the_document_is_served_to_anyone(empty: Chair):
    response = empty.client.get("/api/v1/openapi.json")
    assert response.json() == DOCUMENT


def test_every_operation_is_described_with_its_problems():
    for name, operation in _operations():
        if name == "GET /healthz":
            continue
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["responses"]) >= ALWAYS, name
        for status, response in operation["responses"].items():
            assert response["description"], (name, status)
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_every_operation_asks_for_the_bearer_but_for_the_public_ones():
    public = {name for name, operation in _operations() if "security" not in operation}
    assert public == {"POST /api/v1/sign-in", "GET /healthz"}
    assert DOCUMENT["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_no_number_of_a_clinic_is_an_example_or_a_default():
    for examples in _found(DOCUMENT, "examples"):
        assert set(map(str, examples)) <= {"0", "mg"}
    assert not list(_found(DOCUMENT, "example"))


def _found(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for each in value.values():
            yield from _found(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _found(each, key)
