"""Scores: exact, rounded once; too few answers give no score, which is not zero."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules.answers import LackingKind
from protocol.rules.quantity import RESULT_STEP
from protocol.rules.scoring import lacking_scores, scores
from tests.rules.form_examples import a_form, an_answer, rated, rated_answers, scoring

COUNT = 5
METHODS = ("sum", "mean", "percent-of-answered-maximum")
ANSWERS = st.dictionaries(
    st.sampled_from([f"i{number}" for number in range(COUNT)]),
    st.integers(0, 4).map(Decimal),
)


def expected(method: str, values: list[Decimal]) -> Fraction:
    points = Fraction(sum(values))
    if method == "sum":
        return points
    return points / len(values) if method == "mean" else points * 100 / (4 * len(values))


@pytest.mark.parametrize("method", METHODS)
@given(answered=ANSWERS, least=st.integers(1, COUNT))
def test_a_score_is_exact_or_not_there(method, answered, least):
    form = a_form(rated(COUNT, scores=[scoring(COUNT, method, least)]))
    (score,) = scores(form, rated_answers(answered))
    assert (score.answered, score.items) == (len(answered), COUNT)
    if len(answered) < least:
        assert score.value is None
        assert score.reason == (
            f"no score: {len(answered)} of {COUNT} items answered, {least} needed"
        )
        return
    assert score.reason is None
    assert score.value is not None
    exact = expected(method, list(answered.values()))
    assert abs(Fraction(score.value) - exact) * 2 <= Fraction(RESULT_STEP)
    assert score.sum == sum(answered.values())
    assert score.maximum == 4 * len(answered)


@given(answered=ANSWERS)
def test_an_answer_that_is_absent_is_no_zero(answered):
    form = a_form(rated(COUNT, scores=[scoring(COUNT, "mean", 1)]))
    given_ = rated_answers(answered)
    absent = {f"i{n}": an_answer(f"i{n}", absent="asked-unknown") for n in range(COUNT)}
    assert scores(form, {**absent, **given_}) == scores(form, given_)


def test_zero_is_a_score():
    form = a_form(rated(2, scores=[scoring(2, "sum", 2)]))
    (score,) = scores(form, rated_answers({"i0": Decimal(0), "i1": Decimal(0)}))
    assert score.value == 0
    assert score.reason is None


def test_a_mean_is_rounded_once_at_the_end():
    form = a_form(rated(3, scores=[scoring(3, "mean", 3)]))
    values = {"i0": Decimal(1), "i1": Decimal(1), "i2": Decimal(0)}
    (score,) = scores(form, rated_answers(values))
    assert score.value == Decimal("0.666666666667")


def test_an_item_that_is_not_asked_counts_in_no_score():
    document = rated(2, scores=[scoring(2, "sum", 1)])
    first = {"code": "asked", "label": "Asked", "kind": "yes-no"}
    document["items"][1]["shown_when"] = {"item": "asked", "answered": ["yes"]}
    form = a_form({**document, "items": [first, *document["items"]]})
    values = rated_answers({"i0": Decimal(1), "i1": Decimal(3)})
    for asked, value in ((False, 1), (True, 4)):
        (score,) = scores(form, {**values, "asked": an_answer("asked", yes=asked)})
        assert score.value == value


def test_options_are_scored_by_their_scores_and_several_by_their_sum():
    options = [
        {"code": "a", "label": "A", "score": "1.5"}, {"code": "b", "label": "B", "score": "2"},
    ]  # fmt: skip
    for kind, chosen, value, maximum in (
        ("one-of", ["a"], "1.5", "2"), ("several-of", ["a", "b"], "3.5", "3.5"),
    ):  # fmt: skip
        form = a_form(
            items=[{"code": "i0", "label": "I", "kind": kind, "options": options}],
            scores=[scoring(1, "sum", 1)],
        )
        (score,) = scores(form, {"i0": an_answer("i0", chosen=chosen)})
        assert (score.value, score.maximum) == (Decimal(value), Decimal(maximum))


def test_a_band_is_named_only_where_the_clinic_wrote_it():
    bands = [{"label": "Few", "low": "0", "high": "2"}, {"label": "Many", "low": "4", "high": "8"}]
    form = a_form(rated(2, scores=[scoring(2, "sum", 1, bands=bands)]))
    for value, band in ((2, "Few"), (3, None), (4, "Many")):
        (score,) = scores(form, rated_answers({"i0": Decimal(value)}))
        assert score.band == band


def test_a_band_holds_the_exact_mean_not_the_rounded_one():
    bands = [{"label": "One third", "low": "0", "high": "0.333333333333"}]
    form = a_form(rated(3, scores=[scoring(3, "mean", 3, bands=bands)]))
    values = rated_answers({"i0": Decimal(1), "i1": Decimal(0), "i2": Decimal(0)})
    (score,) = scores(form, values)
    assert (score.value, score.band) == (Decimal("0.333333333333"), None)


def test_a_score_with_a_range_to_meet_is_lacking_until_it_lies_in_it():
    form = a_form(rated(2, scores=[scoring(2, "sum", 2, met_low="3", met_high="6")]))
    said = []
    for values in ({}, {"i0": 2, "i1": 0}, {"i0": 3, "i1": 0}, {"i0": 4, "i1": 4}):
        answered = rated_answers({code: Decimal(value) for code, value in values.items()})
        said.append([(one.why, one.sentence) for one in lacking_scores(form, answered)])
    assert said == [
        [(LackingKind.UNANSWERED, "Total: no score: 0 of 2 items answered, 2 needed.")],
        [(LackingKind.NOT_MET, "Total: 2, met from 3 to 6.")],
        [],
        [(LackingKind.NOT_MET, "Total: 8, met from 3 to 6.")],
    ]


def test_a_score_without_a_range_gates_nothing():
    form = a_form(rated(2, scores=[scoring(2, "sum", 2)]))
    assert scores(form, {})[0].met is None
    assert lacking_scores(form, {}) == ()
