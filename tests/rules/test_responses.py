"""A patient's response on its own: what stands, what is late, what it lacks."""

import pytest

from protocol.rules.errors import Impossible, ReasonMissing
from protocol.rules.forms import Answer
from protocol.rules.responses import ResponseIn, is_late, judged, require_times, standing
from tests.rules.course_examples import OUTCOME, a_response, an_outcome, on, pain
from tests.rules.examples import an_id

MOOD = Answer.model_validate({"item": "mood", "value": "2"})


def test_what_was_corrected_or_retracted_no_longer_stands() -> None:
    first, other = a_response(1, pain("7")), a_response(2, pain("6"))
    newer = a_response(3, pain("5"), replaces=first.id)
    gone = a_response(4, retracts=other.id)
    assert standing([first, other, newer, gone]) == (newer,)


def test_the_responses_that_stand_come_in_the_order_observed() -> None:
    late, early = a_response(9, pain("7")), a_response(2, pain("6"))
    assert standing([late, early]) == (early, late)


def test_a_score_that_is_to_be_met_is_lacking_where_it_is_not() -> None:
    scoring = OUTCOME["scores"][0] | {"met_low": "5"}
    form = an_outcome(scores=[scoring])
    found = judged(a_response(1, pain("3"), MOOD), form, None)
    assert [(one.item, one.why) for one in found.lacking] == [("both", "not-met")]


def test_a_retraction_scores_nothing_and_lacks_nothing() -> None:
    found = judged(a_response(1, retracts=an_id("wrong")), an_outcome(), None)
    assert (found.scores, found.lacking) == ((), ())


@pytest.mark.parametrize(("after_min", "late"), [(None, False), (1440, False), (1439, True)])
def test_late_is_more_than_the_policy_allows_for(after_min: int | None, late: bool) -> None:
    assert is_late(on(1), on(2), after_min) is late


def test_nothing_is_answered_ahead_and_nothing_corrected_without_a_reason() -> None:
    values = {
        "id": an_id("r"), "form_version_id": an_id("form 1"), "observed_at": on(2).isoformat(),
        "answers": [{"item": "pain", "value": "3"}],
    }  # fmt: skip
    with pytest.raises(Impossible):
        require_times(ResponseIn.model_validate(values), on(1))
    bare = ResponseIn.model_validate(values | {"replaces": an_id("old")})
    with pytest.raises(ReasonMissing):
        require_times(bare, on(2))
