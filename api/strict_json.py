"""Reading a body as JSON, strictly: what `json.loads` lets through has no place in a record.

It takes NaN, turns 1e400 into infinity, keeps the last of two equal names, and lets half a
character or a NUL into a text. Each has a rule of its own here, so that a caller is told which.
"""

import json
import math
import re
from typing import Any

NAME_CHARACTERS_SHOWN = 80
# Only an escape can bring a NUL or a lone surrogate into a text: raw ones are no JSON or no UTF-8.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotTaken(Exception):
    """Why a body is not read: where in it, which rule, a sentence, and the literal if it is one."""

    def __init__(
        self,
        rule: str,
        sentence: str,
        where: tuple[str | int, ...] = (),
        literal: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.rule, self.sentence, self.where, self.literal = rule, sentence, where, literal


def read_json(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a body. Raises NotTaken."""
    try:
        text = raw.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise NotTaken("not_utf8", f"The body is not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise NotTaken(
            "json_invalid", f"The body is not JSON: {error.msg} at character {error.pos}."
        ) from error
    except RecursionError as error:
        raise NotTaken("json_too_deep", "The body is nested too deeply.") from error
    except ValueError as error:  # an integer of thousands of digits
        raise NotTaken("number_too_large", "A number in the body is too large.") from error
    if _SUSPECT.search(text):
        _require_characters(value, ())
    return value


def _constant(literal: str) -> None:
    raise NotTaken(
        "not_a_number", f"{literal} is no number and no JSON (RFC 8259 section 6).", literal=literal
    )


def _float(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise NotTaken("number_too_large", "A number in the body is too large.", literal=literal)
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotTaken(
            "name_twice",
            f"The name {twice[:NAME_CHARACTERS_SHOWN]!a} is twice in one object.",
        )
    return value


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_float, object_pairs_hook=_object)


def _require_characters(value: object, where: tuple[str | int, ...]) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise NotTaken("control_character", "The text holds a control character.", where)
        if _SURROGATE.search(value):
            raise NotTaken("lone_surrogate", "The text holds half a character (surrogate).", where)
    elif isinstance(value, dict):
        for name, each in value.items():
            _require_characters(name, where)
            _require_characters(each, (*where, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _require_characters(each, (*where, index))
