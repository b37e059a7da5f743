"""An invented form with an item of every kind, for the tests of forms, answers and scores."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

from protocol.rules.forms import Answer, FormDocument

RATED = {"low": "0", "high": "4"}
CHECKLIST: dict[str, Any] = {
    "name": "invented-checklist",
    "title": "Invented checklist",
    "purpose": "pre-session",
    "items": [
        {"code": "named", "label": "Name asked", "kind": "yes-no", "required": True,
         "met_when": ["yes"]},
        {"code": "came-with", "label": "Came with", "kind": "one-of", "required": True,
         "met_when": ["relative", "friend"],
         "options": [{"code": "relative", "label": "A relative"},
                     {"code": "friend", "label": "A friend"},
                     {"code": "nobody", "label": "Nobody"}]},
        {"code": "who", "label": "Who", "kind": "text", "required": True,
         "shown_when": {"item": "came-with", "answered": ["relative", "friend"]}},
        {"code": "reached", "label": "Reached at home", "kind": "yes-no", "required": True,
         "met_when": ["yes"], "shown_when": {"item": "came-with", "answered": ["nobody"]}},
        {"code": "by-whom", "label": "Reached whom", "kind": "text",
         "shown_when": {"item": "reached", "answered": ["yes"]}},
        {"code": "brought", "label": "Brought", "kind": "several-of",
         "options": [{"code": "paper", "label": "Paper"}, {"code": "pencil", "label": "Pencil"}]},
        {"code": "cups", "label": "Cups of tea", "kind": "number", "unit": "mL", "low": "0",
         "high": "900"},
        {"code": "mood", "label": "Mood", "kind": "scale",
         "scale": {**RATED, "step": "0.5", "anchors": {"0": "low", "4": "high"}}},
        {"code": "code", "label": "Code", "kind": "text", "coding": "icd-10"},
        {"code": "since", "label": "Since", "kind": "date"},
        {"code": "where", "label": "Where", "kind": "body-site"},
        {"code": "checked", "label": "Checked by physician", "kind": "yes-no",
         "answered_by": ["physician"]},
        {"code": "ate", "label": "Last ate", "kind": "yes-no", "timed": True},
    ],
}  # fmt: skip


def rated(count: int, **more: Any) -> dict[str, Any]:
    """A form of so many scales, each from 0 to 4."""
    items = [
        {"code": f"i{number}", "label": f"Item {number}", "kind": "scale", "scale": RATED}
        for number in range(count)
    ]
    return {
        "name": "invented-score", "title": "Invented score", "purpose": "discharge",
        "items": items, **more,
    }  # fmt: skip


def scoring(count: int, method: str, answered_min: int, **more: Any) -> dict[str, Any]:
    """The score over all of them."""
    return {
        "code": "total", "label": "Total", "method": method, "answered_min": answered_min,
        "items": [f"i{number}" for number in range(count)], **more,
    }  # fmt: skip


def a_form(document: dict[str, Any] | None = None, **changes: Any) -> FormDocument:
    """The checklist, or another document, with some of it changed."""
    return FormDocument.model_validate({**deepcopy(document or CHECKLIST), **changes})


def an_answer(item: str, **values: Any) -> Answer:
    """An answer as it comes in."""
    return Answer.model_validate({"item": item, **values})


def rated_answers(values: dict[str, Decimal]) -> dict[str, Answer]:
    """Answers to scales, by their items."""
    return {code: Answer(item=code, value=value) for code, value in values.items()}
