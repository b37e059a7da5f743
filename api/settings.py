"""Where a Chairside installation lives: environment variables with the prefix CHAIRSIDE_."""

from pathlib import Path

from pydantic import Field, FilePath
from pydantic_settings import BaseSettings, SettingsConfigDict

from protocol.records.database import sqlite_url

BODY_BYTES_MAX = 1_000_000


class Settings(BaseSettings):
    """CHAIRSIDE_HOME holds the embedded database; CHAIRSIDE_DATABASE_URL names another one."""

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
    witness: Path | None = Field(
        default=None, description="A witness's file or directory, looked at before serving (R175)."
    )

    @property
    def url(self) -> str:
        """The address of the database in use."""
        return self.database_url or sqlite_url(self.home.absolute() / "chairside.db")

    @property
    def key_path(self) -> Path:
        """Where the signing key of the checkpoints lies."""
        return self.checkpoint_key or self.home.absolute() / "checkpoint-key.pem"
