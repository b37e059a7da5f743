"""Schemathesis, which nobody here wrote, over the whole description: every check of its own.

Each operation is tried by someone whose role grants it, and others by someone whose role does not.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
import uvicorn

import api
from tests.api.clinic import chair_over

# A time in the future, a unit that does not fit, a document whose parts contradict: no JSON Schema
# tells them, so what fits the schema may be 422 (RFC 9110 section 15.5.21).
# One worker: in two threads CPython 3.11 mixes up the depth of its AST builder (its issue 106905).
CONFIG = """
seed = 1
workers = 1
continue-on-failure = true
suppress-health-check = ["all"]

[parameters]
"path.session_id" = "{session_id}"
"path.patient_id" = "{patient_id}"
"path.version_id" = "{version_id}"

[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422"]
"""
# It is the one that is served, as test_description says.
DESCRIPTION = Path(api.__file__).parent / "openapi.json"
# What ends or locks the sign-in in use would leave all that follows with a 401.
ENDS = "/(sign-out|lock|switch-user|me/secret|sign-ins/[{]sign_in_id[}])$"
EXAMPLES = 2
AT_THE_CHAIR = "(readings|.*-events|plans|adjuncts|notes|.*-rounds|phases)$"
# Its body is every other's at once: each border of it is tried there.
CORRECTIONS = "/corrections$"
# The description's borders are the same on both engines; what reaches a database may differ.
PHASES = {"sqlite": "coverage,fuzzing", "postgres": "fuzzing"}


class Round(NamedTuple):
    """Who tries which operations; `without` is left out beside what ends a sign-in."""

    who: str
    which: tuple[str, ...]
    without: str = "^$"


ROUNDS = [
    Round("nora", ("--include-path-regex", AT_THE_CHAIR)),
    Round("nils", ("--include-path-regex", "^/api/v1/(sessions|patient)"),
          f"{AT_THE_CHAIR}|{CORRECTIONS}"),
    Round("peter", ("--include-path-regex", CORRECTIONS, "--phases", "fuzzing")),
    Round("paula", ("--include-path-regex",
                    "^/api/v1/(policies|protocols|amendment|courses)|/courses$")),
    # Every border of a search that ends in a sheet would be set in type; otto's round prints some.
    Round("ada", ("--include-path-regex", "^/(healthz|api/v1/(people|audit|holds|sign-in|me))"),
          "[.]pdf$"),
    Round("otto", ("--include-method", "GET", "--phases", "fuzzing")),
]  # fmt: skip


class Served(NamedTuple):
    address: str
    tokens: dict[str, str]
    config: Path


@pytest.fixture
def served(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The clinic behind a real server, which goes on looking at secrets however many were wrong."""
    with chair_over(migrated_url, refused_max=1_000_000) as chair:
        chair.open_session()
        app = chair.client.app
        config = uvicorn.Config(app, port=0, log_level="error", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        file = tmp_path / "schemathesis.toml"
        file.write_text(CONFIG.format(
            session_id=chair.session_id, patient_id=chair.patient_id, version_id=chair.protocol_id
        ))  # fmt: skip
        yield Served(f"http://127.0.0.1:{port}", chair.tokens, file)
        server.should_exit = True
        thread.join()


@pytest.mark.timeout(600)  # it takes half a minute of a processor that others may be using too
@pytest.mark.parametrize("one", ROUNDS, ids=lambda one: one.who)
def test_the_api_is_what_its_description_says(
    served: Served, one: Round, engine_name: str, tmp_path_factory: pytest.TempPathFactory
):
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(served.config),
        "run", str(DESCRIPTION), "--url", served.address, "--no-color",
        "-H", f"Authorization: Bearer {served.tokens[one.who]}",
        "--phases", PHASES[engine_name], "--max-examples", str(EXAMPLES), *one.which,
        "--exclude-path-regex", f"{ENDS}|{one.without}",
    ]  # fmt: skip
    # Hypothesis writes down what it knows of Unicode, so that the next round need not find it out.
    known = {"HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path_factory.getbasetemp() / "hypothesis")}
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=served.config.parent,
        env=os.environ | known,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-12_000:] + ran.stderr[-2_000:]
    still = httpx2.get(
        f"{served.address}/api/v1/me", headers={"Authorization": f"Bearer {served.tokens[one.who]}"}
    )
    assert still.status_code == 200, "the sign-in ended on the way, and what followed was a 401"
