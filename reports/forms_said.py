"""What a response to a form, and the reason for going on without one, say in one line."""

from protocol.rules.answers import answer_words
from protocol.rules.charting import FormOverride, FormResponse
from protocol.rules.forms import Answer, FormDocument, Item
from reports.formats import day, measured, with_unit
from reports.view import View


def response_parts(view: View, response: FormResponse) -> list[str | None]:
    """The form's title, then each item with its answer."""
    form = _form(view, response.form)
    return [
        response.form if form is None else form.title,
        *(_answer(view, form, answer) for answer in response.answers),
    ]


def override_parts(view: View, override: FormOverride) -> list[str | None]:
    """What was lacking, and the reason."""
    form = _form(view, override.form)
    names = ", ".join(_label(form, code) for code in override.items)
    title = override.form if form is None else form.title
    return [f"Reason for going on with {title} incomplete ({names})", override.reason]


def _form(view: View, code: str) -> FormDocument | None:
    pinned = view.record.form(code)
    return None if pinned is None else pinned.document


def _label(form: FormDocument | None, code: str) -> str:
    if form is None:
        return code
    score = next((one.label for one in form.scores if one.code == code), code)
    item = form.item(code)
    return score if item is None else item.label


def _answer(view: View, form: FormDocument | None, answer: Answer) -> str:
    item = None if form is None else form.item(answer.item)
    said = "" if item is None else answer_said(view, item, answer)
    return f"{_label(form, answer.item)}: {said}"


def answer_said(view: View, item: Item, answer: Answer) -> str:
    """An answer in this paper's numbers, days and times; else as everywhere (R120, R142)."""
    said = answer_words(item, answer)
    if answer.value is not None and answer.unit is not None:
        said = with_unit(measured(answer.value), answer.unit)
    elif answer.day is not None:
        said = day(answer.day)
    return said if answer.at is None else f"{said}, at {view.clock.time(answer.at)}"
