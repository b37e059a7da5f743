"""A browser's sign-in: kept where no script reads it, and of no use to another site's page."""

from pathlib import Path

import pytest

from tests.api.clinic import SECRET, Chair, an_id
from tests.api.server import Headers, Server, certificate, served

PLAIN, SECURE = "chairside-plain-http", "__Host-chairside"
WANTED = {"username": "nora", "secret": SECRET, "cookie": True}
OWN = ("Sec-Fetch-Site", "same-origin")


def signed_in(server: Server) -> tuple[str, str]:
    """The cookie header of a browser in which nora signed in."""
    answer = server.ask("POST", "/api/v1/sign-in", [OWN], body=WANTED)
    assert answer.status == 200, answer.content
    assert answer.body["token"] is None
    kept = answer.headers["set-cookie"].partition(";")[0]
    return ("Cookie", kept)


def note(server: Server, headers: Headers) -> int:
    """Chart a note with these headers; the status."""
    body = {"id": an_id(), "observed_at": "2026-01-02T09:00:00Z",
            "content": {"kind": "note", "text": "Charted from a page."}}  # fmt: skip
    path = f"/api/v1/sessions/{server.chair.session_id}/notes"
    return server.ask("POST", path, headers, body=body).status


def test_a_write_with_a_cookie_comes_from_a_page_of_this_server(plain: Server) -> None:
    cookie, here = signed_in(plain), "http://localhost"
    taken: list[Headers] = [
        [OWN], [("Sec-Fetch-Site", "none")], [("Origin", here)],
        [OWN, ("Origin", "https://elsewhere.example")],
    ]  # fmt: skip
    refused: list[Headers] = [
        [], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
        [("Sec-Fetch-Site", "")], [("Sec-Fetch-Site", "Same-Origin, cross-site")],
        [OWN, ("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "cross-site"), OWN],
        [("Sec-Fetch-Site", "cross-site"), ("Origin", here)],
        [("Origin", "null")], [("Origin", "")], [("Origin", "https://localhost")],
        [("Origin", "http://localhost:81")], [("Origin", "http://localhost.evil.example")],
        [("Origin", here), ("Origin", here)], [("Referer", f"{here}/docs")],
    ]  # fmt: skip
    everyone = {one["username"]: one["id"] for one in plain.chair.get("ada", "/people")["items"]}
    assert [note(plain, [cookie, *one]) for one in taken] == [201] * len(taken)
    assert [note(plain, [cookie, *one]) for one in refused] == [403] * len(refused)
    audited = plain.chair.last_audited()
    assert (audited["code"], audited["person_id"]) == ("cross-site", everyone["nora"])


def test_a_bearer_token_is_never_sent_unasked_and_comes_from_anywhere(plain: Server) -> None:
    bearer = plain.bearer("nora")
    assert note(plain, [bearer, ("Sec-Fetch-Site", "cross-site")]) == 201
    assert note(plain, [bearer, ("Origin", "https://elsewhere.example")]) == 201
    assert note(plain, [bearer, signed_in(plain)]) == 201


def test_a_cookie_reads_from_anywhere_on_this_host(plain: Server) -> None:
    path = f"/api/v1/sessions/{plain.chair.session_id}"
    assert plain.ask("GET", path, [signed_in(plain)]).status == 200


def test_a_cookie_that_a_script_cannot_read_and_another_site_does_not_send(plain: Server) -> None:
    answer = plain.ask("POST", "/api/v1/sign-in", [OWN], body=WANTED)
    told = answer.headers["set-cookie"]
    attributes = {one.strip().lower() for one in told.split(";")[1:]}
    assert attributes >= {"httponly", "samesite=strict", "path=/"}
    assert not {one for one in attributes if one.startswith(("domain", "secure"))}
    assert told.startswith(f"{PLAIN}=")


@pytest.mark.parametrize(
    "headers", [[], [("Sec-Fetch-Site", "cross-site")], [("Origin", "https://elsewhere.example")]]
)
def test_no_other_site_signs_a_browser_in(plain: Server, headers: Headers) -> None:
    answer = plain.ask("POST", "/api/v1/sign-in", headers, body=WANTED)
    assert (answer.status, answer.code) == (403, "cross-site")
    assert "set-cookie" not in answer.headers


def test_a_contradicting_or_foreign_cookie_is_none(plain: Server) -> None:
    name, kept = signed_in(plain)
    value = kept.partition("=")[2]
    path = f"/api/v1/sessions/{plain.chair.session_id}"
    for cookies in (
        [f"{kept}; {PLAIN}=other"], [f"{PLAIN}=other; {kept}"], [kept, f"{PLAIN}=other"],
        [f"{SECURE}={value}"], [f"{PLAIN}="], [f"{PLAIN.upper()}={value}"], ["="], [";;,\x80"],
        [f"{PLAIN}={'x' * 9000}"],
    ):  # fmt: skip
        answer = plain.ask("GET", path, [(name, one) for one in cookies])
        assert (answer.status, answer.code) == (401, "not-signed-in")
    assert plain.ask("GET", path, [(name, f"other=1; {kept};")]).status == 200
    wrong = ("Authorization", "Bearer wrong")
    assert plain.ask("GET", path, [(name, kept), wrong]).status == 401


def test_signing_out_ends_the_sign_in_and_the_cookie(plain: Server) -> None:
    cookie = signed_in(plain)
    answer = plain.ask("POST", "/api/v1/sign-out", [cookie, OWN])
    assert answer.status == 204
    assert f'{PLAIN}="";' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert plain.ask("GET", "/api/v1/sessions", [cookie]).status == 401


def test_over_tls_the_cookie_is_of_this_host_alone(chair: Chair, tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    options = ("--tls-certificate", str(made), "--tls-key", str(key))
    with served(chair, tmp_path, *options) as server:
        answer = server.ask("POST", "/api/v1/sign-in", [OWN], body=WANTED)
        told = answer.headers["set-cookie"]
        attributes = {one.strip().lower() for one in told.split(";")[1:]}
        assert told.startswith(f"{SECURE}=")
        assert attributes >= {"secure", "httponly", "samesite=strict", "path=/"}
        assert not {one for one in attributes if one.startswith("domain")}
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        kept = ("Cookie", told.partition(";")[0])
        assert note(server, [kept, ("Origin", "https://localhost")]) == 201
        assert note(server, [kept, ("Origin", "http://localhost")]) == 403
        under_another_name = ("Cookie", kept[1].replace(SECURE, PLAIN))
        assert server.ask("GET", "/api/v1/sessions", [under_another_name]).status == 401


def test_no_cookie_is_given_where_others_could_read_it(chair: Chair, tmp_path: Path) -> None:
    with served(chair, tmp_path, trusted_proxies="127.0.0.1") as server:
        from_elsewhere = [OWN, ("X-Forwarded-For", "198.51.100.7")]
        answer = server.ask("POST", "/api/v1/sign-in", from_elsewhere, body=WANTED)
        assert (answer.status, answer.code) == (403, "cookie-refused")
        assert "set-cookie" not in answer.headers
        over_tls = [*from_elsewhere, ("X-Forwarded-Proto", "https")]
        answer = server.ask("POST", "/api/v1/sign-in", over_tls, body=WANTED)
        assert answer.headers["set-cookie"].startswith(f"{SECURE}=")
