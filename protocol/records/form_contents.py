"""Folding a response to a form into rows, one for each answer, and unfolding them again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row

from protocol.records.columns import offset_min, with_offset
from protocol.records.rows import New, new
from protocol.records.tables import FormAnswerRow, FormOverrideRow
from protocol.rules.audit import canonical_json
from protocol.rules.charting import FormOverride, FormResponse
from protocol.rules.forms import Absent, Answer

_CODES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def folded_response(clinic_id: UUID, entry_id: UUID, response: FormResponse) -> list[New]:
    """The rows of a response."""
    return [
        new(FormAnswerRow,
            clinic_id=clinic_id, entry_id=entry_id, position=position, form=response.form,
            item=one.item, yes=one.yes, chosen=_codes_text(one.chosen), value=one.value,
            unit=one.unit, words=one.text, day=one.day, site=one.site,
            absent=None if one.absent is None else one.absent.value, answered_at=one.at,
            answered_offset_min=None if one.at is None else offset_min(one.at),
        )
        for position, one in enumerate(response.answers)
    ]  # fmt: skip


def folded_override(clinic_id: UUID, entry_id: UUID, override: FormOverride) -> list[New]:
    """The row of an override."""
    return [
        new(FormOverrideRow,
            clinic_id=clinic_id, entry_id=entry_id, form=override.form,
            items=_codes_text(override.items), reason=override.reason,
        )
    ]  # fmt: skip


def unfolded_response(rows: Sequence[Row[Any]]) -> FormResponse:
    """The response again, from its rows in order."""
    return FormResponse.model_construct(
        form=rows[0].form, answers=tuple(answer_from(row) for row in rows)
    )


def unfolded_override(row: Row[Any]) -> FormOverride:
    """The override again."""
    return FormOverride.model_construct(
        form=row.form, items=_CODES.validate_json(row.items), reason=row.reason
    )


def answer_from(row: Row[Any]) -> Answer:
    """An answer as it was given, from the columns that hold it."""
    at = row.answered_at
    return Answer.model_construct(
        item=row.item, yes=row.yes, chosen=_CODES.validate_json(row.chosen), value=row.value,
        unit=row.unit, text=row.words, day=row.day, site=row.site,
        absent=None if row.absent is None else Absent(row.absent),
        at=None if at is None else with_offset(at, row.answered_offset_min),
    )  # fmt: skip


def _codes_text(codes: tuple[str, ...]) -> str:
    return canonical_json(list(codes)).decode()
