"""What may be answered to a form: each refusal names the item, the value and the rule.

Everything is judged against the one version of the form that was pinned.
"""

import re
from collections.abc import Collection, Iterable
from decimal import Decimal

from protocol.rules.actions import Role
from protocol.rules.answer_refusals import (
    AnswerHidden,
    AnswerMalformed,
    AnswerNotAnOption,
    AnswerNotPermitted,
    AnswerOffStep,
    AnswerOutOfRange,
    AnswerTimeMissing,
    AnswerTwice,
    AnswerUnitWrong,
    AnswerWrongKind,
)
from protocol.rules.answers import Answers, answer_words, shown_items
from protocol.rules.errors import UnknownTerm
from protocol.rules.form_coherence import answers_of, on_scale
from protocol.rules.forms import Answer, FormDocument, Item, ItemKind
from protocol.rules.values import plain

# ICD-10 and its national forms: a letter, two characters, then after a point up to four; the marks
# of WHO's double coding may follow. The form is checked, not whether there is such a code.
_ICD_10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?[*†+!]?")
_FIELD: dict[ItemKind, str] = {
    ItemKind.YES_NO: "yes",
    ItemKind.ONE_OF: "chosen",
    ItemKind.SEVERAL_OF: "chosen",
    ItemKind.NUMBER: "value",
    ItemKind.SCALE: "value",
    ItemKind.TEXT: "text",
    ItemKind.DATE: "day",
    ItemKind.BODY_SITE: "site",
}
_FIELDS = ("yes", "chosen", "value", "text", "day", "site", "absent")


def is_icd_10(text: str) -> bool:
    """Whether a text has the form of an ICD-10 code; whether there is such a code is not asked."""
    return _ICD_10.fullmatch(text) is not None


def require_answers(
    form: FormDocument, answers: Iterable[Answer], roles: Collection[Role],
    known: Iterable[Answers] = ({},),
) -> None:  # fmt: skip
    """Refuse an answer that the form's version does not take, each for its own reason.

    `known` are the answers that hold already, as of one moment or of several: an item is refused as
    not asked only where none of them, with these answers, shows it. Raises UnknownTerm,
    AnswerTwice, AnswerNotPermitted, AnswerWrongKind, AnswerNotAnOption, AnswerUnitWrong,
    AnswerOutOfRange, AnswerOffStep, AnswerMalformed, AnswerTimeMissing, AnswerHidden.
    """
    given: dict[str, Answer] = {}
    for answer in answers:
        item = form.item(answer.item)
        if item is None:
            raise UnknownTerm(
                f"{form.title} has no item {answer.item}.", field="answers", item=answer.item
            )
        if answer.item in given:
            raise AnswerTwice(f"{item.label} is answered twice.", field="answers", item=answer.item)
        _require_role(item, roles)
        _require_value(item, answer)
        given[answer.item] = answer
    shown = {item.code for before in known for item in shown_items(form, {**before, **given})}
    for code, answer in given.items():
        if code not in shown:
            _refuse_hidden(form, code, answer)


def _refuse_hidden(form: FormDocument, code: str, answer: Answer) -> None:
    item = form.item(code)
    assert item is not None
    assert item.shown_when is not None
    when = item.shown_when
    other = form.item(when.item)
    name = when.item if other is None else other.label
    raise AnswerHidden(
        f"{item.label} is not asked: it is shown where {name} is answered"
        f" {' or '.join(when.answered)}.",
        field="answers", item=code, value=answer_words(item, answer), shown_by=when.item,
    )  # fmt: skip


def _require_role(item: Item, roles: Collection[Role]) -> None:
    if item.answered_by and not set(item.answered_by) & set(roles):
        due = " or ".join(item.answered_by)
        raise AnswerNotPermitted(
            f"{item.label} is answered by {due}, not by {', '.join(sorted(roles)) or 'no role'}.",
            field="answers", item=item.code, answered_by=due,
        )  # fmt: skip


