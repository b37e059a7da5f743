"""The page of the API: it works under its own policy and fetches nothing from elsewhere."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import uvicorn

from api.app import create_app
from api.settings import Settings
from protocol.commands import people
from protocol.commands.people import PersonIn
from protocol.records.clinics import DEMONSTRATION
from protocol.rules.actions import Role
from tests.api.clinic import SECRET, Chair


@pytest.fixture
def address(migrated_url: str) -> Iterator[str]:
    """A server with a demonstration clinic."""
    app = create_app(Settings(database_url=migrated_url))
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    first = PersonIn(
        id=uuid4(), username="ada", name="Ada", roles=(Role.ADMINISTRATOR,), secret=SECRET
    )
    people.found_clinic(
        app.state.database, first, name="Shown", zone="Etc/UTC", now=datetime.now(UTC),
        purpose=DEMONSTRATION,
    )  # fmt: skip
    yield "http://127.0.0.1:%d" % server.servers[0].sockets[0].getsockname()[1]  # noqa: UP031
    server.should_exit = True
    thread.join()


@pytest.mark.browser
def test_the_page_renders_under_its_policy_and_fetches_nothing_from_elsewhere(chromium, address):
    page = chromium.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() > 40
    page.locator(".opblock-post", has_text="/readings").locator("button").first.click()
    page.wait_for_selector(".opblock-body")
    assert page.url.startswith(f"{address}/docs")
    assert "DEMONSTRATION" in page.inner_text("body")
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert said == []
    page.close()


def test_a_real_clinics_page_has_no_banner_and_a_policy(empty: Chair):
    response = empty.client.get("/docs")
    assert response.status_code == 200
    assert "DEMONSTRATION" not in response.text
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_start_page_leads_to_the_description(empty: Chair):
    assert empty.client.get("/", follow_redirects=False).headers["location"] == "/docs"
