"""The application: `create_app(settings)` puts the routes, the problems and the edge together."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.cookies import LOOPBACK_NAMES, SECURE_NAME
from api.edge import FAILURES, Edge
from api.identity import moment
from api.logs import places
from api.problems import Problem, add_handlers
from api.routes import (
    audit,
    charting,
    courses,
    custody,
    custody_stock,
    docs,
    documents,
    drafts,
    emergencies,
    health,
    keeping,
    patients,
    people,
    printing,
    registers,
    second_factor,
    sessions,
    sign_ins,
    signing,
    signing_in,
)
from api.settings import Settings
from api.strangers import Strangers
from api.summaries import Press
from api.turns import Turns
from protocol.records.database import Database
from protocol.records.witness import Witness

DESCRIPTION = """The record of infusion sessions. It records; it never recommends.

Numbers are text (`"1.10"`), units are UCUM codes, times carry their zone. Ids are UUIDs of the
client's making, so that sending twice is harmless: the same id and content gives the first answer,
other content a conflict. Everything that is not done is a problem document (RFC 9457) with a stable
`code`, and stands in the audit trail. Each operation names its acts in `x-acts`.
"""
SEALING_S = 20
# The busiest first: routes are tried in order.
_ROUTERS: tuple[APIRouter, ...] = (
    charting.router, sessions.router, drafts.router, signing.router, patients.router,
    documents.protocols, documents.policies, documents.forms, documents.jurisdictions,
    people.router, audit.router, signing_in.router, sign_ins.router, second_factor.router,
    emergencies.router, keeping.router, health.router, docs.router, courses.router,
    custody.router, custody_stock.router, registers.router, printing.router,
)  # fmt: skip


def create_app(settings: Settings) -> FastAPI:
    """The application over the database that the settings name.

    It opens the database when it starts to serve, and refuses to start where the database is not
    at the newest migration, a guard of the audit trail is missing, or the history is shorter than
    its last checkpoint (R13, R175).
    """
    app = FastAPI(
        title="Chairside", version="1", description=DESCRIPTION, lifespan=_lifespan,
        openapi_url=None, docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.database = Database(settings.url)
    app.state.turns = Turns(app.state.database)
    app.state.witness = None if settings.witness is None else Witness(settings.witness)
    app.state.database.breached_hashes = settings.breached_hashes
    app.state.press = Press(settings)
    add_handlers(app)
    for router in _ROUTERS:
        # Not `include_router`: included routes are matched twice, with a context built each time.
        app.router.routes.extend(router.routes)
    app.router.routes.append(docs.assets())
    app.state.strangers = Strangers(settings.refused_max)
    app.state.description = cache(lambda: as_text(app))
    app.add_middleware(
        Edge, body_bytes_max=settings.body_bytes_max, tls_only=settings.production,
        hosts=frozenset(settings.allowed_hosts or LOOPBACK_NAMES),
    )  # fmt: skip
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    health.require_fit(app.state.database, app.state.witness)
    sealing = asyncio.create_task(_seal_refusals(app.state.strangers))
    yield
    sealing.cancel()
    with suppress(asyncio.CancelledError):
        await sealing
    app.state.strangers.seal(moment(), everything=True)
    app.state.turns.close()
    app.state.database.close()


async def _seal_refusals(strangers: Strangers) -> None:
    """Audit what was counted of strangers' refusals, some seconds after each window's end."""
    while True:
        await asyncio.sleep(SEALING_S)
        try:
            await run_in_threadpool(strangers.seal, moment())
        except Exception as error:
            FAILURES.error(
                "sealing refusals: %s at %s", type(error).__name__, places(error.__traceback__)
            )


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the one problem shape that every operation refuses with."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.router.routes
    )
    _, problem = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"].update(problem["$defs"])
    _describe_cookie(document)
    return document


def _describe_cookie(document: dict[str, Any]) -> None:
    """Wherever a bearer token serves, a browser's cookie does."""
    told = "A sign-in that asked for a cookie; a write also comes from a page of this server."
    cookie = {"type": "apiKey", "in": "cookie", "name": SECURE_NAME, "description": told}
    document["components"]["securitySchemes"]["cookie"] = cookie
    for operations in document["paths"].values():
        for operation in operations.values():
            if "security" in operation:
                operation["security"].append({"cookie": []})


def as_text(app: FastAPI) -> str:
    """The document as it is served and committed."""
    return json.dumps(described(app), indent=1) + "\n"
