"""Problem documents (RFC 9457): one shape for everything that is not done.

A refusal inside a command is audited there; what ends in front of the commands - a body of another
shape, a missing token - is audited here, by whoever sent it as far as that can be known (R18).
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.attempts import attempt_of, holds_secret, is_secret, shown
from api.dependencies import PROBLEM_JSON, StrictRoute
from api.identity import caller_of, moment, workstation_of
from api.strangers import Strangers
from protocol.commands.proving import system_actor
from protocol.records.clinics import Clinic, clinic_by
from protocol.records.database import UNREACHABLE
from protocol.records.door import NotStored
from protocol.records.work import record_refusal
from protocol.rules.actions import Actor
from protocol.rules.errors import (
    Fact,
    InvalidShape,
    NotFound,
    NotSignedIn,
    Refusal,
    SignInLocked,
    TooManyAttempts,
)

LOG = logging.getLogger("chairside.refusals")
STATUS_OF_KIND = {
    "forbidden": 403, "unknown": 404, "conflict": 409, "invalid": 422, "unauthenticated": 401,
    "unavailable": 503, "limited": 429,
}  # fmt: skip
ERRORS_MAX = 50
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="chairside"'}
# Pydantic's own words for what has a plainer name here; all others keep theirs, hyphenated.
_RULES = {
    "extra_forbidden": "unknown-field", "timezone_aware": "zone-missing",
    "value_error": "contradicts-itself", "datetime_from_date_parsing": "not-a-time",
    "datetime_parsing": "not-a-time", "date_from_datetime_parsing": "not-a-day",
    "date_parsing": "not-a-day", "uuid_parsing": "not-a-uuid", "uuid_type": "not-a-uuid",
    "enum": "not-one-of", "literal_error": "not-one-of", "json_invalid": "not-json",
    "model_attributes_type": "not-an-object", "model_type": "not-an-object",
    "dict_type": "not-an-object", "string_type": "not-text", "tuple_type": "not-a-list",
    "union_tag_invalid": "unknown-kind", "union_tag_not_found": "kind-missing",
}  # fmt: skip


class FieldError(BaseModel):
    """One thing that is wrong with a request: where, which rule, the value unless secret."""

    field: str = Field(description="Path inside the part, joined by points; empty for the whole.")
    part: str = Field(description="body, path or query.")
    rule: str
    sentence: str
    value: str | None = None


class Problem(BaseModel):
    """A problem document (RFC 9457). `code` is stable; `facts` carry what a program needs."""

    type: str = Field(description="urn:chairside:problem: and the class of refusal.")
    title: str
    status: int
    detail: str
    code: str = Field(description="The refusal's code, or the rule that the first error names.")
    facts: dict[str, Fact] = {}
    errors: list[FieldError] = []


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The document as a response, in ASCII: half a character in a value cannot break it."""
    more = {**(headers or {}), **(CHALLENGE if problem.status == 401 else {})}
    content = json.dumps(problem.model_dump())
    return Response(content, problem.status, more, media_type=PROBLEM_JSON)


def problem_of(refusal: Refusal) -> Problem:
    """The problem document of a refusal."""
    return Problem(
        type=_type(refusal.code), title=refusal.title, status=STATUS_OF_KIND[refusal.kind],
        detail=refusal.sentence, code=refusal.code, facts=refusal.facts,
    )  # fmt: skip


def plain_problem(status: int, code: str, title: str, detail: str) -> Problem:
    """A problem that is no refusal of the rules."""
    return Problem(type=_type(code), title=title, status=status, detail=detail, code=code)


def _type(code: str) -> str:
    return f"urn:chairside:problem:{code}"


