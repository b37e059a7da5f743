"""What every answer tells a browser: run nothing, frame nothing, keep nothing (R46).

An answer may set a header of its own; whatever it does not set is set here, at the edge.
"""

from collections.abc import Iterable

Header = tuple[bytes, bytes]


def policy(**sources: str) -> str:
    """A content security policy that lets in nothing but what is named: `policy(img="'self'")`."""
    named = "".join(f"; {name}-src {where}" for name, where in sources.items())
    return f"default-src 'none'{named}; base-uri 'none'; frame-ancestors 'none'; form-action "


# An answer of the API is data; nothing in it is to be run, framed, sent or kept by a browser.
API_POLICY = policy() + "'none'"
# For a page: its scripts, styles, pictures and letters are files of this server, none is inline.
PAGE_POLICY = (
    policy(script="'self'", style="'self'", img="'self'", font="'self'", connect="'self'",
           manifest="'self'", worker="'self'")
    + "'self'"
)  # fmt: skip
# Swagger UI's own style sheet holds its icons as data: images.
DOCS_POLICY = (
    policy(script="'self'", style="'self'", img="'self' data:", connect="'self'") + "'none'"
)
# A record needs none of what a browser could lend a page.
_FEATURES = (
    "accelerometer", "camera", "display-capture", "fullscreen", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{one}=()" for one in _FEATURES)
# A year. The host alone: other names of its domain are not ours to bind.
TRANSPORT = b"max-age=31536000"
# What is no answer about anyone and comes with an entity tag: it is asked for again each time.
STATIC_PATHS = ("/docs/", "/static/")


def _line(name: str, value: str) -> Header:
    return name.encode(), value.encode()


_EVERY: tuple[Header, ...] = (
    _line("content-security-policy", API_POLICY),
    _line("x-content-type-options", "nosniff"),
    _line("referrer-policy", "no-referrer"),
    _line("permissions-policy", PERMISSIONS),
    _line("cross-origin-opener-policy", "same-origin"),
    _line("cross-origin-resource-policy", "same-origin"),
)
_NOT_KEPT = (*_EVERY, _line("cache-control", "no-store"))
_STATIC = (*_EVERY, _line("cache-control", "no-cache"))
_SECURE: Header = (b"strict-transport-security", TRANSPORT)


def completed(present: Iterable[Header], path: str, *, secure: bool) -> list[Header]:
    """The headers of an answer with those that it lacks; over TLS the browser is held to TLS."""
    found = list(present)
    names = {name for name, _ in found}
    lacking = _STATIC if path.startswith(STATIC_PATHS) else _NOT_KEPT
    found += [one for one in lacking if one[0] not in names]
    if secure:
        found.append(_SECURE)
    return found
