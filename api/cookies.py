"""A sign-in kept by a browser: a cookie that no script reads and no other site sends or sets.

Over TLS it is `__Host-chairside`: Secure, HttpOnly, SameSite=Strict, Path=/, and of this host alone
(RFC 6265bis, section 4.1.3.2). On plain HTTP it is given on a loopback address alone, for a
demonstration on one machine, under a name that says so.

SameSite stops at the site, not at the host, so a write that rests on a cookie must also come from
our own pages: the browser says so in Sec-Fetch-Site, or an older one in Origin. A bearer token is
never sent by a browser unasked, and is not subject to it.
"""

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from fastapi import Request, Response

from protocol.rules.errors import CookieRefused, CrossSite

SECURE_NAME = "__Host-chairside"
PLAIN_NAME = "chairside-plain-http"
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = (["same-origin"], ["none"])  # none: typed into the address bar, no page asked for it


def token_in(request: Request) -> str | None:
    """The token that a browser sends back; none where two cookies of the name contradict."""
    name = SECURE_NAME if request.scope["scheme"] == "https" else PLAIN_NAME
    found = {value for key, value in _pairs(request) if key == name}
    return found.pop() if len(found) == 1 else None


def _pairs(request: Request) -> Iterator[tuple[str, str]]:
    for line in request.headers.getlist("cookie"):
        for pair in line.split(";"):
            name, _, value = pair.partition("=")
            yield name.strip(" \t"), value.strip(" \t")


def require_own_site(request: Request) -> None:
    """Refuse a write that another site's page had the browser send. Raises CrossSite."""
    if request.method in _READS:
        return
    site = request.headers.getlist("sec-fetch-site")
    origin = request.headers.getlist("origin")
    host = request.headers.get("host", "")
    own = site in _OWN if site else origin == [f"{request.scope['scheme']}://{host}"]
    if not own:
        told = ", ".join(site) if site else ", ".join(origin)
        raise CrossSite(
            "A write with a cookie comes from a page of this server, by the browser's word.",
            header="Sec-Fetch-Site" if site else "Origin", value=told[:200],
        )  # fmt: skip


def require_cookie_taken(request: Request) -> None:
    """Refuse a cookie on plain HTTP from another machine, and for another site's page.

    Raises CookieRefused, CrossSite.
    """
    require_own_site(request)
    if request.scope["scheme"] != "https" and not _on_this_machine(request):
        raise CookieRefused(
            "A sign-in is kept in a cookie over TLS, or on a loopback address of this machine.",
            scheme=request.scope["scheme"],
        )


def _on_this_machine(request: Request) -> bool:
    named = request.headers.get("host", "").rpartition(":")
    host = request.headers.get("host", "") if named[2].endswith("]") or not named[1] else named[0]
    try:
        loopback = request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        loopback = False
    return loopback and host.lower() in LOOPBACK_NAMES


def keep(
    response: Response, request: Request, token: str, *, until: datetime, now: datetime
) -> None:
    """Have the browser keep the token until the sign-in ends."""
    _set(response, request, token, max(0, int((until - now).total_seconds())))


def drop(response: Response, request: Request) -> None:
    """Have the browser forget the token, where it sent one."""
    if token_in(request) is not None:
        _set(response, request, "", 0)


def _set(response: Response, request: Request, value: str, seconds: int) -> None:
    secure = request.scope["scheme"] == "https"
    response.set_cookie(
        SECURE_NAME if secure else PLAIN_NAME, value, max_age=seconds, path="/", secure=secure,
        httponly=True, samesite="strict",
    )  # fmt: skip
