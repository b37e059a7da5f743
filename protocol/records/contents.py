"""Folding a charted content into the columns of its table, and unfolding it again.

A quantity takes `name_value` and `name_unit`; a time its instant and `…_offset_min`. A reading
takes one row for each observation, a response to a form one for each answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row
from sqlmodel import SQLModel

from protocol.records import form_contents
from protocol.records.columns import offset_min, with_offset
from protocol.records.rows import New, new
from protocol.records.tables import (
    AdjunctRow,
    AdverseEventRow,
    DosingEventRow,
    FormAnswerRow,
    FormOverrideRow,
    MissedRoundRow,
    ObservationRow,
    OverrideRow,
    PhaseRow,
    PlanRow,
    TextRow,
)
from protocol.rules.charting import (
    Addendum,
    Adjunct,
    AdverseEvent,
    Charted,
    Content,
    DosingEvent,
    FormOverride,
    FormResponse,
    MissedRound,
    Note,
    Override,
    PhaseEntered,
    Plan,
    Reading,
    Retraction,
)
from protocol.rules.measures import Observation
from protocol.rules.quantity import Quantity

# Kind of content -> its class and table; the words of three kinds share one table.
TABLES: dict[str, tuple[type[BaseModel], type[SQLModel]]] = {
    "dosing": (DosingEvent, DosingEventRow),
    "adverse-event": (AdverseEvent, AdverseEventRow),
    "adjunct": (Adjunct, AdjunctRow),
    "missed-round": (MissedRound, MissedRoundRow),
    "phase": (PhaseEntered, PhaseRow),
    "plan": (Plan, PlanRow),
    "override": (Override, OverrideRow),
    "note": (Note, TextRow),
    "addendum": (Addendum, TextRow),
    "retraction": (Retraction, TextRow),
    "reading": (Reading, ObservationRow),
    "form-response": (FormResponse, FormAnswerRow),
    "form-override": (FormOverride, FormOverrideRow),
}
_WORDS = {"note": "text", "addendum": "text", "retraction": "reason"}


def folded(clinic_id: UUID, session_id: UUID, charted: Charted) -> list[New]:
    """The content's rows."""
    content = charted.content
    if isinstance(content, Reading):
        return [
            new(ObservationRow,
                clinic_id=clinic_id, entry_id=charted.id, position=position,
                session_id=session_id, observed_at=charted.observed_at, measure=one.measure,
                value=one.value, unit=one.unit, site=one.site, context=content.context,
            )
            for position, one in enumerate(content.observations)
        ]  # fmt: skip
    if isinstance(content, FormResponse):
        return form_contents.folded_response(clinic_id, charted.id, content)
    if isinstance(content, FormOverride):
        return form_contents.folded_override(clinic_id, charted.id, content)
    kind, table = TABLES[content.kind]
    if content.kind in _WORDS:
        words = getattr(content, _WORDS[content.kind])
        return [new(TextRow, clinic_id=clinic_id, entry_id=charted.id, words=words)]
    values: dict[str, Any] = {}
    for name in kind.model_fields:
        if name != "kind":
            values.update(_columns(name, getattr(content, name), table))
    return [New(table, {"clinic_id": clinic_id, "entry_id": charted.id, **values})]


def _columns(name: str, value: Any, table: type[SQLModel]) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(value, Quantity):
        return {f"{name}_value": value.value, f"{name}_unit": value.unit}
    if isinstance(value, datetime):
        return {name: value, f"{name.removesuffix('_at')}_offset_min": offset_min(value)}
    return {name: value} if name in table.model_fields else {}


def unfolded(kind: str, rows: Sequence[Row[Any]]) -> Content:
    """The content again, from its rows in order."""
    row = rows[0]._mapping
    if kind == "reading":
        observations = tuple(
            Observation.model_construct(
                measure=one.measure, value=one.value, unit=one.unit, site=one.site
            )
            for one in rows
        )
        return Reading.model_construct(observations=observations, context=row["context"])
    if kind == "form-response":
        return form_contents.unfolded_response(rows)
    if kind == "form-override":
        return form_contents.unfolded_override(rows[0])
    shape, _ = TABLES[kind]
    if kind in _WORDS:
        values: dict[str, Any] = {_WORDS[kind]: row["words"]}
    else:
        values = {name: _value(name, row) for name in shape.model_fields if name != "kind"}
    content: Content = shape.model_validate(values)  # type: ignore[assignment]
    return content


def _value(name: str, row: Any) -> object:  # noqa: ANN401 - a row mapping
    if f"{name}_value" in row:
        value = row[f"{name}_value"]
        return None if value is None else Quantity(value=value, unit=row[f"{name}_unit"])
    offset = f"{name.removesuffix('_at')}_offset_min"
    if offset in row:
        return None if row[name] is None else with_offset(row[name], row[offset])
    return row[name]
