"""Whether the parts of a form fit together; each fault names its path inside the document.

What is refused here is what could never be answered, shown, met or scored as it was written.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from protocol.rules.errors import DocumentInvalid
from protocol.rules.measures import Scale
from protocol.rules.quantity import UNITS, total
from protocol.rules.values import EXACT_PATTERN

if TYPE_CHECKING:
    from protocol.rules.forms import FormDocument, Item, Scoring

CHOOSING = ("one-of", "several-of")
# What each part of an item belongs to; on any other kind it is a fault.
_BELONGS: dict[str, tuple[str, ...]] = {
    "options": CHOOSING,
    "scale": ("scale",),
    "unit": ("number",),
    "low": ("number",),
    "high": ("number",),
    "coding": ("text",),
    "met_when": ("yes-no", *CHOOSING),
}
_NEEDED = {"one-of": "options", "several-of": "options", "scale": "scale", "number": "unit"}


def _fault(path: str, sentence: str) -> DocumentInvalid:
    return DocumentInvalid(f"{path}: {sentence}", path=path, rule=sentence)


def _require_once(path: str, codes: Iterable[str], last: str = "") -> None:
    seen: set[str] = set()
    for index, code in enumerate(codes):
        if code in seen:
            raise _fault(f"{path}.{index}{last}", f"{code} is there twice")
        seen.add(code)


def require_coherent_form(form: "FormDocument") -> None:
    """Refuse with DocumentInvalid where codes repeat, or parts contradict one another."""
    _require_once("items", (item.code for item in form.items), ".code")
    _require_once("scores", (score.code for score in form.scores), ".code")
    for index, item in enumerate(form.items):
        path = f"items.{index}"
        _require_parts(path, item)
        _require_bounds(path, item)
        _require_condition(path, form, index)
    for index, score in enumerate(form.scores):
        path = f"scores.{index}"
        if form.item(score.code) is not None:
            # A reason for a step that goes on names an item or a score by its code alone.
            raise _fault(f"{path}.code", f"{score.code} is an item")
        _require_scored(path, form, score)
        _require_ranges(path, score)


def answers_of(item: "Item") -> tuple[str, ...]:
    """The answers of a closed list that an item takes; empty where its answers are open."""
    if item.kind.value == "yes-no":
        return ("yes", "no")
    return tuple(option.code for option in item.options)


def _require_parts(path: str, item: "Item") -> None:
    kind = item.kind.value
    for name, kinds in _BELONGS.items():
        if getattr(item, name) not in (None, ()) and kind not in kinds:
            raise _fault(f"{path}.{name}", f"a {kind} item has no {name}")
    needed = _NEEDED.get(kind)
    if needed is not None and getattr(item, needed) in (None, ()):
        raise _fault(path, f"a {kind} item has its {needed}")
    _require_once(f"{path}.options", (option.code for option in item.options), ".code")
    _require_among(f"{path}.met_when", item.met_when, item)
    if item.met_when and not item.required:
        # Else an item left unanswered would do better than one answered truly.
        raise _fault(f"{path}.met_when", "an item that is to be met is required")


def _require_among(path: str, codes: Iterable[str], item: "Item") -> None:
    _require_once(path, codes)
    for index, code in enumerate(codes):
        if code not in answers_of(item):
            raise _fault(f"{path}.{index}", f"{item.code} has no answer {code}")


def _require_bounds(path: str, item: "Item") -> None:
    if item.unit is not None and item.unit not in UNITS:
        raise _fault(f"{path}.unit", f"{item.unit} is not a unit that is known")
    if item.low is not None and item.high is not None and item.low > item.high:
        raise _fault(f"{path}.low", "low is above high")
    if item.scale is not None:
        _require_scale(f"{path}.scale", item.scale)


def _require_scale(path: str, scale: Scale) -> None:
    if scale.low >= scale.high or scale.step <= 0:
        raise _fault(path, "low is below high and the step above zero")
    if not on_scale(scale.high, scale):
        raise _fault(f"{path}.step", "no step ends on high")
    for value in scale.anchors:
        if not re.fullmatch(EXACT_PATTERN, value) or not on_scale(Decimal(value), scale):
            raise _fault(f"{path}.anchors.{value}", f"{value} is not a value of the scale")


def on_scale(value: Decimal, scale: Scale) -> bool:
    """Whether a value lies within a scale and on one of its steps."""
    # As fractions: a Decimal's context would round the difference of thirty digits.
    steps = (Fraction(value) - Fraction(scale.low)) / Fraction(scale.step)
    return scale.low <= value <= scale.high and steps.denominator == 1


def _require_condition(path: str, form: "FormDocument", index: int) -> None:
    condition = form.items[index].shown_when
    if condition is None:
        return
    path = f"{path}.shown_when"
    codes = [item.code for item in form.items]
    if condition.item not in codes:
        raise _fault(f"{path}.item", f"there is no item {condition.item}")
    circle = _circle(form, codes[index])
    if circle:
        raise _fault(f"{path}.item", f"it is shown by itself: {', '.join(circle)}")
    place = codes.index(condition.item)
    if place > index:
        raise _fault(f"{path}.item", f"{condition.item} comes later")
    if not answers_of(form.items[place]):
        kind = form.items[place].kind.value
        raise _fault(f"{path}.item", f"{condition.item} is a {kind} item, without answers to name")
    _require_among(f"{path}.answered", condition.answered, form.items[place])
    if form.items[index].required and not form.items[place].required:
        # Else what is left unanswered would hide what has to be answered (R93).
        raise _fault(f"{path}.item", f"{condition.item} shows a required item, and is not required")


def _circle(form: "FormDocument", code: str) -> list[str]:
    """The items that show one another, from this one back to it; empty where there are none."""
    way = [code]
    while len(way) <= len(form.items):
        item = form.item(way[-1])
        if item is None or item.shown_when is None:
            return []
        way.append(item.shown_when.item)
        if way[-1] == code:
            return way
    return []


def _require_scored(path: str, form: "FormDocument", score: "Scoring") -> None:
    _require_once(f"{path}.items", score.items)
    for place, code in enumerate(score.items):
        item = form.item(code)
        if item is None:
            raise _fault(f"{path}.items.{place}", f"there is no item {code}")
        if span_of(item) is None:
            raise _fault(f"{path}.items.{place}", f"{code} has no score for each of its answers")
    if score.answered_min > len(score.items):
        raise _fault(
            f"{path}.answered_min",
            f"{score.answered_min} is more than its {len(score.items)} items",
        )
    spans = [span for code in score.items if (span := _span_named(form, code)) is not None]
    if score.method.value == "percent-of-answered-maximum":
        for place, span in enumerate(spans):
            if span[1] <= 0:
                raise _fault(f"{path}.items.{place}", "its highest score is not above zero")
    if score.method.value == "mean" and len(set(spans)) > 1:
        # Values of one scale alone have a mean (R100).
        raise _fault(f"{path}.items", "a mean is over items of one scale")


def _span_named(form: "FormDocument", code: str) -> tuple[Decimal, Decimal] | None:
    item = form.item(code)
    return None if item is None else span_of(item)


def span_of(item: "Item") -> tuple[Decimal, Decimal] | None:
    """The lowest and the highest score that an item can be answered with; None: it has none."""
    if item.scale is not None:
        return item.scale.low, item.scale.high
    scores = [option.score for option in item.options if option.score is not None]
    if not scores or len(scores) < len(item.options):
        return None
    if item.kind.value == "one-of":
        return min(scores), max(scores)
    low = total([score for score in scores if score < 0])
    high = total([score for score in scores if score > 0])
    # At least one is chosen, so where no score is above zero the highest is the nearest to it.
    return low or min(scores), high or max(scores)


def _require_ranges(path: str, score: "Scoring") -> None:
    if score.met_low is not None and score.met_high is not None and score.met_low > score.met_high:
        raise _fault(f"{path}.met_low", "met_low is above met_high")
    _require_once(f"{path}.bands", (band.label for band in score.bands), ".label")
    for index, band in enumerate(score.bands):
        if band.low > band.high:
            raise _fault(f"{path}.bands.{index}", "low is above high")
        for earlier in score.bands[:index]:
            if band.low <= earlier.high and earlier.low <= band.high:
                raise _fault(f"{path}.bands.{index}", f"it overlaps {earlier.label}")
