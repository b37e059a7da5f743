"""Whether the server can do its work: read and write the database, its guards and history whole."""

import logging

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.dependencies import StrictRoute, answer
from api.problems import plain_problem, respond
from protocol.records.database import UNREACHABLE, Database, is_current
from protocol.records.guards import missing_guards
from protocol.records.history import history_faults
from protocol.records.witness import Witness

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
    """200 when a write was committed, a read went through, every guard stands, and the history is
    no shorter than its last checkpoint."""
    database: Database = request.app.state.database
    try:
        database.probe_write()
        wrong = _unfit(database, request.app.state.witness)
    except UNREACHABLE as error:
        LOG.error("the database: %s", type(error).__name__)
        wrong = ["The database cannot be read or written."]
    if wrong:
        return respond(plain_problem(503, "not-fit", "Not fit to serve", " ".join(wrong)))
    return answer(HealthOut())


def require_fit(database: Database, witness: Witness | None = None) -> None:
    """Refuse to start with NotFit where the database, its guards or its history are not what they
    should be (R13, R175)."""
    if not is_current(database):
        raise NotFit("The database is not at the newest migration.")
    wrong = _unfit(database, witness)
    if wrong:
        raise NotFit(" ".join(wrong))


def _unfit(database: Database, witness: Witness | None) -> list[str]:
    unguarded = [f"The guard {name} is missing." for name in missing_guards(database)]
    return unguarded + history_faults(database, witness)
