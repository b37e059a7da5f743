"""An invented clinic, spoken to over HTTP alone once it is founded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select, update
from sqlmodel import SQLModel

from api.app import create_app
from api.cookies import LOOPBACK_NAMES
from api.settings import Settings
from protocol.commands import people
from protocol.commands.people import PersonIn
from protocol.records.database import Database
from protocol.records.sign_ins import SIGN_IN
from protocol.rules.actions import Role

NOW = datetime.now(UTC)
SECRET = "an invented secret of the tests"
FIRST_SECRET = "an invented secret from the administrator"
PEOPLE = {
    "ada": "administrator", "nora": "nurse", "nils": "nurse", "paula": "physician",
    "peter": "physician", "otto": "auditor",
}  # fmt: skip
POLICY: dict[str, Any] = {
    "name": "Invented policy",
    "late_entry_after_min": 30,
    "scales": {"pain-rest": {"low": "0", "high": "10"}},
    "plausible": [{"measure": "heart-rate", "low": "31", "high": "213", "unit": "/min"}],
    "limits": [
        {"code": "fast", "on": "measure", "measure": "heart-rate", "high": "117", "unit": "/min",
         "severity": "hard"},
        {"code": "slow", "on": "measure", "measure": "heart-rate", "low": "53", "unit": "/min",
         "severity": "soft"},
    ],
}  # fmt: skip
PROTOCOL: dict[str, Any] = {
    "name": "Invented protocol",
    "phases": [
        {
            "code": "infusion",
            "label": "Infusion",
            "rounds": [
                {"code": "vitals", "label": "Vital signs", "measures": ["heart-rate"],
                 "anchor": "infusion-start", "intervals": [{"every_min": 23}], "grace_min": 7}
            ],
        },
        {"code": "recovery", "label": "Recovery"},
    ],
    "drug_lines": [
        {"code": "line-1", "drug": "examplamine", "route": "intravenous",
         "concentration": {"amount": {"value": "47", "unit": "mg"},
                           "volume": {"value": "47", "unit": "mL"}}}
    ],
    "limits": [
        {"code": "most-rate", "on": "rate", "high": "91", "unit": "mL/h", "severity": "hard",
         "applies_to": "plan"}
    ],
}  # fmt: skip
PATIENT: dict[str, Any] = {
    "identifiers": [{"system": "Record", "value": "X-1"}, {"system": "Card", "value": "Y-2"}],
    "family": "Invented", "given": "Ida", "born_on": "1961-02-03", "sex": "female",
    "allergy_state": "none-known",
}  # fmt: skip


def an_id() -> str:
    """A client-made id."""
    return str(uuid4())


def ago(minutes: float) -> str:
    """So many minutes before these tests began, with the zone: exact spans, whatever they take."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


def reading(*values: tuple[str, str, str]) -> dict[str, Any]:
    """`reading(("heart-rate", "71", "/min"))`."""
    return {
        "kind": "reading",
        "observations": [{"measure": m, "value": v, "unit": u} for m, v, u in values],
    }


def heart_rate(value: str) -> dict[str, Any]:
    return reading(("heart-rate", value, "/min"))


def dosing(event: str, **more: Any) -> dict[str, Any]:
    return {"kind": "dosing", "event": event, "drug_line": "line-1", **more}


def quantity(text: str) -> dict[str, str]:
    """`quantity("7.3 mg")`."""
    value, _, unit = text.partition(" ")
    return {"value": value, "unit": unit}


