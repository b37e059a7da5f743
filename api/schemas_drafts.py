"""Drafts as the API gives them."""

from datetime import datetime
from uuid import UUID

from api.schemas import Out


class DraftKeptOut(Out):
    """That a draft was kept, and when."""

    session_id: UUID
    kept_at: datetime


class DraftOut(Out):
    """What was typed and not saved, as the page had it; nulls where there is no draft."""

    session_id: UUID
    kept_at: datetime | None
    content: dict[str, object] | None
