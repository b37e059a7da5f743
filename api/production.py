"""What a server of a real clinic must not be started with; each fault is one plain line.

A server is in production when CHAIRSIDE_PRODUCTION says so, or when it serves a real clinic to any
other machine: it listens beyond loopback, or answers to a name that is not loopback's.
"""

import stat
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from api.cookies import LOOPBACK_NAMES
from api.settings import Settings
from protocol.records.clinics import REAL, Clinic

PASSWORD_CHARACTERS_MIN = 12


class Start(NamedTuple):
    """What a server is about to be started with."""

    settings: Settings
    host: str
    clinics: Sequence[Clinic]


def is_loopback(host: str) -> bool:
    """Whether an address or a name is this machine's alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK_NAMES


def is_production(start: Start) -> bool:
    """Whether the rules of this module hold for the server."""
    reached = not is_loopback(start.host)
    reached |= not all(map(is_loopback, start.settings.allowed_hosts))
    real = any(one.purpose == REAL for one in start.clinics)
    return start.settings.production or (real and reached)


def faults(start: Start) -> list[str]:
    """Every rule that the start breaks, naming setting, value and rule; none: it may serve."""
    found = list(_half_a_pair(start))
    if is_production(start):
        found += [fault for rule in _RULES for fault in rule(start)]
    return found


def _half_a_pair(start: Start) -> Iterator[str]:
    settings = start.settings
    if (settings.tls_certificate is None) is not (settings.tls_key is None):
        given = "CERTIFICATE" if settings.tls_certificate else "KEY"
        lacking = "KEY" if settings.tls_certificate else "CERTIFICATE"
        yield (
            f"CHAIRSIDE_TLS_{given} is {settings.tls_certificate or settings.tls_key} and"
            f" CHAIRSIDE_TLS_{lacking} is not set: TLS takes both."
        )


def _made_up(start: Start) -> Iterator[str]:
    for one in start.clinics:
        if one.purpose != REAL:
            yield (
                f"CHAIRSIDE_DATABASE_URL has the clinic {one.name}, whose purpose is {one.purpose}:"
                " in production there are real clinics alone."
            )


def _in_the_clear(start: Start) -> Iterator[str]:
    if start.settings.tls_certificate is None and not start.settings.trusted_proxies:
        yield (
            "CHAIRSIDE_TLS_CERTIFICATE is not set and CHAIRSIDE_TRUSTED_PROXIES is empty"
            f" (listening on {start.host}): in production TLS is this server's or a trusted"
            " proxy's."
        )


def _any_host(start: Start) -> Iterator[str]:
    if not start.settings.allowed_hosts:
        yield (
            "CHAIRSIDE_ALLOWED_HOSTS is empty: in production it names the hosts that the server"
            " answers to."
        )


def _weak_password(start: Start) -> Iterator[str]:
    """Of the database, where the address holds one: peer and certificate sign-ins have none."""
    parts = urlsplit(start.settings.url)
    password, user = unquote(parts.password or ""), unquote(parts.username or "")
    if not password:
        return
    if len(password) < PASSWORD_CHARACTERS_MIN:
        yield (
            f"CHAIRSIDE_DATABASE_URL has a password of {len(password)} characters: in production"
            f" {PASSWORD_CHARACTERS_MIN} are the least."
        )
    elif password.lower() in (user.lower(), parts.path.strip("/").lower()):
        yield (
            "CHAIRSIDE_DATABASE_URL has the user's or the database's name as password: in"
            " production it is neither."
        )


def _open_key(start: Start) -> Iterator[str]:
    key = start.settings.tls_key
    if key is not None and key.exists():
        mode = stat.S_IMODE(key.stat().st_mode)
        if mode & stat.S_IRWXO:
            yield (
                f"CHAIRSIDE_TLS_KEY={key} has mode {mode:04o}: in production nobody but its owner"
                " and its group may open it."
            )


_RULES: tuple[Callable[[Start], Iterator[str]], ...] = (
    _made_up, _in_the_clear, _any_host, _weak_password, _open_key,
)  # fmt: skip
