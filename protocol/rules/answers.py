"""What the answers to a form say: in words, which items are asked, and what is lacking.

Everything is judged against the one version of the form that was pinned. Unknown is never met: an
answer that says why there is none leaves a required item lacking (R93, R102).
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from protocol.rules.forms import Absent, Answer, FormDocument, Item
from protocol.rules.values import Code, Line, Shape, plain

Answers = Mapping[str, Answer]
"""The answer that holds, by the code of its item."""

ABSENT_WORDS: dict[Absent, str] = {
    Absent.UNKNOWN: "asked, not known",
    Absent.DECLINED: "asked, declined",
    Absent.NOT_APPLICABLE: "does not apply",
}


class LackingKind(StrEnum):
    """Why a required item, or a score that has a range to meet, does not let a step go on."""

    UNANSWERED = "unanswered"
    ABSENT = "absent"
    NOT_MET = "not-met"


class Lacking(Shape):
    """One item, or one score, that is lacking, in a sentence."""

    item: Code
    label: Line
    why: LackingKind
    sentence: str


def answer_words(item: Item, answer: Answer) -> str:
    """The answer as it is read: the option's label, the anchor's words, the number with unit."""
    if answer.absent is not None:
        return ABSENT_WORDS[answer.absent]
    if answer.yes is not None:
        return "yes" if answer.yes else "no"
    if answer.chosen:
        labels = {option.code: option.label for option in item.options}
        return "; ".join(labels.get(code, code) for code in answer.chosen)
    if answer.value is not None:
        return _number_words(item, answer, answer.value)
    return answer.text or answer.site or (answer.day.isoformat() if answer.day else "")


def _number_words(item: Item, answer: Answer, value: Decimal) -> str:
    if item.scale is None:
        return plain(value) if answer.unit in (None, "1") else f"{plain(value)} {answer.unit}"
    anchors = {Decimal(key): words for key, words in item.scale.anchors.items()}
    said = f"{plain(value)} of {plain(item.scale.high)}"
    return f"{said} ({anchors[value]})" if value in anchors else said


def shown_items(form: FormDocument, answers: Answers) -> tuple[Item, ...]:
    """The items that are asked, in the form's order: those without a condition, and those whose
    condition's item is itself asked and was answered so."""
    shown: dict[str, Item] = {}
    for item in form.items:
        when = item.shown_when
        if when is None or (
            when.item in shown and _chose(answers.get(when.item)) & set(when.answered)
        ):
            shown[item.code] = item
    return tuple(shown.values())


def _chose(answer: Answer | None) -> set[str]:
    """What was answered from a closed list; nothing where the answer is absent or open."""
    if answer is None or answer.absent is not None:
        return set()
    if answer.yes is not None:
        return {"yes" if answer.yes else "no"}
    return set(answer.chosen)


def lacking(form: FormDocument, answers: Answers) -> tuple[Lacking, ...]:
    """The required items that are asked and are unanswered, absent or not met, in their order.

    Scores that have a range to meet are `scoring.lacking_scores`'s.
    """
    found = []
    for item in shown_items(form, answers):
        why = _why_lacking(item, answers.get(item.code)) if item.required else None
        if why is not None:
            kind, said = why
            found.append(
                Lacking(
                    item=item.code, label=item.label, why=kind, sentence=f"{item.label}: {said}."
                )
            )
    return tuple(found)


def _why_lacking(item: Item, answer: Answer | None) -> tuple[LackingKind, str] | None:
    if answer is None:
        return LackingKind.UNANSWERED, "not answered"
    said = answer_words(item, answer)
    if answer.absent is not None:
        return LackingKind.ABSENT, said
    if item.met_when and not _chose(answer) <= set(item.met_when):
        labels = {option.code: option.label for option in item.options}
        met_by = " or ".join(labels.get(code, code) for code in item.met_when)
        return LackingKind.NOT_MET, f"answered {said}, met by {met_by}"
    return None
