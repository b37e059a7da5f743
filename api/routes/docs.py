"""The page that shows the API's description: nothing on it comes from elsewhere (decision 15)."""

from html import escape
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from api.dependencies import API, StrictRoute
from api.headers import DOCS_POLICY
from protocol.records.clinics import clinics

SWAGGER = Path(fastapi_offline.__file__).parent / "static"
OURS = Path(__file__).parent / "docs_page"
BANNER = '<p class="demonstration" role="note">DEMONSTRATION: invented people, invented drug</p>'
router = APIRouter(tags=["server"], route_class=StrictRoute, include_in_schema=False)


@router.get("/")
async def start() -> Response:
    """Where a browser begins."""
    return RedirectResponse("/docs")


@router.get(f"{API}/openapi.json")
async def description(request: Request) -> Response:
    """The OpenAPI document."""
    return Response(request.app.state.description(), media_type="application/json")


@router.get("/docs")
def page(request: Request) -> Response:
    """Swagger UI over the description."""
    made_up = any(one.ref.demonstration for one in clinics(request.app.state.database))
    text = (OURS / "page.html").read_text("utf-8")
    text = text.replace("{banner}", BANNER if made_up else "")
    text = text.replace("{title}", escape(request.app.title))
    return HTMLResponse(text, headers={"Content-Security-Policy": DOCS_POLICY})


@router.get("/docs/start.js")
def script() -> Response:
    """The page's own script: inline ones are not let in."""
    return FileResponse(OURS / "start.js", media_type="text/javascript")


@router.get("/docs/page.css")
def style() -> Response:
    """The page's own style."""
    return FileResponse(OURS / "page.css", media_type="text/css")


def assets() -> BaseRoute:
    """Swagger UI as the package fastapi-offline ships it."""
    return Mount("/docs/swagger", StaticFiles(directory=SWAGGER), name="swagger")
