"""Where a Chairside installation lives: environment variables with the prefix CHAIRSIDE_."""

import re
from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, FilePath
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from protocol.records.database import sqlite_url

BODY_BYTES_MAX = 1_000_000
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])")


def _listed(value: object) -> object:
    """`a, b` as two names; what a program gives is taken as it is."""
    return [one for one in re.split(r"[,\s]+", value) if one] if isinstance(value, str) else value


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(one.lower() for one in names)
    for one in found:
        if not _HOST.fullmatch(one):
            raise ValueError(f"{one} is no host name; names stand without scheme, port and *")
    return found


def _networks(names: Iterable[str]) -> tuple[str, ...]:
    for one in names:
        try:
            network = ip_network(one)
        except ValueError as error:
            raise ValueError(f"{one} is no address and no network: {error}") from error
        if network.prefixlen == 0:
            raise ValueError(f"{one} is everyone, and not everyone is a trusted proxy")
    return tuple(names)


Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_hosts)]
Networks = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_networks)]


class Settings(BaseSettings):
    """CHAIRSIDE_HOME holds the embedded database; CHAIRSIDE_DATABASE_URL names another one.

    Lists are separated by commas: `CHAIRSIDE_ALLOWED_HOSTS=record.example.org,10.0.0.7`.
    """

    model_config = SettingsConfigDict(env_prefix="CHAIRSIDE_", extra="ignore")

    home: Path = Path("chairside-data")
    database_url: str | None = Field(default=None, repr=False)
    breached_hashes: FilePath | None = Field(
        default=None, description="Local file of breached secrets' SHA-1, ordered by hash."
    )
    body_bytes_max: int = BODY_BYTES_MAX
    checkpoint_key: Path | None = Field(
        default=None, description="The signing key of checkpoints; outside the database (R182)."
    )
    seal_key: Path | None = Field(
        default=None,
        description="The key that seals printed summaries: a file, or a directory of one a clinic.",
    )
    timestamp_url: str | None = Field(
        default=None, description="A time-stamp service (RFC 3161): with it seals are of level B-T."
    )
    timestamp_ca: FilePath | None = Field(
        default=None,
        description="The service's certificates, PEM: with them seals are of level B-LTA.",
    )
    witness: Path | None = Field(
        default=None, description="A witness's file or directory, looked at before serving (R175)."
    )
    production: bool = Field(
        default=False, description="The rules of api/production.py hold, wherever it listens."
    )
    allowed_hosts: Hosts = Field(
        default=(), description="The hosts that requests may name; empty: this machine's loopback."
    )
    trusted_proxies: Networks = Field(
        default=(), description="Addresses whose X-Forwarded-For and -Proto are believed."
    )
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    refused_max: int = Field(
        default=600, ge=1,
        description="Refused requests of one stranger in a window, before they are turned away.",
    )  # fmt: skip

    @property
    def url(self) -> str:
        """The address of the database in use."""
        return self.database_url or sqlite_url(self.home.absolute() / "chairside.db")

    @property
    def key_path(self) -> Path:
        """Where the signing key of the checkpoints lies."""
        return self.checkpoint_key or self.home.absolute() / "checkpoint-key.pem"

    @property
    def seal_key_place(self) -> Path:
        """Where the clinics' seal keys lie."""
        return self.seal_key or self.home.absolute() / "seal-keys"
