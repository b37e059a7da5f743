"""One story over HTTP: two factors, a signature, a lock, another user, an end, broken glass."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlparse
from xml.etree import ElementTree

import pyotp
import pytest

from protocol.records.verifying import verify
from tests.api.clinic import POLICY, SECRET, Chair, ago, an_id


class Authenticator:
    """A person's authenticator; each code is of a later step than the one before."""

    def __init__(self, uri: str) -> None:
        [shared_secret] = parse_qs(urlparse(uri).query)["secret"]
        self.totp = pyotp.TOTP(shared_secret)
        self.away = -1

    def code(self) -> str:
        """A code that was not given before: of the step before now, of now, of the one after."""
        step = int(datetime.now(UTC).timestamp()) // 30 + self.away
        self.away += 1
        return self.totp.generate_otp(step)


def enrol(chair: Chair, who: str) -> tuple[Authenticator, list[str]]:
    offered = chair.post(who, "/me/second-factor", {"secret": SECRET})
    authenticator = Authenticator(offered["otpauth_uri"])
    assert authenticator.totp.secret == offered["shared_secret"]
    drawn = ElementTree.fromstring(unescape(offered["qr_svg"]))
    assert drawn.tag.endswith("svg")
    body = {"one_time_code": authenticator.code()}
    codes = chair.post(who, "/me/second-factor/confirm", body, 200)["recovery_codes"]
    return authenticator, codes


def sign_in(chair: Chair, who: str, status: int = 200, **more: Any) -> dict[str, Any]:
    body = {"username": who, "secret": SECRET, **more}
    given: dict[str, Any] = chair.post(None, "/sign-in", body, status)
    if status == 200:
        chair.tokens[who] = given["token"]
    return given


def code_of(chair: Chair, who: str, path: str = "/me", method: str = "GET", **more: Any) -> Any:
    return chair.ask(who, method, path, **more).json().get("code")


def _signs(chair: Chair, authenticator: Authenticator, code: str) -> None:
    shown = chair.get("nora", f"/sessions/{chair.session_id}")["digest"]
    wanted = {"id": an_id(), "meaning": "authorship", "record_digest": shown, "secret": SECRET}
    path = f"/sessions/{chair.session_id}/signatures"
    assert code_of(chair, "nora", path, "POST", json=wanted) == "sign-in-failed"
    used = wanted | {"one_time_code": code}
    assert code_of(chair, "nora", path, "POST", json=used) == "sign-in-failed"
    signature = chair.post("nora", path, wanted | {"one_time_code": authenticator.code()})
    assert signature["record_digest"] == shown


def _locks_and_switches(chair: Chair) -> None:
    chair.post("nora", "/lock", status=204)
    assert code_of(chair, "nora") == "sign-in-locked"
    assert chair.ask("nora", "POST", "/unlock", json={"secret": "wrong"}).status_code == 401
    assert chair.post("nora", "/unlock", {"secret": SECRET}, 200)["standing"] == "open"
    assert chair.get("nora", "/me")["person"]["username"] == "nora"

    chair.post("nora", "/lock", status=204)
    body = {"username": "nils", "secret": SECRET}
    taken = chair.ask("nora", "POST", "/switch-user", json=body)
    assert taken.status_code == 200, taken.text
    chair.tokens["nils"] = taken.json()["token"]
    assert chair.get("nils", "/me")["person"]["username"] == "nils"
    assert code_of(chair, "nora") == "not-signed-in"


def test_two_factors_sign_in_and_sign_a_lock_keeps_and_a_switch_takes_over(chair: Chair) -> None:
    chair.chart_infusion()
    authenticator, recovery = enrol(chair, "nora")
    assert sign_in(chair, "nora", 401)["code"] == "sign-in-failed"
    code = authenticator.code()
    signed_in = sign_in(chair, "nora", one_time_code=code)
    assert (signed_in["held"], signed_in["emergency_access"]) == (None, None)
    assert sign_in(chair, "nora", 401, one_time_code=code)["code"] == "sign-in-failed"
    me = chair.get("nora", "/me")
    assert (me["second_factor_enrolled"], me["recovery_codes_left"]) == (True, 10)
    assert me["sign_in"]["second_factor"] is True

    _signs(chair, authenticator, code)
    _locks_and_switches(chair)

    sign_in(chair, "nora", one_time_code=recovery[0])
    assert sign_in(chair, "nora", 401, one_time_code=recovery[0])
    assert chair.get("nora", "/me")["recovery_codes_left"] == 9
    own = chair.get("nora", "/me/sign-ins")["items"]
    sign_in(chair, "nora", one_time_code=recovery[1])
    for one in own:
        chair.ask("nora", "DELETE", f"/me/sign-ins/{one['id']}").raise_for_status()
    left = chair.get("nora", "/me/sign-ins")["items"]
    assert len(left) == 1
    revoked = chair.ask("ada", "DELETE", f"/sign-ins/{left[0]['id']}")
    assert revoked.status_code == 204
    assert code_of(chair, "nora") == "not-signed-in"
    assert [one.fault for one in verify(chair.database)] == [None]


