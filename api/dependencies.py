"""What every route shares: the act that it names, how its body is read, and how it answers."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from api.cookies import require_own_site
from api.identity import Bearer, Caller, caller_of
from api.schemas import PageOut
from api.strict_json import NotTaken, read_json
from protocol.rules.actions import Action

API = "/api/v1"
PAGE_MAX = 200
PAGE = 50
PROBLEM_JSON = "application/problem+json"
_PROBLEM = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_MEANINGS = {
    401: "No valid sign-in, or a secret that is not right.",
    403: "The roles of the person, or the clinic's policy, do not grant the act.",
    404: "The clinic has nothing of this kind by this id.",
    409: "The act does not follow from the state that the record is in.",
    413: "The body is larger than the server takes.",
    415: "The body is not declared as JSON.",
    421: "The request names another host, or came in the clear where TLS is due.",
    422: "The content is not of the described shape, or cannot be true.",
    429: "So many were refused that this one was not looked at; Retry-After says for how long.",
    500: "The server failed; nothing was kept.",
    503: "The server cannot read or write its database, or lacks what the act needs.",
}

After = Annotated[UUID | None, Query(description="The last id of the page before.")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many at most.")]

_SESSION_ID = TypeAdapter(UUID)


class StrictRoute(APIRoute):
    """A route that reads its body strictly, and only for someone who brings a token."""

    @property
    def is_public(self) -> bool:
        """Whether anyone may call it, signed in or not."""
        return not any(isinstance(one.call, Bearer) for one in self.dependant.dependencies)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, after the token's presence and the body were looked at."""
        handle = super().get_route_handler()
        public, takes_body = self.is_public, self.body_field is not None

        async def strict(request: Request) -> Response:
            if not public:
                _take_caller(request)
            if takes_body:
                await _read_body(request)
            return await handle(request)

        return strict


class ChartingRoute(StrictRoute):
    """A route whose endpoint takes a session, a body and the caller, and whose speed is felt.

    What is in order goes to the endpoint directly; FastAPI's solving of dependencies costs as much
    as a third of an act. Whatever is not in order goes its way and is told there.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The short way, or FastAPI's."""
        general, endpoint = super().get_route_handler(), self.endpoint
        field = self.body_field
        assert field is not None
        body_type: TypeAdapter[Any] = TypeAdapter(cast("Any", field.field_info.annotation))

        async def short(request: Request) -> Response:
            caller = _take_caller(request)
            await _read_body(request)
            try:
                session_id = _SESSION_ID.validate_python(request.path_params["session_id"])
                body = body_type.validate_python(request._json, from_attributes=True)
            except (AttributeError, ValidationError):
                return await general(request)
            response: Response = await endpoint(session_id=session_id, body=body, caller=caller)
            return response

        return short


def _take_caller(request: Request) -> Caller:
    """What the request says of its caller; a cookie's counts from our own pages alone."""
    caller = request.scope["chairside.caller"] = caller_of(request)
    if "authorization" not in request.headers:
        require_own_site(request)
    return caller


async def _read_body(request: Request) -> None:
    """Leave the parsed body where Starlette keeps it, so that it is parsed once and by us."""
    raw = await request.body()
    if not raw:
        return
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json":
        raise HTTPException(415, "A body is taken as application/json.")
    try:
        request._json = read_json(raw)
    except NotTaken as reason:
        error = {
            "type": reason.rule, "loc": ("body", *reason.where), "msg": reason.sentence,
            "input": reason.literal,
        }  # fmt: skip
        raise RequestValidationError([error]) from reason


def acts(
    *actions: Action,
    gives: Any = None,  # noqa: ANN401 - a model, or None for no content
    status: int = 200,
    also: type[BaseModel] | None = None,
    name: str = "",
    refuses: Iterable[int] = (404, 409),
    content: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The keywords of a route that names its act: nothing is served under no act (decision 4).

    `gives` documents what the endpoint builds itself; `also` is a second, 200 answer; `name` tells
    apart operations of one act.
    """
    operation = name or actions[0].value.replace(":", "-")
    documented = {
        code: _problem(code) for code in (401, 403, 413, 415, 421, 422, 429, 500, 503, *refuses)
    }
    answered: dict[str, Any] = {"description": "Done." if status != 204 else "Done; no content."}
    if gives is not None:
        answered["model"] = gives
    if content is not None:
        answered["content"] = content
    documented[status] = answered
    if also is not None:
        documented[200] = {"description": "It was sent before, with this content.", "model": also}
    return {
        "operation_id": operation.replace("-", "_"),
        "summary": operation.replace("-", " ").replace("_", " ").capitalize(),
        "status_code": status,
        "response_model": None,
        "responses": documented,
        "openapi_extra": {"x-acts": [one.value for one in actions]},
    }


def _problem(status: int) -> dict[str, Any]:
    return {"description": _MEANINGS[status], "content": _PROBLEM}


def answer(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON, serialised once and validated never: it is made of validated parts."""
    return Response(model.model_dump_json(), status, media_type="application/json")


def page(everything: Sequence[Any], after: UUID | None, limit: int) -> Response:
    """A page of a short list that was read whole; an unknown `after` begins it again."""
    ids = [one.id for one in everything]
    start = ids.index(after) + 1 if after in ids else 0
    return answer(PageOut[Any].cut(everything[start : start + limit + 1], limit))
