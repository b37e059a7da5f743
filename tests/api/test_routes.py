"""Every route names its act, and none but a short list is served to a stranger."""

from uuid import uuid4

import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from api.dependencies import StrictRoute
from api.settings import Settings
from protocol.rules.actions import Action
from tests.api.clinic import Chair

PUBLIC = {
    ("GET", "/"), ("GET", "/docs"), ("GET", "/docs/start.js"), ("GET", "/docs/page.css"),
    ("GET", "/healthz"), ("GET", "/api/v1/openapi.json"), ("POST", "/api/v1/sign-in"),
}  # fmt: skip
# Acts of the program itself, and of the command line where nobody can sign in yet.
NO_ROUTE = {
    Action.AUDIT_CHECKPOINT,
    Action.CLINIC_BACKUP,
    Action.CLINIC_INIT,
    Action.CLINIC_RESTORE,
    Action.CLINIC_VIEW,
    Action.CUSTODY_WITNESS,
    Action.REQUEST_REFUSED,
}


def _routes() -> list[APIRoute]:
    app = create_app(Settings(database_url="sqlite://"))
    return [route for route in app.router.routes if isinstance(route, APIRoute)]


def _acts(route: APIRoute) -> list[Action]:
    return [Action(one) for one in (route.openapi_extra or {}).get("x-acts", [])]


def _at(route: APIRoute) -> tuple[str, str]:
    [method] = list(route.methods or [])
    return method, route.path


def test_every_route_names_an_act_or_is_in_the_public_list():
    nameless = [_at(route) for route in _routes() if not _acts(route)]
    assert set(nameless) <= PUBLIC


def test_no_route_is_public_but_those_in_the_list():
    routes = _routes()
    assert all(isinstance(route, StrictRoute) for route in routes)
    public = [one for one in routes if isinstance(one, StrictRoute) and one.is_public]
    assert set(map(_at, public)) == PUBLIC


def test_every_act_has_a_route():
    served = {act for route in _routes() for act in _acts(route)}
    assert served == set(Action) - NO_ROUTE


def test_every_operation_has_a_name_of_its_own():
    names = [route.operation_id for route in _routes() if route.include_in_schema]
    assert len(names) == len(set(names))
    assert None not in names


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic bm9yYTp4", "Bearer"])
@pytest.mark.parametrize("body", [None, "{}", "{"])
def test_a_stranger_gets_a_401_problem_on_every_other_route(
    empty: Chair, token: str | None, body: str | None
):
    headers = {"content-type": "application/json"} | ({"authorization": token} if token else {})
    for route in _routes():
        method, path = _at(route)
        if (method, path) in PUBLIC:
            continue
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", str(uuid4()))
        response = empty.client.request(method, path, content=body, headers=headers)
        assert response.status_code == 401, (method, path, response.text)
        assert response.json()["code"] == "not-signed-in"
        assert response.headers["www-authenticate"].startswith("Bearer")


def test_a_strangers_request_is_audited_without_the_token(empty: Chair):
    token = "a-token-that-is-nobodys"
    response = empty.client.get("/api/v1/people", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 401
    audited = empty.last_audited()
    assert (audited["action"], audited["code"]) == ("request:refused", "not-signed-in")
    assert token not in str(audited)


def test_a_path_that_is_not_there_and_a_method_that_is_not_taken_are_problems(empty: Chair):
    missing = empty.client.get("/api/v1/doses")
    assert (missing.status_code, missing.json()["code"]) == (404, "no-such-path")
    wrong = empty.client.delete("/api/v1/people")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET, POST"


def test_no_answer_of_the_api_is_kept_or_sniffed(empty: Chair):
    for response in (
        empty.ask("nora", "GET", "/protocols"),
        empty.client.get("/api/v1/openapi.json"),
        empty.client.get("/api/v1/nowhere"),
        empty.client.get("/healthz"),
    ):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
