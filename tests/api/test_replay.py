"""Acts from JSON Lines: the same commands, the same refusals, marked as transcribed."""

import json
from datetime import UTC, datetime
from typing import Any

from api.replay import replay
from protocol.commands import planning, signing_in
from protocol.records.clinics import Clinic, clinic_by
from protocol.records.database import Database
from protocol.records.verifying import verify
from protocol.rules.actions import Actor
from protocol.rules.charting import Source
from tests.api.clinic import PATIENT, SECRET, Chair, ago, an_id, dosing, entry, heart_rate


def actor_of(chair: Chair, username: str) -> tuple[Clinic, Actor]:
    clinic = clinic_by(chair.database, None)
    return clinic, signing_in.sign_in(clinic, username, SECRET, now=datetime.now(UTC)).actor


def outcomes(chair: Chair, *lines: Any, second: str | None = None) -> list[dict[str, object]]:
    clinic, nurse = actor_of(chair, "nora")
    other = None if second is None else actor_of(chair, second)[1]
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    content = "\n".join(texts).encode()
    return [one.as_dict() for one in replay(clinic, nurse, other, content)]


def codes(chair: Chair, *lines: Any, second: str | None = None) -> list[object]:
    return [one.get("code", one["outcome"]) for one in outcomes(chair, *lines, second=second)]


def act(chair: Chair, name: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"act": name, "session": chair.session_id, "body": body, **more}


def test_entries_are_marked_and_sent_twice_they_are_harmless(chair):
    pain = act(chair, "reading:record", entry(5, heart_rate("71")))
    shifted = act(chair, "note:record", entry(4, {"text": "Calm."}, source="transcribed-shifted"))
    assert codes(chair, pain, shifted, "", pain) == ["done", "done", "repeated"]
    clinic, nurse = actor_of(chair, "nora")
    sessions = planning.find_sessions(clinic, nurse, now=datetime.now(UTC))
    record = planning.session(clinic, nurse, sessions[0].id, now=datetime.now(UTC))
    assert [one.source for one in record.entries] == [
        Source.TRANSCRIBED,
        Source.TRANSCRIBED_SHIFTED,
    ]


def test_each_refused_line_is_named_and_the_others_go_in(chair):
    future = act(chair, "reading:record", entry(-60, heart_rate("71")))
    kind = act(chair, "note:record", entry(5, heart_rate("71")))
    float_ = act(chair, "reading:record", entry(5, heart_rate("71")))
    float_["body"]["content"]["observations"][0]["value"] = 71.5
    lines = [
        "no json", "[]", '{"act": "dance:begin"}', future, kind, float_,
        {"act": "note:record", "body": entry(5, {"text": "x"})},
        {"act": "session:begin", "session": an_id()},
        {"act": "session:sign", "session": chair.session_id},
        act(chair, "dosing:stop", entry(5, dosing("stop"))),
        act(chair, "reading:record", entry(5, heart_rate("72"))),
    ]  # fmt: skip
    found = outcomes(chair, *lines)
    assert [one.get("code", one["outcome"]) for one in found] == [
        "invalid-shape", "invalid-shape", "invalid-shape", "impossible", "invalid-shape",
        "invalid-shape", "invalid-shape", "not-found", "not-permitted", "nothing-running", "done",
    ]  # fmt: skip
    assert [one["line"] for one in found] == list(range(1, 12))
    database: Database = chair.database
    assert verify(database)[0].fault is None


def test_patients_are_enrolled_changed_and_weighed(chair):
    patient, other = an_id(), [{"system": "Record", "value": "R-9"}, {"system": "C", "value": "9"}]
    details = {**PATIENT, "identifiers": other}
    weight = {"id": an_id(), "value_kg": "61.7", "method": "stated"}
    assert codes(
        chair,
        {"act": "patient:enrol", "patient": patient, "body": details},
        {"act": "patient:change", "patient": patient, "body": {**details, "given": "Ina"}},
        {"act": "patient:weigh", "patient": patient, "at": ago(9), "body": weight},
        {"act": "patient:weigh", "body": weight},
    ) == ["done", "done", "done", "invalid-shape"]


def test_a_second_person_stands_by_where_the_file_says_so(chair):
    high = act(chair, "reading:record", entry(5, heart_rate("131"), reason="Known."), second=True)
    assert codes(chair, high) == ["invalid-shape"]
    assert codes(chair, high, second="nils") == ["done"]
    named = {"username": "nils", "secret": SECRET}
    other = act(chair, "reading:record",
                entry(4, heart_rate("132"), reason="Known.", second_person=named))  # fmt: skip
    assert codes(chair, other) == ["done"]
    named["secret"] = "not that one"
    other["body"]["id"] = an_id()
    assert codes(chair, other) == ["sign-in-failed"]


def test_corrections_and_retractions_name_what_they_replace(chair):
    first, second = entry(5, heart_rate("71")), entry(4, heart_rate("72"))
    lines = [
        act(chair, "reading:record", first),
        act(chair, "reading:record", second),
        act(chair, "entry:correct",
            entry(5, heart_rate("17"), replaces=first["id"], reason="Turned round.",
                  confirmed=["heart-rate"])),
        act(chair, "entry:retract", entry(4, {"reason": "Of another."}, replaces=second["id"])),
        act(chair, "entry:retract", entry(4, {"reason": "Again."}, replaces=second["id"])),
        act(chair, "addendum:record", entry(1, {"text": "Too early."})),
    ]  # fmt: skip
    assert codes(chair, *lines) == [
        "done", "done", "done", "done", "already-replaced", "not-allowed-now",
    ]  # fmt: skip
