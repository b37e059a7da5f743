"""Refusals of answers to a form, and of the steps that wait for one; codes as in errors.py.

Each sentence names the item, the value and the rule that the form's version sets.
"""

from protocol.rules.errors import Refusal


class AnswerWrongKind(Refusal):
    """No value, several, or one of another kind than the item takes."""

    code, kind, title = "answer-wrong-kind", "invalid", "Answer of another kind"


class AnswerTwice(Refusal):
    """Two answers to one item in one response."""

    code, kind, title = "answer-twice", "invalid", "Answered twice"


class AnswerNotAnOption(Refusal):
    """An answer that is not among the item's options."""

    code, kind, title = "answer-not-an-option", "invalid", "Not one of the options"


class AnswerOutOfRange(Refusal):
    """A number or a scale's value beyond what the form takes."""

    code, kind, title = "answer-out-of-range", "invalid", "Outside the form's range"


class AnswerOffStep(Refusal):
    """A scale's value between two of its steps."""

    code, kind, title = "answer-off-step", "invalid", "Between two steps"


class AnswerUnitWrong(Refusal):
    """A number in another unit than the item's, or without one."""

    code, kind, title = "answer-unit-wrong", "invalid", "Not in the item's unit"


class AnswerMalformed(Refusal):
    """A text that does not have the form of the code that the item takes."""

    code, kind, title = "answer-malformed", "invalid", "Not of the code's form"


class AnswerTimeMissing(Refusal):
    """An answer without the time of its own that the item takes (R102)."""

    code, kind, title = "answer-time-missing", "invalid", "Time of the answer missing"


class AnswerHidden(Refusal):
    """An answer to an item that is not asked: another answer does not show it."""

    code, kind, title = "answer-hidden", "conflict", "Item not asked"


class AnswerNotPermitted(Refusal):
    """The form names who answers this item, and none of the actor's roles is among them."""

    code, kind, title = "answer-not-permitted", "forbidden", "Answered by another role"


class FormNotInForce(Refusal):
    """The protocol asks for a form of which no version is active."""

    code, kind, title = "form-not-in-force", "conflict", "Form not in force"


class FormIncomplete(Refusal):
    """A form's required items are unanswered, absent or not met, and nobody said why (R102)."""

    code, kind, title = "form-incomplete", "conflict", "Form incomplete"


class NothingLacking(Refusal):
    """A reason for going on without what is not lacking."""

    code, kind, title = "nothing-lacking", "conflict", "Nothing lacking"
