"""The application: `create_app(settings)` puts the routes, the problems and the edge together."""

import gc
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.edge import Edge
from api.problems import Problem, add_handlers
from api.routes import (
    audit,
    charting,
    docs,
    documents,
    health,
    keeping,
    patients,
    people,
    sessions,
    signing,
    signing_in,
)
from api.settings import Settings
from protocol.records.database import Database

DESCRIPTION = """The record of infusion sessions. It records; it never recommends.

Numbers are text (`"1.10"`), units are UCUM codes, times carry their zone. Ids are UUIDs of the
client's making, so that sending twice is harmless: the same id and content gives the first answer,
other content a conflict. Everything that is not done is a problem document (RFC 9457) with a stable
`code`, and stands in the audit trail. Each operation names its acts in `x-acts`.
"""
# The busiest first: routes are tried in order.
_ROUTERS: tuple[APIRouter, ...] = (
    charting.router, sessions.router, signing.router, patients.router, documents.protocols,
    documents.policies, people.router, audit.router, signing_in.router, health.router, docs.router,
    keeping.router,
)  # fmt: skip


def create_app(settings: Settings) -> FastAPI:
    """The application over the database that the settings name.

    It opens the database when it starts to serve, and refuses to start where the database is not
    at the newest migration or a guard of the audit trail is missing (R13).
    """
    app = FastAPI(
        title="Chairside", version="1", description=DESCRIPTION, lifespan=_lifespan,
        openapi_url=None, docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.database = Database(settings.url)
    add_handlers(app)
    for router in _ROUTERS:
        # Not `include_router`: included routes are matched twice, with a context built each time.
        app.router.routes.extend(router.routes)
    app.router.routes.append(docs.assets())
    app.state.description = cache(lambda: as_text(app))
    app.add_middleware(Edge, body_bytes_max=settings.body_bytes_max)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    health.require_fit(app.state.database)
    # What start-up made lives as long as the process; a full collection took 40 ms (performance B).
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
    app.state.database.close()


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the one problem shape that every operation refuses with."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.router.routes
    )
    _, problem = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    document["components"]["schemas"].update(problem["$defs"])
    return document


def as_text(app: FastAPI) -> str:
    """The document as it is served and committed."""
    return json.dumps(described(app), indent=1) + "\n"