def _require_value(item: Item, answer: Answer) -> None:
    """The answer is one value of the item's kind, or why there is none."""
    given = [name for name in _FIELDS if getattr(answer, name) not in (None, ())]
    due = _FIELD[item.kind]
    if given not in ([due], ["absent"]):
        said = " and ".join(given) or "nothing"
        raise AnswerWrongKind(
            f"{item.label} is a {item.kind.value} item: it takes {due} or absent, not {said}.",
            field="answers", item=item.code, value=said, due=due,
        )  # fmt: skip
    _require_time(item, answer)
    if answer.absent is not None:
        _require_no_unit(item, answer)
    elif answer.chosen or answer.yes is not None:
        _require_no_unit(item, answer)
        _require_options(item, answer)
    elif answer.value is not None:
        _require_number(item, answer, answer.value)
    else:
        _require_no_unit(item, answer)
        _require_form(item, answer)


def _require_time(item: Item, answer: Answer) -> None:
    if item.timed and answer.at is None and answer.absent is None:
        raise AnswerTimeMissing(
            f"{item.label} is answered with its own time.", field="answers", item=item.code
        )
    if answer.at is not None and not item.timed:
        raise AnswerWrongKind(
            f"{item.label} has no time of its own.",
            field="answers", item=item.code, value=answer.at.isoformat(), due="no time",
        )  # fmt: skip


def _require_no_unit(item: Item, answer: Answer) -> None:
    if answer.unit is not None:
        raise AnswerUnitWrong(
            f"{item.label} is answered without a unit, not in {answer.unit}.",
            field="answers", item=item.code, unit=answer.unit,
        )  # fmt: skip


def _require_options(item: Item, answer: Answer) -> None:
    if item.kind is ItemKind.ONE_OF and len(answer.chosen) > 1:
        raise AnswerWrongKind(
            f"{item.label} takes one of its options, not {len(answer.chosen)}.",
            field="answers", item=item.code, value=", ".join(answer.chosen), due="one",
        )  # fmt: skip
    taken = answers_of(item)
    for place, code in enumerate(answer.chosen):
        if code in answer.chosen[:place]:
            raise AnswerTwice(
                f"{item.label} is answered with {code} twice.",
                field="answers", item=item.code, value=code,
            )  # fmt: skip
        if code not in taken:
            raise AnswerNotAnOption(
                f"{item.label} is answered with {', '.join(taken)}; {code} is none of them.",
                field="answers", item=item.code, value=code,
            )  # fmt: skip


def _require_number(item: Item, answer: Answer, value: Decimal) -> None:
    if item.scale is None:
        if answer.unit != item.unit:
            raise AnswerUnitWrong(
                f"{item.label} is in {item.unit}, not {answer.unit or 'without a unit'}.",
                field="answers", item=item.code, value=plain(value), unit=answer.unit,
            )  # fmt: skip
        low, high, unit = item.low, item.high, f" {item.unit}"
    else:
        _require_no_unit(item, answer)
        low, high, unit = item.scale.low, item.scale.high, ""
    if (low is not None and value < low) or (high is not None and value > high):
        span = [f"from {plain(low)}"] if low is not None else []
        span += [f"to {plain(high)}"] if high is not None else []
        raise AnswerOutOfRange(
            f"{item.label}: {plain(value)}{unit} is outside what the form takes,"
            f" {' '.join(span)}{unit}.",
            field="answers", item=item.code, value=plain(value),
        )  # fmt: skip
    if item.scale is not None and not on_scale(value, item.scale):
        raise AnswerOffStep(
            f"{item.label}: {plain(value)} is not on a step of {plain(item.scale.step)} from"
            f" {plain(item.scale.low)}.",
            field="answers", item=item.code, value=plain(value),
        )  # fmt: skip


def _require_form(item: Item, answer: Answer) -> None:
    if item.coding == "icd-10" and not is_icd_10(answer.text or ""):
        raise AnswerMalformed(
            f"{item.label}: {answer.text} does not have the form of an ICD-10 code, such as A00.0.",
            field="answers", item=item.code, value=answer.text,
        )  # fmt: skip
