"""Professional credentials: what a person shows to be, and until when (R96). The program records
them and certifies nobody."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import Field

from protocol.rules.errors import CredentialExpired
from protocol.rules.values import Day, Line, Shape


class Credential(Shape):
    """A licence or certificate; of one title the latest holds. Withdrawn, it is not counted."""

    id: UUID
    title: Line
    number: Line | None = None
    issuer: Line | None = None
    expires_on: Day | None = Field(default=None, description="The last day on which it is valid.")
    withdrawn: bool = Field(default=False, strict=True)

    def expired(self, today: date) -> bool:
        """Whether its last day has passed, as the clinic counts its days."""
        return self.expires_on is not None and today > self.expires_on


def require_valid(credentials: Iterable[Credential], today: date) -> None:
    """Refuse with CredentialExpired where one has expired."""
    for one in credentials:
        if one.expired(today):
            raise CredentialExpired(
                f"The credential {one.title} expired on {one.expires_on}; the clinic's policy asks"
                " for a valid one to sign.", title=one.title, expires_on=str(one.expires_on),
            )  # fmt: skip