def add_handlers(app: FastAPI) -> None:
    """Turn every exception of a request into a problem document."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _of_another_shape)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(NotStored, _unavailable)
    for kind in UNREACHABLE:
        app.add_exception_handler(kind, _unavailable)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    given = error if error.audited else await run_in_threadpool(_audited, request, error)
    wait_s = given.facts.get("retry_after_s")
    return respond(problem_of(given), {"Retry-After": str(wait_s)} if wait_s else None)


async def _of_another_shape(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    hides = holds_secret(request)
    found = [_field_error(one, hides) for one in error.errors()[:ERRORS_MAX]]
    first = found[0]
    where = f"{first.field}: " if first.field else ""
    refusal = InvalidShape(
        f"{where}{first.sentence}", field=first.field, part=first.part, rule=first.rule,
        value=first.value, errors=len(found),
    )  # fmt: skip
    given = await run_in_threadpool(_audited, request, refusal)
    problem = problem_of(given)
    if given is refusal:
        problem = problem.model_copy(update={"code": first.rule, "errors": found})
    return respond(problem)


def _field_error(error: Mapping[str, Any], hides: bool) -> FieldError:
    part, *path = [str(one) for one in error["loc"]] or ["body"]
    unseen = hides or is_secret(path)
    return FieldError(
        field=".".join(path)[:400], part=part,
        rule=_RULES.get(error["type"], error["type"].replace("_", "-")),
        sentence=str(error["msg"]).removeprefix("Value error, ")[:400],
        value=None if unseen else shown(error.get("input")),
    )  # fmt: skip


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {
        404: ("no-such-path", "No such path", "There is nothing at this path."),
        405: ("method-not-allowed", "Method not allowed", "The path does not take this method."),
        413: ("too-large", "Body too large", str(error.detail)),
        415: ("not-declared-json", "Not declared as JSON", str(error.detail)),
    }
    code, title, detail = known.get(
        error.status_code, (f"http-{error.status_code}", "Not done", "The request was not done.")
    )
    if error.status_code in (413, 415):
        refusal = InvalidShape(detail, rule=code)
        given = await run_in_threadpool(_audited, request, refusal)
        if given is not refusal:
            return respond(problem_of(given))
    headers = {**(error.headers or {})}
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    return respond(plain_problem(error.status_code, code, title, detail), headers)


def _allowed(request: Request) -> str:
    """Every method that the path takes: each is a route of its own, and a router names one."""
    routes = [one for one in request.app.router.routes if isinstance(one, StrictRoute)]
    fitting = [one for one in routes if one.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for one in fitting for method in one.methods or ()}))


async def _unavailable(_request: Request, error: Exception) -> Response:
    LOG.error("not stored: %s", type(error.__cause__ or error).__name__)
    sentence = "The record cannot be read or written now; nothing of this request was kept."
    return respond(plain_problem(503, "not-stored", "Not stored", sentence))


def _audited(request: Request, refusal: Refusal) -> Refusal:
    """Audit what was refused in front of the commands; answers the refusal to give.

    Whoever has no valid sign-in is told that and nothing else, except where none is needed. Why a
    sign-in is not valid stands in the trail alone.
    """
    now = moment()
    clinic, actor, not_in = _who(request)
    route = request.scope.get("route")
    if actor is None and isinstance(route, StrictRoute) and not route.is_public:
        refusal = not_in
    if clinic is None:
        LOG.warning("refused without a clinic to audit it at: %s", refusal.code)
        return refusal
    if actor is None:
        return _strangers(request, clinic, refusal, now, not_in)
    record_refusal(clinic, actor, refusal, now, attempt=attempt_of(request))
    return refusal


def _strangers(
    request: Request, clinic: Clinic, refusal: Refusal, now: datetime, not_in: Refusal
) -> Refusal:
    """A refusal of someone unknown: the first of a window is audited, the others are counted.

    `not_in` says to the trail alone why a token is worth nothing.
    """
    strangers: Strangers = request.app.state.strangers
    workstation = workstation_of(request)
    strangers.seal(now)
    if not strangers.is_counted(clinic, workstation, refusal.code, now):
        unknown = system_actor(clinic.id).model_copy(update={"workstation": workstation})
        record_refusal(
            clinic, unknown, refusal, now, attempt=attempt_of(request),
            first=lambda act: act.detail.update(not_in.inside),
        )  # fmt: skip
    wait_s = strangers.retry_after_s(workstation, now)
    if not wait_s:
        return refusal
    return TooManyAttempts(
        f"{strangers.refused_max} requests from this address were refused.", retry_after_s=wait_s
    )


def _who(request: Request) -> tuple[Clinic | None, Actor | None, Refusal]:
    not_in: Refusal = NotSignedIn("No valid sign-in came with the request.")
    try:
        return *caller_of(request).identified(moment()), not_in
    except (NotSignedIn, SignInLocked) as refusal:
        not_in = refusal
    try:
        return clinic_by(request.app.state.database, None), None, not_in
    except NotFound:
        return None, None, not_in
