"""A process that charts notes, and says which of them were acknowledged, one id a line."""

import os
import threading
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from protocol.commands import charting
from protocol.records.clinics import Clinic, clinic_by
from protocol.records.database import Database
from protocol.rules.actions import Actor
from protocol.rules.charting import Charted, Note

NINE = datetime(2031, 5, 6, 9, 0, tzinfo=UTC)


def chart(clinic: Clinic, actor: Actor, session: UUID, notes: int) -> None:
    """Chart so many notes; whatever is not acknowledged ends the process with an error."""
    for number in range(notes):
        note = Charted(id=uuid7(), observed_at=NINE, content=Note(text=f"Note {number}."))
        charting.record_entry(clinic, actor, session, note, now=NINE)
        # One write of a short line is whole or not there at all (POSIX, PIPE_BUF).
        os.write(1, f"{note.id}\n".encode())


def main(url: str, actor_json: str, session: str, notes: str, threads: str) -> None:
    actor = Actor.model_validate_json(actor_json)
    clinic = clinic_by(Database(url), actor.clinic_id)
    arguments = (clinic, actor, UUID(session), int(notes))
    running = [threading.Thread(target=chart, args=arguments) for _ in range(int(threads))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    clinic.database.close()
