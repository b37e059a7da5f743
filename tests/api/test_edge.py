"""What the outermost layer lets through: hosts, proxies, TLS, and the headers of every answer."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.clinic import SECRET, Chair
from tests.api.server import Server, certificate, served

HEADERS = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
                               "form-action 'none'",
    "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}  # fmt: skip
PROXIED = {"allowed_hosts": "record.example", "trusted_proxies": "127.0.0.1, 10.1.0.0/16"}


def test_every_answer_is_run_framed_sniffed_lent_and_kept_by_nobody(plain: Server) -> None:
    session, bearer = f"/api/v1/sessions/{plain.chair.session_id}", plain.bearer("nora")
    for answer in (
        plain.ask("GET", session, [bearer]), plain.ask("GET", session), plain.ask("PUT", session),
        plain.ask("GET", f"{session}/summary.pdf", [bearer]), plain.ask("GET", "/healthz"),
        plain.ask("GET", "/nowhere"), plain.ask("GET", "/"),
        plain.ask("GET", session, host=["evil.example"]),
        plain.ask("POST", "/api/v1/sign-in", body={"username": "nora", "secret": SECRET}),
    ):  # fmt: skip
        found = {name: answer.headers.get_all(name) for name in HEADERS}
        assert found == {name: [value] for name, value in HEADERS.items()}
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_a_page_keeps_its_own_policy_and_its_files_are_asked_for_again(plain: Server) -> None:
    page = plain.ask("GET", "/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert plain.ask("GET", "/docs/page.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "host",
    [
        [], [""], ["evil.example"], ["localhost", "localhost"], ["localhost", "evil.example"],
        ["localhost.evil.example"], ["evil.example#localhost"], ["localhost@evil.example"],
        ["localhost:80:90"], ["localhost:"], ["localhost."], ["localhost, evil.example"],
        ["127.0.0.2"], ["0.0.0.0"], ["[::1"], ["l\xf6calhost"], ["localhost:8o"], [":80"],
        ["x" * 20_000],
    ],
)  # fmt: skip
def test_a_host_that_is_not_ours_is_not_answered_to(sqlite_server: Server, host: list[str]) -> None:
    answer = sqlite_server.ask("GET", "/api/v1/sessions", [sqlite_server.bearer("nora")], host=host)
    assert (answer.status, answer.code) == (421, "other-host")
    assert sqlite_server.ask("GET", "/healthz", host=host).status == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]", "[::1]:9"])
def test_this_machine_by_any_of_its_names_is_answered_to(sqlite_server: Server, host: str) -> None:
    bearer = sqlite_server.bearer("nora")
    assert sqlite_server.ask("GET", "/api/v1/sessions", [bearer], host=[host]).status == 200


def _workstation(server: Server, *headers: tuple[str, str], host: str) -> str:
    """Where the audit trail says that a sign-in came from."""
    body: Any = {"username": "nora", "secret": SECRET}
    assert server.ask("POST", "/api/v1/sign-in", headers, body=body, host=[host]).status == 200
    audited = server.chair.last_audited()
    assert audited["action"] == "person:sign-in"
    return str(audited["workstation"])


def test_a_trusted_proxy_says_where_a_request_came_from(chair: Chair, tmp_path: Path) -> None:
    over_tls = ("X-Forwarded-Proto", "https")
    with served(chair, tmp_path, **PROXIED) as server:
        for forwarded, workstation in (
            (["198.51.100.7"], "198.51.100.7"),
            (["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            (["127.0.0.1, 198.51.100.7:5511"], "198.51.100.7"),
            (["2001:db8::7"], "2001:db8::7"),
            ([""], "127.0.0.1"),
            ([], "127.0.0.1"),
        ):
            told = [("X-Forwarded-For", one) for one in forwarded]
            found = _workstation(server, over_tls, *told, host="record.example")
            assert found == workstation, forwarded
        answer = server.ask("GET", "/docs", [over_tls], host=["record.example"])
        assert "strict-transport-security" in answer.headers


def test_nobody_else_is_believed(chair: Chair, tmp_path: Path) -> None:
    forged = [
        ("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-Proto", "https"),
        ("Forwarded", "for=198.51.100.7;proto=https"), ("X-Real-IP", "198.51.100.7"),
        ("X-Forwarded-Host", "evil.example"),
    ]  # fmt: skip
    with served(chair, tmp_path, trusted_proxies="10.1.0.0/16") as server:
        assert _workstation(server, *forged, host="localhost") == "127.0.0.1"
        assert "strict-transport-security" not in server.ask("GET", "/docs", forged).headers
    (tmp_path / "second").mkdir()
    with served(chair, tmp_path / "second") as server:
        assert _workstation(server, *forged, host="localhost") == "127.0.0.1"


def test_in_production_nothing_is_answered_in_the_clear(chair: Chair, tmp_path: Path) -> None:
    with served(chair, tmp_path, **PROXIED) as server:
        ours = {"host": ["record.example"]}
        for proto in ([], [("X-Forwarded-Proto", "http")], [("X-Forwarded-Proto", "gopher")]):
            answer = server.ask("GET", "/api/v1/sessions", [server.bearer("nora"), *proto], **ours)
            assert (answer.status, answer.code) == (421, "tls-only")
        over_tls = [server.bearer("nora"), ("X-Forwarded-Proto", "https")]
        assert server.ask("GET", "/api/v1/sessions", over_tls, **ours).status == 200
        assert server.ask("GET", "/healthz").status == 200


def test_tls_is_the_servers_own(chair: Chair, tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    tls = {"tls_certificate": str(made), "tls_key": str(key)}
    with served(chair, tmp_path, production="true", allowed_hosts="localhost", **tls) as server:
        assert server.scheme == "https"
        answer = server.ask("GET", "/api/v1/sessions", [server.bearer("nora")])
        assert answer.status == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert len(answer.headers.get_all("strict-transport-security") or []) == 1


def test_a_request_too_large_or_broken_is_a_refusal_and_the_server_goes_on(plain: Server) -> None:
    bearer, path = plain.bearer("nora"), f"/api/v1/sessions/{plain.chair.session_id}/notes"
    large = plain.ask("POST", path, [bearer], body={"text": "x" * 1_000_001})
    assert (large.status, large.code) == (413, "too-large")
    many = [("X-Many", "y" * 100)] * 200
    assert plain.ask("GET", "/api/v1/sessions", [bearer, *many]).status == 200
    assert plain.ask("GET", "/api/v1/sessions?" + "q" * 30_000, [bearer]).status in (200, 414, 422)
    assert plain.ask("GET", "/healthz").status == 200
