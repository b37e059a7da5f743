"""The score of a form: exact arithmetic on the answers that are there, rounded once (R98).

Below the number of answers that the clinic asks for there is no score, and the reason is a fact of
its own: no score differs from zero (R100). A band is named only where the clinic wrote one.
"""

from decimal import Decimal
from fractions import Fraction

from protocol.rules.answers import Answers, Lacking, LackingKind, shown_items
from protocol.rules.form_coherence import span_of
from protocol.rules.forms import Answer, FormDocument, Item, Scoring, ScoringMethod
from protocol.rules.quantity import rounded, total
from protocol.rules.values import Code, Computed, Line, Shape, plain


class Score(Shape):
    """A score with what it was made of, or why there is none.

    `answered` of `items` have a value; `sum` is of those, `maximum` the most that those could give.
    `met` says whether it lies in the range that the clinic set, if it set one; no score never does.
    """

    code: Code
    label: Line
    method: ScoringMethod
    answered: int
    items: int
    answered_min: int
    sum: Computed | None = None
    maximum: Computed | None = None
    value: Computed | None = None
    reason: str | None = None
    band: Line | None = None
    met: bool | None = None


def scores(form: FormDocument, answers: Answers) -> tuple[Score, ...]:
    """Every score of the form, in its order, from the answers that hold."""
    shown = {item.code: item for item in shown_items(form, answers)}
    return tuple(_score(scoring, shown, answers) for scoring in form.scores)


def lacking_scores(form: FormDocument, answers: Answers) -> tuple[Lacking, ...]:
    """The scores with a range to meet that are not there, or lie outside of it (R102)."""
    found = []
    for scoring, score in zip(form.scores, scores(form, answers), strict=True):
        if score.met is not False:
            continue
        why = LackingKind.UNANSWERED if score.value is None else LackingKind.NOT_MET
        said = score.reason if score.value is None else f"{plain(score.value)}, {_range(scoring)}"
        found.append(
            Lacking(item=score.code, label=score.label, why=why, sentence=f"{score.label}: {said}.")
        )
    return tuple(found)


def _range(scoring: Scoring) -> str:
    ends = [f"from {plain(scoring.met_low)}"] if scoring.met_low is not None else []
    ends += [f"to {plain(scoring.met_high)}"] if scoring.met_high is not None else []
    return f"met {' '.join(ends)}"


def item_score(item: Item, answer: Answer | None) -> Decimal | None:
    """The score of one answer; None where there is none. Of several options their sum."""
    if answer is None or answer.absent is not None:
        return None
    if item.scale is not None:
        return answer.value
    of_option = {option.code: option.score for option in item.options}
    given = [of_option.get(code) for code in answer.chosen]
    known = [score for score in given if score is not None]
    return total(known) if known and len(known) == len(given) else None


def _score(scoring: Scoring, shown: dict[str, Item], answers: Answers) -> Score:
    given: list[Decimal] = []
    highest: list[Decimal] = []
    for code in scoring.items:
        item = shown.get(code)
        value = None if item is None else item_score(item, answers.get(code))
        span = None if item is None else span_of(item)
        if value is not None and span is not None:
            given.append(value)
            highest.append(span[1])
    limited = scoring.met_low is not None or scoring.met_high is not None
    made = Score(
        code=scoring.code, label=scoring.label, method=scoring.method, answered=len(given),
        items=len(scoring.items), answered_min=scoring.answered_min,
        sum=total(given) if given else None, maximum=total(highest) if given else None,
        met=False if limited else None,
    )  # fmt: skip
    if len(given) < scoring.answered_min:
        reason = (
            f"no score: {len(given)} of {len(scoring.items)} items answered,"
            f" {scoring.answered_min} needed"
        )
        return made.model_copy(update={"reason": reason})
    exact = _value(scoring.method, given, highest)
    update = {
        "value": rounded(exact),
        "band": _band(scoring, exact),
        "met": _is_met(scoring, exact) if limited else None,
    }
    return made.model_copy(update=update)


def _value(method: ScoringMethod, given: list[Decimal], highest: list[Decimal]) -> Fraction:
    points = Fraction(total(given))
    if method is ScoringMethod.SUM:
        return points
    if method is ScoringMethod.MEAN:
        return points / len(given)
    return points * 100 / Fraction(total(highest))


def _band(scoring: Scoring, exact: Fraction) -> str | None:
    return next(
        (
            band.label
            for band in scoring.bands
            if Fraction(band.low) <= exact <= Fraction(band.high)
        ),
        None,
    )


def _is_met(scoring: Scoring, exact: Fraction) -> bool:
    above = scoring.met_low is None or exact >= Fraction(scoring.met_low)
    return above and (scoring.met_high is None or exact <= Fraction(scoring.met_high))
