"""The server says that it is fit only when it can read and write, and the guards stand."""

import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url

from api.app import create_app
from api.routes.health import NotFit
from api.settings import Settings
from protocol.commands import people
from protocol.commands.checkpoints import sign_checkpoint
from protocol.records.clinics import Clinic
from protocol.records.database import Database
from protocol.records.witness import Witness
from protocol.rules.actions import Actor, Role
from tests.api.clinic import NOW, SECRET, Chair, an_id, entry
from tests.commands.lived_in import KEY


def test_a_server_that_reads_and_writes_is_fit(empty: Chair):
    response = empty.client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_database_that_takes_no_writes_is_not_fit(empty: Chair, engine_name: str):
    before = empty.client.get("/healthz").status_code
    _take_no_writes(empty.database, engine_name)
    response = empty.client.get("/healthz")
    assert (before, response.status_code) == (200, 503)
    assert response.json()["code"] == "not-fit"
    body = entry(1, {"kind": "note", "text": "a"})
    for session, sent in ((an_id(), body), (an_id(), {}), ("not-an-id", body)):
        refused = empty.ask("nora", "POST", f"/sessions/{session}/notes", json=sent)
        assert (refused.status_code, refused.json()["code"]) == (503, "not-stored")


def _take_no_writes(database: Database, engine_name: str) -> None:
    if engine_name == "postgres":
        url = make_url(database.url)
        other = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with other.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
        other.dispose()
        database.engine.dispose()
    else:
        database.engine.dispose()
        event.listen(
            database.engine, "connect", lambda one, _record: one.execute("PRAGMA query_only=ON")
        )


def test_a_missing_guard_is_told_and_stops_the_next_start(tmp_path: Path, sqlite_template: Path):
    path = tmp_path / "chairside.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(database_url=f"sqlite:///{path}")
    with TestClient(create_app(settings)) as client:
        assert client.get("/healthz").status_code == 200
        _drop_a_guard(path)
        response = client.get("/healthz")
    assert response.status_code == 503
    assert "is missing" in response.json()["detail"]
    with pytest.raises(NotFit, match="is missing"), TestClient(create_app(settings)):
        pass


def _drop_a_guard(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        (name,) = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1"
        ).fetchone()
        connection.execute(f"DROP TRIGGER {name}")
    connection.close()


def test_a_database_that_is_not_migrated_stops_the_start(tmp_path: Path):
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'chairside.db'}")
    with pytest.raises(NotFit, match="migration"), TestClient(create_app(settings)):
        pass


def test_a_history_that_was_lost_is_told_and_stops_the_next_start(
    tmp_path: Path, sqlite_template: Path
):
    path = tmp_path / "chairside.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(database_url=f"sqlite:///{path}", witness=tmp_path / "witness")
    clinic, ada = _a_clinic(settings)
    kept = path.read_bytes() if _settled(clinic) else b""
    witness = Witness(tmp_path / "witness")
    sign_checkpoint(clinic, ada, KEY, now=NOW)
    sign_checkpoint(clinic, ada, KEY, now=NOW, witness=witness)
    clinic.database.close()
    server = create_app(settings)
    with TestClient(server) as client:
        assert client.get("/healthz").status_code == 200
        for left in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            left.unlink(missing_ok=True)
        server.state.database.close()
        path.write_bytes(kept)  # an older backup stands in its place
        response = client.get("/healthz")
    assert (response.status_code, response.json()["code"]) == (503, "not-fit")
    assert "History lost" in response.json()["detail"]
    with pytest.raises(NotFit, match="History lost"), TestClient(create_app(settings)):
        pass


def test_a_history_that_is_not_the_checkpoint_s_is_told_without_a_witness(
    tmp_path: Path, sqlite_template: Path
):
    path = tmp_path / "chairside.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(database_url=f"sqlite:///{path}")
    clinic, ada = _a_clinic(settings)
    sign_checkpoint(clinic, ada, KEY, now=NOW)
    clinic.database.close()
    with sqlite3.connect(path) as connection:
        kept = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'guard_audit_entry_update'"
        ).fetchone()[0]
        connection.execute("DROP TRIGGER guard_audit_entry_update")
        connection.execute("UPDATE audit_entry SET hash = replace(hash, 'a', 'b')")
        connection.execute(kept)  # the guard stands again, as if nothing had been
    connection.close()
    with pytest.raises(NotFit, match="here are others"), TestClient(create_app(settings)):
        pass


def _a_clinic(settings: Settings) -> tuple[Clinic, Actor]:
    database = Database(settings.url)
    first = people.PersonIn(
        id=UUID(an_id()), username="ada", name="Ada", roles=(Role.ADMINISTRATOR,), secret=SECRET
    )
    clinic = people.found_clinic(database, first, name="Invented", zone="Etc/UTC", now=NOW)
    actor = Actor(
        clinic_id=clinic.id, person_id=first.id, username="ada", name="Ada",
        roles=frozenset({Role.ADMINISTRATOR}),
    )  # fmt: skip
    return clinic, actor


def _settled(clinic: Clinic) -> bool:
    """Everything is in the file itself, whose bytes are then a backup."""
    with clinic.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    clinic.database.close()
    return True
