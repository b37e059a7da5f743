"""Whether the server can do its work: read and write the database, with the guards standing."""

import logging

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.dependencies import StrictRoute, answer
from api.problems import plain_problem, respond
from protocol.records.database import UNREACHABLE, Database, is_current
from protocol.records.guards import missing_guards

LOG = logging.getLogger("chairside.health")
router = APIRouter(tags=["server"], route_class=StrictRoute)


class HealthOut(BaseModel):
    """The server does its work."""

    status: str = "ok"


class NotFit(Exception):
    """The server does not start: its database is not migrated, or not guarded (R13)."""


@router.get(
    "/healthz", operation_id="health", response_model=None,
    responses={200: {"model": HealthOut}, 503: {"description": "It cannot do its work."}},
)  # fmt: skip
def health(request: Request) -> Response:
    """200 when a write was committed, a read went through, and every guard stands."""
    database: Database = request.app.state.database
    try:
        database.probe_write()
        wrong = _unguarded(database)
    except UNREACHABLE as error:
        LOG.error("the database: %s", type(error).__name__)
        wrong = ["The database cannot be read or written."]
    if wrong:
        return respond(plain_problem(503, "not-fit", "Not fit to serve", " ".join(wrong)))
    return answer(HealthOut())


def require_fit(database: Database) -> None:
    """Refuse to start with NotFit where the database or its guards are not what they should be."""
    if not is_current(database):
        raise NotFit("The database is not at the newest migration.")
    wrong = _unguarded(database)
    if wrong:
        raise NotFit(" ".join(wrong))


def _unguarded(database: Database) -> list[str]:
    return [f"The guard {name} is missing." for name in missing_guards(database)]
