"""PostgreSQL's own refusal: the application's role cannot change what is append-only (R187)."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from protocol.commands import drafts, signing_in
from protocol.records.app_role import grant_app_role, rights
from protocol.records.database import Database, is_current
from protocol.records.guards import missing_guards
from protocol.records.tables import CHAIN, CONTENTS, SEALED
from protocol.records.verifying import verify
from protocol.rules.errors import RoleUnfit
from tests.commands.lived_in import live
from tests.commands.proofs import sign_in
from tests.commands.templates import Templates
from tests.commands.test_drafts import keep, kept, look
from tests.commands.world import World, at
from tests.postgres import PostgresCluster

pytestmark = pytest.mark.postgres
GUARDED = [str(row.__tablename__) for row in (*CHAIN, *SEALED, *CONTENTS)]


@pytest.fixture
def role(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """A role that may sign in and nothing else."""
    name = f"app_{uuid4().hex[:12]}"
    address = postgres_cluster.url("postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        yield name
        connection.execute(f"DROP ROLE {name}")


@pytest.fixture
def as_app(
    role: str, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A clinic whose application runs under that role; the tables are another's."""
    with templates.copy("postgres", "world", tmp_path_factory.mktemp("none")) as owned:
        grant_app_role(owned.database, role)
        url = make_url(owned.database.url).set(username=role)
        world = owned.in_copy(url.render_as_string(hide_password=False))
        yield world
        world.database.close()
        with owned.database.begin_write() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.commit()


def refusal(world: World, statement: str) -> str:
    """The server's own answer to the application's role."""
    with world.database.engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except DBAPIError as error:
            return str(error.orig)
        finally:
            connection.rollback()
    return "it was done"


def test_a_whole_session_is_lived_under_the_application_s_role(as_app: World) -> None:
    live(as_app)
    assert [one.fault for one in verify(as_app.database)] == [None]
    assert is_current(as_app.database)
    assert missing_guards(as_app.database) == []
    as_app.database.probe_write()


def test_a_draft_is_kept_replaced_and_gone_under_the_application_s_role(as_app: World) -> None:
    signed_in = sign_in(as_app)
    for note in ("first", "second"):
        keep(as_app, signed_in, note=note)
    assert look(as_app, signed_in).content == {"note": "second"}
    drafts.discard(as_app.clinic, as_app.nurse, signed_in.token, as_app.session, now=at(3))
    keep(as_app, signed_in)
    signing_in.sign_out(as_app.clinic, as_app.nurse, signed_in.token, now=at(4))
    assert kept(as_app) == 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {table} SET clinic_id = clinic_id", "DELETE FROM {table}", "TRUNCATE {table}",
     "SELECT * FROM {table} FOR UPDATE"],
)  # fmt: skip
def test_the_server_refuses_the_role_to_change_what_is_append_only(
    as_app: World, statement: str
) -> None:
    answers = {one: refusal(as_app, statement.format(table=f'"{one}"')) for one in GUARDED}
    # A purge lets details go, so there the guard refuses in the place of the missing right.
    guarded = "audit_detail" if statement.startswith("DELETE") else ""
    words = {one: "is append-only" if one == guarded else "permission denied" for one in GUARDED}
    assert {one: said for one, said in answers.items() if words[one] not in said} == {}


@pytest.mark.parametrize(
    "statement",
    ["DROP TRIGGER guard_entry_row ON entry", "ALTER TABLE entry DISABLE TRIGGER ALL",
     "DROP TABLE audit_entry", "ALTER TABLE audit_entry ADD COLUMN more text",
     "CREATE TABLE another (id integer)", "SET session_replication_role = replica",
     ("CREATE OR REPLACE FUNCTION chairside_append_only() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN RETURN OLD; END'"),
     "UPDATE alembic_version SET version_num = '0000'", "DELETE FROM sign_in"],
)  # fmt: skip
def test_the_server_refuses_the_role_to_lift_a_guard(as_app: World, statement: str) -> None:
    said = refusal(as_app, statement)
    assert "permission denied" in said or "must be owner" in said, said


def test_only_what_changes_may_be_updated() -> None:
    assert rights("sign_in") == "SELECT, INSERT, UPDATE"
    assert rights("alembic_version") == "SELECT"
    assert rights("draft") == "SELECT, INSERT, UPDATE, DELETE"
    assert rights("audit_detail") == "SELECT, INSERT, DELETE"
    others = {rights(one) for one in GUARDED if one != "audit_detail"}
    assert others == {"SELECT, INSERT"}


def test_a_role_that_no_grant_could_bind_is_refused(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with templates.copy("postgres", "world", tmp_path_factory.mktemp("none")) as owned:
        with pytest.raises(RoleUnfit, match="superuser"):
            grant_app_role(owned.database, "postgres")
        with pytest.raises(RoleUnfit, match="no role nobody_here"):
            grant_app_role(owned.database, "nobody_here")


def test_a_grant_that_was_too_wide_is_taken_back(as_app: World, role: str) -> None:
    owner = Database(make_url(as_app.database.url).set(username="postgres").render_as_string())
    with owner.begin_write() as connection:
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"))
        connection.commit()
    assert "append-only" in refusal_of_any(as_app, "DELETE FROM entry")
    grant_app_role(owner, role)
    owner.close()
    assert "permission denied" in refusal(as_app, "DELETE FROM entry")


def refusal_of_any(world: World, statement: str) -> str:
    """What the guards answer when no right is missing."""
    live(world)
    try:
        with world.database.engine.connect() as connection:
            connection.execute(text(statement))
    except DBAPIError as error:
        return str(error.orig)
    return "it was done"
