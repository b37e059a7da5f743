"""What every test may ask for: a database on either engine, a browser, a program.

Nothing is skipped: what is missing fails the test that needs it, and says how to install it.
"""

import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.compiled import compile_once
from tests.memory import place
from tests.postgres import PostgresCluster, PostgresMissing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEMPLATE = "chairside_template"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PACKAGES = {"pdftotext": "poppler-utils", "pdftoppm": "poppler-utils", "pdffonts": "poppler-utils"}

# Processes that tests start would compile every library anew where this is set.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where pytest makes its temporary folders; its workers take the one of whoever started them.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place()))
# A run must not differ from the one before it, and a busy machine is no failure.
settings.register_profile("chairside", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("chairside")


def pytest_sessionstart() -> None:
    """Collecting three thousand tests and importing all they need leaves no garbage."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays until the end: a full collection over it, a tenth of every test's
    time, would find nothing. What a test leaves is collected as ever."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compile_once(patch)
        yield


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each of the two engines in turn."""
    return str(request.param)


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database, a new one for every test."""
    if engine_name == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('tmp_path') / 'chairside.db'}"
    else:
        yield from _postgres_database(request, None)


@pytest.fixture
def migrated_url(engine_name: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database migrated to head, a new copy for every test."""
    if engine_name == "sqlite":
        path = request.getfixturevalue("tmp_path") / "chairside.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        yield from _postgres_database(request, request.getfixturevalue("postgres_template"))


def _postgres_database(request: pytest.FixtureRequest, template: str | None) -> Iterator[str]:
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    url = cluster.create_database(template)
    yield url
    cluster.drop_database(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated SQLite file, whole in itself, to be copied."""
    from protocol.records.database import upgrade

    path = tmp_path_factory.mktemp("template") / "chairside.db"
    upgrade(f"sqlite:///{path}")
    # What is still in the write-ahead log would not be copied: sqlite.org/wal.html, section 4.
    with sqlite3.connect(path) as connection:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    connection.close()
    assert not busy, "upgrade() left a connection open"
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: PostgresCluster) -> str:
    """The name of one migrated PostgreSQL database, to be copied."""
    from protocol.records.database import upgrade

    url = postgres_cluster.create_database()
    upgrade(url)
    postgres_cluster.create_template(url, TEMPLATE)
    return TEMPLATE


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A PostgreSQL of this test process alone, so that workers share nothing."""
    try:
        cluster = PostgresCluster(in_memory=True)
    except PostgresMissing as error:
        pytest.fail(str(error))
    with cluster:
        yield cluster


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Find an installed program by its name: `program("qpdf")`."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            package = PACKAGES.get(name, name)
            pytest.fail(f"{name} is missing: apt-get install --no-install-recommends {package}")
        return found

    return find


# The sync driver keeps an event loop running in its thread for as long as it lives, and no
# other test of that process could call asyncio.run: so it lives no longer than one file.
@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A headless Chromium, the machine's own."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.fail("Chromium is missing: apt-get install --no-install-recommends chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=found, args=[*CHROMIUM_ARGUMENTS, *sandbox]
        )
        yield browser
        browser.close()