def entry(minutes: float, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The body of an entry observed so many minutes ago."""
    return {"id": an_id(), "observed_at": ago(minutes), "content": content, **more}


class Chair:
    """The clinic's people with their tokens, and the session at hand."""

    def __init__(self, client: TestClient, database: Database) -> None:
        self.client, self.database = client, database
        self.tokens: dict[str, str] = {}
        self.patient_id = self.session_id = self.protocol_id = self.policy_id = ""

    def ask(self, who: str | None, method: str, path: str, **more: Any) -> Response:
        """One request by someone, or by nobody."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        headers |= more.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def get(self, who: str, path: str, status: int = 200) -> Any:
        return self._expect(self.ask(who, "GET", path), status)

    def post(self, who: str | None, path: str, body: Any = None, status: int = 201) -> Any:
        return self._expect(self.ask(who, "POST", path, json=body), status)

    @staticmethod
    def _expect(response: Response, status: int) -> Any:
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def sign_in(self, who: str, secret: str = SECRET) -> None:
        given = self.post(None, "/sign-in", {"username": who, "secret": secret}, 200)
        self.tokens[who] = given["token"]

    def settle(self, who: str, given: str = FIRST_SECRET) -> None:
        """Sign in with the secret that the administrator set, and set an own one."""
        self.sign_in(who, given)
        body = {"present_secret": given, "secret": SECRET}
        self._expect(self.ask(who, "PUT", "/me/secret", json=body), 204)

    def put_in_force(self, plural: str, document: dict[str, Any]) -> str:
        """Drafted by one physician, approved and activated by another."""
        version = an_id()
        self.post("paula", f"/{plural}", {"id": version, "document": document})
        self.post("peter", f"/{plural}/{version}/approve", status=200)
        self.post("paula", f"/{plural}/{version}/activate", status=200)
        return version

    def open_session(self) -> None:
        """A policy, a protocol, a patient with a weight, and a session in preparation."""
        self.policy_id = self.put_in_force("policies", POLICY)
        self.protocol_id = self.put_in_force("protocols", PROTOCOL)
        self.patient_id = an_id()
        self.post("nora", "/patients", {"id": self.patient_id, **PATIENT})
        weight = {"id": an_id(), "value_kg": "61.70", "method": "measured", "measured_at": ago(300)}
        self.post("nora", f"/patients/{self.patient_id}/weights", weight)
        self.session_id = self.prepare()

    def prepare(self, series: str = "course-1") -> str:
        session_id = an_id()
        wanted = {
            "id": session_id, "patient_id": self.patient_id, "series": series,
            "protocol_version_id": self.protocol_id, "prepared_at": ago(200),
        }  # fmt: skip
        self.post("nora", "/sessions", wanted)
        return session_id

    def chart(self, path: str, body: dict[str, Any], who: str = "nora", status: int = 201) -> Any:
        """An entry of the session at hand."""
        return self.post(who, f"/sessions/{self.session_id}/{path}", body, status)

    def chart_infusion(self) -> None:
        """A whole infusion of ten minutes, and the session's end."""
        start = dosing("start", rate=quantity("30.0 mg/h"))
        self.chart("dosing-events", entry(20, start))
        self.chart("readings", entry(15, heart_rate("71")))
        self.chart("dosing-events", entry(10, dosing("stop")))
        self.chart("complete", {"at": ago(9)}, status=200)

    def sign(
        self, who: str, meaning: str, secret: str = SECRET, digest: str | None = None
    ) -> Response:
        """A signature over the record as it is shown now."""
        shown = digest or self.get(who, f"/sessions/{self.session_id}")["digest"]
        body = {"id": an_id(), "meaning": meaning, "record_digest": shown, "secret": secret}
        return self.ask(who, "POST", f"/sessions/{self.session_id}/signatures", json=body)

    def counts(self) -> dict[str, int]:
        """How many rows each table holds, the audit trail's own and what counts left out."""
        with self.database.looking() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in SQLModel.metadata.tables.items()
                if not name.startswith(("audit", "lock_out"))
            }

    def last_audited(self) -> dict[str, Any]:
        """The newest audit entry, but for the look at the trail itself."""
        found = self.get("otto", "/audit/entries?limit=9")["items"]
        return next(one for one in found if one["action"] != "audit:search")

    def refused(self, ask: Callable[["Chair"], Response], status: int) -> dict[str, Any]:
        """The problem of a request that changes nothing and is audited."""
        before = self.counts()
        response = ask(self)
        assert response.status_code == status, response.text
        assert self.counts() == before
        audited = self.last_audited()
        assert (audited["outcome"], audited["code"]) == ("refused", response.json()["code"])
        return dict(response.json())


Ask = Callable[[Chair], Response]


def charted(path: str, body: dict[str, Any], who: str = "nora") -> Ask:
    """A request that charts in the session at hand."""
    return lambda chair: chair.ask(who, "POST", f"/sessions/{chair.session_id}/{path}", json=body)


class Kept(NamedTuple):
    """What a chair knows of a clinic that was built once, whatever copy of its database it is."""

    known: dict[str, Any]

    @classmethod
    def of(cls, chair: Chair) -> "Kept":
        own = ("client", "database")
        return cls({name: one for name, one in vars(chair).items() if name not in own})


@contextmanager
def app_over(url: str, **settings: Any) -> Iterator[Chair]:
    """The application over a database, and nobody known yet."""
    hosts = ("chairside.test", *LOOPBACK_NAMES)
    app = create_app(Settings(database_url=url, **{"allowed_hosts": hosts, **settings}))
    with TestClient(app, base_url="http://chairside.test") as client:
        yield Chair(client, app.state.database)


@contextmanager
def copied(url: str, kept: Kept) -> Iterator[Chair]:
    """A chair over a copy of a clinic that was built before; its sign-ins were seen just now."""
    with app_over(url) as chair:
        vars(chair).update({name: copy(one) for name, one in kept.known.items()})
        with chair.database.begin_write() as connection:
            connection.execute(update(SIGN_IN).values(seen_at=datetime.now(UTC)))
            connection.commit()
        yield chair


@contextmanager
def chair_over(url: str, **settings: Any) -> Iterator[Chair]:
    """A clinic of that database with everyone signed in."""
    with app_over(url, **settings) as chair:
        first = PersonIn(
            id=uuid4(), username="ada", name="Ada", roles=(Role.ADMINISTRATOR,), secret=SECRET
        )
        people.found_clinic(
            chair.database, first, name="Invented clinic", zone="Europe/Paris",
            now=datetime.now(UTC),
        )  # fmt: skip
        chair.sign_in("ada")
        for who, role in PEOPLE.items():
            if who != "ada":
                body = {"id": an_id(), "username": who, "name": who.title(), "roles": [role]}
                chair.post("ada", "/people", body | {"secret": FIRST_SECRET})
                chair.settle(who)
        yield chair
