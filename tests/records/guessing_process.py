"""A process that guesses a secret, and says how often it was refused."""

import sys
from datetime import UTC, datetime
from uuid import UUID

from protocol.commands import signing_in
from protocol.records.clinics import clinic_by
from protocol.records.database import Database
from protocol.rules.errors import SignInFailed

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)


def main(url: str, clinic_id: str, username: str, guesses: str) -> None:
    clinic, refused = clinic_by(Database(url), UUID(clinic_id)), 0
    for number in range(int(guesses)):
        try:
            signing_in.sign_in(clinic, username, f"a guess, number {number}", now=NINE)
        except SignInFailed:
            refused += 1
    sys.stdout.write(f"{refused}\n")
    clinic.database.close()