def test_broken_glass_is_a_banner_a_mark_and_a_report(chair: Chair) -> None:
    path = f"/sessions/{chair.session_id}"
    assert code_of(chair, "ada", path) == "not-permitted"
    wanted = {"id": an_id(), "reason": "The nurse on duty fell ill"}
    broken = chair.post("ada", "/emergency-accesses", wanted)
    banner = {"id": wanted["id"], "reason": wanted["reason"], "ends_at": broken["ends_at"]}
    assert chair.get("ada", "/me")["emergency_access"] == banner
    assert chair.get("ada", path)["emergency_access"] == banner
    assert chair.get("nora", path)["emergency_access"] is None
    note = {"id": an_id(), "observed_at": ago(1), "content": {"kind": "note", "text": "I came."}}
    chair.post("ada", f"{path}/notes", note)
    chair.post("ada", "/emergency-accesses/end", status=204)
    assert code_of(chair, "ada", path) == "not-permitted"
    report = chair.get("otto", "/emergency-accesses")["items"]
    assert [(one["id"], one["reviewed"]) for one in report] == [(wanted["id"], False)]
    entries = chair.get("otto", f"/emergency-accesses/{wanted['id']}")["entries"]
    assert [one["action"] for one in entries] == [
        "emergency:begin", "sign-in:view", "session:view", "note:record", "emergency:end",
    ]  # fmt: skip
    review = f"/emergency-accesses/{wanted['id']}/reviews"
    words = {"id": an_id(), "words": "The reason is true."}
    assert code_of(chair, "ada", review, "POST", json=words) == "not-permitted"


def test_a_lost_device_does_not_keep_a_nurse_from_the_patient(chair: Chair) -> None:
    enrol(chair, "nora")
    wanted = {"id": an_id(), "reason": "The telephone is broken"}
    given = sign_in(chair, "nora", emergency=wanted)
    assert given["held"] == "emergency-sign-in"
    assert given["emergency_access"]["reason"] == wanted["reason"]
    chair.get("nora", f"/sessions/{chair.session_id}")
    assert code_of(chair, "nora", "/me/second-factor", "POST", json={"secret": SECRET}) == (
        "not-permitted"
    )
    chair.post("nora", "/emergency-accesses/end", status=204)
    assert code_of(chair, "nora") == "not-signed-in"
    [access] = chair.get("otto", "/emergency-accesses")["items"]
    assert access["without_second_factor"] is True


def test_administrators_enrol_before_anything_else_where_the_policy_asks_it(empty: Chair) -> None:
    policy = POLICY | {"access": {"second_factor": ["administrator"]}}
    empty.put_in_force("policies", policy)
    assert sign_in(empty, "ada")["held"] == "second-factor-due"
    refused = empty.ask("ada", "GET", "/people").json()
    assert (refused["code"], refused["facts"]["held"]) == ("not-permitted", "second-factor-due")
    enrol(empty, "ada")
    assert empty.get("ada", "/people")["items"]


def test_a_reset_secret_and_a_lost_factor_are_an_administrators_to_mend(empty: Chair) -> None:
    _, recovery = enrol(empty, "nora")
    found = {one["username"]: one["id"] for one in empty.get("ada", "/people")["items"]}
    given = "a secret of the administrator's making"
    path = f"/people/{found['nora']}"
    assert empty.ask("ada", "PUT", f"{path}/secret", json={"secret": given}).status_code == 204
    assert code_of(empty, "nora") == "not-signed-in"
    body = {"username": "nora", "secret": given}
    held = empty.post(None, "/sign-in", body | {"one_time_code": recovery[0]}, 200)
    assert held["held"] == "secret-temporary"
    assert empty.ask("ada", "DELETE", f"{path}/second-factor").status_code == 204
    empty.settle("nora", given)
    assert empty.get("nora", "/me")["second_factor_enrolled"] is False


def test_a_credential_is_shown_with_its_last_day_and_whether_it_passed(empty: Chair) -> None:
    [nora] = [one for one in empty.get("ada", "/people")["items"] if one["username"] == "nora"]
    licence = {"id": an_id(), "title": "Licence", "expires_on": "2020-01-01"}
    empty.post("ada", f"/people/{nora['id']}/credentials", licence, 204)
    [shown] = empty.get("nora", "/me")["person"]["credentials"]
    assert (shown["title"], shown["expired"]) == ("Licence", True)
    assert code_of(empty, "nora", f"/people/{nora['id']}/credentials", "POST", json=licence) == (
        "not-permitted"
    )


def test_a_program_has_a_token_of_its_own(chair: Chair) -> None:
    body = {
        "id": an_id(), "label": "The gateway", "scopes": ["note:record"],
        "expires_at": ago(-24 * 60), "secret": SECRET,
    }  # fmt: skip
    made = chair.post("nora", "/me/tokens", body)
    chair.tokens["gateway"] = made["token"]
    note = {"id": an_id(), "observed_at": ago(1), "content": {"kind": "note", "text": "Beep."}}
    chair.post("gateway", f"/sessions/{chair.session_id}/notes", note)
    assert chair.last_audited()["detail"]["api_token"] == made["id"]
    assert code_of(chair, "gateway", f"/sessions/{chair.session_id}") == "not-permitted"
    [listed] = [one for one in chair.get("nora", "/me/sign-ins")["items"] if one["label"]]
    assert (listed["scopes"], listed["held"]) == (["note:record"], "api-token")
    chair.ask("nora", "DELETE", f"/me/sign-ins/{made['id']}")
    assert code_of(chair, "gateway", f"/sessions/{chair.session_id}") == "not-signed-in"


@pytest.mark.parametrize("who", ["nora", "nobody"])
def test_a_wrong_secret_is_one_answer_for_everyone_and_in_no_log(
    empty: Chair, who: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    body = {"username": who, "secret": "tried but wrong", "one_time_code": "135791"}
    problem = empty.post(None, "/sign-in", body, 401)
    assert (problem["code"], problem["facts"]) == ("sign-in-failed", {})
    assert re.fullmatch(r"User name, secret or code .* too many attempts\.", problem["detail"])
    trail = str(empty.get("otto", "/audit/entries?limit=200"))
    for word in ("tried but wrong", "135791", "nobody"):
        assert word not in trail
    assert "tried but wrong" not in caplog.text
    assert "135791" not in caplog.text
