"""What may be answered, what is asked, and what is lacking; unknown is never met."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.rules import answer_refusals as refusals
from protocol.rules.actions import Role
from protocol.rules.answering import is_icd_10, require_answers
from protocol.rules.answers import LackingKind, answer_words, lacking, shown_items
from protocol.rules.errors import Refusal, UnknownTerm
from protocol.rules.forms import Absent, Answer
from tests.rules.form_examples import a_form, an_answer

FORM = a_form()
NURSE = frozenset({Role.NURSE})
GOOD: dict[str, dict[str, Any]] = {
    "named": {"yes": True},
    "came-with": {"chosen": ["relative"]},
    "who": {"text": "an aunt"},
    "brought": {"chosen": ["paper", "pencil"]},
    "cups": {"value": "250", "unit": "mL"},
    "mood": {"value": "2.5"},
    "code": {"text": "M54.5"},
    "since": {"day": "2031-05-06"},
    "where": {"site": "left knee"},
    "ate": {"yes": False, "at": "2031-05-06T08:00:00Z"},
}


def answers(**changed: dict[str, Any]) -> dict[str, Answer]:
    given = {**GOOD, **{name.replace("_", "-"): one for name, one in changed.items()}}
    return {code: an_answer(code, **values) for code, values in given.items()}


def refused(item: str, values: dict[str, Any], known: dict[str, Answer] | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        require_answers(FORM, [an_answer(item, **values)], NURSE, [known or {}])
    return caught.value


def test_an_answer_of_every_kind_is_taken():
    require_answers(FORM, answers().values(), NURSE)
    assert lacking(FORM, answers()) == ()


@pytest.mark.parametrize(
    ("item", "values", "kind", "sentence"),
    [
        ("named", {}, refusals.AnswerWrongKind,
         "Name asked is a yes-no item: it takes yes or absent, not nothing."),
        ("named", {"yes": True, "absent": "asked-unknown"}, refusals.AnswerWrongKind,
         "Name asked is a yes-no item: it takes yes or absent, not yes and absent."),
        ("named", {"text": "yes"}, refusals.AnswerWrongKind,
         "Name asked is a yes-no item: it takes yes or absent, not text."),
        ("named", {"yes": True, "at": "2031-05-06T08:00:00Z"}, refusals.AnswerWrongKind,
         "Name asked has no time of its own."),
        ("named", {"yes": True, "unit": "mg"}, refusals.AnswerUnitWrong,
         "Name asked is answered without a unit, not in mg."),
        ("came-with", {"chosen": ["relative", "friend"]}, refusals.AnswerWrongKind,
         "Came with takes one of its options, not 2."),
        ("came-with", {"chosen": ["dog"]}, refusals.AnswerNotAnOption,
         "Came with is answered with relative, friend, nobody; dog is none of them."),
        ("brought", {"chosen": ["paper", "paper"]}, refusals.AnswerTwice,
         "Brought is answered with paper twice."),
        ("cups", {"value": "901", "unit": "mL"}, refusals.AnswerOutOfRange,
         "Cups of tea: 901 mL is outside what the form takes, from 0 to 900 mL."),
        ("cups", {"value": "9", "unit": "mg"}, refusals.AnswerUnitWrong,
         "Cups of tea is in mL, not mg."),
        ("cups", {"value": "9"}, refusals.AnswerUnitWrong,
         "Cups of tea is in mL, not without a unit."),
        ("mood", {"value": "4.5"}, refusals.AnswerOutOfRange,
         "Mood: 4.5 is outside what the form takes, from 0 to 4."),
        ("mood", {"value": "1.2"}, refusals.AnswerOffStep,
         "Mood: 1.2 is not on a step of 0.5 from 0."),
        ("mood", {"value": "1", "unit": "mg"}, refusals.AnswerUnitWrong,
         "Mood is answered without a unit, not in mg."),
        ("code", {"text": "back pain"}, refusals.AnswerMalformed,
         "Code: back pain does not have the form of an ICD-10 code, such as A00.0."),
        ("since", {"text": "May"}, refusals.AnswerWrongKind,
         "Since is a date item: it takes day or absent, not text."),
        ("where", {"text": "knee"}, refusals.AnswerWrongKind,
         "Where is a body-site item: it takes site or absent, not text."),
        ("checked", {"yes": True}, refusals.AnswerNotPermitted,
         "Checked by physician is answered by physician, not by nurse."),
        ("ate", {"yes": True}, refusals.AnswerTimeMissing,
         "Last ate is answered with its own time."),
        ("who", {"text": "an aunt"}, refusals.AnswerHidden,
         "Who is not asked: it is shown where Came with is answered relative or friend."),
        ("shoes", {"yes": True}, UnknownTerm, "Invented checklist has no item shoes."),
    ],
)  # fmt: skip
def test_what_the_form_does_not_take_is_refused_by_name(item, values, kind, sentence):
    refusal = refused(item, values)
    assert (type(refusal), refusal.sentence) == (kind, sentence)
    assert refusal.facts["item"] == item


def test_an_item_answered_twice_at_once_is_refused():
    with pytest.raises(refusals.AnswerTwice):
        require_answers(FORM, [an_answer("named", yes=True), an_answer("named", yes=False)], NURSE)


def test_why_there_is_no_answer_is_taken_of_every_item():
    for item in ("named", "came-with", "cups", "mood", "code", "since", "where", "ate"):
        require_answers(FORM, [an_answer(item, absent="asked-declined")], NURSE)


def test_an_item_is_asked_by_the_answers_before_or_beside_it():
    came = {"came-with": an_answer("came-with", chosen=["friend"])}
    require_answers(FORM, [an_answer("who", text="a friend")], NURSE, [{}, came])
    require_answers(FORM, [an_answer("who", text="a friend"), came["came-with"]], NURSE)
    alone = an_answer("came-with", chosen=["nobody"])
    with pytest.raises(refusals.AnswerHidden):
        require_answers(FORM, [an_answer("who", text="a friend"), alone], NURSE, [came])


def test_what_hangs_on_an_item_that_is_not_asked_is_not_asked_either():
    codes = [item.code for item in shown_items(FORM, answers(reached={"yes": True}))]
    assert "reached" not in codes
    assert "by-whom" not in codes
    alone = answers(came_with={"chosen": ["nobody"]}, reached={"yes": True})
    assert {"reached", "by-whom"} <= {item.code for item in shown_items(FORM, alone)}


def test_an_empty_form_lacks_what_is_required_and_asked():
    assert [(one.item, one.why) for one in lacking(FORM, {})] == [
        ("named", LackingKind.UNANSWERED),
        ("came-with", LackingKind.UNANSWERED),
    ]


@pytest.mark.parametrize("why", list(Absent))
def test_an_answer_that_is_not_known_never_meets_anything(why):
    given = answers(named={"absent": why}, who={"absent": why})
    assert {(one.item, one.why) for one in lacking(FORM, given)} == {
        ("named", LackingKind.ABSENT),
        ("who", LackingKind.ABSENT),
    }


def test_an_answer_that_does_not_meet_it_is_named_with_what_would():
    given = answers(named={"yes": False}, came_with={"chosen": ["nobody"]})
    assert [one.sentence for one in lacking(FORM, given)] == [
        "Name asked: answered no, met by yes.",
        "Came with: answered Nobody, met by A relative or A friend.",
        "Reached at home: not answered.",
    ]


def test_of_several_options_every_one_is_among_those_that_meet_it():
    brought = {"code": "b", "label": "B", "kind": "several-of", "required": True,
               "met_when": ["a", "b"],
               "options": [{"code": code, "label": code} for code in ("a", "b", "c")]}  # fmt: skip
    form = a_form(items=[brought])
    for chosen, met in ((["a"], True), (["a", "b"], True), (["b", "c"], False)):
        assert (lacking(form, {"b": an_answer("b", chosen=chosen)}) == ()) is met


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("named", "yes"), ("came-with", "A relative"), ("brought", "Paper; Pencil"),
        ("cups", "250 mL"), ("mood", "2.5 of 4"), ("code", "M54.5"), ("since", "2031-05-06"),
        ("where", "left knee"), ("ate", "no"),
    ],
)  # fmt: skip
def test_an_answer_is_read_by_its_labels(item, words):
    asked = FORM.item(item)
    assert asked is not None
    assert answer_words(asked, answers()[item]) == words


def test_an_anchor_is_read_with_its_words():
    mood = FORM.item("mood")
    assert mood is not None
    assert answer_words(mood, an_answer("mood", value="4.0")) == "4.0 of 4 (high)"
    absent = an_answer("mood", absent="asked-declined")
    assert answer_words(mood, absent) == "asked, declined"


def test_the_form_of_an_icd_10_code():
    for code in ("A00", "M54.5", "M54.50", "U07.1", "S32.010A", "C4A.0", "G63.2*", "E10.4†"):
        assert is_icd_10(code), code
    for text in ("m54.5", "M5", "M54.", "M54.12345", "M54,5", "54.5", "M54.5 ", "", "MM4.5"):
        assert not is_icd_10(text), text


@given(
    came=st.sampled_from([None, "relative", "friend", "nobody"]),
    reached=st.sampled_from([None, True, False]),
    absent=st.booleans(),
)
def test_what_is_lacking_is_required_and_asked_and_not_well_answered(came, reached, absent):
    given: dict[str, Answer] = {}
    if came is not None:
        given["came-with"] = an_answer("came-with", chosen=[came])
    if reached is not None:
        given["reached"] = an_answer("reached", yes=reached)
    if absent:
        given["named"] = an_answer("named", absent="asked-unknown")
    asked = {item.code: item for item in shown_items(FORM, given)}
    for one in lacking(FORM, given):
        assert asked[one.item].required
        answer = given.get(one.item)
        assert (answer is None) is (one.why is LackingKind.UNANSWERED)
    assert ("reached" in asked) is (came == "nobody")
    assert ("by-whom" in asked) is (came == "nobody" and reached is True)
    assert any(one.item == "named" for one in lacking(FORM, given))
