"""The log tells operations and never a patient: a whole session, through the real server (R46)."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from api.logs import PlainFormatter
from tests.api.clinic import SECRET, Chair, ago, an_id, dosing, entry, heart_rate, quantity
from tests.api.server import Server, served

PATIENT: dict[str, Any] = {
    "identifiers": [
        {"system": "Recordsystem", "value": "KX-44817"},
        {"system": "Cardsystem", "value": "QY-9921"},
    ],
    "family": "Zwetschgenbaum", "given": "Philippina", "born_on": "1947-08-09", "sex": "female",
    "allergy_state": "known", "allergies": ["wintergreen"],
}  # fmt: skip
WORDS = (
    "Zwetschgenbaum", "Philippina", "1947-08-09", "KX-44817", "QY-9921", "Recordsystem",
    "wintergreen", "murmured", "hiccough", "Inventrone", "hesitated", "rhubarb", "mistyped",
    "quincunx", "Persimmon", "nora", "Nora", "48.25", SECRET,
)  # fmt: skip


class Session:
    """Someone at a chair, over a socket; keeps every token that it was given."""

    def __init__(self, server: Server) -> None:
        self.server, self.tokens = server, list(server.chair.tokens.values())

    def post(self, path: str, body: Any, *statuses: int, who: str = "nora") -> Any:
        answer = self.server.ask("POST", f"/api/v1{path}", [self.server.bearer(who)], body=body)
        assert answer.status in (statuses or (200, 201)), answer.content
        return answer.body

    def get(self, path: str, *statuses: int, who: str = "nora") -> None:
        answer = self.server.ask("GET", f"/api/v1{path}", [self.server.bearer(who)])
        assert answer.status in (statuses or (200,)), answer.content

    def take_place(self) -> None:
        """From enrolment to signature, print and export, with refusals on the way."""
        patient, session = an_id(), an_id()
        self.post("/patients", {"id": patient, **PATIENT})
        self.post("/patients", {"id": patient, **PATIENT, "family": "Persimmon"}, 409)
        self.post("/patient-search", {"words": "Zwetschgen"})
        weight = {"id": an_id(), "value_kg": "48.25", "method": "measured", "measured_at": ago(300)}
        self.post(f"/patients/{patient}/weights", weight)
        self.post("/sessions", {
            "id": session, "patient_id": patient, "series": "quincunx",
            "protocol_version_id": self.server.chair.protocol_id, "prepared_at": ago(200),
        })  # fmt: skip
        at = f"/sessions/{session}"
        self.post(f"{at}/dosing-events", entry(20, dosing("start", rate=quantity("30.0 mg/h"))))
        note = {"kind": "note", "text": "She murmured, then a hiccough."}
        noted = self.post(f"{at}/notes", entry(19, note))["entry"]["id"]
        self.post(f"{at}/notes", entry(19, note) | {"colour": "rhubarb"}, 422)
        self.post(f"{at}/notes", {"id": noted, **note}, 422)
        self.post(f"{at}/readings", entry(15, heart_rate("137")), 201)
        self.post(f"{at}/readings", entry(15, heart_rate("hiccough")), 422)
        adjunct = {"kind": "adjunct", "medicine": "Inventrone", "route": "intravenous"}
        self.post(f"{at}/adjuncts", entry(12, adjunct | {"dose": quantity("3 mg")}))
        correction = {"kind": "note", "text": "She hesitated."}
        self.post(f"{at}/corrections",
                  entry(19, correction, replaces=noted, reason="rhubarb"))  # fmt: skip
        self.post(f"{at}/dosing-events", entry(10, dosing("stop")))
        self._end(at, patient)

    def _end(self, at: str, patient: str) -> None:
        self.post(f"{at}/stop", {"at": ago(9), "reason": "It rained; quincunx."})
        signature = {"id": an_id(), "meaning": "authorship", "record_digest": "0" * 64}
        self.post(f"{at}/signatures", signature | {"secret": "mistyped"}, 401)
        self.post(f"{at}/signatures", signature | {"secret": SECRET}, 409)
        self.get(f"/patients/{patient}?family=Zwetschgenbaum")
        self.get(f"/patients/{patient}/series/quincunx")
        for path in ("", "/signatures", "/summary.pdf", "/export", "/due-rounds", "/chart.svg"):
            self.get(f"{at}{path}")
        self.get("/sessions?status=Zwetschgenbaum", 422)
        self.get("/Zwetschgenbaum", 404)
        self.get(f"{at}/export", 200, who="otto")
        own, wanted = ("Sec-Fetch-Site", "same-origin"), {"username": "nora", "secret": SECRET}
        answer = self.server.ask("POST", "/api/v1/sign-in", [own], body=wanted | {"cookie": True})
        self.tokens.append(answer.headers["set-cookie"].split(";")[0].split("=")[1])
        self.server.ask("GET", "/api/v1/sessions", [("Authorization", "Bearer hiccough")])
        self.server.ask("GET", "/api/v1/sessions", host=["Zwetschgenbaum"])


def test_nothing_that_was_sent_is_in_the_log(chair: Chair, tmp_path: Path) -> None:
    with served(chair, tmp_path, "--log-level", "debug") as server:
        session = Session(server)
        session.take_place()
        _broken(server)
        log = server.stop()
    said = [word for word in (*WORDS, *session.tokens) if word in log]
    assert said == []
    assert "chairside.access: POST /api/v1/sessions/{session_id}/notes" in log
    assert "chairside.access: GET (no route)" in log


def _broken(server: Server) -> None:
    """What is no HTTP, with a name in it."""
    caller = server.connection()
    caller.connect()
    assert caller.sock is not None
    caller.sock.sendall(b"GET /Zwetschgenbaum\r\nhiccough\r\n\r\n")
    caller.sock.recv(1000)
    caller.close()


def _line(logger: str, message: str, *arguments: object) -> str:
    try:
        raise LookupError("Zwetschgenbaum")
    except LookupError:
        record = logging.LogRecord(
            logger, logging.ERROR, __file__, 7, message, arguments, sys.exc_info()
        )
    return PlainFormatter("%(name)s: %(message)s").format(record)


@pytest.mark.parametrize(
    ("logger", "kept"), [("uvicorn.error", "Exception in"), ("sqlalchemy.pool", "test_log.py:7")]
)
def test_an_exception_is_its_class_and_its_places(logger: str, kept: str) -> None:
    line = _line(logger, "Exception in %s", "the application")
    assert "LookupError at test_log.py:" in line
    assert kept in line
    assert "Zwetschgenbaum" not in line


def test_of_a_library_the_place_is_kept_and_no_word() -> None:
    for name in ("sqlalchemy.engine", "weasyprint", "fontTools.subset", "asyncio", "py.warnings"):
        line = _line(name, "INSERT %s", json.dumps(PATIENT))
        assert "INSERT" not in line
        assert "KX-44817" not in line
