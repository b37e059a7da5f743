"""What was typed survives a lock and an idle spell, over HTTP, and is nobody else's to read."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from protocol.commands.signing_in import token_hash
from protocol.records.verifying import verify
from tests.api.clinic import SECRET, Chair, ago, an_id
from tests.api.server import served
from tests.api.test_callers import change_own
from tests.commands.test_drafts import DRAFT

TYPED: dict[str, Any] = {
    "note": "Zwetschgenbaum: she murmured of a quincunx", "rate": "1.10", "rows": [1, True, None],
}  # fmt: skip
WORDS = ("Zwetschgenbaum", "murmured", "quincunx")
NOTHING = {"kept_at": None, "content": None}


def path(chair: Chair, session: str = "") -> str:
    return f"/sessions/{session or chair.session_id}/draft"


def keep(chair: Chair, who: str = "nora", content: object = None, session: str = "") -> Any:
    body = {"content": TYPED if content is None else content}
    return chair.ask(who, "PUT", path(chair, session), json=body)


def shown(chair: Chair, who: str = "nora") -> Any:
    found = chair.get(who, path(chair))
    assert found.pop("session_id") == chair.session_id
    return found


def codes(chair: Chair, who: str) -> set[tuple[int, str]]:
    """What all three routes answer."""
    body: dict[str, Any] = {"json": {"content": TYPED}}
    answers = [
        chair.ask(who, method, path(chair), **(body if method == "PUT" else {}))
        for method in ("PUT", "GET", "DELETE")
    ]
    return {(each.status_code, each.json()["code"]) for each in answers}


@pytest.mark.parametrize("how", ["locked", "idle"])
def test_a_draft_survives_a_lock_and_opens_again_by_the_secret_alone(
    chair: Chair, how: str
) -> None:
    kept = keep(chair).json()
    assert kept == {"session_id": chair.session_id, "kept_at": kept["kept_at"]}
    if how == "locked":
        chair.post("nora", "/lock", status=204)
    else:
        change_own(chair, chair.tokens["nora"], seen_at=datetime.now(UTC) - timedelta(hours=1))
    assert codes(chair, "nora") == {(401, "sign-in-locked")}
    assert chair.ask("nora", "POST", "/unlock", json={"secret": "wrong"}).status_code == 401
    assert codes(chair, "nora") == {(401, "sign-in-locked")}
    chair.post("nora", "/unlock", {"secret": SECRET}, 200)
    assert shown(chair) == {"kept_at": kept["kept_at"], "content": TYPED}
    assert chair.ask("nora", "DELETE", path(chair)).status_code == 204
    assert shown(chair) == NOTHING
    assert [one.fault for one in verify(chair.database)] == [None]


def test_a_draft_is_not_the_record_and_its_entry_does_not_need_it(chair: Chair) -> None:
    before = chair.get("nora", f"/sessions/{chair.session_id}")["digest"]
    keep(chair)
    assert chair.get("nora", f"/sessions/{chair.session_id}")["digest"] == before
    assert not any(
        word in str(chair.get("nils", f"/sessions/{chair.session_id}")) for word in WORDS
    )
    note = {"id": an_id(), "observed_at": ago(1), "content": {"kind": "note", "text": "Saved."}}
    chair.chart("notes", note)
    assert shown(chair)["content"] == TYPED


def test_a_colleague_another_sign_in_and_an_administrator_do_not_see_it(chair: Chair) -> None:
    keep(chair)
    first = chair.tokens["nora"]
    assert shown(chair, "nils") == NOTHING
    assert shown(chair, "paula") == NOTHING
    assert codes(chair, "ada") == codes(chair, "otto") == {(403, "not-permitted")}
    chair.sign_in("nora")
    assert shown(chair) == NOTHING
    chair.tokens["nora"] = first
    assert shown(chair)["content"] == TYPED


def test_a_draft_under_another_sign_ins_row_is_refused_and_no_failure(chair: Chair) -> None:
    keep(chair)
    keep(chair, "nils", {"note": "of Nils"})
    with chair.database.begin_write() as connection:
        hashed = {who: token_hash(chair.tokens[who]) for who in ("nora", "nils")}
        own = select(DRAFT.c.encrypted).where(DRAFT.c.token_hash == hashed["nora"])
        words = bytearray(connection.execute(own).scalar_one())
        words[len(words) // 2] ^= 1
        for whose, altered in (("nils", connection.execute(own).scalar_one()), ("nora", words)):
            row = update(DRAFT).where(DRAFT.c.token_hash == hashed[whose])
            connection.execute(row.values(encrypted=bytes(altered)))
        connection.commit()
    for who in ("nora", "nils"):
        refused = chair.get(who, path(chair), 409)
        assert refused["code"] == "draft-unreadable"
        assert chair.last_audited()["code"] == "draft-unreadable"
        assert keep(chair, who).status_code == 200
        assert shown(chair, who)["content"] == TYPED


@pytest.mark.parametrize("end", ["sign-out", "revoked", "switched"])
def test_the_end_of_the_sign_in_is_the_end_of_its_draft(chair: Chair, end: str) -> None:
    keep(chair)
    if end == "sign-out":
        chair.post("nora", "/sign-out", status=204)
    elif end == "switched":
        chair.post("nora", "/switch-user", {"username": "nils", "secret": SECRET}, 200)
    else:
        for one in chair.get("nora", "/me/sign-ins")["items"]:
            assert chair.ask("ada", "DELETE", f"/sign-ins/{one['id']}").status_code == 204
    assert codes(chair, "nora") == {(401, "not-signed-in")}
    assert chair.counts()["draft"] == 0
    chair.sign_in("nora")
    assert shown(chair) == NOTHING


def test_a_session_that_is_not_there_has_no_draft(chair: Chair) -> None:
    nowhere = an_id()
    assert keep(chair, session=nowhere).status_code == 404
    for method in ("GET", "DELETE"):
        problem = chair.ask("nora", method, path(chair, nowhere))
        assert (problem.status_code, problem.json()["code"]) == (404, "not-found")


def nested(levels: int) -> str:
    return '{"content": ' + '{"a": ' * levels + "1" + "}" * (levels + 1)


# By what is wrong: the body and the rule that the problem names.
BAD: dict[str, tuple[str, str]] = {
    "no content": (json.dumps({"note": TYPED["note"]}), "missing"),
    "another field": (json.dumps({"content": TYPED, "more": TYPED["note"]}), "unknown-field"),
    "text for an object": (json.dumps({"content": TYPED["note"]}), "not-an-object"),
    "a list for an object": (json.dumps({"content": [TYPED]}), "not-an-object"),
    "a number that would lose digits": (
        json.dumps({"content": TYPED | {"rate": 1.5}}), "number-not-text"),
    "more bytes than are kept": (
        json.dumps({"content": TYPED | {"more": "x" * 65_536}}), "too-large"),
    "more levels than are kept": (nested(33), "too-deep"),
    "levels without end": (nested(400), "too-deep"),
    "half a character": (
        json.dumps({"content": TYPED | {"more": "\ud800"}}), "lone-surrogate"),
    "no JSON": (json.dumps({"content": TYPED})[:-1], "not-json"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_kept_is_refused_and_its_words_are_not_kept_elsewhere(
    chair: Chair, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body, code = BAD[what]
    keep(chair, content={"note": "from before"})
    headers = {"content-type": "application/json"}
    response = chair.ask("nora", "PUT", path(chair), content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert chair.last_audited()["outcome"] == "refused"
    told = response.text + caplog.text + str(chair.get("otto", "/audit/entries?limit=200"))
    assert [word for word in WORDS if word in told] == []
    assert shown(chair)["content"] == {"note": "from before"}


def test_the_largest_draft_comes_back_whole(chair: Chair) -> None:
    content = {"a": "é" * ((65_536 - len('{"a":""}')) // 2)}
    assert keep(chair, content=content).status_code == 200
    assert shown(chair)["content"] == content


def test_no_word_of_a_draft_is_in_the_log(chair: Chair, tmp_path: Path) -> None:
    with served(chair, tmp_path, "--log-level", "debug") as server:
        at, nora = f"/api/v1{path(chair)}", [server.bearer("nora")]
        for body in ({"content": TYPED}, {"content": TYPED | {"rate": 1.5}}, {"x": TYPED}):
            server.ask("PUT", at, nora, body=body)
        answer = server.ask("GET", at, nora)
        assert answer.body["content"] == TYPED
        assert server.ask("DELETE", at, nora).status == 204
        log = server.stop()
    assert "PUT /api/v1/sessions/{session_id}/draft" in log
    assert [word for word in (*WORDS, chair.tokens["nora"]) if word in log] == []
